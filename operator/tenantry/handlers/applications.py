"""What news mean for Applications: a queue of their own, and who gets a look.

Their queue and their workers are not the Tenants': whatever hundreds of Applications do, a Tenant's
isolation is repaired at once.
"""

from dataclasses import dataclass
from typing import Final

from tenantry.api.base import Manifest
from tenantry.cluster.cache import Cache, News
from tenantry.observed import Key
from tenantry.reconcile_application import ApplicationReconciler
from tenantry.tenant_applications import state_of
from tenantry.workqueue import WorkQueue

SOON: Final = 0.1
"""Seconds within which news of workloads and pods are gathered: a rollout is full of them."""


@dataclass(slots=True)
class Applications:
    """The Applications' part of the engine."""

    cache: Cache
    queue: WorkQueue
    reconciler: ApplicationReconciler

    def found(self, key: Key, owner: str, news: News) -> None:
        """Something about an Application, or about what is made of it, is new."""
        if news is News.CONTENT and not self.cache.version(key):
            kind, namespace, name = key
            self.reconciler.refused.forget(namespace, kind, name)
        if key[0] == "Application":
            self._found_application(key, owner, news)
        elif news is News.CONTENT and key[0] != "Pod":
            self.queue.add(owner, urgent=True)
        else:
            self.queue.add_after(owner, SOON)

    def found_tenant(self, name: str, news: News) -> None:
        """Something about a Tenant is new: its rules, or that it is ready.

        Its rules are also about whom its Applications may meet, and these have an end of each edge.
        """
        if news is News.CONTENT:
            self._wake_with_neighbours(self.reconciler.index.of_tenant(name))
        self.looked_at_tenant(name)

    def looked_at_tenant(self, name: str) -> None:
        """Somebody has just looked at a Tenant: what waited for that may wait no more.

        The operator's own writes are no news to it, hence this.
        """
        for key in self.reconciler.index.waiting:
            space = ("Namespace", "", key.partition("/")[0])
            if self.cache.owner_of(space) == name:
                self.queue.add(key)

    def found_namespace(self, name: str) -> None:
        """Something about a namespace is new: whose it is, or whom it is charged to."""
        self._wake_with_neighbours(self.reconciler.index.in_namespace(name))

    def found_kind(self, kind: str, *, is_served: bool) -> None:
        """An optional kind has come or gone."""
        served = self.reconciler.served
        if is_served == (kind in served):
            return
        (served.add if is_served else served.discard)(kind)
        self._wake(self.reconciler.index.all())

    def is_in_another_state(self, owner: str) -> bool:
        """Whether an Application's state is another than it was when this was asked last."""
        namespace, _, name = owner.partition("/")
        seen = self.cache.get(("Application", namespace, name))
        return self.reconciler.index.stands(owner, state_of(seen) if seen else "")

    def looked_at(self, owner: str) -> None:
        """Somebody has just looked at an Application, whom others may meet now, or no more."""
        if self.reconciler.index.is_met_anew(owner):
            self._wake(self.reconciler.index.neighbours(owner))

    def wake_rivals(self, owner: str) -> None:
        """Those that claim a name or a host that an Application claims get a look."""
        self._wake(self.reconciler.index.rivals(owner))

    def hear_refusal(self, event: Manifest) -> None:
        """Take in an Event: a controller may not have been able to make an Application's pods."""
        about = event.get("involvedObject", {})
        key = about.get("kind", ""), about.get("namespace", ""), about.get("name", "")
        owner = self.cache.owner_of(key)
        if "/" in owner and self.reconciler.refused.hear(event):
            self.queue.add_after(owner, SOON)

    def _found_application(self, key: Key, owner: str, news: News) -> None:
        self.queue.add(owner)
        if news is News.CONTENT:
            seen = self.cache.get(key)
            spec = seen.body["spec"] if seen else None
            self._wake(self.reconciler.index.heard(owner, spec))

    def _wake_with_neighbours(self, keys: set[str]) -> None:
        self._wake(self.reconciler.index.with_neighbours(keys))

    def _wake(self, keys: set[str]) -> None:
        for key in keys:
            self.queue.add(key)
