"""Cost labels: by a policy where there is one, by the operator's hand where there is none."""

from collections.abc import AsyncIterator
from functools import partial

import pytest

import installation
import workloads
from cluster_api import ClusterApi
from conftest import MakeTenant, Site
from tenancy import LiveTenant, condition
from tenantry import policies
from tenantry.api.base import Manifest
from waiting import eventually

COST = {"costCenter": "CC-7", "department": "retail", "environment": "prod"}
LABELS = {
    "tenantry.io/cost-center": "CC-7",
    "tenantry.io/department": "retail",
    "tenantry.io/environment": "prod",
}


def _labels(manifest: Manifest) -> dict[str, str]:
    labels: dict[str, str] = manifest["metadata"].get("labels", {})
    return {key: value for key, value in labels.items() if key.startswith("tenantry.io/")}


async def test_with_the_policy_a_pod_is_born_with_its_labels(
    make_tenant: MakeTenant, api: ClusterApi
) -> None:
    acme = await make_tenant(cost=COST)

    made = await api.create(workloads.pod("one", acme.namespace()))

    assert _labels(made) == LABELS | {"tenantry.io/tenant": acme.name}
    told = condition(await acme.get(), "CostLabelled")
    assert told
    assert told["reason"] == "MutatingAdmissionPolicy"


@pytest.fixture
async def without_policy(site: Site) -> AsyncIterator[Site]:
    """A cluster without mutating policies, and the chart as it is rendered for one."""
    mutating = policies.manifests(validating=False)
    for manifest in mutating:
        await site.api.delete(manifest["kind"], manifest["metadata"]["name"])
    rights = [
        one
        for one in installation.chart({"policies": {"mutating": False}})
        if one["kind"] == "ClusterRole"
    ]
    for manifest in rights:
        await site.api.apply(manifest, manager="helm", force=True)
    yield site
    for manifest in (*mutating, *installation.chart()):
        if "Admission" in manifest["kind"] or manifest["kind"] == "ClusterRole":
            await site.api.apply(manifest, manager="helm", force=True)


async def test_without_the_policy_the_operator_labels_what_costs(without_policy: Site) -> None:
    api = without_policy.api
    acme = LiveTenant(api, "labelled")
    space = acme.namespace()
    async with without_policy.operator():
        await acme.apply(cost=COST)
        await acme.ready()

        await api.create(workloads.pod("one", space))
        await api.create(workloads.service("door", space))

        wanted = LABELS | {"tenantry.io/tenant": acme.name}
        for kind, name in (("Pod", "one"), ("Service", "door")):
            await eventually(
                partial(api.get, kind, name, space), lambda seen: _labels(seen) == wanted
            )
        told = condition(await acme.get(), "CostLabelled")
        assert told
        assert told["reason"] == "Operator"
        await acme.delete()
        await acme.gone()
