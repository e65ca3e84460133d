"""What tenants run in the tests: the least that Pod Security's level restricted lets in."""

from typing import Any

from tenantry.api.base import Manifest

IMAGE = "registry.k8s.io/pause:3.10"


def pod_spec(**container: Any) -> Manifest:
    """A pod that states no requests."""
    return {
        # The namespace controller waits for as long as pods may take to end.
        "terminationGracePeriodSeconds": 0,
        "securityContext": {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}},
        "containers": [
            {
                "name": "main",
                "image": IMAGE,
                "securityContext": {
                    "allowPrivilegeEscalation": False,
                    "capabilities": {"drop": ["ALL"]},
                },
            }
            | container
        ],
    }


def pod(name: str, namespace: str, **container: Any) -> Manifest:
    """A pod on its own."""
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": namespace},
        "spec": pod_spec(**container),
    }


def privileged_pod(name: str, namespace: str) -> Manifest:
    """A pod that owns its node."""
    return pod(name, namespace, securityContext={"privileged": True})


def deployment(name: str, namespace: str, replicas: int = 1) -> Manifest:
    """A Deployment of such pods."""
    labels = {"app": name}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": pod_spec()},
        },
    }


def service(name: str, namespace: str, type_: str = "ClusterIP") -> Manifest:
    """A Service with one port."""
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {"type": type_, "selector": {"app": name}, "ports": [{"port": 80}]},
    }


def config_map(name: str, namespace: str) -> Manifest:
    """A ConfigMap, for it is what nothing watches."""
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": name, "namespace": namespace},
        "data": {"key": "value"},
    }
