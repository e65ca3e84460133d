"""The CRD is removed, and every Tenant with it: no namespace feels it."""

import installation
import workloads
from conftest import Site
from tenancy import LiveTenant
from tenantry.api.base import Manifest
from tenantry.cluster.resources import OWNED
from waiting import eventually_gone

CRD = "tenants.tenantry.io"


POLICIES = ("Retain", "Orphan", "Delete")


async def test_namespaces_survive_untouched_and_are_taken_back(site: Site) -> None:
    tenants = {policy: LiveTenant(site.api, f"lost-{policy.lower()}") for policy in POLICIES}
    operator = site.launch_operator()
    try:
        for policy, tenant in tenants.items():
            await tenant.apply(deletionPolicy=policy)
            await tenant.ready()
            await site.api.create(workloads.config_map("theirs", tenant.namespace()))
        before = await _owned(site)

        await site.api.delete("CustomResourceDefinition", CRD)
        await eventually_gone(lambda: site.api.get("CustomResourceDefinition", CRD))

        assert await _owned(site) == before
        # It is blind now, and whoever runs it must know.
        assert await operator.ended() == 1
    finally:
        operator.kill()
        await installation.install(site.api)

    async with site.operator():
        for policy, tenant in tenants.items():
            await tenant.apply(deletionPolicy=policy)
            await tenant.ready()
        assert await _owned(site) == before
        for tenant in tenants.values():
            assert await site.api.get("ConfigMap", "theirs", tenant.namespace())
            await tenant.apply(deletionPolicy="Retain")
            await tenant.delete()
            await tenant.gone()


async def _owned(site: Site) -> dict[str, Manifest]:
    """Every owned object's uid and version; what a controller counts in a quota is left out."""
    found = {}
    for resource in OWNED:
        for one in await site.api.list(resource.kind, selector="tenantry.io/tenant"):
            metadata = one["metadata"]
            if not metadata.get("namespace", metadata["name"]).startswith("lost-"):
                continue
            version = (
                one["spec"] if resource.kind == "ResourceQuota" else metadata["resourceVersion"]
            )
            name = f"{resource.kind} {metadata.get('namespace', '')}/{metadata['name']}"
            found[name] = {"uid": metadata["uid"], "version": version}
    return found


async def test_an_operator_that_finds_no_crd_says_what_to_do(site: Site) -> None:
    await site.api.delete("CustomResourceDefinition", CRD)
    await eventually_gone(lambda: site.api.get("CustomResourceDefinition", CRD))
    operator = site.launch_operator()
    try:
        assert await operator.ended() == 1
        assert "tenantry crds | kubectl apply --server-side -f -" in operator.tail()
    finally:
        operator.kill()
        await installation.install(site.api)
