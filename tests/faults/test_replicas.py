"""Several replicas: whatever befalls the leader, one succeeds it in time, and only one writes."""

import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Final

import pytest

from cluster_api import ClusterApi
from devcluster import DevCluster
from faults.history import History
from faults.proxy import FaultProxy
from faults.quota_hammer import Hammer, Witness
from faults.replicas import DURATION, Replica, Replicas, successor
from faults.world import World
from otlp import Collector
from tenancy import LiveTenant
from tenantry.cluster.client import Client
from tenantry.cluster.connection import connect

SHORTS: Final = tuple("abcd")
TOTAL: Final = 12
PACE: Final = 0.15
SLACK: Final = 4.0
"""Seconds that a busy machine may take on top."""
HANDOVER: Final = 2.0
"""Seconds from SIGTERM to the next leader."""
AUDITORS: Final = {"kind": "Group", "name": "auditors"}


@pytest.fixture
async def client(cluster: DevCluster) -> AsyncIterator[Client]:
    connection = await connect(cluster.kubeconfig)
    yield Client(connection)
    await connection.close()


@pytest.fixture
async def replicas(
    api: ClusterApi,  # noqa: ARG001 - what they need is installed with it
    direct: Path,
    tmp_path: Path,
    proxies: Callable[[], Awaitable[FaultProxy]],
) -> AsyncIterator[Replicas]:
    async with Replicas.of(direct, tmp_path, proxies) as made:
        yield made


@pytest.fixture
async def witness(client: Client, acme: LiveTenant) -> AsyncIterator[Witness]:
    """Counts what the tenant's quotas allow, from the first of them on."""
    made = Witness(frozenset(acme.namespace(short) for short in SHORTS))
    async with made.watching(client):
        yield made


@pytest.fixture
def acme(world: World) -> LiveTenant:
    return world.tenant()


class Succession:
    """Which replicas there are, and how long it takes until another leads.

    Attributes:
        leader: the one that leads.
        standbys: the others.
    """

    def __init__(self, leader: Replica, *standbys: Replica) -> None:
        self.leader, self.standbys = leader, [*standbys]

    async def after(
        self, blow: Callable[[Replica], object], within: float
    ) -> tuple[Replica, float]:
        """Strike the leader and wait until another leads; gives the one struck, and seconds."""
        struck, began = self.leader, time.time()
        blow(struck)
        self.leader = await successor(self.standbys)
        self.standbys.remove(self.leader)
        took = self.leader.led_at - began
        assert took < within, f"{took:.2f} s"
        return struck, round(took, 2)


@pytest.mark.timeout(180)
async def test_whatever_befalls_the_leader_one_succeeds_it_in_time_and_only_one_writes(
    replicas: Replicas,
    acme: LiveTenant,
    witness: Witness,
    history: History,
    record_property: Callable[[str, object], None],
) -> None:
    """While a tenant's pods come and go, so that there is always something to write."""
    within = DURATION + SLACK
    line = Succession(*[await replicas.leader(), *[await replicas.standby() for _ in range(2)]])
    await acme.apply(namespaces=[*SHORTS], quota={"hard": {"pods": str(TOTAL)}})
    await acme.ready()
    hammer = Hammer(acme.api, sorted(witness.namespaces), most=3, pace=PACE)
    async with hammer.striking():
        zombie, frozen = await line.after(Replica.freeze, within)
        await acme.apply(viewers=[AUDITORS])
        await acme.ready()
        del zombie.proxy.exchanges[:]
        zombie.thaw()
        assert await zombie.operator.ended() == 1
        assert zombie.written == []

        blind, cut = await line.after(Replica.cut_off, within)
        assert await blind.operator.ended() == 1

        line.standbys = [await replicas.standby(), await replicas.standby()]
        _, killed = await line.after(lambda leader: leader.operator.kill(), within)

        stopped, told = await line.after(Replica.stop, HANDOVER)
        assert await stopped.operator.ended() == 0
        assert stopped.written == stopped.told_written
        await acme.becomes("Ready", "True")
    assert hammer.admitted > TOTAL
    assert witness.allowed <= TOTAL
    assert await history.breaches() == []
    for what, seconds in {"frozen": frozen, "cut": cut, "killed": killed, "told": told}.items():
        record_property(what, seconds)


async def test_looks_are_traced_where_somebody_collects_traces(
    replicas: Replicas, acme: LiveTenant
) -> None:
    async with Collector.started() as collector:
        operator = (await replicas.leader(otlp_endpoint=collector.url)).operator
        await acme.apply()
        await acme.ready()
        assert await operator.stop() == 0

    looks = [one for one in collector.spans if one.name == "reconcile tenant"]
    within = {
        one.name
        for look in looks
        for one in collector.within(look)
        if look.attributes["tenantry.tenant"] == acme.name
    }
    assert {"create Namespace", "create NetworkPolicy", "create RoleBinding"} <= within
