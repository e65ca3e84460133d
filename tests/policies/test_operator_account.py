"""Somebody has the operator's token: what they cannot do with it, and what the operator still can.

RBAC lets the account ask for all of it, but where a case says that RBAC itself refuses.
"""

from collections.abc import AsyncIterator
from typing import Any

import pytest

import installation
import workloads
from policies.asking import At, apply, create
from policies.namespace_requests import labels, made, of
from policies.operator_requests import (
    RBAC,
    THIEF,
    binding,
    by_operator,
    cluster_binding,
    cluster_role,
)
from policies.tables import Case, table
from policies.world import World, own
from tenantry.api.base import Manifest
from waiting import eventually

ACCOUNT = {
    "kind": "ServiceAccount",
    "name": installation.RELEASE,
    "namespace": installation.NAMESPACE,
}


def kept(name: str) -> str:
    return (
        f"operator: {name} is not a tenant's: the cluster's own namespaces, the operator's, and "
        "those with the label tenantry.io/protected are kept from it; a platform administrator may "
        "take the label off, or put a namespace of the system into a tenant"
    )


CONFIG: Manifest = {"apiVersion": "v1", "kind": "ConfigMap"}
FOREIGN = "operator: plain is no tenant's, and is not put into one"

ELSEWHERE = {
    f"it binds no role in {name}": by_operator(create(binding(name)), kept(name))
    for name in ("kube-system", "default", "tenantry-system", "shop-system", "guarded")
} | {
    "it writes no object of another kind there": by_operator(
        apply(CONFIG | {"metadata": {"name": "a", "namespace": "kube-system"}}),
        kept("kube-system"),
    ),
    "it deletes nothing there": by_operator(
        At(
            kind="ConfigMap", name="extension-apiserver-authentication", namespace="kube-system"
        ).delete(),
        kept("kube-system"),
    ),
    "it writes in a tenant's namespace": by_operator(
        apply(own("ResourceQuota", spec={"hard": {"pods": "5"}}))
    ),
    "it writes in a namespace that becomes a tenant's": by_operator(create(binding("plain"))),
    "it takes out what it made where the namespace is a tenant's no more": by_operator(
        At(kind="LimitRange", name="left", namespace="shop-system").delete()
    ),
}

SPACES = {
    f"it puts {name} into no tenant": by_operator(
        At(kind="Namespace", name=name).merge(of("acme")), kept(name)
    )
    for name in ("kube-system", "default", "tenantry-system", "shop-system", "guarded")
} | {
    "it takes the protection off no namespace": by_operator(
        At(kind="Namespace", name="guarded").merge(labels(tenantry_io__protected=None)),
        kept("guarded"),
    ),
    "it deletes no namespace of the cluster": by_operator(
        At(kind="Namespace", name="shop-system").delete(), kept("shop-system")
    ),
    "it deletes no namespace that is no tenant's": by_operator(
        At(kind="Namespace", name="plain").delete(), FOREIGN
    ),
    "it labels no namespace that it puts into no tenant": by_operator(
        At(kind="Namespace", name="plain").merge(labels(a="b")), FOREIGN
    ),
    "it makes a tenant's namespace, whatever its name ends with": by_operator(
        create(made("acme-system", "acme"))
    ),
    "it adopts a namespace": by_operator(At(kind="Namespace", name="plain").merge(of("acme"))),
    "it changes a tenant's namespace": by_operator(
        At(kind="Namespace", name="acme-web").merge(labels(tenantry_io__state="suspended"))
    ),
    "it lets a namespace go": by_operator(At(kind="Namespace", name="acme-web").merge(of(None))),
    "it deletes a tenant's namespace": by_operator(At(kind="Namespace", name="acme-web").delete()),
}

PEOPLES = {
    "it writes no spec of a Tenant": by_operator(
        At(kind="Tenant", name="acme").merge({"spec": {"owners": [THIEF]}}),
        "operator: tenant acme: its spec, labels and annotations are people's to write",
    ),
    "it puts its finalizer on a Tenant": by_operator(
        At(kind="Tenant", name="acme").merge(
            {"metadata": {"finalizers": ["tenantry.io/finalizer"]}}
        )
    ),
}

PODS = {
    "it changes the image of no pod": by_operator(
        At(kind="Pod", name="one", namespace="acme-web").strategic(
            {"spec": {"containers": [{"name": "main", "image": "evil"}]}}
        ),
        "operator: pods: one gets labels from the operator, and nothing else",
    ),
    "it labels a pod": by_operator(
        At(kind="Pod", name="one", namespace="acme-web").merge(labels(a="b"))
    ),
}


@pytest.fixture(scope="module", autouse=True)
async def places(world: World) -> AsyncIterator[None]:
    """A namespace that is protected, what was left in one, a pod, and the right to label pods."""
    left: dict[str, Any] = own("LimitRange", "left", "shop-system", spec={"limits": []})
    left["spec"]["limits"] = [{"type": "Pod", "max": {"cpu": "1"}}]
    labeller = cluster_role(
        "test-labeller", {"apiGroups": [""], "resources": ["pods"], "verbs": ["patch"]}
    )
    bound = cluster_binding("test-labeller", "test-labeller") | {"subjects": [ACCOUNT]}
    guarded = made("guarded", labels={"tenantry.io/protected": "true"})
    for manifest in (guarded, left, labeller, bound):
        await world.admin.apply(manifest)
    await world.admin.apply(workloads.pod("one", "acme-web"))
    await eventually(lambda: world["operator"].may("patch", "pods", "acme-web"))
    yield
    for kind, name, namespace in (
        ("Pod", "one", "acme-web"),
        ("LimitRange", "left", "shop-system"),
        ("ClusterRoleBinding", "test-labeller", None),
        ("ClusterRole", "test-labeller", None),
        ("Namespace", "guarded", None),
    ):
        await world.admin.delete(kind, name, namespace)


@table(ELSEWHERE)
async def test_the_operators_account_stays_in_tenants_namespaces(world: World, case: Case) -> None:
    assert await case.verdict(world) == case.hears


@table(SPACES)
async def test_the_operators_account_takes_tenants_namespaces_only(
    world: World, case: Case
) -> None:
    assert await case.verdict(world) == case.hears


@table(PEOPLES | PODS)
async def test_the_operators_account_changes_nothing_that_is_others(
    world: World, case: Case
) -> None:
    assert await case.verdict(world) == case.hears


async def test_the_operators_account_makes_no_namespace_of_no_tenant(world: World) -> None:
    """It holds selfservice, to hand it out, and so two policies refuse it; either may answer."""
    said = await create(made("fresh")).verdict(world["operator"])

    assert said.startswith(("operator: fresh is no tenant's", "tenant unknown: namespaces: fresh"))


async def test_what_the_operators_account_cannot_do_by_rbac_alone(world: World) -> None:
    """Asked of the API server; and nobody may grant what they do not hold."""
    operator, space = world["operator"], "acme-web"
    refused = [
        ("get", "secrets", ""),
        ("list", "secrets", ""),
        ("create", "pods", ""),
        ("create", "pods/exec", ""),
        ("create", "serviceaccounts/token", ""),
        ("impersonate", "users", ""),
        ("create", "tenants", "tenantry.io"),
        ("delete", "tenants", "tenantry.io"),
        ("update", "validatingadmissionpolicies", "admissionregistration.k8s.io"),
        ("delete", "validatingadmissionpolicybindings", "admissionregistration.k8s.io"),
        ("patch", "customresourcedefinitions", "apiextensions.k8s.io"),
        ("escalate", "clusterroles", RBAC),
    ]
    for verb, resource, group in refused:
        assert not await operator.may(verb, resource, space, group), (verb, resource)
    assert not await operator.may("get", "leases", "kube-system", "coordination.k8s.io")
    assert not await operator.may("bind", "clusterroles", "", RBAC, "cluster-admin")

    reads_secrets = {"apiGroups": [""], "resources": ["secrets"], "verbs": ["get"]}
    said = await create(cluster_role("tenantry:acme", reads_secrets)).verdict(operator)
    assert "attempting to grant RBAC permissions not currently held" in said
    handed = await create(binding("acme-web", "cluster-admin")).verdict(operator)
    assert "attempting to grant RBAC permissions not currently held" in handed


async def test_a_person_with_all_rights_is_held_by_none_of_it(world: World) -> None:
    for asks in (
        create(binding("kube-system")),
        At(kind="Namespace", name="guarded").merge(labels(tenantry_io__protected=None)),
        create(cluster_binding("mine", "admin")),
    ):
        assert await asks.verdict(world.admin) == ""
