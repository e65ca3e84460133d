"""Two operators, one leader: the other serves its pages, writes nothing, and takes over."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
import yaml

import installation
from cluster_api import ClusterApi
from conftest import Site
from operator_process import OperatorProcess
from tenancy import LiveTenant
from tenantry.api.base import Manifest
from waiting import eventually

pytestmark = pytest.mark.timeout(90)

DURATION = 4
"""Seconds that a lease lasts."""


class Pair:
    """Two operators with the rights that the chart gives them; the second stands by.

    Attributes:
        succession: the second operator, once it has what the first had.
    """

    def __init__(self, leader: OperatorProcess, standby_log: Path) -> None:
        self.leader = leader
        self.standby_log = standby_log
        self.succession: asyncio.Task[OperatorProcess]

    async def standby_port(self) -> int:
        """The port of the second's pages, once it stands by."""

        async def lines() -> list[str]:
            return self.standby_log.read_text().splitlines() if self.standby_log.exists() else []

        seen = await eventually(lines, lambda all_: any("waiting to lead" in one for one in all_))
        listening = next(yaml.safe_load(one) for one in seen if '"listening"' in one)
        return int(listening["port"])


@pytest.fixture
async def pair(site: Site, tmp_path: Path) -> AsyncIterator[Pair]:
    config = tmp_path / "tenantry.yaml"
    options = {
        "leader-elect": True,
        "lease-namespace": installation.NAMESPACE,
        "lease-duration": DURATION,
        "lease-renew-deadline": "3s",
        "lease-retry-period": "250ms",
    }
    config.write_text(yaml.safe_dump(options))
    leader = await OperatorProcess.start(site.identity, tmp_path / "leader.log", config=str(config))
    made = Pair(leader, tmp_path / "standby.log")
    made.succession = asyncio.create_task(
        OperatorProcess.start(site.identity, made.standby_log, config=str(config))
    )
    try:
        yield made
    finally:
        await leader.stop()
        (await made.succession).kill()


async def made_of(site: Site, name: str) -> LiveTenant:
    """A Tenant that is Ready."""
    tenant = LiveTenant(site.api, name)
    await tenant.apply()
    await tenant.ready()
    return tenant


async def left(tenant: LiveTenant) -> None:
    """The Tenant is gone, for others come to this control plane."""
    await tenant.delete()
    await tenant.gone()


async def holder(api: ClusterApi) -> str:
    lease = await api.get("Lease", installation.RELEASE, installation.NAMESPACE)
    return str(lease["spec"].get("holderIdentity", ""))


async def page(port: int, path: str) -> tuple[int, str]:
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"http://127.0.0.1:{port}{path}") as response,
    ):
        return response.status, await response.text()


async def quota(api: ClusterApi, tenant: LiveTenant) -> Manifest:
    (found,) = await api.list("ResourceQuota", tenant.namespace())
    return found


async def test_a_standby_is_alive_ready_and_no_leader(pair: Pair) -> None:
    port = await pair.standby_port()

    assert await page(port, "/healthz") == (200, "ok\n")
    # Ready once it has seen the lease: else it could not take over.
    await eventually(lambda: page(port, "/readyz"), lambda seen: seen == (200, "ok\n"))
    metrics = (await page(port, "/metrics"))[1]
    assert "\ntenantry_leader 0.0\n" in metrics
    assert "tenantry_writes_total{" not in metrics


async def test_a_standby_takes_over_what_a_killed_leader_left(pair: Pair, site: Site) -> None:
    port = await pair.standby_port()
    tenant = await made_of(site, "failover-killed")
    before = await holder(site.api)

    pair.leader.kill()
    lost = await quota(site.api, tenant)
    await site.api.delete("ResourceQuota", lost["metadata"]["name"], tenant.namespace())
    await pair.succession

    restored = await eventually(lambda: site.api.list("ResourceQuota", tenant.namespace()))
    assert restored[0]["metadata"]["uid"] != lost["metadata"]["uid"]
    assert await holder(site.api) != before
    assert "\ntenantry_leader 1.0\n" in (await page(port, "/metrics"))[1]
    await left(tenant)


async def test_a_leader_that_is_told_to_stop_is_succeeded_at_once(pair: Pair, site: Site) -> None:
    await pair.standby_port()
    loop = asyncio.get_running_loop()

    code = await pair.leader.stop()
    released = loop.time()
    successor = await pair.succession

    assert code == 0
    assert loop.time() - released < DURATION
    await left(await made_of(site, "failover-rollout"))
    assert successor.defects() == []
