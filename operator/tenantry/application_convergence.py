"""The objects of one Application on their way from what they are to what they should be.

A stage at a time: what isolates, and what pods need, before pods. A failure stops what comes after
it, and nothing of another Application. What is obsolete goes last, when all else is well.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from tenantry.api.application import Application
from tenantry.api.base import Manifest
from tenantry.api.names import APPLICATION_LABEL
from tenantry.application_plan import compare_owned, obsolete_of, owned, refusal_to_take, taking
from tenantry.application_workloads import WORKLOADS
from tenantry.cluster.apply import Writer
from tenantry.cluster.cache import Cache, application_key
from tenantry.cluster.client import Client
from tenantry.cluster.errors import AlreadyExists, ApiError
from tenantry.cluster.resources import BY_KIND
from tenantry.converge import failure_of
from tenantry.observed import Key, Observed, key_of
from tenantry.outcomes import Failure
from tenantry.plan import Change, Verb

_STAGES: Final = (
    {
        *("NetworkPolicy", "AuthorizationPolicy", "PeerAuthentication", "ServiceEntry", "Sidecar"),
        *("ServiceAccount", "ConfigMap"),
    },
    {"Service"},
    WORKLOADS,
)
"""What isolates, and what pods need, before pods; whatever else comes after them."""


@dataclass(frozen=True, slots=True)
class ApplicationConverger:
    """Makes Applications' objects what they should be."""

    client: Client
    cache: Cache
    writer: Writer

    async def converge(
        self,
        application: Application,
        manifests: Sequence[Manifest],
        observed: Mapping[Key, Observed],
        done: list[Change],
    ) -> tuple[Failure, ...]:
        """Write what differs, a stage at a time; when all is well, delete what is obsolete.

        Args:
            application: whose objects they are.
            manifests: what should be.
            observed: what the Application was made into.
            done: what was written is added to it.
        """
        wanted = [owned(application, one) for one in manifests]
        compared = (compare_owned(one, observed.get(key_of(one))) for one in wanted)
        changes = [change for change in compared if change]
        for stage in range(len(_STAGES) + 1):
            due = [one for one in changes if stage_of(one.manifest) == stage]
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


def stage_of(manifest: Manifest) -> int:
    """In which stage an object is written, counted from 0."""
    kind = manifest["kind"]
    return next((place for place, kinds in enumerate(_STAGES) if kind in kinds), len(_STAGES))
