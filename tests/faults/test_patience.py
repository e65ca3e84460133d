"""Who asks for time gets it, and takes nobody else's."""

import asyncio

import pytest

from faults.conftest import Keep
from faults.effects import held, refused
from faults.proxy import FaultProxy, Rule
from faults.world import World
from waiting import eventually

PATIENCE = 2
"""Seconds that the API server asks for."""
OTHERS = 12
"""Tenants, more than there are workers."""


@pytest.mark.parametrize("code", [429, 503])
async def test_the_next_attempt_comes_when_the_api_server_asked_for_it(
    code: int, keep: Keep, world: World, proxy: FaultProxy
) -> None:
    acme = world.tenant()
    path = f"/namespaces/{acme.namespace()}/resourcequotas$"
    refusal = proxy.strike(Rule(refused(code, retry_after=PATIENCE), "POST", path))
    async with keep(backoff_base="20ms", backoff_max="50ms"):
        await acme.apply(namespaces=["web", "db"])
        await refusal.is_hit.wait()
        # Whatever makes the tenant worth another look meanwhile: somebody's edit, a new spec.
        await acme.becomes("Ready", "False")
        await acme.api.delete("LimitRange", "tenantry", acme.namespace("db"))
        await acme.apply(displayName="Acme")
        await world.is_right()

    [begun, again] = [one.started for one in proxy.exchanges if one.path.endswith(path[:-1])]
    assert again - begun >= PATIENCE


async def test_a_slow_namespace_holds_up_nobody_elses(
    keep: Keep, world: World, proxy: FaultProxy
) -> None:
    slow = world.tenant("-slow")
    may_go_on = asyncio.Event()
    proxy.strike(Rule(held(may_go_on), path=f"/namespaces/{slow.namespace()}/", times=None))
    async with keep(request_timeout="20s"):
        await slow.apply(namespaces=["web", "db"])
        await eventually(lambda: slow.made("RoleBinding", "tenantry-owners", "db"))
        others = [world.tenant(f"-{number}") for number in range(OTHERS)]
        for one in others:
            await one.apply()
        for one in others:
            await one.ready()
        assert (await slow.get())["status"].get("state", "Pending") == "Pending"
        may_go_on.set()
        await world.is_right()
