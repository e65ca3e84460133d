"""Pods of Applications are never without a policy, whatever fails on the way in or out."""

from functools import partial
from typing import Final

from cluster_api import ClusterApi
from faults.conftest import Keep
from faults.effects import refused
from faults.proxy import FaultProxy, Rule
from faults.world import World
from live_applications import LiveApplication
from tenantry.api.names import FIELD_MANAGER
from tenantry.desired.floor import DEFAULT_POLICY, floor_selector
from waiting import eventually, eventually_gone

QUICK: Final = {"backoff_base": "20ms", "backoff_max": "100ms"}


async def test_what_closes_applications_stays_until_the_floor_has_their_pods_again(
    keep: Keep, world: World, proxy: FaultProxy, api: ClusterApi
) -> None:
    tenant = world.tenant()
    space = tenant.namespace()
    floor, closed = f"/{space}/networkpolicies/{FIELD_MANAGER}$", f"{DEFAULT_POLICY}$"
    look = partial(api.get, "NetworkPolicy", FIELD_MANAGER, space)
    async with keep(**QUICK):
        await tenant.apply()
        await tenant.ready()
        hello = LiveApplication(api, "hello", space)
        await hello.apply()
        narrowed = floor_selector(has_applications=True)
        await eventually(look, lambda seen: seen["spec"]["podSelector"] == narrowed)

        failing = proxy.strike(Rule(refused(500, retry_after=0), "PATCH", floor, times=3))
        del proxy.exchanges[:]
        await hello.delete()
        await eventually_gone(partial(api.get, "NetworkPolicy", DEFAULT_POLICY, space))

    assert len(failing.hits) == 3
    (widened,) = proxy.writes(floor)
    (opened,) = proxy.writes(closed)
    assert widened.started < opened.started
