"""Policies above NetworkPolicies, in a cluster that has one of the kinds, or both."""

from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial

import pytest

from cluster_api import ClusterApi
from conftest import Site
from foreign_kinds import crd
from tenancy import LiveTenant
from tenantry.api.base import Manifest
from waiting import eventually, eventually_gone

GROUP = "policy.networking.k8s.io"
NEWER, OLDER = "ClusterNetworkPolicy", "AdminNetworkPolicy"
KINDS = {NEWER: ("clusternetworkpolicies", "v1beta1"), OLDER: ("adminnetworkpolicies", "v1alpha1")}

Serve = Callable[[str], Awaitable[None]]


def _crd(kind: str) -> Manifest:
    """The kind, without its schema: what is tested is what the operator writes."""
    schema = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    plural, version = KINDS[kind]
    return crd(GROUP, kind, version, schema, plural=plural, scope="Cluster")


@pytest.fixture
async def serve(site: Site) -> AsyncIterator[Serve]:
    """Makes the cluster know a kind, until the test is over."""
    served: list[str] = []

    async def know(kind: str) -> None:
        await site.api.apply(_crd(kind))
        served.append(kind)
        await eventually(partial(site.api.list, kind), lambda seen: isinstance(seen, list))

    yield know
    for kind in served:
        name = _crd(kind)["metadata"]["name"]
        await site.api.delete("CustomResourceDefinition", name)
        await eventually_gone(partial(site.api.get, "CustomResourceDefinition", name))


def _policy(api: ClusterApi, kind: str) -> Callable[[], Awaitable[Manifest]]:
    return partial(api.get, kind, "tenantry-tiered")


@pytest.mark.parametrize("kind", [NEWER, OLDER])
async def test_other_tenants_are_denied_at_the_admin_tier(
    site: Site, serve: Serve, kind: str
) -> None:
    await serve(kind)
    acme, get = LiveTenant(site.api, "tiered"), _policy(site.api, kind)
    async with site.operator():
        await acme.apply()
        await acme.ready()

        made = await eventually(get, within=30)
        assert made["spec"].get("tier") == ("Admin" if kind == NEWER else None)
        assert made["spec"]["ingress"][-1]["action"] == "Deny"

        await site.api.delete(kind, "tenantry-tiered")
        again = await eventually(get, within=40)
        assert again["spec"] == made["spec"]

        await acme.delete()
        await acme.gone()
        await eventually_gone(get)


async def test_the_older_kind_gives_way_to_the_newer(site: Site, serve: Serve) -> None:
    await serve(OLDER)
    acme = LiveTenant(site.api, "tiered")
    async with site.operator():
        await acme.apply()
        await eventually(_policy(site.api, OLDER), within=30)

        await serve(NEWER)

        await eventually(_policy(site.api, NEWER), within=30)
        await eventually_gone(_policy(site.api, OLDER))
        await acme.delete()
        await acme.gone()
