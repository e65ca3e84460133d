"""Somebody has the operator's token: what they cannot do in the whole cluster."""

from collections.abc import AsyncIterator
from functools import partial

import pytest

from foreign_kinds import crd
from policies.asking import At, create
from policies.operator_requests import RBAC, by_operator, cluster_binding, cluster_role
from policies.tables import Case, table
from policies.world import World
from tenantry.api.base import Manifest
from waiting import eventually

SEES_TENANTS = {"apiGroups": ["tenantry.io"], "resources": ["tenants"], "verbs": ["get"]}
AGGREGATED = {f"{RBAC}/aggregate-to-edit": "true"}

GRANTS = {
    "it makes nobody admin of the cluster": by_operator(
        create(cluster_binding("mine", "admin")),
        "operator: clusterrolebindings: mine is not of a tenant; those of tenants are called "
        "tenantry:TENANT",
    ),
    "not under a tenant's name either": by_operator(
        create(cluster_binding("tenantry:acme", "admin")),
        "operator: tenantry:acme binds another ClusterRole than its own, for the whole cluster",
    ),
    "it changes no ClusterRole of others": by_operator(
        At(kind="ClusterRole", name="system:node-proxier").merge({"rules": []}),
        "operator: clusterroles: system:node-proxier is not of a tenant; those of tenants are "
        "called tenantry:TENANT",
    ),
    "it deletes no ClusterRoleBinding of others": by_operator(
        At(kind="ClusterRoleBinding", name="cluster-admin").delete(),
        "operator: clusterrolebindings: cluster-admin is not of a tenant; those of tenants are "
        "called tenantry:TENANT",
    ),
    "it adds to no ClusterRole of Kubernetes": by_operator(
        create(cluster_role("tenantry:acme", SEES_TENANTS, **AGGREGATED)),
        "operator: tenantry:acme would be added to a ClusterRole of Kubernetes, by its labels",
    ),
    "it lets a tenant's people see their Tenant": by_operator(
        create(cluster_role("tenantry:acme", SEES_TENANTS))
    ),
}


@table(GRANTS)
async def test_the_operators_account_grants_nothing_in_the_whole_cluster(
    world: World, case: Case
) -> None:
    assert await case.verdict(world) == case.hears


def tier(name: str, tenant: str, *actions: str) -> Manifest:
    peers = [{"namespaces": {}}]
    return {
        "apiVersion": "policy.networking.k8s.io/v1beta1",
        "kind": "ClusterNetworkPolicy",
        "metadata": {"name": name},
        "spec": {
            "tier": "Admin",
            "priority": 1,
            "subject": {"namespaces": {"matchLabels": {"tenantry.io/tenant": tenant}}},
            "ingress": [{"action": action, "from": peers} for action in actions],
        },
    }


NOT_OF_ONE = "is not of the namespaces of one tenant; those of tenants are called tenantry-TENANT"
TIERS = {
    "it writes a tenant's": by_operator(create(tier("tenantry-acme", "acme", "Pass", "Deny"))),
    "it accepts nothing": by_operator(
        create(tier("tenantry-acme", "acme", "Accept")),
        "operator: tenantry-acme would open what NetworkPolicies close",
    ),
    "it denies nothing to others": by_operator(
        create(tier("tenantry-acme", "globex", "Deny")),
        f"operator: clusternetworkpolicies: tenantry-acme {NOT_OF_ONE}",
    ),
    "it takes no name of others": by_operator(
        create(tier("platform", "acme", "Deny")),
        f"operator: clusternetworkpolicies: platform {NOT_OF_ONE}",
    ),
}


@pytest.fixture(scope="module")
async def tiers(world: World) -> AsyncIterator[None]:
    """The cluster knows the kind."""
    anything = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    kind = crd(
        "policy.networking.k8s.io",
        "ClusterNetworkPolicy",
        "v1beta1",
        anything,
        plural="clusternetworkpolicies",
        scope="Cluster",
    )
    await world.admin.apply(kind)
    get = partial(world.admin.list, "ClusterNetworkPolicy")
    await eventually(get, lambda seen: isinstance(seen, list))
    yield
    await world.admin.delete("CustomResourceDefinition", kind["metadata"]["name"])


@table(TIERS)
async def test_the_operators_account_opens_nothing_above_network_policies(
    world: World,
    tiers: None,  # noqa: ARG001
    case: Case,
) -> None:
    assert await case.verdict(world) == case.hears
