"""Every example works as its README says."""

import pytest
import yaml

from cluster_api import ClusterApi
from examples import EXAMPLES, TENANTS
from kstatus import kstatus
from operator_process import OperatorProcess
from tenancy import LiveTenant
from tenantry.api.base import Manifest
from waiting import eventually


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


def _is_available(deployment: Manifest) -> bool:
    conditions = deployment["status"].get("conditions", [])
    return any(one["type"] == "Available" and one["status"] == "True" for one in conditions)
