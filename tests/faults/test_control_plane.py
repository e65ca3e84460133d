"""The control plane itself goes, comes back, stands still: the operator waits, and goes on."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from devcluster import DevCluster
from faults.accounts import inventory, needless
from faults.conftest import Keep
from faults.effects import after, refused
from faults.history import History
from faults.proxy import ANY_WRITE, FaultProxy, Rule
from faults.world import World
from waiting import eventually

API_SERVER: Final = "kube-apiserver"
CONTROLLERS: Final = "kube-controller-manager"
TIMEOUT: Final = 1.0
"""Seconds that the operator waits for an answer."""
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
