"""ClusterNetworkPolicies, in a cluster that has the kind."""

from collections.abc import AsyncIterator
from functools import partial

import pytest

from conftest import Site
from tenancy import LiveTenant
from tenantry.api.base import Manifest
from waiting import eventually, eventually_gone

GROUP, KIND = "policy.networking.k8s.io", "ClusterNetworkPolicy"


def _crd() -> Manifest:
    """The kind, without its schema: what is tested is what the operator writes."""
    schema = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    names = {"kind": KIND, "plural": "clusternetworkpolicies", "listKind": f"{KIND}List"}
    version = {
        "name": "v1beta1",
        "served": True,
        "storage": True,
        "schema": {"openAPIV3Schema": schema},
    }
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {
            "name": f"clusternetworkpolicies.{GROUP}",
            "annotations": {"api-approved.kubernetes.io": "https://github.com/kubernetes-sigs"},
        },
        "spec": {"group": GROUP, "scope": "Cluster", "names": names, "versions": [version]},
    }


@pytest.fixture
async def tiered(site: Site) -> AsyncIterator[Site]:
    crd = _crd()
    await site.api.apply(crd)
    await eventually(partial(site.api.list, KIND), lambda seen: isinstance(seen, list))
    yield site
    await site.api.delete("CustomResourceDefinition", crd["metadata"]["name"])
    await eventually_gone(
        partial(site.api.get, "CustomResourceDefinition", crd["metadata"]["name"])
    )


async def test_other_tenants_are_denied_at_the_admin_tier(tiered: Site) -> None:
    acme = LiveTenant(tiered.api, "tiered")
    async with tiered.operator():
        await acme.apply()
        await acme.ready()
        get = partial(tiered.api.get, KIND, "tenantry-tiered")

        made = await eventually(get, within=30)
        assert made["spec"]["tier"] == "Admin"
        assert made["spec"]["ingress"][-1]["action"] == "Deny"

        await tiered.api.delete(KIND, "tenantry-tiered")
        again = await eventually(get)
        assert again["spec"] == made["spec"]

        await acme.delete()
        await acme.gone()
        await eventually_gone(get)
