"""Where events come in and work goes out: the cache, the queue and the reconciler, put together.

``hear`` is all that a watch event does: it never waits, never fails and never writes. What it
means is decided later, from the cache, by a worker.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from tenantry.api.base import Manifest
from tenantry.api.names import LEASE_ANNOTATION
from tenantry.cluster.apply import Writer
from tenantry.cluster.cache import Cache, News
from tenantry.desired.prefixes import Prefixes, neighbours
from tenantry.handlers.applications import Applications
from tenantry.lending import is_half_used
from tenantry.observed import Key, key_of
from tenantry.reconcile import Reconciler
from tenantry.refusals import MEMORY
from tenantry.workqueue import WorkQueue

SOON: Final = 0.03
"""Seconds within which news of a quota of which more than half is used are gathered."""


@dataclass(slots=True)
class Engine:
    """The operator's insides.

    Args:
        prefixes: of all Tenants; the reconciler reads the same object.
        usage_interval: seconds within which changes of usage are gathered before they are told.
    """

    cache: Cache
    queue: WorkQueue
    writer: Writer
    reconciler: Reconciler
    prefixes: Prefixes
    usage_interval: float
    applications: Applications

    def hear(self, type_: str | None, manifest: Mapping[str, Any]) -> None:
        """Take in one watch event.

        Args:
            type_: ADDED, MODIFIED, DELETED, or None for an object that was listed.
            manifest: the object as the API server sent it.
        """
        known = dict(manifest)
        key, is_gone = key_of(known), type_ == "DELETED"
        before = self.cache.owner_of(key)
        news = self.cache.remove(known) if is_gone else self.cache.upsert(known)
        if news is News.NOTHING:
            return
        if LEASE_ANNOTATION in known["metadata"].get("annotations", ()):
            status = known.get("status", {})
            hard, used = status.get("hard", {}), status.get("used", {})
            self.reconciler.refusals.hear_usage(key[1], key[2], hard, used)
        version = int(known["metadata"]["resourceVersion"])
        writing = self.writer.overhears(key, version, is_gone=is_gone)
        concerned = {before, self.cache.owner_of(key)} - {""} or {""}
        for owner in concerned - writing:
            self.found(key, owner, news)

    def found(self, key: Key, owner: str, news: News) -> None:
        """Something about an object is new: whoever it concerns gets a look."""
        kind, _, name = key
        if "/" in owner:
            self._found_of_application(key, owner, news)
            return
        if kind == "Namespace" and news is News.CONTENT:
            self.applications.found_namespace(name)
        self._found(key, owner, news)

    def _found_of_application(self, key: Key, owner: str, news: News) -> None:
        """The first Application of a namespace, and the last, concern the tenant's floor, too."""
        namespaces = self.reconciler.index.namespaces
        before = key[1] in namespaces
        self.applications.found(key, owner, news)
        if key[0] == "Application":
            self._tell_state(owner)
        tenant = self._tenant_of(owner)
        if before != (key[1] in namespaces) and tenant:
            self.queue.add(tenant)

    def _found(self, key: Key, tenant: str, news: News) -> None:
        kind, _, name = key
        if kind == "Tenant":
            self._found_tenant(key, name)
            self.applications.found_tenant(name, news)
        elif news is News.CONTENT and tenant:
            self.queue.add(tenant, urgent=True)
        elif tenant and self._is_pressing(key, tenant):
            self.queue.add_after(tenant, min(SOON, self.usage_interval))
        elif tenant:
            self.queue.add_at_leisure(tenant, self.usage_interval)

    def hear_refusal(self, type_: str, event: Manifest) -> None:
        """Take in an Event: something may not have fitted into a tenant's quota."""
        if type_ == "DELETED":
            return
        self.applications.hear_refusal(event)
        namespace = self.reconciler.refusals.hear(event)
        tenant = self.cache.owner_of(("Namespace", "", namespace))
        if namespace and tenant:
            self.queue.add(tenant, urgent=True)
            self.queue.add_after(tenant, MEMORY)

    def looked_at_application(self, key: str) -> None:
        """Somebody has just looked at an Application: its state may be another one.

        So may be what it opens to other tenants, which is passed on in the tenant's policy at the
        admin tier, where there is such a tier.
        """
        self._tell_state(key)
        self.applications.looked_at(key)
        if not self.reconciler.guardrails.admin_tier:
            return
        tenant = self._tenant_of(key)
        others = {self._tenant_of(one) for one in self.reconciler.index.neighbours(key)}
        if tenant and others - {tenant}:
            self.queue.add(tenant)

    def _tell_state(self, application: str) -> None:
        """Whose an Application is tells its state, too: at leisure, and only when it is another.

        Those that claim what it claims get a look: what it does not make is theirs to make.
        """
        if not self.applications.is_in_another_state(application):
            return
        self.applications.wake_rivals(application)
        if tenant := self._tenant_of(application):
            self.queue.add_at_leisure(tenant, self.usage_interval)

    def _tenant_of(self, application: str) -> str:
        return self.cache.owner_of(("Namespace", "", application.partition("/")[0]))

    def overtaken(self, owner: str, key: Key) -> None:
        """Somebody changed an object while it was written to, and the news was taken for an echo.

        Its owner gets another look. Of what concerns others, they hear now.
        """
        (self.applications.queue if "/" in owner else self.queue).add(owner)
        if key[0] in {"Tenant", "Application"}:
            self.found(key, owner, News.CONTENT)
        elif key[0] == "Namespace":
            self.applications.found_namespace(key[2])

    def _is_pressing(self, key: Key, tenant: str) -> bool:
        """Whether a change of usage may be a reason to lend anew, and soon."""
        if key[0] != "ResourceQuota":
            return False
        if self.reconciler.refusals.is_waiting(tenant):
            return True
        seen = self.cache.get(key)
        return seen is not None and is_half_used(seen)

    def _found_tenant(self, key: Key, name: str) -> None:
        if not self.writer.is_writing(key):
            self.queue.add(name)
        seen = self.cache.get(key)
        old = self.prefixes.get(name)
        new = None
        if seen is not None:
            options = seen.body["spec"].get("namespaceOptions", {})
            new = options.get("prefix") or f"{name}-"
        if old == new:
            return
        if new is None:
            del self.prefixes[name]
        else:
            self.prefixes[name] = new
        for prefix in {old, new} - {None}:
            for neighbour in neighbours(prefix, self.prefixes) - {name}:  # type: ignore[arg-type]
                self.queue.add(neighbour)
