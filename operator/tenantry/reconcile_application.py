"""Observe, desire, plan, act, report: one look at one Application, from whatever state it is in.

As with Tenants, nothing here asks what has happened, and a look may be interrupted anywhere. What
an Application is made into belongs to it by ownerReferences, in its own namespace: so it needs no
finalizer, and the cluster's garbage collector leaves nothing of it.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from pydantic import ValidationError

from tenantry.api.application import Application, ApplicationMetadata
from tenantry.api.application_status import ApplicationStatus
from tenantry.api.base import Manifest, manifest_of
from tenantry.api.tenant import Tenant
from tenantry.api.times import moment
from tenantry.application_desire import Rollouts, Told, begun, by_time, desire, next_look, taking_up
from tenantry.application_ground import ground_of, is_closed
from tenantry.application_index import ApplicationIndex
from tenantry.application_news import tell_of_application
from tenantry.application_outcome import ApplicationOutcome
from tenantry.application_plan import compare_owned, obsolete_of, owned, refusal_to_take, taking
from tenantry.application_status import report_application, unhealthy_application
from tenantry.application_surroundings import surroundings_of
from tenantry.application_workloads import WORKLOADS, workloads_of
from tenantry.cluster.apply import Writer
from tenantry.cluster.cache import Cache, application_key
from tenantry.cluster.client import Client
from tenantry.cluster.errors import AlreadyExists, ApiError
from tenantry.cluster.events import EventRecorder
from tenantry.cluster.resources import BY_KIND
from tenantry.component_health import Health
from tenantry.converge import failure_of
from tenantry.governance import violations
from tenantry.observed import Key, Observed, key_of
from tenantry.outcomes import Failure
from tenantry.plan import Change, Verb
from tenantry.reconcile import Result, explained
from tenantry.refused_pods import RefusedPods

_STAGES: Final = (
    {
        *("NetworkPolicy", "AuthorizationPolicy", "PeerAuthentication", "ServiceEntry", "Sidecar"),
        *("ServiceAccount", "ConfigMap"),
    },
    {"Service"},
    WORKLOADS,
)
"""What isolates, and what pods need, before pods; whatever else comes after them."""
_MOMENT: Final = 1.0
"""Seconds, at the least, between two looks for the sake of the time: it is told in whole ones."""


@dataclass(slots=True)
class _Look:
    """One look: all of it at one time, so that nothing ends unseen in the middle of it."""

    application: Application
    now: datetime
    done: list[Change] = field(default_factory=list)
    """What was written."""
    is_due: bool = False
    """Whether time has changed what should be: then what was written repaired nothing."""


@dataclass(slots=True)
class ApplicationReconciler:
    """The one verb, for Applications.

    Args:
        now: RFC 3339 time, for conditions.
        served: optional kinds that the API server has; kept by whoever watches them.
        index: of all Applications; kept by whoever hears of them.
        refused: what was said of pods that could not be made; kept by whoever hears of it.
    """

    client: Client
    cache: Cache
    writer: Writer
    recorder: EventRecorder
    now: Callable[[], str]
    served: set[str] = field(default_factory=set)
    index: ApplicationIndex = field(default_factory=ApplicationIndex)
    refused: RefusedPods = field(default_factory=RefusedPods)
    _settled: dict[str, tuple[int, Told]] = field(default_factory=dict, init=False)
    _timed: dict[str, tuple[object, ...]] = field(default_factory=dict, init=False)

    async def reconcile(self, name: str, *, urgent: bool = False) -> Result:
        """Make one Application real.

        Args:
            name: namespace and name with a slash.
            urgent: has no effect: repairs of Tenants overtake those of Applications.

        Raises:
            ApiError: the Application's own status could not be written.
        """
        del urgent
        seen = self._seen(name)
        if seen is None:
            self._settled.pop(name, None)
            self._timed.pop(name, None)
            return Result()
        try:
            application = Application.parse(seen.body | {"status": seen.status})
        except ValidationError as problem:
            return await self.confess(name, "InvalidSpec", explained(problem))
        if application.is_being_deleted:
            return Result()
        look = _Look(application, self._time())
        outcome = await self._look(look)
        await self._report(look, outcome)
        return Result(outcome.failures, len(look.done), self._look_again_in(look, outcome))

    async def confess(self, name: str, reason: str, message: str) -> Result:
        """Say in an Application's status that it could not even be looked at."""
        failure = Failure("Application", reason, message, is_transient=False)
        seen = self._seen(name)
        if seen is not None:
            before = ApplicationStatus.model_validate(seen.status)
            metadata = ApplicationMetadata.model_validate(seen.body["metadata"])
            generation, now = metadata.generation, self.now()
            status = unhealthy_application(before, generation, reason, message, now)
            await self._write_status(metadata, before, status)
        return Result((failure,))

    async def _look(self, look: _Look) -> ApplicationOutcome:
        application = look.application
        name, tenant, wait = ground_of(application.namespace, self.cache.get)
        workloads = self._workloads(application)
        if tenant is not None and wait is None and not self._observed(application):
            wait = is_closed(tenant, application.namespace, self.cache.get)
        self.index.looked(_key(application), name, waits=wait is not None)
        if tenant is None or wait is not None:
            return ApplicationOutcome(name, wait, workloads=workloads)
        broken = tuple(violations(application, tenant))
        outcome = ApplicationOutcome(name, violations=broken, workloads=workloads)
        if broken and tenant.spec.policy.mode == "Enforce":
            return replace(outcome, is_held=True)
        rollouts = taking_up(application, workloads, look.now)
        failures, told = await self._converge(look, tenant, rollouts)
        return replace(
            outcome,
            failures=failures,
            told=told,
            workloads=self._workloads(application),
            rollouts=begun(application, rollouts) if failures else rollouts,
        )

    async def _converge(
        self, look: _Look, tenant: Tenant, rollouts: Rollouts
    ) -> tuple[tuple[Failure, ...], Told]:
        """Write what differs, unless nothing has changed since nothing did.

        What should be is a function of what ``_fingerprint`` covers. Most looks are for the sake of
        the status, and rendering is what a look costs.
        """
        application = look.application
        key, now = _key(application), self._fingerprint(look, tenant, rollouts)
        settled, told = self._settled.get(key, (0, Told()))
        if settled == now:
            return (), told
        self._settled.pop(key, None)
        neighbours, get = self.index.neighbours(key), self.cache.get
        around = surroundings_of(application, tenant, neighbours, self.served, get)
        wanted = desire(application, around, rollouts, look.now)
        failures = await self._write(application, wanted.manifests, look.done)
        timed = by_time(application, rollouts, look.now)
        look.is_due = self._timed.get(key, timed) != timed
        if not failures:
            self._timed[key] = timed
        if not failures and not look.done:
            self._settled[key] = now, wanted.told
        return failures, wanted.told

    def _fingerprint(self, look: _Look, tenant: Tenant, rollouts: Rollouts) -> int:
        """Of all that decides about an Application's objects, and of these."""
        application = look.application
        key = _key(application)
        around = [("Namespace", "", application.namespace), ("Tenant", "", tenant.name)]
        grounds = []
        for other in self.index.neighbours(key):
            namespace, _, name = other.partition("/")
            around += [("Application", namespace, name), ("Namespace", "", namespace)]
            owner = self.cache.owner_of(("Namespace", "", namespace))
            around.append(("Tenant", "", owner))
            grounds.append((other, ground_of(namespace, self.cache.get)[2] is None))
        spaces = [(one.name, one.state) for one in tenant.status.namespaces]
        own = self.cache.fingerprint(key, *around)
        decisive = (
            own,
            frozenset(self.served),
            *by_time(application, rollouts, look.now),
            *spaces,
            *sorted(grounds),
        )
        return hash(decisive)

    async def _write(
        self, application: Application, manifests: Sequence[Manifest], done: list[Change]
    ) -> tuple[Failure, ...]:
        """Write what differs, a stage at a time; when all is well, delete what is obsolete."""
        wanted = [owned(application, one) for one in manifests]
        observed = self._observed(application)
        compared = (compare_owned(one, observed.get(key_of(one))) for one in wanted)
        changes = [change for change in compared if change]
        for stage in range(len(_STAGES) + 1):
            due = [one for one in changes if _stage(one) == stage]
            if failures := await self._make_all(application, due, done):
                return failures
        return await self._make_all(application, obsolete_of(observed, wanted), done)

    async def _make_all(
        self, application: Application, changes: Sequence[Change], done: list[Change]
    ) -> tuple[Failure, ...]:
        if not changes:
            return ()
        results = await asyncio.gather(*(self._make(application, one) for one in changes))
        failed = [one for one in results if one]
        done += [one for one, failure in zip(changes, results, strict=True) if failure is None]
        return tuple(failed)

    async def _make(self, application: Application, change: Change) -> Failure | None:
        kind, _, name = key_of(change.manifest)
        try:
            if change.verb is Verb.CREATE:
                return await self._create(application, change)
            await self.writer.make(change, _key(application), urgent=False)
        except ApiError as problem:
            return failure_of(kind, name, problem)
        return None

    async def _create(self, application: Application, change: Change) -> Failure | None:
        """Make an object, or take one that is there, if it may be taken."""
        owner, manifest = _key(application), change.manifest
        kind, namespace, name = key_of(manifest)
        try:
            await self.writer.create_only(change, owner, urgent=False)
        except AlreadyExists:
            existing = await self.client.get(BY_KIND[kind], name, namespace)
            if why := refusal_to_take(application, existing):
                return Failure(kind, "NameTaken", f"{kind} {why}", is_transient=False)
            taken = taking(manifest, existing)
            await self.writer.make(taken, owner, urgent=False, cause="taken over")
        return None

    def _look_again_in(self, look: _Look, outcome: ApplicationOutcome) -> float | None:
        """Seconds until time alone will have changed what should be, as this look saw it."""
        if outcome.wait or outcome.is_held:
            return None
        due = next_look(look.application, outcome.rollouts, look.now)
        return max(_MOMENT, (due - self._time()).total_seconds()) if due else None

    def _time(self) -> datetime:
        return moment(self.now())

    def _workloads(self, application: Application) -> dict[tuple[str, str], Health]:
        namespace, name = application.namespace, application.name
        observed = self.cache.of_application(namespace, name, *WORKLOADS, "Pod")
        return workloads_of(observed, self.refused, application.metadata.uid)

    def _observed(self, application: Application) -> dict[Key, Observed]:
        """What the Application was made into."""
        everything = self.cache.of_application(application.namespace, application.name)
        return {
            key: seen for key, seen in everything.items() if key[0] not in {"Application", "Pod"}
        }

    def _seen(self, key: str) -> Observed | None:
        namespace, _, name = key.partition("/")
        return self.cache.get(("Application", namespace, name))

    async def _report(self, look: _Look, outcome: ApplicationOutcome) -> None:
        application, done = look.application, [] if look.is_due else look.done
        status = report_application(application, outcome, self.now())
        tell_of_application(self.recorder, application, status, done)
        await self._write_status(application.metadata, application.status, status)

    async def _write_status(
        self, metadata: ApplicationMetadata, before: ApplicationStatus, status: ApplicationStatus
    ) -> None:
        if status != before:
            await self.writer.tell_application(metadata, dict(manifest_of(status)))


def _key(application: Application) -> str:
    return application_key(application.namespace, application.name)


def _stage(change: Change) -> int:
    kind = change.manifest["kind"]
    return next((place for place, kinds in enumerate(_STAGES) if kind in kinds), len(_STAGES))
