"""RateCards on the cluster: what is refused, what is told, and that the past stays as it was."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import installation
from bad_rate_cards import BAD_RATE_CARDS, SINCE
from bounds import Breach, breaches, rules_in
from cluster_api import ClusterApi
from metered_store import fill
from operator_process import OperatorProcess
from rate_cards import manifest
from tenancy import condition
from tenantry.api.base import Manifest
from tenantry.cli import cli
from tenantry.cluster.errors import Rejected
from waiting import eventually

SCHEMA = installation.schema_of("RateCard")
FIELDS = SCHEMA["properties"]["spec"]["properties"]


async def _refused(api: ClusterApi, name: str, what: str) -> str:
    """What is said of a bad card; nothing if that is what should be said."""
    bad, own = BAD_RATE_CARDS[what], f"{name}-{[*BAD_RATE_CARDS].index(what)}"
    if bad.before is not None:
        await api.apply(manifest(own, SINCE, **bad.before))
    if bad.priced_until:
        status = {"status": {"pricedUntil": bad.priced_until}}
        await api.patch("RateCard", own, status, subresource="status")
    try:
        await api.apply(
            manifest(own, SINCE) | {"spec": {**manifest(own, SINCE)["spec"], **bad.spec}}
        )
    except Rejected as refused:
        told = str(refused)
    else:
        told = "admitted"
    if told == "admitted" or bad.before is not None:
        await api.delete("RateCard", own)
    return "" if bad.message in told else f"{what}: {told}"


async def test_a_rule_is_told_to_whoever_breaks_it(api: ClusterApi, name: str) -> None:
    answers = await asyncio.gather(*(_refused(api, name, what) for what in BAD_RATE_CARDS))

    assert [answer for answer in answers if answer] == []


def test_every_rule_is_broken_by_a_card() -> None:
    told = {bad.message for bad in BAD_RATE_CARDS.values()}

    assert {rule["message"] for rule in rules_in(SCHEMA)} - told == set()


async def test_every_bound_holds(api: ClusterApi, name: str) -> None:
    plain = manifest(name)

    async def unheard(breach: Breach) -> str:
        told = await api.refusal(plain | {"spec": plain["spec"] | breach.spec})
        is_told = breach.message in told and breach.path in told
        return "" if is_told else f"{breach.path} {breach.keyword}: {told or 'admitted'}"

    beyond = [
        breach
        for field in FIELDS
        for breach in breaches(FIELDS[field], f"spec.{field}", lambda v, f=field: {f: v})
    ]
    answers = await asyncio.gather(*map(unheard, beyond))

    assert len(beyond) > 60
    assert [answer for answer in answers if answer] == []


def _hour(offset: timedelta) -> str:
    return (datetime.now(UTC) + offset).strftime("%Y-%m-%dT%H:00:00Z")


async def _told(api: ClusterApi, name: str, type_: str, reason: str) -> Manifest:
    """Wait for a condition of a card; gives it."""

    async def look() -> Any:
        return condition(await api.get("RateCard", name), type_)

    found: Manifest = await eventually(look, lambda seen: seen and seen["reason"] == reason)
    return found


async def test_which_card_holds_is_told_and_the_past_stays_as_it_was(
    api: ClusterApi, operator: OperatorProcess, name: str
) -> None:
    del operator  # it only has to run
    soon, day = _hour(timedelta(days=2)), timedelta(days=1)
    first, late, coming = f"{name}-first", f"{name}-late", f"{name}-coming"
    try:
        await api.apply(manifest(first, _hour(-30 * day)))
        await _told(api, first, "Ready", "InForce")
        # One that comes later takes no hour, be it backdated.
        await api.apply(manifest(late, _hour(-60 * day), prices={"cpu": "9"}))
        overlap = await _told(api, late, "Ready", "Overlaps")
        assert overlap["status"] == "False"
        assert f"{first} from " in overlap["message"]
        priced = (await api.get("RateCard", first))["status"]["pricedUntil"]
        assert priced >= _hour(timedelta(hours=-1))
        # The old one ends when the next begins; not earlier, for those hours are charged.
        with pytest.raises(Rejected, match=r"must not be before status\.pricedUntil"):
            await api.patch("RateCard", first, {"spec": {"validTo": _hour(-day)}})
        await api.delete("RateCard", late)
        await api.patch("RateCard", first, {"spec": {"validTo": soon}})
        gap = await _told(api, first, "FollowedByGap", "NoRateCard")
        assert f"no RateCard holds from {soon} on" in gap["message"]
        await api.apply(manifest(coming, soon))
        await _told(api, coming, "Ready", "Scheduled")
        await eventually(
            lambda: api.get("RateCard", first),
            lambda seen: condition(seen, "FollowedByGap") is None,
        )
        await _is_an_event(api, first, "InForce", "NoRateCard")
    finally:
        for one in (first, late, coming):
            if await api.find("RateCard", one):
                await api.delete("RateCard", one)


async def _is_an_event(api: ClusterApi, name: str, *reasons: str) -> None:
    async def look() -> set[str]:
        events = await api.list("Event", "default")
        return {one["reason"] for one in events if one["involvedObject"]["name"] == name}

    await eventually(look, lambda seen: set(reasons) <= seen)


async def test_a_report_is_at_the_prices_of_the_cluster(
    api: ClusterApi, admin: Path, tmp_path: Path, name: str
) -> None:
    database = f"sqlite:///{tmp_path}/meter.db"
    fill(database)
    await api.create(manifest(name, currency="EUR", prices={"cpu": "1", "memory": "0.25"}))
    options = ("--kubeconfig", str(admin), "--database", database)
    window = ("--window", "2026-10-24..2026-10-25", "--format", "json")
    try:
        done = await asyncio.to_thread(CliRunner().invoke, cli, ["cost", *options, *window])
    finally:
        await api.delete("RateCard", name)

    found = json.loads(done.stdout)
    assert (found["currency"], found["total"]) == ("EUR", "288.00")
