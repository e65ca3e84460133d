"""Watches that break, end, expire and lie: what is missed meanwhile is found all the same."""

import asyncio
import re
from http import HTTPStatus
from itertools import cycle
from typing import Final

from faults.accounts import inventory, needless
from faults.conftest import Keep
from faults.effects import cut_mid_line, erring, refused
from faults.history import History
from faults.proxy import Exchange, FaultProxy, Rule
from faults.world import World
from tenantry.api.base import Manifest
from tenantry.cluster.resources import (
    APPLICATIONS,
    FAILED_CREATIONS,
    OWNED,
    OWNED_BY_APPLICATIONS,
    PODS,
    RATE_CARDS,
    TENANTS,
)
from waiting import PATIENCE, eventually, eventually_gone

FORGED: Final[Manifest] = {"metadata": {"labels": {"tenantry.io/tenant": "forged"}}}
EDITS: Final[dict[str, tuple[str, Manifest]]] = {
    "ResourceQuota": ("tenantry", {"spec": {"hard": {"pods": "9999"}}}),
    "LimitRange": ("tenantry", FORGED),
    "NetworkPolicy": ("tenantry", {"spec": {"ingress": [{}]}}),
    "ServiceAccount": ("default", {"automountServiceAccountToken": True}),
    "RoleBinding": ("tenantry-owners", {"subjects": None}),
}
"""What somebody does to an object of each kind."""
BETWEEN_CUTS: Final = 1.0
KINDS: Final = tuple(
    one.plural
    for one in (
        TENANTS,
        APPLICATIONS,
        *OWNED,
        *OWNED_BY_APPLICATIONS,
        PODS,
        FAILED_CREATIONS,
        RATE_CARDS,
    )
)
TENANTS_WATCH: Final = "/tenants$"


async def _cut_again_and_again(proxy: FaultProxy) -> None:
    """Break all watches every second, and every other time within a line."""
    while True:
        await asyncio.sleep(BETWEEN_CUTS)
        proxy.end_watches()
        await asyncio.sleep(BETWEEN_CUTS)
        for kind in KINDS:
            proxy.strike(Rule(cut_mid_line(), path=f"/{kind}$", is_watch=True))
        proxy.end_watches()


async def test_what_others_edit_is_repaired_while_watches_break_every_second(
    keep: Keep, world: World, proxy: FaultProxy, history: History
) -> None:
    acme = world.tenant()
    async with keep():
        await acme.apply(namespaces=["web", "db"])
        await world.is_right()
        del proxy.exchanges[:]
        cutting = asyncio.create_task(_cut_again_and_again(proxy))
        for space in ("web", "db"):
            for kind, (name, patch) in EDITS.items():
                await acme.api.patch(kind, name, patch, acme.namespace(space))
                await asyncio.sleep(BETWEEN_CUTS / 3)  # the edits are to fall between the cuts
        await world.is_right()
        cutting.cancel()

    repairs = [one for one in proxy.writes() if "/tenants/" not in one.path]
    assert len(repairs) == 2 * len(EDITS)
    assert await history.breaches() == []


async def _goes_on_after(rule: Rule, proxy: FaultProxy) -> None:
    """Wait until a watch has suffered and been opened anew."""
    await asyncio.wait_for(rule.is_hit.wait(), PATIENCE)

    async def again() -> list[Exchange]:
        return [
            one
            for one in proxy.exchanges
            if one.is_watch
            and one.code == HTTPStatus.OK
            and re.search(rule.path, one.path)
            and one.started > rule.hits[0]
        ]

    await eventually(again)


NONSENSE: Final = {
    "410 Gone in its stream": erring(410),
    "410 Gone instead of a stream": refused(410),
    "500 in its stream": erring(500),
    "500 instead of a stream": refused(500),
    "403 instead of a stream": refused(403),
    "half an event, and its end": cut_mid_line(cleanly=True),
}


async def test_what_is_deleted_while_watches_are_away_is_made_anew_whatever_they_tell_then(
    keep: Keep, world: World, proxy: FaultProxy
) -> None:
    acme = world.tenant()
    async with keep() as keeper:
        await acme.apply(namespaces=["web", "db"])
        await world.is_right()
        made = await inventory(world)
        del proxy.exchanges[:]
        away = proxy.strike(Rule(refused(503), is_watch=True, times=None))
        proxy.end_watches()
        await acme.api.delete("NetworkPolicy", "tenantry", acme.namespace())
        await acme.api.delete("RoleBinding", "tenantry-owners", acme.namespace())
        await acme.api.delete("Namespace", acme.namespace("db"))
        await eventually_gone(lambda: acme.made("Namespace", short="db"))
        suffer = [
            proxy.strike(Rule(effect, path=f"/{kind.plural}$", is_watch=True))
            for kind, effect in zip(OWNED, cycle(NONSENSE.values()), strict=False)
        ]
        proxy.heal(away)
        await world.is_right()
        for rule in suffer:
            await _goes_on_after(rule, proxy)
        assert keeper.ends == []

    assert await needless(world, proxy.writes(), since=made) == []


async def test_watches_that_are_ended_again_and_again_come_back_as_soon_as_ever(
    keep: Keep, proxy: FaultProxy
) -> None:
    async with keep() as keeper:
        await keeper.ready()
        for _ in range(10):
            await eventually(proxy.watched, lambda seen: seen == sorted(KINDS), within=5)
            proxy.end_watches()
        await eventually(proxy.watched, lambda seen: seen == sorted(KINDS), within=5)


async def test_tenants_changed_while_their_watch_expires_are_looked_at(
    keep: Keep, world: World, proxy: FaultProxy
) -> None:
    acme = world.tenant()
    async with keep() as keeper:
        await acme.apply()
        await world.is_right()
        away = proxy.strike(Rule(refused(503), path=TENANTS_WATCH, is_watch=True, times=None))
        proxy.end_watches()
        await acme.apply(namespaces=["web", "db"])
        expiry = proxy.strike(Rule(erring(410), path=TENANTS_WATCH, is_watch=True))
        proxy.heal(away)
        await world.is_right()
        await _goes_on_after(expiry, proxy)
        assert keeper.ends == []


async def test_a_tenant_that_goes_while_its_watch_is_away_leaves_its_names_to_others(
    keep: Keep, world: World, proxy: FaultProxy
) -> None:
    """Nothing tells of it but the list that is made from time to time."""
    going, coming = world.tenant("-a"), world.tenant()
    async with keep(resync_interval="1s") as keeper:
        await going.apply(deletionPolicy="Orphan")
        await world.is_right()
        proxy.strike(Rule(refused(503), path=TENANTS_WATCH, is_watch=True, times=2))
        expiry = proxy.strike(Rule(erring(410), path=TENANTS_WATCH, is_watch=True))
        proxy.end_watches(TENANTS_WATCH)
        await world.depart(going)
        await going.gone()
        await coming.apply(namespaces=["a-new"])
        await world.is_right()
        assert expiry.hits
        assert keeper.ends == []


async def test_a_process_that_cannot_follow_tenants_ends_badly_and_the_next_one_goes_on(
    keep: Keep, world: World, proxy: FaultProxy
) -> None:
    acme = world.tenant()
    async with keep() as keeper:
        await acme.apply()
        await world.is_right()
        proxy.strike(Rule(erring(500), path=TENANTS_WATCH, is_watch=True))
        proxy.end_watches(TENANTS_WATCH)
        await acme.apply(namespaces=["web", "db"])
        [end] = await asyncio.wait_for(keeper.ended(), PATIENCE)
        assert end.code == 1
        assert end.records[-1]["level"] == "error"
        assert end.records[-1]["message"].startswith("the watches ended: ")
        await world.is_right()
