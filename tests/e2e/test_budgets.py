"""Budgets from metered hours to what the API server lets start, on the cluster."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import workloads
from cluster_api import ClusterApi
from conftest import AsUser, MakeTenant
from live_applications import LiveApplication
from metered import Hours
from tenancy import LiveTenant, condition
from tenantry.api.base import Manifest
from tenantry.api.names import METER
from tenantry.charging import charge
from tenantry.cluster.client import Client
from tenantry.cluster.connection import connect
from tenantry.cluster.errors import Forbidden
from tenantry.cost.billing import Terms
from waiting import eventually

NOW = datetime(2026, 11, 15, 0, 30, tzinfo=UTC)
"""Two weeks into a month of thirty days."""
MONTH = NOW.replace(day=1, minute=0)
HOURS = 14 * 24
BUDGET: Manifest = {
    "monthly": "200",
    "thresholds": [50, 100],
    "whenExceeded": "SuspendNewWorkloads",
}
"""OpenCost's price of a core, 0.031611, makes 10.62 of a core in two weeks."""


@pytest.fixture
async def meter(admin: Path) -> AsyncIterator[Client]:
    """The meter's connection."""
    connection = await connect(admin)
    client = Client(connection)
    client.field_manager = METER
    yield client
    await connection.close()


def ran(acme: LiveTenant, cores: int) -> Hours:
    """So many cores for the two weeks, all of them an Application's."""
    return Hours().ran(
        acme.name,
        "cpu",
        cores,
        since=MONTH,
        hours=HOURS,
        namespace=acme.namespace(),
        application="shop",
    )


def _events(name: str) -> Any:
    async def look(api: ClusterApi) -> set[str]:
        events = await api.list("Event", "default")
        return {one["reason"] for one in events if one["involvedObject"]["name"] == name}

    return look


async def test_a_budget_is_told_and_stops_what_would_start_and_nothing_that_runs(
    make_tenant: MakeTenant, api: ClusterApi, meter: Client, as_user: AsUser, name: str
) -> None:
    olivia = await as_user("olivia")
    acme = await make_tenant(cost={"budget": BUDGET})
    space = acme.namespace()
    assert (await acme.becomes("BudgetExceeded", "Unknown"))["reason"] == "NotMetered"
    await api.create(workloads.deployment("old", space, replicas=2))
    shop = LiveApplication(api, "shop", space)
    await shop.apply(cost={"budget": {"monthly": "100"}})
    await shop.says("BudgetExceeded", "Unknown", "NotMetered")

    # 10 cores: 106.21 of 200
    assert await charge(meter, ran(acme, 10), NOW, Terms()) >= 1
    seen = await _told(acme, "False", "Reached50Percent")
    cost = seen["status"]["cost"]
    assert cost == {
        "hourly": "0.32",
        "month": "2026-11",
        "monthToDate": "106.21",
        "projected": "227.60",
        "projectedByLastSevenDays": "227.60",
        "currency": "USD",
        "budgetUsed": "53%",
        "threshold": 50,
    }
    managers = {one["manager"] for one in seen["metadata"]["managedFields"] if _has_cost(one)}
    assert managers == {METER}
    await shop.says("BudgetExceeded", "True", "Reached100Percent")
    assert (await shop.get())["status"]["cost"]["monthToDate"] == "106.21"
    # Nothing has moved: nothing is written.
    assert await charge(meter, ran(acme, 10), NOW + timedelta(minutes=20), Terms()) == 0

    # 20 cores: 212.43 of 200
    await charge(meter, ran(acme, 20), NOW, Terms())
    await _told(acme, "True", "Reached100Percent")
    await _state(acme, "over-budget")
    with pytest.raises(Forbidden, match="over-budget: create of deployments new"):
        await olivia.create(workloads.deployment("new", space))
    await olivia.patch("Deployment", "old", {"spec": {"replicas": 1}}, space, "scale")
    deployment = await api.get("Deployment", "old", space)
    assert deployment["spec"]["replicas"] == 1
    await eventually(
        lambda: _events(name)(api), lambda told: {"Reached50Percent", "Reached100Percent"} <= told
    )

    # A greater budget lifts it at once.
    await acme.apply(cost={"budget": BUDGET | {"monthly": "300"}})
    await _state(acme, "")
    await _told(acme, "False", "Reached50Percent")


async def _told(acme: LiveTenant, status: str, reason: str) -> Manifest:
    def says(seen: Manifest) -> bool:
        told = condition(seen, "BudgetExceeded")
        return bool(told and (told["status"], told["reason"]) == (status, reason))

    found: Manifest = await eventually(acme.get, says)
    return found


async def _state(acme: LiveTenant, state: str) -> None:
    await eventually(
        lambda: acme.made("Namespace"),
        lambda seen: seen["metadata"]["labels"].get("tenantry.io/state", "") == state,
    )


def _has_cost(entry: Manifest) -> bool:
    return "f:cost" in entry.get("fieldsV1", {}).get("f:status", {})
