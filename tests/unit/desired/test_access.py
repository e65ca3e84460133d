from typing import Any

import pytest

from rendering import of_kind, spaces, tenant
from tenantry.desired.objects import DesiredNamespace

RBAC = "rbac.authorization.k8s.io"
GROUP = {"kind": "Group", "name": "devs"}
BOT = {"kind": "ServiceAccount", "name": "bot", "namespace": "ci"}


def bindings(space: DesiredNamespace) -> dict[str, str]:
    """The ClusterRole of each RoleBinding, by its name."""
    return {each["metadata"]["name"]: each["roleRef"]["name"] for each in space.access}


def of_prod(**spec: Any) -> DesiredNamespace:
    return spaces(tenant(**spec))["acme-prod"]


def test_who_is_named_gets_the_clusters_own_roles() -> None:
    assert bindings(of_prod(editors=[GROUP], viewers=[BOT])) == {
        "tenantry-owners": "admin",
        "tenantry-editors": "edit",
        "tenantry-viewers": "view",
    }


def test_a_role_that_nobody_holds_is_not_bound() -> None:
    assert bindings(of_prod()) == {"tenantry-owners": "admin"}


def test_subjects_are_written_as_rbac_stores_them() -> None:
    people = [{"kind": "User", "name": "b@x.org"}, BOT, GROUP, {"kind": "User", "name": "a@x.org"}]
    [owners] = of_kind(of_prod(owners=people), "RoleBinding")

    assert owners == {
        "apiVersion": f"{RBAC}/v1",
        "kind": "RoleBinding",
        "metadata": {
            "name": "tenantry-owners",
            "namespace": "acme-prod",
            "labels": {"app.kubernetes.io/managed-by": "tenantry", "tenantry.io/tenant": "acme"},
        },
        "roleRef": {"apiGroup": RBAC, "kind": "ClusterRole", "name": "admin"},
        "subjects": [
            {"apiGroup": RBAC, "kind": "Group", "name": "devs"},
            {"kind": "ServiceAccount", "name": "bot", "namespace": "ci"},
            {"apiGroup": RBAC, "kind": "User", "name": "a@x.org"},
            {"apiGroup": RBAC, "kind": "User", "name": "b@x.org"},
        ],
    }


def further(*cluster_roles: str, **fields: Any) -> list[dict[str, Any]]:
    return [{"clusterRole": role, "subjects": [GROUP]} | fields for role in cluster_roles]


@pytest.mark.parametrize(
    "cluster_role",
    ["owners", "editors", "viewers", "role-owners", "system:auth-delegator", "x" * 253],
)
def test_a_further_roles_binding_meets_no_other(cluster_role: str) -> None:
    made = of_prod(editors=[GROUP], viewers=[GROUP], roleBindings=further(cluster_role, "other"))

    names = [each["metadata"]["name"] for each in made.access]
    assert len(set(names)) == 5
    assert bindings(made)["tenantry-owners"] == "admin"
    assert cluster_role in bindings(made).values()
    assert all(len(name) <= 253 for name in names)


def test_two_long_roles_have_two_bindings() -> None:
    made = of_prod(roleBindings=further("x" * 252 + "a", "x" * 252 + "b"))

    assert len(bindings(made)) == 3


def test_a_further_role_may_be_held_in_some_namespaces_only() -> None:
    acme = tenant(
        namespaces=[{"name": "prod"}, {"name": "dev"}],
        roleBindings=further("rotator", namespaces=["prod"]),
    )

    held = {name: bindings(space) for name, space in spaces(acme).items()}
    assert held == {
        "acme-dev": {"tenantry-owners": "admin"},
        "acme-prod": {"tenantry-owners": "admin", "tenantry-role-rotator": "rotator"},
    }


def test_in_a_suspended_tenant_everybody_may_look_and_no_more() -> None:
    made = of_prod(
        suspend=True, editors=[GROUP], viewers=[BOT], roleBindings=further("rotator", "view")
    )

    assert bindings(made) == {"tenantry-viewers": "view", "tenantry-role-view": "view"}
    names = [subject["name"] for subject in made.access[0]["subjects"]]
    assert names == ["devs", "owners", "bot"]


def test_who_is_both_owner_and_editor_is_named_once_when_suspended() -> None:
    made = of_prod(suspend=True, owners=[GROUP], editors=[GROUP])

    assert len(made.access[0]["subjects"]) == 1


def test_suspending_leaves_the_guards_as_they_are() -> None:
    assert of_prod(suspend=True).guards == of_prod().guards
