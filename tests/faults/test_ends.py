"""SIGTERM: what was begun is finished, nothing is begun, and the next process may start at once."""

import asyncio
import time
from collections.abc import Iterator
from typing import Final

import pytest

import installation
from cluster_api import ClusterApi
from devcluster import DevCluster
from faults.conftest import Keep
from faults.effects import held, slow
from faults.proxy import ANY_WRITE, FaultProxy, Rule
from faults.world import World

QUOTAS: Final = "/resourcequotas$"
CONTROLLERS: Final = "kube-controller-manager"
DRAIN: Final = 1.0
"""Seconds that a process may take to finish what it has begun."""
SLACK: Final = 10.0
"""Seconds that a busy machine may take on top."""


@pytest.fixture
def halted(cluster: DevCluster) -> Iterator[None]:
    """The controllers stand still: what they count after a process has ended, nobody tells."""
    cluster.pause(CONTROLLERS)
    yield
    cluster.resume(CONTROLLERS)


@pytest.mark.usefixtures("halted")
async def test_a_process_told_to_end_finishes_what_it_has_begun_and_gives_its_lease_back(
    keep: Keep, world: World, proxy: FaultProxy, api: ClusterApi
) -> None:
    acme = world.tenant()
    begun = proxy.strike(Rule(slow(0.2), ANY_WRITE, QUOTAS, times=None))
    async with keep(leader_elect="true", lease_namespace=installation.NAMESPACE) as keeper:
        with keeper.staying_down():
            await acme.apply(namespaces=["web", "db"])
            await begun.is_hit.wait()
            await acme.api.patch("Tenant", acme.name, {"metadata": {"labels": {"a": "b"}}})
            assert await keeper.operator.stop() == 0
            written = proxy.writes()
            assert written == proxy.told_writes()
            assert await world.wrongs() == []
            lease = await api.get("Lease", "tenantry", installation.NAMESPACE)
            assert lease["spec"]["holderIdentity"] == ""
        await keeper.ready()
        await world.is_right()
        assert [one for one in proxy.writes()[len(written) :] if "/tenants/" not in one.path] == []


async def test_a_process_told_to_end_waits_for_no_answer_for_ever(
    keep: Keep, world: World, proxy: FaultProxy
) -> None:
    acme, may_go_on = world.tenant(), asyncio.Event()
    hanging = proxy.strike(Rule(held(may_go_on), ANY_WRITE, QUOTAS, times=None))
    async with keep(request_timeout="60s", drain_timeout=f"{DRAIN}s") as keeper:
        with keeper.staying_down():
            await acme.apply()
            await hanging.is_hit.wait()
            told = time.monotonic()
            assert await keeper.operator.stop() == 0
            assert DRAIN <= time.monotonic() - told < DRAIN + SLACK
            proxy.heal()
            may_go_on.set()
        await world.is_right()


async def test_a_process_that_has_not_started_yet_ends_when_it_is_told_to(
    keep: Keep, proxy: FaultProxy
) -> None:
    may_go_on = asyncio.Event()
    hanging = proxy.strike(Rule(held(may_go_on), "GET", "/namespaces$", times=None))
    async with keep(request_timeout="60s") as keeper:
        with keeper.staying_down():
            await hanging.is_hit.wait()
            told = time.monotonic()
            assert await keeper.operator.stop() == 0
            assert time.monotonic() - told < SLACK
            may_go_on.set()
