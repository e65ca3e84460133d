"""Requests as data: what somebody asks of the API server, without it being kept.

Every way in counts, so there is one function for each: create, the four kinds of patch, replace,
delete one and delete all. They are dry runs unless said otherwise, which admission sees as any
other request.
"""

import re
from dataclasses import dataclass, replace
from typing import Any, Final

from cluster_api import ClusterApi
from tenantry.api.base import Manifest
from tenantry.cluster.client import APPLY, JSON, JSON_PATCH, MERGE_PATCH
from tenantry.cluster.errors import Forbidden

STRATEGIC: Final = "application/strategic-merge-patch+json"

_APPS, _BATCH = "/apis/apps/v1", "/apis/batch/v1"
_NETWORK, _RBAC = "/apis/networking.k8s.io/v1", "/apis/rbac.authorization.k8s.io/v1"
_PLACES: Final = {
    "Namespace": ("/api/v1", "namespaces"),
    "Pod": ("/api/v1", "pods"),
    "Service": ("/api/v1", "services"),
    "ConfigMap": ("/api/v1", "configmaps"),
    "Secret": ("/api/v1", "secrets"),
    "ServiceAccount": ("/api/v1", "serviceaccounts"),
    "PersistentVolumeClaim": ("/api/v1", "persistentvolumeclaims"),
    "ReplicationController": ("/api/v1", "replicationcontrollers"),
    "ResourceQuota": ("/api/v1", "resourcequotas"),
    "LimitRange": ("/api/v1", "limitranges"),
    "Deployment": (_APPS, "deployments"),
    "ReplicaSet": (_APPS, "replicasets"),
    "StatefulSet": (_APPS, "statefulsets"),
    "DaemonSet": (_APPS, "daemonsets"),
    "Job": (_BATCH, "jobs"),
    "CronJob": (_BATCH, "cronjobs"),
    "HorizontalPodAutoscaler": ("/apis/autoscaling/v2", "horizontalpodautoscalers"),
    "PodDisruptionBudget": ("/apis/policy/v1", "poddisruptionbudgets"),
    "NetworkPolicy": (_NETWORK, "networkpolicies"),
    "Ingress": (_NETWORK, "ingresses"),
    "Role": (_RBAC, "roles"),
    "RoleBinding": (_RBAC, "rolebindings"),
    "ClusterRole": (_RBAC, "clusterroles"),
    "ClusterRoleBinding": (_RBAC, "clusterrolebindings"),
    "Tenant": ("/apis/tenantry.io/v1alpha1", "tenants"),
    "ClusterNetworkPolicy": ("/apis/policy.networking.k8s.io/v1beta1", "clusternetworkpolicies"),
    "Application": ("/apis/tenantry.io/v1alpha1", "applications"),
}
"""Where each kind is: the root of its API, its plural."""

_POLICY: Final = re.compile(
    r"ValidatingAdmissionPolicy '[^']+' with binding '[^']+' denied request: "
)


@dataclass(frozen=True, kw_only=True)
class Asking:
    """One request."""

    method: str
    path: str
    body: Any = None
    content_type: str = JSON
    manager: str = "kubectl"

    async def by(self, who: ClusterApi, *, keep: bool = False) -> Manifest:
        """Ask as somebody; gives the object as it would be, or is, if it is kept.

        Raises:
            ApiError: it is refused.
        """
        params = {} if keep else {"dryRun": "All"}
        if self.method in {"POST", "PUT", "PATCH"}:
            params["fieldManager"] = self.manager
        return await who._client.request(
            self.method, self.path, self.body, content_type=self.content_type, params=params
        )

    async def verdict(self, who: ClusterApi) -> str:
        """Ask as somebody; gives what a policy says against it, nothing if it is admitted.

        What is refused for another reason than a policy is told in full.
        """
        try:
            await self.by(who)
        except Forbidden as refused:
            return _POLICY.split(str(refused), maxsplit=1)[-1]
        return ""


@dataclass(frozen=True, kw_only=True)
class At:
    """An object that is there, or the collection, if it has no name."""

    kind: str
    name: str = ""
    namespace: str = ""
    subresource: str = ""

    @property
    def path(self) -> str:
        """Below the server's URL."""
        root, plural = _PLACES[self.kind]
        parts = (
            root,
            f"namespaces/{self.namespace}" if self.namespace else "",
            plural,
            self.name,
            self.subresource,
        )
        return "/".join(filter(None, parts))

    def sub(self, subresource: str) -> "At":
        """Its subresource."""
        return replace(self, subresource=subresource)

    def merge(self, patch: Manifest) -> Asking:
        """A merge patch."""
        return self._patch(patch, MERGE_PATCH)

    def strategic(self, patch: Manifest) -> Asking:
        """A strategic merge patch, as ``kubectl patch`` and ``kubectl label`` send it."""
        return self._patch(patch, STRATEGIC)

    def json_patch(self, *operations: Manifest) -> Asking:
        """A JSON patch."""
        return self._patch([*operations], JSON_PATCH)

    def delete(self) -> Asking:
        """Delete it, or all of the collection."""
        return Asking(method="DELETE", path=self.path)

    def replace(self, manifest: Manifest) -> Asking:
        """``kubectl replace``: all of it anew."""
        return Asking(method="PUT", path=self.path, body=manifest)

    def _patch(self, patch: Any, content_type: str) -> Asking:
        return Asking(method="PATCH", path=self.path, body=patch, content_type=content_type)


def at(manifest: Manifest) -> At:
    """Where an object is."""
    metadata = manifest["metadata"]
    return At(
        kind=manifest["kind"],
        name=metadata.get("name", ""),
        namespace=metadata.get("namespace", ""),
    )


def create(manifest: Manifest) -> Asking:
    """``kubectl create``."""
    return Asking(method="POST", path=replace(at(manifest), name="").path, body=manifest)


def apply(manifest: Manifest) -> Asking:
    """``kubectl apply --server-side --force-conflicts``."""
    path = f"{at(manifest).path}?force=true"
    return Asking(method="PATCH", path=path, body=manifest, content_type=APPLY)
