"""Suspended, parked and unfinished namespaces: what is tried there, and what is said to it."""

from typing import Any

import workloads
from policies.asking import Asking, At, create
from tenantry.api.base import Manifest

HALTED, PARKED, NEW = "acme-halted", "acme-parked", "acme-new"
SPENT = "acme-spent"


def workload(kind: str, namespace: str, name: str = "new") -> Manifest:
    """The least of a kind that runs, or makes something run."""
    deployment = workloads.deployment(name, namespace)
    template = deployment["spec"]["template"]
    selected = {"selector": deployment["spec"]["selector"], "template": template}
    job = {"template": {"spec": workloads.pod_spec() | {"restartPolicy": "Never"}}}
    specs: dict[str, tuple[str, Manifest]] = {
        "Pod": ("v1", workloads.pod_spec()),
        "Deployment": ("apps/v1", selected),
        "ReplicaSet": ("apps/v1", selected),
        "StatefulSet": ("apps/v1", selected | {"serviceName": name}),
        "DaemonSet": ("apps/v1", selected),
        "ReplicationController": ("v1", {"selector": {"app": name}, "template": template}),
        "Job": ("batch/v1", job),
        "CronJob": ("batch/v1", {"schedule": "0 0 * * *", "jobTemplate": {"spec": job}}),
        "Application": (
            "tenantry.io/v1alpha1",
            {"components": [{"name": "web", "image": workloads.IMAGE}]},
        ),
    }
    api_version, spec = specs[kind]
    return {
        "apiVersion": api_version,
        "kind": kind,
        "metadata": {"name": name, "namespace": namespace},
        "spec": spec,
    }


def plural(kind: str) -> str:
    return At(kind=kind).path.rpartition("/")[2]


def suspended(operation: str, what: str) -> str:
    return (
        f"tenant acme: suspended: {operation} of {what}; reading works, starting and changing do "
        "not: ask a platform administrator"
    )


def parked(operation: str, what: str) -> str:
    return (
        f"tenant acme: parked: {operation} of {what}; the tenant has more namespaces than it may "
        "have: delete one, or ask a platform administrator for room"
    )


def spent(operation: str, what: str) -> str:
    return (
        f"tenant acme: over-budget: {operation} of {what}; the budget of the month is spent: what "
        "runs goes on, deleting and kubectl scale to fewer replicas work; ask a platform "
        "administrator to raise spec.cost.budget of the Tenant"
    )


def unready(kind: str) -> str:
    return (
        f"tenant acme: readiness: {kind} in {NEW}, which does not carry the policy of its tenant "
        "yet; try again in a moment, or see kubectl get tenant acme"
    )


_SCALED: Manifest = {
    "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "old"},
    "maxReplicas": 2,
}
_METADATA: Manifest = {"name": "new", "namespace": HALTED}
WRITTEN: dict[str, Manifest] = {
    "ConfigMap": {"apiVersion": "v1"},
    "Secret": {"apiVersion": "v1"},
    "ServiceAccount": {"apiVersion": "v1"},
    "Service": {"apiVersion": "v1", "spec": {"ports": [{"port": 80}]}},
    "PersistentVolumeClaim": {
        "apiVersion": "v1",
        "spec": {
            "accessModes": ["ReadWriteOnce"],
            "resources": {"requests": {"storage": "1Gi"}},
        },
    },
    "Ingress": {
        "apiVersion": "networking.k8s.io/v1",
        "spec": {"defaultBackend": {"service": {"name": "x", "port": {"number": 80}}}},
    },
    "HorizontalPodAutoscaler": {"apiVersion": "autoscaling/v2", "spec": _SCALED},
    "PodDisruptionBudget": {"apiVersion": "policy/v1", "spec": {"minAvailable": 1}},
    "NetworkPolicy": {"apiVersion": "networking.k8s.io/v1", "spec": {"podSelector": {}}},
    "Role": {"apiVersion": "rbac.authorization.k8s.io/v1", "rules": []},
    "RoleBinding": {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "roleRef": {
            "apiGroup": "rbac.authorization.k8s.io",
            "kind": "ClusterRole",
            "name": "view",
        },
    },
}


def written(kind: str, **metadata: Any) -> Asking:
    return create(WRITTEN[kind] | {"kind": kind, "metadata": _METADATA | metadata})
