"""Every example works as its README says."""

from collections.abc import AsyncIterator

import pytest
import yaml

from cluster_api import ClusterApi
from conftest import MakeTenant
from examples import APPLICATIONS, EXAMPLES, TENANTS
from kstatus import kstatus
from live_applications import LiveApplication
from operator_process import OperatorProcess
from restricted import violations
from tenancy import LiveTenant
from tenantry.api.base import Manifest
from waiting import eventually

DATABASE = "data-database-v1-0"
"""The claim of the one example that keeps data."""


def _documents(path: str) -> list[Manifest]:
    return [one for one in yaml.safe_load_all((EXAMPLES / path).read_text()) if one]


@pytest.fixture
async def applied(
    request: pytest.FixtureRequest,
    api: ClusterApi,
    operator: OperatorProcess,  # noqa: ARG001 - it only has to run
) -> LiveTenant:
    """An example's Tenant; what must be there before it is applied first."""
    folder: str = request.param
    if (EXAMPLES / folder / "existing.yaml").exists():
        for manifest in _documents(f"{folder}/existing.yaml"):
            await api.apply(manifest)
    (manifest,) = _documents(f"{folder}/tenant.yaml")
    await api.apply(manifest)
    return LiveTenant(api, manifest["metadata"]["name"])


@pytest.fixture
async def space(make_tenant: MakeTenant) -> str:
    """A namespace like the one that the examples of Applications are written for."""
    (acme,) = _documents("acme/tenant.yaml")
    return (await make_tenant(**acme["spec"])).namespace("prod")


@pytest.fixture
async def disk(api: ClusterApi, name: str) -> AsyncIterator[None]:
    """A volume for whoever claims one: the dev cluster has nothing that makes them."""
    volume = {
        "apiVersion": "v1",
        "kind": "PersistentVolume",
        "metadata": {"name": name},
        "spec": {
            "accessModes": ["ReadWriteOnce"],
            "capacity": {"storage": "10Gi"},
            "hostPath": {"path": f"/volumes/{name}"},
        },
    }
    await api.create(volume)
    yield
    await api.delete("PersistentVolume", name)


async def _applied(api: ClusterApi, folder: str, space: str) -> LiveApplication:
    """An example's Application; what must be there before it is applied first."""
    if folder == "stateful":
        metadata = {"name": "notes-database", "namespace": space}
        secret = {"apiVersion": "v1", "kind": "Secret", "metadata": metadata}
        await api.create(secret | {"stringData": {"password": "choose-one"}})
    (manifest,) = _documents(f"{folder}/application.yaml")
    manifest["metadata"]["namespace"] = space
    for component in manifest["spec"]["components"]:
        for one in component.get("expose", ()):
            one["host"] = f"{space}.{one['host']}"  # a host is one Application's in the cluster
    await api.apply(manifest)
    return LiveApplication(api, manifest["metadata"]["name"], space)


@pytest.mark.parametrize("applied", TENANTS, indirect=True)
async def test_an_example_becomes_ready(applied: LiveTenant) -> None:
    seen = await applied.ready()

    assert kstatus(seen) == "Current"
    states = {one["state"] for one in seen["status"]["namespaces"]}
    assert states == {"Active"}


@pytest.mark.parametrize("applied", ["acme"], indirect=True)
async def test_bookinfo_runs_in_an_example(applied: LiveTenant, api: ClusterApi) -> None:
    await applied.ready()
    space = applied.namespace("prod")

    for manifest in _documents("bookinfo/bookinfo.yaml"):
        manifest["metadata"]["namespace"] = space
        await api.apply(manifest)

    deployments = await eventually(
        lambda: api.list("Deployment", space),
        lambda seen: len(seen) == 6 and all(_is_available(one) for one in seen),
    )
    names = {one["metadata"]["name"] for one in deployments}
    assert {"productpage-v1", "details-v1", "ratings-v1"} <= names
    assert len(await api.list("Service", space)) == 4
    told = await eventually(
        applied.get, lambda seen: seen["status"]["quota"]["used"].get("pods") == "6"
    )
    assert told["status"]["summary"]["cpu"].startswith("600m/")


@pytest.mark.parametrize("folder", APPLICATIONS)
@pytest.mark.usefixtures("disk")
async def test_an_application_becomes_ready_and_breaks_no_rule(
    api: ClusterApi, space: str, folder: str
) -> None:
    application = await _applied(api, folder, space)

    seen = await application.ready()

    assert kstatus(seen) == "Current"
    await application.says("PolicyCompliant", "True")
    await application.says("NetworkPolicyEnforced", "True")
    pods = await api.list("Pod", space)
    assert pods
    assert [problem for one in pods for problem in violations(one["spec"])] == []


@pytest.mark.usefixtures("disk")
async def test_what_a_database_keeps_outlives_its_pods_and_its_application(
    api: ClusterApi, space: str
) -> None:
    notes = await _applied(api, "stateful", space)
    await notes.ready()
    before = await api.get("PersistentVolumeClaim", DATABASE, space)
    pod = await api.get("Pod", "database-v1-0", space)

    await api.delete("Pod", "database-v1-0", space)
    await eventually(
        lambda: api.get("Pod", "database-v1-0", space),
        lambda seen: seen["metadata"]["uid"] != pod["metadata"]["uid"],
    )
    await notes.ready()
    await notes.delete()
    await eventually(lambda: notes.has("StatefulSet"), lambda seen: not seen)

    after = await api.get("PersistentVolumeClaim", DATABASE, space)
    assert after["metadata"]["uid"] == before["metadata"]["uid"]
    assert after["status"]["phase"] == "Bound"
    assert "deletionTimestamp" not in after["metadata"]


async def test_a_database_without_a_volume_says_why_it_does_not_start(
    api: ClusterApi, space: str
) -> None:
    notes = await _applied(api, "stateful", space)

    said = await notes.says("Ready", "False", "Unschedulable")

    assert "database" in said["message"]
    assert "PersistentVolumeClaims" in said["message"]


async def test_a_job_runs_once_for_each_state_of_its_manifest(api: ClusterApi, space: str) -> None:
    numbers = await _applied(api, "batch", space)
    seen = await numbers.ready()
    (first,) = {*await numbers.has("Job")}
    by_name = {one["name"]: one for one in seen["status"]["components"]}
    assert by_name["backfill"]["versions"][0]["ready"] == 4

    await _applied(api, "batch", space)
    assert {*await numbers.has("Job")} == {first}
    (manifest,) = _documents("batch/application.yaml")
    backfill, report = manifest["spec"]["components"]
    await numbers.apply(backfill | {"args": ["--again"]}, report, **_rest(manifest))
    await numbers.ready()

    (second,) = {*await numbers.has("Job")}
    assert second != first


def _rest(manifest: Manifest) -> Manifest:
    return {name: value for name, value in manifest["spec"].items() if name != "components"}


def _is_available(deployment: Manifest) -> bool:
    conditions = deployment["status"].get("conditions", [])
    return any(one["type"] == "Available" and one["status"] == "True" for one in conditions)
