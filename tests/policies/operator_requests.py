"""What somebody asks who has the operator's token."""

from policies.asking import Asking
from policies.tables import Case
from tenantry.api.base import Manifest

RBAC = "rbac.authorization.k8s.io"
THIEF = {"kind": "User", "name": "thief", "apiGroup": RBAC}


def by_operator(asks: Asking, hears: str = "") -> Case:
    return Case(who="operator", asks=asks, hears=hears)


def binding(namespace: str, role: str = "admin") -> Manifest:
    return {
        "apiVersion": f"{RBAC}/v1",
        "kind": "RoleBinding",
        "metadata": {"name": "mine", "namespace": namespace},
        "roleRef": {"apiGroup": RBAC, "kind": "ClusterRole", "name": role},
        "subjects": [THIEF],
    }


def cluster_role(name: str, *rules: Manifest, **labelled: str) -> Manifest:
    metadata: Manifest = {"name": name, "labels": labelled}
    kind = {"apiVersion": f"{RBAC}/v1", "kind": "ClusterRole", "metadata": metadata}
    return kind | {"rules": [*rules]}


def cluster_binding(name: str, role: str) -> Manifest:
    return {
        "apiVersion": f"{RBAC}/v1",
        "kind": "ClusterRoleBinding",
        "metadata": {"name": name},
        "roleRef": {"apiGroup": RBAC, "kind": "ClusterRole", "name": role},
        "subjects": [THIEF],
    }
