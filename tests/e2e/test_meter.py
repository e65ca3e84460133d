"""The meter on a cluster, as its ServiceAccount: killed and started again, exact to the second.

The expected seconds are read off the API's objects by the test itself. Where kwok, unlike a
kubelet, says nothing of how a container ended, the test plays the kubelet.
"""

import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import aiohttp
import pytest

import workloads
from cluster_api import ClusterApi
from conftest import MakeTenant
from devcluster import DevCluster
from granted import METER
from installation import NAMESPACE
from operator_process import MeterProcess
from tenantry.api.base import Manifest
from tenantry.api.quantities import amount
from tenantry.cluster.errors import NotFound
from tenantry.cost.buckets import Bucket, Gap
from tenantry.cost.store import Reader, open_database
from waiting import eventually

GIB: Final = 2**30
FAR: Final = datetime(2100, 1, 1, tzinfo=UTC)
LONG_AGO: Final = datetime(2000, 1, 1, tzinfo=UTC)


def moment(timestamp: str) -> datetime:
    return datetime.fromisoformat(timestamp)


def stamp(when: datetime) -> str:
    return when.strftime("%Y-%m-%dT%H:%M:%SZ")


def scheduled(pod: Manifest) -> datetime:
    (one,) = [one for one in pod["status"]["conditions"] if one["type"] == "PodScheduled"]
    return moment(one["lastTransitionTime"])


def cpu(pod: Manifest) -> Decimal:
    return amount(pod["spec"]["containers"][0]["resources"]["requests"]["cpu"])


@dataclass
class Metered:
    """A meter of its own on the session's cluster."""

    identity: Path
    folder: Path
    runs: list[MeterProcess] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"sqlite:///{self.folder}/meter.db"

    @property
    def process(self) -> MeterProcess:
        return self.runs[-1]

    async def start(self, database: str = "") -> MeterProcess:
        log = self.folder / f"meter-{len(self.runs)}.log"
        self.runs.append(MeterProcess.launch(self.identity, log, database=database or self.url))
        await self.process.logged("metering")
        return self.process

    @contextmanager
    def reader(self) -> Iterator[Reader]:
        store = open_database(self.url, is_migrated=False)
        try:
            yield Reader(store)
        finally:
            store.close()

    def buckets(self, tenant: str | None) -> list[Bucket]:
        with self.reader() as reader:
            return list(reader.buckets(LONG_AGO, FAR, tenant))

    async def cores(self, tenant: str) -> dict[str, Decimal]:
        """Core-seconds by workload."""
        found: dict[str, Decimal] = {}
        for one in self.buckets(tenant):
            if one.resource == "cpu":
                found[one.workload] = found.get(one.workload, Decimal()) + one.requested
        return found

    async def has(self, tenant: str | None, **wanted: str) -> list[Bucket]:
        """Wait for buckets of this kind."""

        async def look() -> list[Bucket]:
            return [
                one
                for one in self.buckets(tenant)
                if all(getattr(one, name) == value for name, value in wanted.items())
                and one.requested > 0
            ]

        return await eventually(look)


@pytest.fixture
async def metered(cluster: DevCluster, api: ClusterApi, tmp_path: Path) -> AsyncIterator[Metered]:
    del api  # what the meter may do is installed with it
    one = Metered(cluster.service_account_kubeconfig(NAMESPACE, METER), tmp_path)
    yield one
    for run in one.runs:
        run.kill()


class Kubelet:
    """What a kubelet would tell of pods that kwok leaves as they were."""

    def __init__(self, api: ClusterApi, namespace: str) -> None:
        self.api, self.namespace = api, namespace

    async def running(self, name: str) -> Manifest:
        async def look() -> Manifest:
            return await self.api.get("Pod", name, self.namespace)

        return await eventually(look, lambda pod: pod["status"].get("phase") == "Running")

    async def make(self, name: str, cpu: str, **labels: str) -> Manifest:
        resources = {"requests": {"cpu": cpu}, "limits": {"cpu": "2"}}
        manifest = workloads.pod(name, self.namespace, resources=resources)
        manifest["metadata"]["labels"] = labels
        await self.api.create(manifest)
        await self.running(name)
        await self.actuate(name, cpu)
        return await self.running(name)

    async def actuate(self, name: str, cpu: str) -> datetime:
        """Tell that a pod now has what it asked for; gives when that was written down."""
        pod = await self.running(name)
        has = {"resources": {"requests": {"cpu": cpu}}, "allocatedResources": {"cpu": cpu}}
        statuses = [one | has for one in pod["status"]["containerStatuses"]]
        status = {"status": {"containerStatuses": statuses}}
        return _written(await self.api.patch("Pod", name, status, self.namespace, "status"))

    async def end(self, name: str, ended: datetime, phase: str = "Succeeded") -> None:
        """Tell that its container has ended."""
        pod = await self.running(name)
        statuses = [
            one | {"state": {"terminated": {"exitCode": 0, "finishedAt": stamp(ended)}}}
            for one in pod["status"]["containerStatuses"]
        ]
        status = {"phase": phase, "containerStatuses": statuses}
        await self.api.patch("Pod", name, {"status": status}, self.namespace, "status")

    async def resize(self, name: str, cpu: str) -> datetime:
        """Ask for another request; gives when the API server wrote that down."""
        path = "/spec/containers/0/resources/requests/cpu"
        patch = [{"op": "replace", "path": path, "value": cpu}]
        return _written(await self.api.patch("Pod", name, patch, self.namespace, "resize"))


def _written(manifest: Manifest) -> datetime:
    return max(moment(one["time"]) for one in manifest["metadata"]["managedFields"])


async def test_seconds_are_those_of_the_api_though_the_meter_is_killed_and_started_again(
    metered: Metered, make_tenant: MakeTenant, api: ClusterApi
) -> None:
    acme = await make_tenant()
    kubelet = Kubelet(api, acme.namespace())
    await metered.start()
    await eventually(acme.get, lambda seen: seen["status"].get("cost", {}).get("currency") == "USD")
    web = {"app.kubernetes.io/part-of": "shop", "app.kubernetes.io/component": "web"}
    steady = await kubelet.make("steady", "500m", **web)
    doomed = await kubelet.make("doomed", "250m")
    await metered.has(acme.name, application="shop", component="web", resource="cpu")

    metered.process.kill()
    grown = await kubelet.resize("steady", "750m")
    await kubelet.end("doomed", scheduled(doomed) + timedelta(seconds=2), phase="Running")
    brief = await kubelet.make("brief", "2")
    await kubelet.end("brief", scheduled(brief) + timedelta(seconds=3))
    for name in ("doomed", "brief"):
        await api.delete("Pod", name, acme.namespace())
    await api.create(_job(acme.namespace()))
    await metered.start()

    await metered.has(acme.name, workload="Job/once", resource="cpu")
    await kubelet.actuate("steady", "750m")
    await kubelet.resize("steady", "300m")
    shrunk = await kubelet.actuate("steady", "300m")
    ended = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=2)
    await kubelet.end("steady", ended)
    (worker,) = await _finished(api, acme.namespace())
    expected = {
        "": Decimal("0.5") * _seconds(scheduled(steady), grown)
        + Decimal("0.75") * _seconds(grown, shrunk)
        + Decimal("0.3") * _seconds(shrunk, ended)
        + Decimal("0.25") * 2
        + Decimal(2) * 3,
        "Job/once": cpu(worker) * _seconds(scheduled(worker), _end(worker)),
    }

    await eventually(lambda: metered.cores(acme.name), lambda seen: seen == expected)
    assert await metered.process.stop() == 0
    assert await metered.cores(acme.name) == expected, "ending charges nothing twice"
    with metered.reader() as reader:
        assert [one.is_recovered for one in reader.gaps(LONG_AGO, FAR)] == [True]
    assert metered.process.defects() == []


def _job(namespace: str) -> Manifest:
    spec = workloads.pod_spec(resources={"requests": {"cpu": "100m"}}) | {"restartPolicy": "Never"}
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": "once", "namespace": namespace},
        "spec": {"template": {"spec": spec}},
    }


async def _finished(api: ClusterApi, namespace: str) -> list[Manifest]:
    async def look() -> list[Manifest]:
        pods = await api.list("Pod", namespace, "job-name=once")
        return [one for one in pods if one["status"].get("phase") == "Succeeded"]

    return await eventually(look)


def _end(pod: Manifest) -> datetime:
    states = [one["state"]["terminated"] for one in pod["status"]["containerStatuses"]]
    return max(moment(one["finishedAt"]) for one in states)


def _seconds(start: datetime, end: datetime) -> int:
    return int((end - start).total_seconds())


async def test_what_belongs_to_no_tenant_is_metered_too_with_volumes_usage_and_what_there_is(
    metered: Metered, api: ClusterApi
) -> None:
    kubelet = Kubelet(api, "default")
    await api.apply(_pod_metrics())
    await metered.start()
    try:
        await kubelet.make("metered", "100m")
        await eventually(lambda: _measure(api))
        for manifest in _storage():
            await api.apply(manifest)
        await eventually(lambda: metered.has("", resource="cpu"), lambda seen: seen[0].used)
        (used, *_) = await metered.has("", namespace="default", resource="cpu")
        (disk, *_) = await metered.has("", namespace="default", resource="storage/slow")
        (balancer, *_) = await metered.has("", resource="load-balancer")
        pages = await _pages((await metered.process.logged("listening"))["port"])
        assert await metered.process.stop() == 0
    finally:
        await api.delete("CustomResourceDefinition", "pods.metrics.k8s.io")
        for kind, name, namespace in _MADE:
            await api.delete(kind, name, namespace)

    assert (used.workload, used.node_class, balancer.workload) == ("", "", "Service/metered")
    assert disk.requested % (10 * GIB) == 0
    assert pages["/healthz"] == pages["/readyz"] == "ok\n"
    assert 'tenantry_meter_objects{kind="Node"} 3.0' in pages["/metrics"]
    assert "tenantry_meter_usage_available 1.0" in pages["/metrics"]
    with metered.reader() as reader:
        extent = reader.extent()
        supplies = list(reader.supplies(LONG_AGO, FAR))
    assert extent is not None
    cores = sum(one.amount for one in supplies if one.resource == "cpu")
    assert cores == 3 * 32 * _seconds(extent.since, extent.until)
    assert {one.kind for one in supplies} == {"node", "volume", "load-balancer"}
    await _what_nobody_knows_is_not_charged(metered)


async def _what_nobody_knows_is_not_charged(metered: Metered) -> None:
    """Go on without knowing where the watches were: volume and Service went meanwhile."""
    mine = ("storage/slow", "load-balancer")
    before = {one for one in metered.buckets("") if one.resource in mine}
    with closing(sqlite3.connect(metered.folder / "meter.db")) as store:
        store.execute("UPDATE meter SET versions = '{}'")
        store.commit()
    await metered.start()

    async def look() -> list[Gap]:
        with metered.reader() as reader:
            return list(reader.gaps(LONG_AGO, FAR))

    (gap,) = await eventually(look)
    assert await metered.process.stop() == 0
    assert not gap.is_recovered
    assert "nobody watched services: 1 of them ended meanwhile" in gap.reason
    assert {one for one in metered.buckets("") if one.resource in mine} == before


async def _pages(port: int) -> dict[str, str]:
    async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session:
        paths = ("/healthz", "/readyz", "/metrics")
        return {path: await (await session.get(path)).text() for path in paths}


_MADE: Final = (
    ("Pod", "metered", "default"),
    ("Service", "metered", "default"),
    ("PersistentVolumeClaim", "metered", "default"),
    ("PersistentVolume", "metered", None),
)


def _storage() -> list[Manifest]:
    common: dict[str, Any] = {"storageClassName": "slow", "accessModes": ["ReadWriteOnce"]}
    metadata = {"name": "metered"}
    volume = {
        "apiVersion": "v1",
        "kind": "PersistentVolume",
        "metadata": metadata,
        "spec": common | {"capacity": {"storage": "10Gi"}, "hostPath": {"path": "/data"}},
    }
    claim = {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": metadata | {"namespace": "default"},
        "spec": common | {"resources": {"requests": {"storage": "5Gi"}}},
    }
    return [volume, claim, workloads.service("metered", "default", "LoadBalancer")]


def _pod_metrics() -> Manifest:
    """The API that metrics-server serves, without what measures."""
    schema = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {
            "name": "pods.metrics.k8s.io",
            "annotations": {"api-approved.kubernetes.io": "unapproved, for a test"},
        },
        "spec": {
            "group": "metrics.k8s.io",
            "scope": "Namespaced",
            "names": {"kind": "PodMetrics", "plural": "pods"},
            "versions": [
                {
                    "name": "v1beta1",
                    "served": True,
                    "storage": True,
                    "schema": {"openAPIV3Schema": schema},
                }
            ],
        },
    }


async def _measure(api: ClusterApi) -> Manifest:
    """Tell what the pod uses, as soon as that can be told."""
    path = "/apis/metrics.k8s.io/v1beta1/namespaces/default/pods"
    measured = {
        "apiVersion": "metrics.k8s.io/v1beta1",
        "kind": "PodMetrics",
        "metadata": {"name": "metered", "namespace": "default"},
        "containers": [{"name": "main", "usage": {"cpu": "50m", "memory": "64Mi"}}],
    }
    try:
        return await api._client.request("POST", path, measured)
    except NotFound:
        return {}
