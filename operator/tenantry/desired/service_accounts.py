"""The ServiceAccount ``default``: what a pod runs as that names no other.

Kubernetes makes one in every namespace and mounts its token into every pod, which hands each of
them a credential that hardly any needs. Here it mounts none; a pod that wants one says so, or uses
a ServiceAccount of its own:
https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/.
"""

from collections.abc import Mapping

from tenantry.api.base import Manifest
from tenantry.desired.objects import owned


def default_service_account(namespace: str, labels: Mapping[str, str]) -> Manifest:
    """The ServiceAccount ``default`` without a mounted token."""
    made = owned("v1", "ServiceAccount", namespace, labels, name="default")
    return made | {"automountServiceAccountToken": False}
