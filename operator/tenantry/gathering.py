"""The thin edge of ``tenantry doctor``: reads from a cluster what ``doctor`` judges.

It only reads: what it POSTs are SubjectAccessReviews, which leave nothing behind. Whatever cannot
be read becomes ``Unseen``; only an API server that does not answer at all ends it.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final, TypeVar
from urllib.parse import urlencode

from prometheus_client.parser import text_string_to_metric_families

from tenantry.api.base import Manifest
from tenantry.api.kinds import KINDS
from tenantry.cluster.client import Client
from tenantry.cluster.connection import Connection
from tenantry.cluster.errors import ApiError, NotFound
from tenantry.cluster.guardrails import PLURALS, SELECTOR
from tenantry.cluster.plain import fetch
from tenantry.cluster.resources import BY_KIND, CRDS, TENANTS, Resource
from tenantry.doctor.facts import Facts, Installation, Replica, Right, Unseen
from tenantry.doctor.lease import looks_expired
from tenantry.doctor.rights import FORBIDDEN, needed
from tenantry.policies.policy import API_VERSION as ADMISSION

T = TypeVar("T")

AT_ONCE: Final = 16
"""Requests at the same time, of a hundred and more."""
A_RENEWAL: Final = 5
"""Seconds within which a leader renews its Lease, by default every two."""
_OURS: Final = "app.kubernetes.io/name=tenantry"
_STATE_METRICS: Final = "app.kubernetes.io/name=kube-state-metrics"
_PORT: Final = 8080
"""Of the metrics page, unless the pod names another."""


class Gathering:
    """Reads once.

    Args:
        connection: to the cluster, as whoever asks.
        namespace: of the operator, where it is not to be found by its labels.
        service_account: of the operator, likewise.
        lease: the Lease's name.
    """

    def __init__(
        self,
        connection: Connection,
        *,
        namespace: str | None = None,
        service_account: str | None = None,
        lease: str = "tenantry",
    ) -> None:
        self._connection, self._client = connection, Client(connection)
        self._namespace, self._service_account, self._lease = namespace, service_account, lease
        self._places = asyncio.Semaphore(AT_ONCE)

    async def facts(self) -> Facts:
        """All that is to be known.

        Raises:
            ApiError: the API server does not say its version.
        """
        version = await fetch(self._connection, "/version")
        served, crds, policies, workloads, tenants, autoscalers = await asyncio.gather(
            _seen(self._served),
            _seen(self._crds),
            _seen(self._policies),
            _seen(self._workloads),
            _seen(lambda: self._list(TENANTS)),
            _seen(self._autoscalers),
        )
        known = Facts(
            server=self._connection.server,
            version=json.loads(version.text)["gitVersion"],
            now=datetime.now(UTC) - timedelta(seconds=version.ahead),
            ahead=version.ahead,
            served=served,
            crds=crds,
            policies=policies,
            mutates=await self._mutates(),
            workloads=workloads,
            tenants=tenants,
            autoscalers=autoscalers,
            installation=await _seen(self._installation),
        )
        if not isinstance(known.installation, Installation):
            return known
        return await self._at_place(known, known.installation)

    async def _at_place(self, known: Facts, place: Installation) -> Facts:
        """What can only be looked for where the operator is."""
        allowed = await _seen(lambda: self._allowed(place))
        replicas = await _seen(lambda: self._replicas(place))
        lease = await _seen(lambda: self._read_lease(place))
        now = datetime.now(UTC) - timedelta(seconds=known.ahead)
        is_odd = isinstance(lease, dict) and looks_expired(lease, now)
        return replace(
            known,
            now=now,
            allowed=allowed,
            replicas=replicas,
            lease=lease,
            is_renewed=is_odd and isinstance(lease, dict) and await self._is_renewed(lease),
        )

    async def _get(self, path: str, **params: str) -> Manifest:
        async with self._places:
            return await self._client.request("GET", path, params=params or None)

    async def _list(self, resource: Resource, namespace: str | None = None) -> list[Manifest]:
        """All objects of a kind, each with the kind that lists leave out."""
        selectors = {"labelSelector": resource.selector} if resource.selector else {}
        answer = await self._get(resource.path(namespace), **selectors)
        return [{"kind": resource.kind} | one for one in answer["items"]]

    async def _served(self) -> frozenset[str]:
        groups = (await self._get("/apis"))["groups"]
        return frozenset(one["groupVersion"] for group in groups for one in group["versions"])

    async def _crds(self) -> dict[str, Manifest]:
        found = {}
        for kind in KINDS:
            try:
                found[kind.crd_name] = await self._get(CRDS.path(None, kind.crd_name))
            except NotFound:
                continue
        return found

    async def _mutates(self) -> bool:
        resources = (await self._get(f"/apis/{ADMISSION}"))["resources"]
        return PLURALS["MutatingAdmissionPolicy"] in {one["name"] for one in resources}

    async def _policies(self) -> list[Manifest]:
        found: list[Manifest] = []
        for kind, plural in PLURALS.items():
            resource = Resource(ADMISSION, kind, plural, is_namespaced=False, selector=SELECTOR)
            try:
                found += await self._list(resource)
            except NotFound:  # before Kubernetes 1.36 nothing mutates
                continue
        return found

    async def _workloads(self) -> list[Manifest]:
        state_metrics = [
            Resource("apps/v1", kind, f"{kind.lower()}s", selector=_STATE_METRICS)
            for kind in ("Deployment", "StatefulSet")
        ]
        every = [Resource("apps/v1", "DaemonSet", "daemonsets"), *state_metrics]
        return [one for resource in every for one in await self._list(resource)]

    async def _autoscalers(self) -> int:
        return len(await self._list(BY_KIND["HorizontalPodAutoscaler"]))

    async def _installation(self) -> Installation | None:
        """Where the operator is: as one was told, or by the labels of its chart."""
        accounts: list[Manifest] = []
        if not (self._namespace and self._service_account):
            account = Resource("v1", "ServiceAccount", "serviceaccounts", selector=_OURS)
            accounts = _operators(await self._list(account, self._namespace))
        if not (accounts or self._namespace):
            return None
        metadata = accounts[0]["metadata"] if accounts else {}
        namespace = self._namespace or metadata["namespace"]
        deployments = await self._list(
            Resource("apps/v1", "Deployment", "deployments", selector=_OURS), namespace
        )
        named = [one["metadata"]["name"] for one in _operators(deployments)]
        return Installation(
            namespace,
            self._service_account or metadata.get("name", "tenantry"),
            self._lease,
            metadata.get("labels", {}).get("app.kubernetes.io/instance", "tenantry"),
            named[0] if named else "",
        )

    async def _allowed(self, place: Installation) -> dict[Right, bool]:
        rights = [*needed(place), *FORBIDDEN]
        return dict(
            zip(
                rights,
                await asyncio.gather(*(self._may(right, place) for right in rights)),
                strict=True,
            )
        )

    async def _may(self, right: Right, place: Installation) -> bool:
        resource, _, subresource = right.resource.partition("/")
        attributes = {
            "verb": right.verb,
            "group": right.group,
            "resource": resource,
            "subresource": subresource,
            "name": right.name,
            "namespace": right.namespace,
        }
        groups = ["serviceaccounts", f"serviceaccounts:{place.namespace}", "authenticated"]
        review = {
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SubjectAccessReview",
            "spec": {
                "user": place.user,
                "groups": [f"system:{one}" for one in groups],
                "resourceAttributes": {key: value for key, value in attributes.items() if value},
            },
        }
        path = "/apis/authorization.k8s.io/v1/subjectaccessreviews"
        async with self._places:
            answer = await self._client.request("POST", path, review)
        return bool(answer["status"]["allowed"])

    async def _read_lease(self, place: Installation) -> Manifest | None:
        root = f"/apis/coordination.k8s.io/v1/namespaces/{place.namespace}/leases"
        try:
            return await self._get(f"{root}/{place.lease}")
        except NotFound:
            return None

    async def _is_renewed(self, lease: Manifest) -> bool:
        """Whether somebody renews a Lease whose times say that nobody does."""
        metadata = lease["metadata"]
        query = urlencode(
            {
                "watch": "true",
                "fieldSelector": f"metadata.name={metadata['name']}",
                "resourceVersion": metadata["resourceVersion"],
                "timeoutSeconds": str(A_RENEWAL),
            }
        )
        path = f"/apis/coordination.k8s.io/v1/namespaces/{metadata['namespace']}/leases?{query}"
        try:
            return bool((await fetch(self._connection, path)).text.strip())
        except ApiError:  # somebody who may not watch sees what the times say
            return False

    async def _replicas(self, place: Installation) -> list[Replica]:
        pods = await self._list(Resource("v1", "Pod", "pods", selector=_OURS), place.namespace)
        return [await self._replica(one) for one in _operators(pods)]

    async def _replica(self, pod: Manifest) -> Replica:
        name, namespace = pod["metadata"]["name"], pod["metadata"]["namespace"]
        ports = [
            one["containerPort"]
            for container in pod["spec"]["containers"]
            for one in container.get("ports", ())
            if one.get("name") in {"metrics", "http"}
        ]
        port = [*ports, _PORT][0]
        path = f"/api/v1/namespaces/{namespace}/pods/{name}:{port}/proxy/metrics"
        try:
            return replica_of(name, (await fetch(self._connection, path)).text)
        except ApiError as problem:
            return Replica(name, unseen=Unseen(str(problem)))


def replica_of(pod: str, page: str) -> Replica:
    """What a metrics page says of the operator that serves it."""
    samples = [one for each in text_string_to_metric_families(page) for one in each.samples]
    numbers = {one.name: one.value for one in samples if not one.labels}
    versions = [one.labels["tenantry"] for one in samples if one.name == "tenantry_build_info"]
    return Replica(
        pod,
        leads=bool(numbers.get("tenantry_leader")),
        tenants=int(numbers.get("tenantry_queue_depth", 0)),
        applications=int(numbers.get("tenantry_application_queue_depth", 0)),
        version=versions[0] if versions else "",
    )


def _operators(manifests: Sequence[Manifest]) -> list[Manifest]:
    """The operator's own, of all that its chart has labelled: other parts name a component."""
    component = "app.kubernetes.io/component"
    return [
        one
        for one in manifests
        if one["metadata"].get("labels", {}).get(component, "operator") == "operator"
    ]


async def _seen(read: Callable[[], Awaitable[T]]) -> T | Unseen:
    try:
        return await read()
    except ApiError as problem:
        return Unseen(str(problem))
