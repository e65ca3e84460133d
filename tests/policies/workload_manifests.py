"""Manifests of what tenants run, as small as the API server takes them."""

from typing import Any

from tenantry.api.base import Manifest


def pod(image: str = "nginx", **spec: Any) -> Manifest:
    """A pod of one container."""
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "web"},
        "spec": {"containers": [container(image)]} | spec,
    }


def container(image: str = "nginx", name: str = "web", **fields: Any) -> Manifest:
    """A container."""
    return {"name": name, "image": image} | fields


def templated(kind: str, **spec: Any) -> Manifest:
    """A workload of a kind whose template has this pod's spec."""
    labels = {"app": "web"}
    template = {
        "metadata": {"labels": labels},
        "spec": {"containers": [container()]} | spec,
    }
    job = {"template": template | {"spec": template["spec"] | {"restartPolicy": "Never"}}}
    selected = {"selector": {"matchLabels": labels}, "template": template}
    specs: dict[str, tuple[str, Manifest]] = {
        "Deployment": ("apps/v1", {"spec": selected}),
        "ReplicaSet": ("apps/v1", {"spec": selected}),
        "DaemonSet": ("apps/v1", {"spec": selected}),
        "StatefulSet": ("apps/v1", {"spec": selected | {"serviceName": "web"}}),
        "ReplicationController": ("v1", {"spec": {"selector": labels, "template": template}}),
        "PodTemplate": ("v1", {"template": template}),
        "Job": ("batch/v1", {"spec": job}),
        "CronJob": (
            "batch/v1",
            {"spec": {"schedule": "0 0 * * *", "jobTemplate": {"spec": job}}},
        ),
    }
    api_version, body = specs[kind]
    return {"apiVersion": api_version, "kind": kind, "metadata": {"name": "web"}} | body


TEMPLATED = (
    "Deployment",
    "ReplicaSet",
    "DaemonSet",
    "StatefulSet",
    "ReplicationController",
    "PodTemplate",
    "Job",
    "CronJob",
)
