"""SIGKILL at arbitrary points: the next process goes on from whatever the last one left."""

from itertools import count, islice
from typing import Any

import pytest

from faults.accounts import inventory, needless
from faults.conftest import Keep
from faults.effects import before
from faults.history import History
from faults.kills import Kills, points
from faults.proxy import FaultProxy, Rule
from faults.world import World
from tenancy import LiveTenant
from tenantry.handlers.operator import utc_now
from waiting import eventually

DEVELOPERS = {"kind": "Group", "name": "developers"}
AT_ONCE = 2
"""Tenants that each process is given, so that it works at more than one."""


async def _made(world: World, many: int, **spec: Any) -> list[LiveTenant]:
    tenants = [world.tenant(f"-{number}") for number in range(many)]
    for one in tenants:
        await one.apply(namespaces=["web", "db"], **spec)
    return tenants


async def _now() -> str:
    return utc_now()


async def test_tenants_are_made_by_processes_that_are_killed(
    keep: Keep, world: World, proxy: FaultProxy, history: History
) -> None:
    async with keep() as keeper:
        await keeper.ready()
        numbers = count()

        async def make() -> None:
            for _ in range(AT_ONCE):
                one = world.tenant(f"-{next(numbers)}")
                await one.apply(namespaces=["web", "db"], editors=[DEVELOPERS])

        await Kills(keeper, proxy, points(seed=1, count=5, most=12), make).over()
        await Kills(keeper, proxy, [3, 9], method="GET").over()
        await world.is_right()

    assert await history.breaches() == []
    assert await needless(world, proxy.writes()) == []


async def test_tenants_are_changed_by_processes_that_are_killed(
    keep: Keep, world: World, proxy: FaultProxy, history: History
) -> None:
    async with keep() as keeper:
        kills = points(seed=2, count=5, most=12)
        left = iter(await _made(world, AT_ONCE * len(kills)))
        await world.is_right()
        before_all = await inventory(world)
        del proxy.exchanges[:]

        async def change() -> None:
            changes: dict[str, Any] = {"cost": {"costCenter": "CC-2"}, "viewers": [DEVELOPERS]}
            for one in islice(left, AT_ONCE):
                await one.apply(namespaces=["web", "new"], **changes)

        await Kills(keeper, proxy, kills, change).over()
        await world.is_right()

    assert await history.breaches() == []
    assert await needless(world, proxy.writes(), since=before_all) == []


@pytest.mark.parametrize("policy", ["Retain", "Orphan", "Delete"])
async def test_tenants_are_left_by_processes_that_are_killed(
    policy: str, keep: Keep, world: World, proxy: FaultProxy, history: History
) -> None:
    async with keep() as keeper:
        kills = points(seed=3, count=2, most=4)
        tenants = await _made(world, AT_ONCE * len(kills), deletionPolicy=policy)
        left = iter(tenants)
        await world.is_right()
        before_all = await inventory(world)
        del proxy.exchanges[:]

        async def depart() -> None:
            for one in islice(left, AT_ONCE):
                await world.depart(one)

        await Kills(keeper, proxy, kills, depart).over()
        for one in tenants:
            await one.gone()
        await world.is_right()

    assert await history.breaches() == []
    assert await needless(world, proxy.writes(), since=before_all) == []


@pytest.mark.parametrize("policy", ["Retain", "Orphan", "Delete"])
async def test_a_namespace_is_known_although_its_maker_died_before_it_told_of_it(
    policy: str, keep: Keep, world: World, proxy: FaultProxy
) -> None:
    acme = world.tenant()
    async with keep() as keeper:
        rule = proxy.strike(Rule(before(keeper.kill), "PATCH", f"/{acme.name}/status$"))
        with keeper.staying_down():
            await acme.apply(namespaces=["web", "db"], deletionPolicy=policy)
            await keeper.ended()
            assert rule.hits
            # By now the operator must find out by itself that it made the other one.
            await acme.apply(namespaces=["web"])
        await world.is_right()


async def test_access_to_an_adopted_namespace_ends_although_nobody_knows_of_the_adoption(
    keep: Keep, world: World, proxy: FaultProxy
) -> None:
    acme = world.tenant()
    await acme.api.create(
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": acme.namespace("db")}}
    )
    async with keep() as keeper:
        rule = proxy.strike(Rule(before(keeper.kill), "PATCH", f"/{acme.name}/status$"))
        with keeper.staying_down():
            options = {"adoptionPolicy": "Always"}
            await acme.apply(namespaces=["web", "db"], namespaceOptions=options)
            await keeper.ended()
            assert rule.hits
            assert await acme.made("RoleBinding", "tenantry-owners", "db")
            await acme.apply(namespaces=["web"])
        await acme.ready()

    # A label is no proof of an adoption, so the rest is left to a person.
    assert (await acme.state_of("db"))["reason"] == "NotListed"
    assert await acme.api.list("RoleBinding", acme.namespace("db")) == []
    assert await acme.made("NetworkPolicy", short="db")


async def test_what_was_retained_of_a_tenant_outlives_the_next_one_of_the_name(
    keep: Keep, world: World
) -> None:
    async with keep():
        acme = world.tenant()
        await acme.apply(namespaces=["web", "db"])
        await acme.ready()
        kept = (await acme.made("Namespace", short="db"))["metadata"]
        await acme.delete()
        await acme.gone()
        # Timestamps have seconds; who is replaced sooner has lost nothing yet.
        await eventually(_now, lambda now: now > kept["creationTimestamp"])

        await acme.apply(namespaces=["web"], deletionPolicy="Delete")
        await acme.ready()

        assert (await acme.state_of("db"))["reason"] == "Retained"
        assert (await acme.made("Namespace", short="db"))["metadata"]["uid"] == kept["uid"]
