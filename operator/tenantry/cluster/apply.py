"""The hand: carries out one change of a plan, and remembers what the API server answered.

The answer goes straight into the cache, so that the next comparison knows of it before the watch
tells. While a write is on its way, the watch's echo of it is nothing new: handlers ask
``is_writing`` and only take the object in.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from tenantry.api.base import Manifest
from tenantry.api.names import TENANT_LABEL
from tenantry.cluster.cache import Cache
from tenantry.cluster.client import Client
from tenantry.cluster.errors import AlreadyExists, NotFound
from tenantry.cluster.resources import BY_KIND, SERVICE_ACCOUNTS, Resource
from tenantry.observed import Key, key_of, observe
from tenantry.plan import Change, Verb, compare

WriteLog = Callable[[Change, str, str], None]
"""Told of each write that succeeded: the change, the tenant, the cause."""


class Writer:
    """Makes changes.

    Args:
        written: told of each change that was made.
        overtaken: called with the tenant when somebody changed an object right after it was
            written, while its events were being taken for echoes.
    """

    def __init__(
        self,
        client: Client,
        cache: Cache,
        *,
        written: WriteLog,
        overtaken: Callable[[str], Any],
    ) -> None:
        self._client, self._cache = client, cache
        self._written, self._overtaken = written, overtaken
        self._in_flight: Counter[Key] = Counter()

    def is_writing(self, key: Key) -> bool:
        """Whether a write to the object is on its way."""
        return key in self._in_flight

    async def make(self, change: Change, tenant: str, *, urgent: bool, cause: str = "") -> None:
        """Carry out one change.

        Raises:
            ApiError: the API server or the network did not let it.
        """
        key = key_of(change.manifest)
        with self._writing(key):
            match change.verb:
                case Verb.CREATE:
                    await self._create(change, urgent=urgent)
                case Verb.APPLY:
                    await self._apply(change, urgent=urgent)
                case Verb.REPLACE:
                    await self._delete(change, urgent=urgent)
                    await self._create(change, urgent=urgent)
                case Verb.DELETE:
                    await self._delete(change, urgent=urgent)
        self._written(change, tenant, cause or _cause(change))

    async def create_only(self, change: Change, tenant: str, *, urgent: bool) -> None:
        """Create an object, and take over nothing.

        Raises:
            AlreadyExists: it is there; whose it is must be decided first.
            ApiError: the API server or the network did not let it.
        """
        with self._writing(key_of(change.manifest)):
            resource = BY_KIND[change.manifest["kind"]]
            answer = await self._client.create(resource, change.manifest, urgent=urgent)
            self._take(answer, change)
        self._written(change, tenant, _cause(change))

    @contextmanager
    def _writing(self, key: Key) -> Iterator[None]:
        self._in_flight[key] += 1
        try:
            yield
        finally:
            self._in_flight[key] -= 1
            if not self._in_flight[key]:
                del self._in_flight[key]

    async def _create(self, change: Change, *, urgent: bool) -> None:
        resource = BY_KIND[change.manifest["kind"]]
        if resource is SERVICE_ACCOUNTS:
            # Kubernetes makes a namespace's default ServiceAccount too: apply serves either way.
            self._take(await self._client.apply(resource, change.manifest, urgent=urgent), change)
            return
        try:
            answer = await self._client.create(resource, change.manifest, urgent=urgent)
        except AlreadyExists:
            await self._take_over(change.manifest, resource, urgent=urgent)
        else:
            self._take(answer, change)

    async def _take_over(self, manifest: Manifest, resource: Resource, *, urgent: bool) -> None:
        """An object with our name and without our labels: it becomes what it should be."""
        metadata = manifest["metadata"]
        existing = await self._client.get(resource, metadata["name"], metadata.get("namespace"))
        change = compare(manifest, observe(existing))
        if change is None:
            self._take(existing, Change(Verb.APPLY, manifest))
        elif change.verb is Verb.REPLACE:
            await self._delete(change, urgent=urgent)
            self._take(await self._client.create(resource, manifest, urgent=urgent), change)
        else:
            await self._apply(change, urgent=urgent)

    async def _apply(self, change: Change, *, urgent: bool) -> None:
        resource, manifest = BY_KIND[change.manifest["kind"]], change.manifest
        removals = change.removals
        if change.applies:
            answer = await self._client.apply(resource, manifest, urgent=urgent)
            self._take(answer, change)
            left = compare(manifest, observe(answer)) if removals else None
            removals = left.removals if left else {}
        if removals:
            answer = await self._client.patch(resource, manifest, removals, urgent=urgent)
            self._take(answer, change)

    async def _delete(self, change: Change, *, urgent: bool) -> None:
        resource, manifest = BY_KIND[change.manifest["kind"]], change.manifest
        try:
            answer = await self._client.delete(resource, manifest, uid=change.uid, urgent=urgent)
        except NotFound:
            answer = {"kind": "Status"}
        if answer.get("kind") == "Status" or "deletionTimestamp" not in answer["metadata"]:
            self._cache.discard(key_of(manifest))
        else:
            self._cache.upsert(answer)

    def _take(self, answer: Manifest, change: Change) -> None:
        key = key_of(change.manifest)
        self._cache.upsert(answer)
        if self._cache.version(key) > int(answer["metadata"]["resourceVersion"]):
            self._overtaken(answer["metadata"].get("labels", {}).get(TENANT_LABEL, ""))


def _cause(change: Change) -> str:
    match change.verb:
        case Verb.CREATE:
            return "missing"
        case Verb.DELETE:
            return "no longer wanted"
        case _:
            return f"differs in {', '.join(change.differs)}"
