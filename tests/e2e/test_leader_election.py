"""At most one replica leads, and another takes over when it ends: by will, by force, or cut off."""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from conftest import Site
from devcluster import DevCluster
from tenantry.cluster.client import Client
from tenantry.cluster.connection import connect
from tenantry.cluster.errors import NotFound, NotLeading
from tenantry.cluster.lease import Elector, LeaseLost
from tenantry.cluster.resources import SERVICE_ACCOUNTS
from tenantry.settings import Settings, load

pytestmark = pytest.mark.timeout(60)

REPLICA = Path(__file__).with_name("replica.py")
LEASES = "/apis/coordination.k8s.io/v1/namespaces/default/leases"

DURATION, DEADLINE, PERIOD = 3.0, 2.0, 0.25
LONGEST_RETRY = PERIOD * 2.2
SLACK = 2.0
"""Seconds that a busy machine may take on top."""


@pytest.fixture
def cluster(site: Site) -> DevCluster:
    """One that may be paused: no operator of other tests is at work there."""
    return site.cluster


@pytest.fixture
async def client(cluster: DevCluster) -> AsyncIterator[Client]:
    connection = await connect(cluster.kubeconfig)
    yield Client(connection)
    await connection.close()


@pytest.fixture
def lease(request: pytest.FixtureRequest) -> str:
    """The Lease's name: one a test."""
    name: str = request.node.name
    return name.replace("_", "-")[5:60].strip("-")


def settings(lease: str, **others: Any) -> Settings:
    flags = {
        "lease_name": lease,
        "lease_namespace": "default",
        "lease_duration": DURATION,
        "lease_renew_deadline": DEADLINE,
        "lease_retry_period": PERIOD,
    }
    return load(flags | others)


class Replica:
    """A process in the election."""

    def __init__(self, cluster: DevCluster, lease: str, *, duration: float = DURATION) -> None:
        options = {
            "KUBECONFIG": str(cluster.kubeconfig),
            "LEASE_NAME": lease,
            "LEASE_NAMESPACE": "default",
            "LEASE_DURATION": str(duration),
            "LEASE_RENEW_DEADLINE": str(DEADLINE),
            "LEASE_RETRY_PERIOD": str(PERIOD),
        }
        self.process = subprocess.Popen(
            [sys.executable, REPLICA],
            env=os.environ | {f"TENANTRY_{name}": value for name, value in options.items()},
            stdout=subprocess.PIPE,
            text=True,
        )

    async def says(self, word: str, *, within: float = 20) -> float:
        """Wait until it says something; gives the time (Unix) at which it did."""
        assert self.process.stdout is not None
        line = await asyncio.wait_for(asyncio.to_thread(self.process.stdout.readline), within)
        said, _, when = line.partition(" ")
        assert said == word, line
        return float(when)

    async def ends(self, *, within: float = 20) -> int:
        return await asyncio.wait_for(asyncio.to_thread(self.process.wait), within)

    def end(self) -> None:
        """Leave no process behind, whatever the test came to."""
        self.process.kill()
        self.process.wait()
        if self.process.stdout:
            self.process.stdout.close()


class Stage:
    """Starts replicas of one election and ends them with the test."""

    def __init__(self, cluster: DevCluster, lease: str) -> None:
        self._cluster = cluster
        self._lease = lease
        self._replicas: list[Replica] = []

    async def leader(self, **options: float) -> Replica:
        replica = await self.standby(**options)
        await replica.says("leading")
        return replica

    async def standby(self, **options: float) -> Replica:
        replica = Replica(self._cluster, self._lease, **options)
        self._replicas.append(replica)
        await replica.says("waiting")
        return replica

    def close(self) -> None:
        for replica in self._replicas:
            replica.end()


@pytest.fixture
def stage(cluster: DevCluster, lease: str) -> Iterator[Stage]:
    made = Stage(cluster, lease)
    yield made
    made.close()


async def spec_of(client: Client, lease: str) -> dict[str, Any]:
    spec: dict[str, Any] = (await client.request("GET", f"{LEASES}/{lease}"))["spec"]
    return spec


def unix(micro_time: str) -> float:
    return datetime.fromisoformat(micro_time).timestamp()


async def test_the_leader_renews_and_the_other_waits(
    stage: Stage, client: Client, lease: str
) -> None:
    leader = await stage.leader()
    standby = await stage.standby()
    first = spec = await spec_of(client, lease)

    while unix(spec["renewTime"]) < unix(first["acquireTime"]) + 1.5 * DURATION:
        await asyncio.sleep(PERIOD)
        spec = await spec_of(client, lease)
        assert spec["holderIdentity"] == first["holderIdentity"]

    assert (spec["acquireTime"], spec["leaseTransitions"]) == (first["acquireTime"], 0)
    assert spec["leaseDurationSeconds"] == DURATION
    assert (leader.process.poll(), standby.process.poll()) == (None, None)


async def test_a_leader_that_is_told_to_stop_gives_the_lease_back(
    stage: Stage, client: Client, lease: str
) -> None:
    leader = await stage.leader(duration=60)
    before = await spec_of(client, lease)
    standby = await stage.standby(duration=60)
    await asyncio.sleep(LONGEST_RETRY)  # it has seen by now that the lease is good for a minute

    leader.process.send_signal(signal.SIGTERM)
    released = await leader.says("released")
    led = await standby.says("leading")

    assert led - released < SLACK  # whoever only asked from time to time would not know yet
    assert await leader.ends() == 0
    after = await spec_of(client, lease)
    assert after["holderIdentity"] not in {"", before["holderIdentity"]}
    assert after["leaseTransitions"] == before["leaseTransitions"] + 1
    assert unix(after["acquireTime"]) > unix(before["acquireTime"])


async def test_a_lease_that_was_given_back_has_no_holder(
    stage: Stage, client: Client, lease: str
) -> None:
    leader = await stage.leader()

    leader.process.send_signal(signal.SIGTERM)
    assert await leader.ends() == 0

    spec = await spec_of(client, lease)
    assert spec.get("holderIdentity", "") == ""


async def test_a_killed_leader_is_succeeded_when_its_lease_has_ended_and_not_before(
    stage: Stage, client: Client, lease: str
) -> None:
    leader = await stage.leader()
    standby = await stage.standby()

    leader.process.kill()
    await leader.ends()
    last_renewal = unix((await spec_of(client, lease))["renewTime"])
    led = await standby.says("leading")

    assert led - last_renewal >= DURATION
    assert led - last_renewal < DURATION + 2 * LONGEST_RETRY + SLACK


async def test_a_leader_that_was_frozen_notices_that_it_was_succeeded(stage: Stage) -> None:
    leader = await stage.leader()
    standby = await stage.standby()

    leader.process.send_signal(signal.SIGSTOP)
    await standby.says("leading")
    leader.process.send_signal(signal.SIGCONT)
    thawed = time.time()

    assert await leader.says("lost") - thawed < SLACK
    assert await leader.ends() == 1
    assert standby.process.poll() is None


async def test_a_leader_without_an_api_server_ends_before_another_could_lead(
    stage: Stage, cluster: DevCluster, client: Client, lease: str
) -> None:
    leader = await stage.leader()

    cluster.pause("kube-apiserver")
    try:
        lost = await leader.says("lost", within=DEADLINE + 10)
    finally:
        cluster.resume("kube-apiserver")
        cluster.wait_ready()

    last_renewal = unix((await spec_of(client, lease))["renewTime"])
    assert lost - last_renewal < DURATION
    assert await leader.ends() == 1


async def test_an_outage_shorter_than_the_deadline_changes_nothing(
    stage: Stage, cluster: DevCluster, client: Client, lease: str
) -> None:
    leader = await stage.leader()
    before = await spec_of(client, lease)

    cluster.pause("kube-apiserver")
    await asyncio.sleep(DEADLINE / 3)
    cluster.resume("kube-apiserver")

    spec = before
    while unix(spec["renewTime"]) < time.time() - PERIOD:
        await asyncio.sleep(PERIOD / 4)
        spec = await spec_of(client, lease)
    assert leader.process.poll() is None
    assert spec["acquireTime"] == before["acquireTime"]


async def test_of_many_exactly_one_leads_at_any_time(client: Client, lease: str) -> None:
    leading: set[int] = set()
    most = 0

    async def term(number: int) -> None:
        """Wait, lead for a moment, make room."""
        nonlocal most

        def changed(leads: bool) -> None:  # noqa: FBT001 - the callback's signature
            nonlocal most
            (leading.add if leads else leading.discard)(number)
            most = max(most, len(leading))

        elector = Elector(client, settings(lease), changed=changed)
        await elector.acquire()
        await elector.release()

    await asyncio.gather(*(term(number) for number in range(8)))

    assert most == 1
    assert leading == set()


async def test_two_that_start_at_once_settle_who_creates_the_lease(
    client: Client, lease: str
) -> None:
    electors = [Elector(client, settings(lease)) for _ in range(2)]
    tasks = [asyncio.create_task(one.acquire()) for one in electors]

    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    await asyncio.sleep(LONGEST_RETRY)

    assert sorted(one.is_leader for one in electors) == [False, True]
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)


async def test_a_lease_that_somebody_deletes_is_made_again(client: Client, lease: str) -> None:
    elector = Elector(client, settings(lease))
    await elector.acquire()
    holding = asyncio.create_task(elector.hold())

    await client.request("DELETE", f"{LEASES}/{lease}")
    spec: dict[str, Any] = {}
    while spec.get("holderIdentity") != elector.identity:
        await asyncio.sleep(PERIOD / 2)
        with contextlib.suppress(NotFound):
            spec = await spec_of(client, lease)

    assert elector.is_leader
    assert not holding.done()
    holding.cancel()
    await asyncio.wait([holding])


async def test_a_lease_that_somebody_else_takes_ends_the_leader(client: Client, lease: str) -> None:
    elector = Elector(client, settings(lease))
    await elector.acquire()
    holding = asyncio.create_task(elector.hold())

    stolen = {"spec": {"holderIdentity": "a person with kubectl", "leaseDurationSeconds": 30}}
    await client.request(
        "PATCH", f"{LEASES}/{lease}", stolen, content_type="application/merge-patch+json"
    )

    with pytest.raises(LeaseLost, match="taken by a person with kubectl"):
        await asyncio.wait_for(holding, DEADLINE + SLACK)
    assert not elector.is_leader


async def test_a_leader_that_could_not_renew_in_time_writes_nothing_before_it_knows_why(
    client: Client, lease: str
) -> None:
    elector = Elector(client, settings(lease))
    client.ask_before_writes(elector.holds)
    metadata = {"name": lease, "namespace": "default"}
    marker = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata}
    with pytest.raises(NotLeading):
        await client.create(SERVICE_ACCOUNTS, marker, urgent=True)
    await elector.acquire()
    await client.create(SERVICE_ACCOUNTS, marker, urgent=True)

    elector._renewed_at -= DEADLINE  # as if the process had stood still

    with pytest.raises(NotLeading, match="another may lead"):
        await client.delete(SERVICE_ACCOUNTS, marker)
    holding = asyncio.create_task(elector.hold())
    with pytest.raises(LeaseLost, match="could not be renewed"):
        await asyncio.wait_for(holding, DEADLINE + SLACK)


async def test_clocks_need_not_agree(client: Client, lease: str) -> None:
    """Holders' clocks are an hour off; it counts that they renew, and that they stop."""
    body = {"apiVersion": "coordination.k8s.io/v1", "kind": "Lease"}
    leases = {f"{lease}-behind": -1, f"{lease}-ahead": 1}
    for name, hours in leases.items():
        spec = _renewal(hours)
        await client.request("POST", LEASES, body | {"metadata": {"name": name}, "spec": spec})
    electors = [Elector(client, settings(name)) for name in leases]
    acquiring = [asyncio.create_task(one.acquire()) for one in electors]
    for _ in range(10):
        await asyncio.sleep(DURATION / 8)
        for name, hours in leases.items():
            path, form = f"{LEASES}/{name}", "application/merge-patch+json"
            patch = {"spec": _renewal(hours)}
            await client.request("PATCH", path, patch, content_type=form)
    assert not any(one.done() for one in acquiring)
    stopped = time.monotonic()

    done, _ = await asyncio.wait(acquiring, timeout=DURATION + SLACK)

    assert time.monotonic() - stopped >= DURATION - 0.2
    assert len(done) == len(leases)
    assert all(one.is_leader for one in electors)


def _renewal(hours: int) -> dict[str, Any]:
    """What a holder writes whose clock is so far off."""
    stamp = (datetime.now(UTC) + timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    other = {"holderIdentity": "other", "leaseDurationSeconds": int(DURATION)}
    return other | {"renewTime": stamp, "acquireTime": stamp}


async def test_an_empty_lease_is_taken(client: Client, lease: str) -> None:
    await client.request(
        "POST",
        LEASES,
        {
            "apiVersion": "coordination.k8s.io/v1",
            "kind": "Lease",
            "metadata": {"name": lease, "labels": {"team": "platform"}},
        },
    )
    elector = Elector(client, settings(lease))

    await asyncio.wait_for(elector.acquire(), DURATION)

    found = await client.request("GET", f"{LEASES}/{lease}")
    assert found["spec"]["holderIdentity"] == elector.identity
    assert found["metadata"]["labels"] == {"team": "platform"}


async def test_a_namespace_that_is_made_later_is_waited_for(client: Client, lease: str) -> None:
    elector = Elector(client, settings(lease, lease_namespace=lease))
    acquiring = asyncio.create_task(elector.acquire())
    done, _ = await asyncio.wait([acquiring], timeout=2 * LONGEST_RETRY)
    assert not done

    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": lease}}
    await client.request("POST", "/api/v1/namespaces", namespace)

    await asyncio.wait_for(acquiring, LONGEST_RETRY + SLACK)
    assert elector.is_leader
