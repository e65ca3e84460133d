"""Cost labels by the operator's hand, where the API server has no policy that sets them.

From Kubernetes 1.36 on a MutatingAdmissionPolicy writes them as an object is written, and nothing
here runs. On older clusters, or where that policy is not installed, what lacks the labels is
watched (the API server leaves out whatever has a tenant's label), and labelled as its namespace is,
a moment after it was made.
"""

import asyncio
from typing import Final

from tenantry.api.base import Manifest
from tenantry.api.names import COST_LABELS, TENANT_LABEL
from tenantry.cluster.cache import Cache, News
from tenantry.cluster.client import Client
from tenantry.cluster.errors import ApiError, Forbidden, NotFound
from tenantry.cluster.listing import list_into
from tenantry.cluster.resources import Resource
from tenantry.cluster.watching import Watch
from tenantry.handlers.engine import Engine
from tenantry.observed import Key, Observed, key_of
from tenantry.plan import name_only
from tenantry.telemetry.logging import get_logger, log_change

log = get_logger(__name__)

CHARGED: Final = tuple(
    Resource("v1", kind, plural, selector=f"!{TENANT_LABEL}")
    for kind, plural in (
        ("Pod", "pods"),
        ("PersistentVolumeClaim", "persistentvolumeclaims"),
        ("Service", "services"),
    )
)
"""What costs, and does not say whose it is."""
PAUSE: Final = 1.0
"""Seconds between two looks at whether a policy does it, and before what failed is tried again."""


class CostLabeller:
    """Labels what costs, as long as no policy does.

    Args:
        engine: knows the tenants' namespaces, and which policies there are.
        client: watches and writes.
    """

    def __init__(self, engine: Engine, client: Client) -> None:
        self._engine, self._client = engine, client
        self._unlabelled = Cache()
        self._pending: asyncio.Queue[Key] = asyncio.Queue()

    async def run(self) -> None:
        """Start and stop with the policy's going and coming, until cancelled."""
        while True:
            if not self._is_done_by_policy:
                try:
                    await self._label()
                except* ApiError as problems:
                    log.warning("cost labels not set", cause=_advice(problems.exceptions[0]))
            await asyncio.sleep(PAUSE)

    @property
    def _is_done_by_policy(self) -> bool:
        return self._engine.reconciler.guardrails.sets_cost_labels

    async def _label(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            watches = [tasks.create_task(self._follow(one)) for one in CHARGED]
            while not self._is_done_by_policy:
                try:
                    await self._set(await asyncio.wait_for(self._pending.get(), PAUSE))
                except TimeoutError:
                    self._sweep()
            for watch in watches:
                watch.cancel()

    async def _follow(self, kind: Resource) -> None:
        version = await list_into(self._unlabelled, self._client, kind, self._found)
        watch = Watch(self._client, self._unlabelled, kind, version, self._hear, self._found)
        await watch.run()

    def _sweep(self) -> None:
        """Whatever failed, or lies in a namespace that has become a tenant's since."""
        for kind in CHARGED:
            for key in self._unlabelled.keys(kind.kind):
                if self._engine.cache.owner_of(("Namespace", "", key[1])):
                    self._pending.put_nowait(key)

    async def _set(self, key: Key) -> None:
        kind, namespace, _ = key
        seen = self._engine.cache.get(("Namespace", "", namespace))
        if seen is None or not self._unlabelled.version(key):
            return
        resource = next(one for one in CHARGED if one.kind == kind)
        patch = labels_of(seen)
        try:
            await self._client.patch(resource, name_only(key), patch)
        except NotFound:
            self._unlabelled.discard(key)
        except ApiError as problem:
            log.warning("cost label not set", object="/".join(key), cause=str(problem))
        else:
            tenant = seen.labels.get(TENANT_LABEL, "")
            changed = [f"metadata.labels.{label}" for label in patch["metadata"]["labels"]]
            log_change(log, "patch", key, tenant=tenant, cause="cost labels", changed=changed)

    def _hear(self, type_: str, manifest: Manifest) -> None:
        if type_ == "DELETED":
            self._unlabelled.remove(manifest)
        elif self._unlabelled.upsert(manifest) is not News.NOTHING:
            self._pending.put_nowait(key_of(manifest))

    def _found(self, key: Key, _tenant: str, _news: News) -> None:
        self._pending.put_nowait(key)


def labels_of(namespace: Observed) -> Manifest:
    """A merge patch with the cost labels of a namespace, and without those that it lacks."""
    labels = {key: namespace.labels.get(key) for key in COST_LABELS}
    return {"metadata": {"labels": labels}}


def _advice(problem: Exception) -> str:
    if isinstance(problem, Forbidden):
        return f"{problem}; install the policies, or set policies.mutating=false in the chart"
    return str(problem)
