"""The control plane itself goes, comes back, stands still: the operator waits, and goes on."""

import asyncio
import math
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from itertools import pairwise
from typing import Final

import installation
from devcluster import DevCluster
from faults import backups
from faults.accounts import inventory, needless
from faults.conftest import Keep
from faults.effects import after, refused
from faults.history import History
from faults.proxy import ANY_WRITE, Exchange, FaultProxy, Rule
from faults.test_watches import KINDS
from faults.world import World
from tenantry.cluster.watching import FIRST_PAUSE
from waiting import eventually

API_SERVER: Final = "kube-apiserver"
CONTROLLERS: Final = "kube-controller-manager"
TIMEOUT: Final = 1.0
"""Seconds that the operator waits for an answer."""
PATIENCE: Final = 1
"""Seconds that an API server which throttles asks for."""
TENANTS: Final = 5
MOST_AFTER: Final = 3
"""Requests for the same thing after the API server is back: a watch, a list if it has expired, and
another watch."""
MOST_IN_ALL: Final = 8
"""The same with those that are refused: RBAC takes some seconds until it knows whom to let in."""
SLACK: Final = 10.0
"""Seconds that a busy machine may take on top."""


@contextmanager
def paused(cluster: DevCluster, program: str) -> Iterator[None]:
    """While the context lasts, a program holds its connections and does nothing."""
    cluster.pause(program)
    try:
        yield
    finally:
        cluster.resume(program)


async def _restart(cluster: DevCluster) -> None:
    """Start the API server again, ended first, and wait until it serves."""
    await asyncio.to_thread(cluster.restart, API_SERVER)


async def test_tenants_are_made_and_left_although_the_controllers_stand_still(
    keep: Keep, world: World, proxy: FaultProxy, cluster: DevCluster
) -> None:
    acme = world.tenant()
    async with keep():
        with paused(cluster, CONTROLLERS):
            await acme.apply(deletionPolicy="Delete")
            await world.is_right()
            assert not (await acme.get())["status"]["quota"].get("used")
        await eventually(acme.get, lambda seen: seen["status"]["quota"].get("used"))
        await world.is_right()
        assert await needless(world, proxy.writes()) == []
        with paused(cluster, CONTROLLERS):
            await world.depart(acme)
            blocked = await acme.becomes("DeletionBlocked", "True", "InProgress")
            assert acme.namespace() in blocked["message"]
        await acme.gone()
        await world.is_right()


async def test_tenants_are_made_although_the_api_server_is_restarted_meanwhile(
    keep: Keep, world: World, proxy: FaultProxy, history: History, cluster: DevCluster
) -> None:
    begun = asyncio.Event()
    proxy.strike(Rule(after(begun.set), ANY_WRITE, first=20))
    async with keep() as keeper:
        for number in range(5):
            await world.tenant(f"-{number}").apply(namespaces=["web", "db"])
        await begun.wait()
        await _restart(cluster)
        await world.is_right()
        assert keeper.ends == []

    assert await needless(world, proxy.told_writes()) == []
    assert await history.breaches() == []


async def test_what_drifts_while_an_idle_operator_finds_its_way_back_is_repaired(
    keep: Keep, world: World, proxy: FaultProxy, cluster: DevCluster
) -> None:
    acme = world.tenant()
    async with keep() as keeper:
        await acme.apply(namespaces=["web", "db"])
        await world.is_right()
        made = await inventory(world)
        del proxy.exchanges[:]
        # The API server has lost its memory of old versions, and the operator is the last to know.
        away = proxy.strike(Rule(refused(503), "GET", is_watch=True, times=None))
        cluster.kill(API_SERVER)
        await _restart(cluster)
        await acme.api.delete("NetworkPolicy", "tenantry", acme.namespace())
        await acme.api.delete("RoleBinding", "tenantry-owners", acme.namespace("db"))
        quota = {"spec": {"hard": {"pods": "9999"}}}
        await acme.api.patch("ResourceQuota", "tenantry", quota, acme.namespace())
        await acme.apply(viewers=[{"kind": "Group", "name": "auditors"}])
        proxy.heal(away)
        await world.is_right()
        assert keeper.ends == []

    repaired = ("PATCH", f"/api/v1/namespaces/{acme.namespace()}/resourcequotas/tenantry")
    assert await needless(world, proxy.told_writes(), since=made) == [(repaired, 1)]


async def test_a_process_that_starts_before_the_api_server_ends_and_says_why_until_it_serves(
    keep: Keep, world: World, cluster: DevCluster
) -> None:
    acme = world.tenant()
    await acme.apply()
    cluster.kill(API_SERVER)
    async with keep() as keeper:
        [end, *_] = await asyncio.wait_for(keeper.ended(), 30)
        assert end.code == 1
        assert end.records[-1]["level"] == "error"
        assert end.records[-1]["message"].startswith("cannot list what the operator watches: ")
        await _restart(cluster)
        await world.is_right()


async def test_an_api_server_that_stands_still_is_waited_for(
    keep: Keep, world: World, proxy: FaultProxy, history: History, cluster: DevCluster
) -> None:
    begun = asyncio.Event()
    proxy.strike(Rule(after(begun.set), ANY_WRITE, first=10))
    async with keep(request_timeout=f"{TIMEOUT}s") as keeper:
        for number in range(3):
            await world.tenant(f"-{number}").apply(namespaces=["web", "db"])
        await begun.wait()
        with paused(cluster, API_SERVER):
            reasons = {"reasons": ["Unreachable"]}
            await keeper.operator.logged("retrying", **reasons)
        await world.is_right()
        assert keeper.ends == []

    assert await needless(world, proxy.told_writes()) == []
    assert await history.breaches() == []


def _by_path(exchanges: Iterable[Exchange]) -> dict[str, list[Exchange]]:
    """Requests by what they are for, in their order."""
    found: dict[str, list[Exchange]] = {}
    for one in exchanges:
        found.setdefault(one.path, []).append(one)
    return found


async def test_an_api_server_that_throttles_and_then_goes_away_is_come_back_to_without_a_storm(
    keep: Keep,
    world: World,
    proxy: FaultProxy,
    cluster: DevCluster,
    record_property: Callable[[str, object], None],
) -> None:
    """Requests are counted: while it is throttled, while nobody answers, and after that."""
    async with keep() as keeper:
        for number in range(TENANTS):
            await world.tenant(f"-{number}").apply(namespaces=["web", "db"])
        await world.is_right()
        await _watched(proxy)
        await _throttle(proxy)
        cluster.kill(API_SERVER)
        record_property("tries while away", await _tries_in_vain(proxy))
        del proxy.exchanges[:]
        await _restart(cluster)
        back = time.monotonic()
        await _watched(proxy)
        record_property("watching again after", round(time.monotonic() - back, 1))
        await world.is_right()
        asked = [one for one in proxy.exchanges if one.code]
        record_property("requests after", len(asked))
        assert proxy.writes() == []
        answered = _by_path(one for one in asked if one.code < HTTPStatus.BAD_REQUEST)
        assert {path for path, all_ in answered.items() if len(all_) > MOST_AFTER} == set()
        assert len(asked) < MOST_IN_ALL * len(KINDS)
        assert keeper.ends == []


async def _throttle(proxy: FaultProxy) -> None:
    """Let the API server ask for patience for a while, and see that it is given it."""
    patience = refused(429, retry_after=PATIENCE)
    rules = [Rule(patience, is_watch=watch, times=None) for watch in (False, True)]
    del proxy.exchanges[:]
    for rule in rules:
        proxy.strike(rule)
    proxy.end_watches()
    await _tried(proxy, 3)
    for path, tries in _by_path(proxy.exchanges).items():
        pauses = [later.started - one.started for one, later in pairwise(tries)]
        assert all(pause >= PATIENCE for pause in pauses), (path, pauses)
    proxy.heal(*rules)
    await _watched(proxy)


async def _tries_in_vain(proxy: FaultProxy) -> str:
    """Count what is tried while nobody answers: each pause is twice the last, less a fifth.

    A request on a connection that was kept is made twice: aiohttp opens another one at once.
    """
    del proxy.exchanges[:]
    gone = time.monotonic()
    await _tried(proxy, 12)
    away = time.monotonic() - gone
    tries = [len(one) for one in _by_path(proxy.exchanges).values()]
    assert max(tries) <= 2 * (math.log2(away / (0.8 * FIRST_PAUSE) + 1) + 2)
    return f"{sum(tries)} in {away:.1f} s"


async def _watched(proxy: FaultProxy) -> None:
    """Wait until every kind is watched."""
    await eventually(proxy.watched, lambda seen: seen == sorted(KINDS))


async def _tried(proxy: FaultProxy, times: int) -> None:
    """Wait until each watch has been tried so often."""

    async def tries() -> dict[str, int]:
        watches = _by_path(one for one in proxy.exchanges if one.is_watch)
        return {path.rpartition("/")[2]: len(found) for path, found in watches.items()}

    await eventually(
        tries,
        lambda seen: seen.keys() == {*KINDS} and min(seen.values()) >= times,
        within=60,
    )


async def test_an_operator_starts_afresh_when_the_api_server_has_gone_back_to_an_older_state(
    keep: Keep, world: World, cluster: DevCluster
) -> None:
    """As after a restore of etcd: whatever it knows is newer than what there is, and never was."""
    acme, globex = world.tenant("-acme"), world.tenant("-globex")
    async with keep(leader_elect="true", lease_namespace=installation.NAMESPACE) as keeper:
        await acme.apply(namespaces=["web"])
        await world.is_right()
        await asyncio.to_thread(backups.save, cluster)
        await acme.apply(namespaces=["web", "db"])
        await globex.apply()
        await world.is_right()

        await asyncio.to_thread(backups.restore, cluster)

        [end, *_] = await asyncio.wait_for(keeper.ended(), 60)
        assert end.code == 1
        assert "older state" in end.records[-1]["message"]
        assert [one["metadata"]["name"] for one in await world.tenants()] == [acme.name]
        await world.is_right()
        await acme.apply(namespaces=["web", "ci"])
        await world.is_right()


async def test_a_process_ends_although_the_api_server_stands_still(
    keep: Keep, world: World, cluster: DevCluster
) -> None:
    async with keep(drain_timeout=f"{TIMEOUT}s") as keeper:
        await world.tenant().apply()
        await world.is_right()
        with keeper.staying_down(), paused(cluster, API_SERVER):
            told = time.monotonic()
            assert await keeper.operator.stop() == 0
            assert time.monotonic() - told < TIMEOUT + SLACK
