"""Observe, desire, plan, act, report: one look at one Application, from whatever state it is in.

As with Tenants, nothing here asks what has happened, and a look may be interrupted anywhere. What
an Application is made into belongs to it by ownerReferences, in its own namespace: so it needs no
finalizer, and the cluster's garbage collector leaves nothing of it.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from pydantic import ValidationError

from tenantry.api.application import Application, ApplicationMetadata
from tenantry.api.application_status import ApplicationStatus
from tenantry.api.base import manifest_of
from tenantry.api.platform import USUAL, Platform
from tenantry.api.tenant import Tenant
from tenantry.api.times import moment
from tenantry.application_claims import Collision
from tenantry.application_collisions import collisions_of, holds, without
from tenantry.application_convergence import NOT_MADE, ApplicationConverger
from tenantry.application_desire import (
    Told,
    as_told,
    begun,
    by_time,
    desire,
    next_look,
    remaining,
    taken_back,
    taking_up,
)
from tenantry.application_fingerprint import Fingerprints
from tenantry.application_ground import EARLY, ground_of, is_closed, is_new
from tenantry.application_index import ApplicationIndex
from tenantry.application_news import tell_of_application
from tenantry.application_order import Leaving, absent, concerned, short_of
from tenantry.application_outcome import ApplicationOutcome
from tenantry.application_status import report_application, unhealthy_application
from tenantry.application_surroundings import surroundings_of
from tenantry.application_tightening import tightened
from tenantry.application_workloads import READ, listed_in, remembered_of, workloads_of
from tenantry.cluster.apply import Writer
from tenantry.cluster.cache import Cache, application_key
from tenantry.cluster.client import Client
from tenantry.cluster.events import EventRecorder
from tenantry.component_health import Health
from tenantry.desired.applications.surroundings import Surroundings
from tenantry.desired.applications.traffic import Weights
from tenantry.governance import Violation, violations
from tenantry.observed import Observed
from tenantry.outcomes import Failure
from tenantry.plan import Change
from tenantry.reconcile import Result, explained
from tenantry.refused_pods import RefusedPods

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
    """Whether time or its Tenant changed what should be: then what was written is no repair."""
    is_early: bool = False
    """Whether it waits for what is under way, and there is nothing to tell yet."""


@dataclass(slots=True)
class ApplicationReconciler:
    """The one verb, for Applications.

    Args:
        now: RFC 3339 time, for conditions.
        served: optional kinds that the API server has; kept by whoever watches them.
        index: of all Applications; kept by whoever hears of them.
        refused: what was said of pods that could not be made; kept by whoever hears of it.
        platform: what the cluster does not tell of it.
    """

    client: Client
    cache: Cache
    writer: Writer
    recorder: EventRecorder
    now: Callable[[], str]
    served: set[str] = field(default_factory=set)
    index: ApplicationIndex = field(default_factory=ApplicationIndex)
    refused: RefusedPods = field(default_factory=RefusedPods)
    platform: Platform = USUAL
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
        if look.is_early:
            return Result(look_again_in=EARLY)
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
        if tenant is not None and wait is None and not self._has_objects(application):
            wait = is_closed(tenant, application.namespace, self.cache.get)
            look.is_early = wait is not None and is_new(application, look.now)
        self.index.looked(_key(application), name, waits=wait is not None)
        if tenant is None or wait is not None:
            return await self._tighten(look, ApplicationOutcome(name, wait, workloads=workloads))
        broken = tuple(self._violations(application, tenant))
        outcome = ApplicationOutcome(name, violations=broken, workloads=workloads)
        if broken and tenant.spec.policy.mode == "Enforce":
            return await self._tighten(look, replace(outcome, is_held=True), tenant)
        taken = self._collisions(application)
        rest = application if holds(taken) else without(application, taken)
        outcome = replace(outcome, collisions=taken, rollouts=taking_up(rest, workloads, look.now))
        outcome = await self._converge(look, rest, tenant, outcome)
        return replace(outcome, workloads=self._workloads(application)) if look.done else outcome

    def _collisions(self, application: Application) -> tuple[Collision, ...]:
        rivals = self.index.rivals(_key(application))
        get, keys_of = self.cache.get, self.cache.keys_of
        return collisions_of(application, rivals, get, keys_of, self._violations)

    def _violations(self, application: Application, tenant: Tenant) -> list[Violation]:
        return violations(application, tenant, self.served, self.platform)

    async def _converge(
        self, look: _Look, rest: Application, tenant: Tenant, outcome: ApplicationOutcome
    ) -> ApplicationOutcome:
        """Write what differs, unless nothing has changed since nothing did.

        What should be is a function of what ``Fingerprints`` cover. Most looks are for the sake of
        the status, and rendering is what a look costs. What of the Application another one has is
        not in the ``rest`` of it.
        """
        key = _key(rest)
        served, timed = frozenset(self.served), by_time(rest, outcome.rollouts, look.now)
        now = Fingerprints(self.cache, self.index).of(rest, tenant, served, timed)
        settled, told = self._settled.get(key, (0, Told()))
        if settled == now:
            return replace(outcome, told=told)
        self._settled.pop(key, None)
        around = self._around(rest, tenant)
        if holds(outcome.collisions):
            outcome = replace(outcome, told=desire(rest, around, {}, look.now).told)
            return await self._tighten(look, outcome, tenant)
        made, stays = await self._write(look, rest, around, outcome)
        timed = by_time(rest, made.rollouts, look.now)
        look.is_due = self._timed.get(key, timed) != timed
        if not made.failures:
            self._timed[key] = timed
        if not (made.failures or look.done or stays.keys):
            self._settled[key] = now, made.told
        return made

    async def _tighten(
        self, look: _Look, outcome: ApplicationOutcome, tenant: Tenant | None = None
    ) -> ApplicationOutcome:
        """Take back what must not stay, of an Application of which nothing else is written.

        The ``tenant`` is the one whose network it may use; None while that is not known.
        """
        application = look.application
        back = taken_back(application, outcome.workloads, look.now)
        around = self._around(application, tenant) if tenant else None
        converger = self._converger(look, application)
        changes = tightened(application, converger.observed(), back, look.now, around)
        failed = await converger.tighten(changes)
        look.is_due = bool(look.done)
        failures = tuple(one.failure for one in failed)
        return replace(outcome, failures=failures, rollouts={} if failed else back)

    def _around(self, application: Application, tenant: Tenant) -> Surroundings:
        near = self.index.neighbours(_key(application))
        get = self.cache.get
        return surroundings_of(application, tenant, near, self.served, get, self.platform)

    def _converger(self, look: _Look, application: Application) -> ApplicationConverger:
        return ApplicationConverger(self.client, self.cache, self.writer, application, look.done)

    async def _write(
        self, look: _Look, rest: Application, around: Surroundings, outcome: ApplicationOutcome
    ) -> tuple[ApplicationOutcome, Leaving]:
        """Write what differs; gives what became of it, and what obsolete is kept for now."""
        converger = self._converger(look, rest)
        rollouts, weights = outcome.rollouts, dict[str, Weights]()
        wanted = desire(rest, around, rollouts, look.now)
        failed = await converger.prepare(wanted.manifests)
        health = self._workloads(rest)
        if failed:
            short = short_of(rest, failed)
            rollouts = taking_up(rest, health, look.now, short)
            weights = remaining(rest, rollouts, absent(rest, short, health))
            wanted = desire(rest, around, rollouts, look.now, weights)
        survey = converger.survey(wanted.manifests, health)
        unrouted = await converger.direct(wanted.manifests, survey)
        failed += unrouted
        failed += await converger.prune(survey, failed)
        stale = survey.leaving.sole.union(*(concerned(rest, one.manifest) for one in unrouted))
        return replace(
            outcome,
            failures=tuple(one.failure for one in failed),
            told=wanted.told,
            rollouts=begun(rest, rollouts, stale),
            weights=weights | as_told(rest, stale),
        ), survey.leaving

    def _look_again_in(self, look: _Look, outcome: ApplicationOutcome) -> float | None:
        """Seconds until time alone will have changed what should be, as this look saw it."""
        due = [next_look(look.application, outcome.rollouts, look.now)]
        due += [one.fails_at for one in outcome.workloads.values()]
        soonest = min((one for one in due if one), default=None)
        return max(_MOMENT, (soonest - self._time()).total_seconds()) if soonest else None

    def _time(self) -> datetime:
        return moment(self.now())

    def _workloads(self, application: Application) -> dict[tuple[str, str], Health]:
        namespace, name = application.namespace, application.name
        observed = self.cache.of_application(namespace, name, *READ)
        uid, remembered = application.metadata.uid, remembered_of(application)
        listed = listed_in(application)
        return workloads_of(observed, self.refused, uid, remembered, self._time(), listed)

    def _has_objects(self, application: Application) -> bool:
        """Whether it was made into anything yet."""
        return any(key[0] not in NOT_MADE for key in self.cache.keys_of(_key(application)))

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
