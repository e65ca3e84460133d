"""What one identity may do on a cluster, in manifests: how tests look at the world and disturb it.

The connection and the errors are the operator's own, for there is no second way to read a
kubeconfig that were simpler. What is written is written as ``kubectl`` would: server-side apply
with strict field validation, under a field manager that is not the operator's.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

from tenantry.api.base import Manifest
from tenantry.api.names import API_VERSION
from tenantry.cluster.client import APPLY, JSON, JSON_PATCH, MERGE_PATCH, Client
from tenantry.cluster.connection import connect
from tenantry.cluster.errors import ApiError, NotFound
from tenantry.cluster.resources import BY_KIND, Resource

_RBAC: Final = "rbac.authorization.k8s.io/v1"
_ADMISSION: Final = "admissionregistration.k8s.io/v1"
_FURTHER: Final = (
    Resource("v1", "Pod", "pods"),
    Resource("v1", "Service", "services"),
    Resource("v1", "ConfigMap", "configmaps"),
    Resource("v1", "Secret", "secrets"),
    Resource("v1", "Node", "nodes", is_namespaced=False),
    Resource("v1", "PersistentVolume", "persistentvolumes", is_namespaced=False),
    Resource("v1", "PersistentVolumeClaim", "persistentvolumeclaims"),
    Resource("v1", "ReplicationController", "replicationcontrollers"),
    Resource("v1", "PodTemplate", "podtemplates"),
    Resource("apps/v1", "Deployment", "deployments"),
    Resource("apps/v1", "ReplicaSet", "replicasets"),
    Resource("apps/v1", "StatefulSet", "statefulsets"),
    Resource("apps/v1", "DaemonSet", "daemonsets"),
    Resource("batch/v1", "Job", "jobs"),
    Resource("batch/v1", "CronJob", "cronjobs"),
    Resource("networking.k8s.io/v1", "Ingress", "ingresses"),
    Resource("discovery.k8s.io/v1", "EndpointSlice", "endpointslices"),
    Resource("monitoring.coreos.com/v1", "PrometheusRule", "prometheusrules"),
    Resource("v1", "Endpoints", "endpoints"),
    Resource("scheduling.k8s.io/v1", "PriorityClass", "priorityclasses", is_namespaced=False),
    Resource("storage.k8s.io/v1", "StorageClass", "storageclasses", is_namespaced=False),
    Resource("node.k8s.io/v1", "RuntimeClass", "runtimeclasses", is_namespaced=False),
    *(
        Resource("gateway.networking.k8s.io/v1", kind, f"{kind.lower()}s")
        for kind in ("HTTPRoute", "GRPCRoute", "TLSRoute", "TCPRoute", "Gateway", "ListenerSet")
    ),
    Resource("coordination.k8s.io/v1", "Lease", "leases"),
    Resource(API_VERSION, "Application", "applications"),
    Resource(
        _ADMISSION, "ValidatingAdmissionPolicy", "validatingadmissionpolicies", is_namespaced=False
    ),
    Resource(
        _ADMISSION,
        "ValidatingAdmissionPolicyBinding",
        "validatingadmissionpolicybindings",
        is_namespaced=False,
    ),
    *(
        Resource(_ADMISSION, f"MutatingAdmissionPolicy{suffix}", plural, is_namespaced=False)
        for suffix, plural in (
            ("", "mutatingadmissionpolicies"),
            ("Binding", "mutatingadmissionpolicybindings"),
        )
    ),
    *(
        Resource("flowcontrol.apiserver.k8s.io/v1", kind, plural, is_namespaced=False)
        for kind, plural in (
            ("FlowSchema", "flowschemas"),
            ("PriorityLevelConfiguration", "prioritylevelconfigurations"),
        )
    ),
    Resource(_RBAC, "Role", "roles"),
    Resource(_RBAC, "ClusterRole", "clusterroles", is_namespaced=False),
    Resource(_RBAC, "ClusterRoleBinding", "clusterrolebindings", is_namespaced=False),
)
RESOURCES: Final = BY_KIND | {resource.kind: resource for resource in _FURTHER}


class ClusterApi:
    """Reads and writes as one identity; what is refused raises an ``ApiError``."""

    def __init__(self, client: Client) -> None:
        self._client = client

    @classmethod
    @asynccontextmanager
    async def connected(cls, kubeconfig: Path) -> AsyncIterator["ClusterApi"]:
        """Connect as whoever a kubeconfig says."""
        connection = await connect(kubeconfig)
        try:
            yield cls(Client(connection))
        finally:
            await connection.close()

    async def get(self, kind: str, name: str, namespace: str | None = None) -> Manifest:
        """One object, or NotFound."""
        return await self._client.request("GET", RESOURCES[kind].path(namespace, name))

    async def find(self, kind: str, name: str, namespace: str | None = None) -> Manifest | None:
        """One object, or None."""
        try:
            return await self.get(kind, name, namespace)
        except NotFound:
            return None

    async def list(
        self, kind: str, namespace: str | None = None, selector: str = ""
    ) -> list[Manifest]:
        """All objects of a kind, of a namespace or everywhere."""
        params = {"labelSelector": selector} if selector else {}
        path = RESOURCES[kind].path(namespace)
        answer = await self._client.request("GET", path, params=params)
        return list(answer["items"])

    async def create(self, manifest: Manifest, *, dry_run: bool = False) -> Manifest:
        """POST, as ``kubectl create``."""
        params = _by("kubectl-create") | _dry(is_it=dry_run)
        path = RESOURCES[manifest["kind"]].path(manifest["metadata"].get("namespace"))
        return await self._client.request("POST", path, manifest, params=params)

    async def apply(
        self,
        manifest: Manifest,
        *,
        manager: str = "kubectl",
        force: bool = False,
        dry_run: bool = False,
    ) -> Manifest:
        """Server-side apply, as ``kubectl apply --server-side``."""
        metadata = manifest["metadata"]
        path = RESOURCES[manifest["kind"]].path(metadata.get("namespace"), metadata["name"])
        params = _by(manager) | ({"force": "true"} if force else {}) | _dry(is_it=dry_run)
        return await self._client.request(
            "PATCH", path, manifest, content_type=APPLY, params=params
        )

    async def refusal(self, manifest: Manifest) -> str:
        """What the API server would say to a manifest; nothing, if it would take it."""
        try:
            await self.apply(manifest, dry_run=True)
        except ApiError as refused:
            return str(refused)
        return ""

    async def patch(
        self,
        kind: str,
        name: str,
        patch: Any,
        namespace: str | None = None,
        subresource: str = "",
        *,
        dry_run: bool = False,
    ) -> Manifest:
        """A merge patch, or a JSON patch when it is a list; as ``kubectl edit`` would."""
        path = RESOURCES[kind].path(namespace, name) + (f"/{subresource}" if subresource else "")
        content_type = JSON_PATCH if isinstance(patch, list) else MERGE_PATCH
        params = _by("kubectl-edit") | _dry(is_it=dry_run)
        return await self._client.request(
            "PATCH", path, patch, content_type=content_type, params=params
        )

    async def delete(self, kind: str, name: str, namespace: str | None = None) -> Manifest:
        """Ask for the deletion of one object."""
        return await self._client.request("DELETE", RESOURCES[kind].path(namespace, name))

    async def may(
        self, verb: str, resource: str, namespace: str = "", group: str = "", name: str = ""
    ) -> bool:
        """Ask the API server whether this identity may do something, as ``kubectl auth can-i``."""
        attributes = {
            "verb": verb,
            "resource": resource,
            "namespace": namespace,
            "group": group,
            "name": name,
        }
        review = {
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SelfSubjectAccessReview",
            "spec": {"resourceAttributes": attributes},
        }
        path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
        answer = await self._client.request("POST", path, review, content_type=JSON)
        return bool(answer["status"]["allowed"])


def _by(manager: str) -> dict[str, str]:
    return {"fieldManager": manager, "fieldValidation": "Strict"}


def _dry(*, is_it: bool) -> dict[str, str]:
    return {"dryRun": "All"} if is_it else {}
