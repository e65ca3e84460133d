"""The objects of one Application on their way from what they are to what they should be.

In the order of ``application_order``: ``prepare`` what isolates, what pods need, and pods;
``direct`` requests to them; ``prune`` what is obsolete. Between them the look decides again, for
where requests may go depends on what is there.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from tenantry.api.application import Application
from tenantry.api.base import Manifest
from tenantry.api.names import APPLICATION_LABEL
from tenantry.application_order import (
    ROUTES,
    RULE,
    STAGES,
    Leaving,
    Unwritten,
    before_routes,
    concerned,
    is_kept_back,
    is_route,
    leaving,
    may_go,
    stage_of,
)
from tenantry.application_plan import compare_owned, obsolete_of, owned, refusal_to_take, taking
from tenantry.cluster.apply import Writer
from tenantry.cluster.cache import Cache, application_key
from tenantry.cluster.client import Client
from tenantry.cluster.errors import AlreadyExists, ApiError
from tenantry.cluster.resources import BY_KIND
from tenantry.component_health import Health
from tenantry.converge import failure_of
from tenantry.observed import Key, Observed, key_of
from tenantry.outcomes import Failure
from tenantry.plan import Change, Verb

NOT_MADE: Final = frozenset({"Application", "Pod"})
"""Kinds that belong to an Application, and that it is not made into."""


@dataclass(frozen=True, slots=True)
class Survey:
    """What there is once all but routes is written.

    Attributes:
        obsolete: what is no longer wanted.
        leaving: what of that stays for now.
    """

    observed: Mapping[Key, Observed]
    obsolete: Sequence[Change]
    leaving: Leaving


@dataclass(frozen=True, slots=True)
class ApplicationConverger:
    """Makes an Application's objects what they should be.

    Args:
        application: whose objects they are.
        done: what was written is added to it.
    """

    client: Client
    cache: Cache
    writer: Writer
    application: Application
    done: list[Change]

    def observed(self) -> dict[Key, Observed]:
        """What the Application was made into, as far as is known now."""
        application = self.application
        everything = self.cache.of_application(application.namespace, application.name)
        return {key: seen for key, seen in everything.items() if key[0] not in NOT_MADE}

    async def prepare(self, manifests: Iterable[Manifest]) -> list[Unwritten]:
        """Write all but routes, a stage at a time; gives what could not be written."""
        wanted = [one for one in manifests if not is_route(one)]
        observed, failed = self.observed(), list[Unwritten]()
        for stage in range(len(STAGES) + 1):
            due = [one for one in wanted if stage_of(one) == stage]
            due = [one for one in due if not is_kept_back(one, failed)]
            failed += await self._apply(due, observed)
        return failed

    def survey(
        self, manifests: Iterable[Manifest], health: Mapping[tuple[str, str], Health]
    ) -> Survey:
        """What there is after ``prepare``, and what of it is obsolete."""
        observed = self.observed()
        obsolete = obsolete_of(observed, [*manifests])
        stays = leaving(self.application, observed, obsolete, health)
        return Survey(observed, obsolete, stays)

    async def direct(self, manifests: Iterable[Manifest], survey: Survey) -> list[Unwritten]:
        """Write the routes; gives what could not be written."""
        sole, observed = survey.leaving.sole, survey.observed
        routes = {key_of(one): one for one in manifests if is_route(one)}
        about = {key: concerned(self.application, one) for key, one in routes.items()}
        due = {key: one for key, one in routes.items() if not about[key] & sole}
        rules = {key: one for key, one in due.items() if key[0] == RULE}
        others = {key: one for key, one in due.items() if key not in rules}
        first = [before_routes(one, observed.get(key)) for key, one in rules.items()]
        failed = await self._apply([one for one in first if one], observed)
        for step, seen in ((others, observed), (rules, None)):
            lacking = {name for one in failed for name in about[key_of(one.manifest)]}
            rest = [one for key, one in step.items() if not about[key] & lacking]
            failed += await self._apply(rest, self.observed() if seen is None else seen)
        return failed

    async def prune(self, survey: Survey, failed: Sequence[Unwritten]) -> list[Unwritten]:
        """Delete what is obsolete, routes before what they lead to.

        Args:
            survey: what is obsolete, and what of it stays for now.
            failed: what could not be written.
        """
        due = [
            one
            for one in survey.obsolete
            if key_of(one.manifest) not in survey.leaving.keys
            and may_go(self.application, one, survey.observed[key_of(one.manifest)], failed)
        ]
        routes = [one for one in due if key_of(one.manifest)[0] in ROUTES - {RULE}]
        left = await self._make_all(routes)
        return left or await self._make_all([one for one in due if one not in routes])

    async def tighten(self, changes: Iterable[Change]) -> list[Unwritten]:
        """Narrow what is there, while nothing else is written."""
        return await self._make_all([*changes])

    async def _apply(
        self, manifests: Sequence[Manifest], observed: Mapping[Key, Observed]
    ) -> list[Unwritten]:
        wanted = [owned(self.application, one) for one in manifests]
        compared = (compare_owned(one, observed.get(key_of(one))) for one in wanted)
        return await self._make_all([change for change in compared if change])

    async def _make_all(self, changes: Sequence[Change]) -> list[Unwritten]:
        results = await asyncio.gather(*(self._make(self.application, one) for one in changes))
        paired = [*zip(changes, results, strict=True)]
        self.done.extend(one for one, failure in paired if failure is None)
        return [Unwritten(one.manifest, failure) for one, failure in paired if failure]

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
                is_leaving = self._is_leaving(existing)
                return Failure(kind, "NameTaken", f"{kind} {why}", is_transient=is_leaving)
            taken = taking(manifest, existing)
            await self.writer.make(taken, owner, urgent=False, cause="taken over")
        return None

    def _is_leaving(self, existing: Manifest) -> bool:
        """Whether an object is on its way out, or was made for an Application that is gone."""
        _, namespace, _ = key_of(existing)
        holder = existing["metadata"].get("labels", {}).get(APPLICATION_LABEL)
        is_left = bool(holder) and self.cache.get(("Application", namespace, holder)) is None
        return is_left or "deletionTimestamp" in existing["metadata"]


def _key(application: Application) -> str:
    return application_key(application.namespace, application.name)
