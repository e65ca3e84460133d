"""kwok's nodes, and the permission that kwok needs to play their kubelets.

Three by default, one a zone, so that topology spread and node selectors have something to choose
from.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from devcluster.source import KUBERNETES, PINNED

if TYPE_CHECKING:
    from devcluster.api import Api

REGION: Final = "devcluster"
ZONES: Final = ("a", "b", "c")
CAPACITY: Final = {"cpu": "32", "memory": "128Gi", "ephemeral-storage": "500Gi", "pods": "500"}
"""A usual size, and room for the pods of a few hundred tenants (kubelets allow 110 by default)."""

KWOK_RULES: Final = [
    {"apiGroups": [""], "resources": ["nodes"], "verbs": ["get", "list", "watch"]},
    {
        "apiGroups": [""],
        "resources": ["pods"],
        "verbs": ["get", "list", "watch", "patch", "delete"],
    },
    {"apiGroups": [""], "resources": ["nodes/status", "pods/status"], "verbs": ["patch", "update"]},
    {
        "apiGroups": ["", "events.k8s.io"],
        "resources": ["events"],
        "verbs": ["create", "patch", "update"],
    },
    {
        "apiGroups": ["coordination.k8s.io"],
        "resources": ["leases"],
        "verbs": ["get", "list", "watch", "create", "patch", "update"],
    },
]
"""What kwok does with `--manage-all-nodes` and stages from a file."""


def allow_kwok(api: Api) -> None:
    """Grant kwok its rules."""
    group = "rbac.authorization.k8s.io"
    metadata = {"name": "devcluster:kwok"}
    role = {
        "apiVersion": f"{group}/v1",
        "kind": "ClusterRole",
        "metadata": metadata,
        "rules": KWOK_RULES,
    }
    binding = {
        "apiVersion": f"{group}/v1",
        "kind": "ClusterRoleBinding",
        "metadata": metadata,
        "roleRef": {"apiGroup": group, "kind": "ClusterRole", "name": metadata["name"]},
        "subjects": [{"apiGroup": group, "kind": "User", "name": "kwok"}],
    }
    api.create(f"/apis/{group}/v1/clusterroles", role)
    api.create(f"/apis/{group}/v1/clusterrolebindings", binding)


def add(api: Api, count: int) -> None:
    """Register nodes as their kubelets would; kwok makes them Ready."""
    for index in range(count):
        api.create("/api/v1/nodes", manifest(index))


def manifest(index: int) -> dict[str, Any]:
    """Give the Node of this number, counted from 0.

    Addresses are loopback ones, so that `kubectl logs` is refused at once rather than after a
    timeout.
    """
    zone = ZONES[index % len(ZONES)]
    name = f"node-{zone}" if index < len(ZONES) else f"node-{zone}{index // len(ZONES) + 1}"
    labels = {
        "kubernetes.io/arch": "amd64",
        "kubernetes.io/hostname": name,
        "kubernetes.io/os": "linux",
        "node.kubernetes.io/instance-type": "kwok.32x128",
        "topology.kubernetes.io/region": REGION,
        "topology.kubernetes.io/zone": f"{REGION}-{zone}",
    }
    info = dict.fromkeys(("bootID", "kernelVersion", "machineID", "osImage", "systemUUID"), "kwok")
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": name, "labels": labels, "annotations": {"kwok.x-k8s.io/node": "fake"}},
        "spec": {"podCIDR": f"10.244.{index * 8 % 256}.0/21"},
        "status": {
            "capacity": CAPACITY,
            "allocatable": CAPACITY,
            "addresses": [
                {"type": "InternalIP", "address": f"127.0.1.{index + 1}"},
                {"type": "Hostname", "address": name},
            ],
            "nodeInfo": {
                **info,
                "architecture": "amd64",
                "operatingSystem": "linux",
                "containerRuntimeVersion": "kwok://" + PINNED.version_of("sigs.k8s.io/kwok"),
                "kubeletVersion": KUBERNETES,
                "kubeProxyVersion": KUBERNETES,
            },
        },
    }


def all_usable(api: Api, count: int) -> bool:
    """Tell whether pods can be scheduled on all: Ready, and no taint left of their start."""
    found = (api.get("/api/v1/nodes") or {}).get("items", [])
    usable = [node for node in found if is_ready(node) and not node["spec"].get("taints")]
    return len(usable) >= count


def is_ready(node: dict[str, Any]) -> bool:
    """Read a Node's Ready condition."""
    conditions = node.get("status", {}).get("conditions", [])
    return any(one["type"] == "Ready" and one["status"] == "True" for one in conditions)
