"""The hand: carries out one change of a plan, and remembers what the API server answered.

The answer goes straight into the cache, so that the next comparison knows of it before the watch
tells. While a write is on its way, the watch's echo of it is nothing new: handlers ask
``overhears`` and only take the object in. What was heard meanwhile and was no echo gets its tenant
another look.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from tenantry.api.application import ApplicationMetadata
from tenantry.api.base import Manifest
from tenantry.api.tenant import Metadata
from tenantry.cluster.cache import Cache, application_key
from tenantry.cluster.client import JSON_PATCH, Client
from tenantry.cluster.echoes import Echoes
from tenantry.cluster.errors import AlreadyExists, Conflict, NotFound, Rejected
from tenantry.cluster.resources import APPLICATIONS, BY_KIND, SERVICE_ACCOUNTS, TENANTS, Resource
from tenantry.cluster.status_patch import status_patch
from tenantry.cluster.writes import WriteLog, of_change, of_patch
from tenantry.observed import Key, key_of, observe
from tenantry.plan import Change, Verb, compare


class Writer:
    """Makes changes.

    Args:
        written: told of each write that was made.
        overtaken: called with the tenant and the object when somebody changed it right after it
            was written, while its events were being taken for echoes.
    """

    def __init__(
        self,
        client: Client,
        cache: Cache,
        *,
        written: WriteLog,
        overtaken: Callable[[str, Key], Any],
    ) -> None:
        self._client, self._cache = client, cache
        self._written, self.overtaken = written, overtaken
        self._in_flight: dict[Key, dict[str, Echoes]] = {}

    def is_writing(self, key: Key) -> bool:
        """Whether a write to the object is on its way."""
        return key in self._in_flight

    def overhears(self, key: Key, version: int, *, is_gone: bool = False) -> set[str]:
        """The tenants for which a write to an object is on its way.

        To them, what was just heard of the object may be an echo.
        """
        writes = self._in_flight.get(key, {})
        for echoes in writes.values():
            echoes.hear(version, is_gone=is_gone)
        return {*writes}

    async def make(self, change: Change, tenant: str, *, urgent: bool, cause: str = "") -> None:
        """Carry out one change.

        Raises:
            ApiError: the API server or the network did not let it.
        """
        with self.writing(key_of(change.manifest), tenant) as echoes:
            match change.verb:
                case Verb.CREATE:
                    await self._create(change, echoes, urgent=urgent)
                case Verb.APPLY:
                    await self._apply(change, echoes, urgent=urgent)
                case Verb.REPLACE:
                    await self._replace(change, echoes, urgent=urgent)
                case Verb.DELETE:
                    await self._delete(change, echoes, urgent=urgent)
        self._written(of_change(change, tenant, cause))

    async def create_only(self, change: Change, tenant: str, *, urgent: bool) -> None:
        """Create an object, and take over nothing.

        Raises:
            AlreadyExists: it is there; whose it is must be decided first.
            ApiError: the API server or the network did not let it.
        """
        resource = BY_KIND[key_of(change.manifest)[0]]
        with self.writing(key_of(change.manifest), tenant) as echoes:
            echoes.take(await self._client.create(resource, change.manifest, urgent=urgent))
        self._written(of_change(change, tenant))

    async def patch_tenant(
        self,
        metadata: Metadata,
        patch: list[Manifest],
        *,
        subresource: str = "",
        urgent: bool,
        version: int = 0,
    ) -> None:
        """Patch a Tenant, if it is still the one that was looked at.

        Args:
            metadata: of the Tenant; one whose spec has changed meanwhile gets another look.
            patch: JSON patch (RFC 6902).
            subresource: ``status``, or nothing.
            urgent: whether it may overtake other writes.
            version: the resource version that it must still have, 0 for any.

        Raises:
            Conflict: somebody else has written to it since.
            ApiError: the API server or the network did not let it.
        """
        name = metadata.name
        tests = [_is_still(metadata.uid)]
        if version:
            path = "/metadata/resourceVersion"
            tests.append({"op": "test", "path": path, "value": str(version)})
        key = ("Tenant", "", name)
        write = of_patch(key, name, patch, self._cache.get(key))
        with self.writing(key, name) as echoes:
            answer = await self._tested(
                TENANTS, {"metadata": {"name": name}}, [*tests, *patch], subresource, urgent=urgent
            )
            echoes.take(answer)
        self._written(write)
        if answer["metadata"]["generation"] != metadata.generation:
            self.overtaken(name, key)

    async def tell_application(self, metadata: ApplicationMetadata, status: Manifest) -> None:
        """Write what is new in an Application's status, if it is still the one that was looked at.

        Raises:
            ApiError: the API server or the network did not let it.
        """
        namespace, name = metadata.namespace, metadata.name
        owner = application_key(namespace, name)
        named = {"metadata": {"namespace": namespace, "name": name}}
        key = ("Application", namespace, name)
        seen = self._cache.get(key)
        told = status_patch(seen.status if seen else {}, status)
        if not told:
            return
        patch = [_is_still(metadata.uid), *told]
        write = of_patch(key, owner, patch, seen)
        with self.writing(key, owner) as echoes:
            answer = await self._tested(APPLICATIONS, named, patch, "status", urgent=False)
            echoes.take(answer)
        self._written(write)
        if answer["metadata"]["generation"] != metadata.generation:
            self.overtaken(owner, key)

    @contextmanager
    def writing(self, key: Key, tenant: str) -> Iterator[Echoes]:
        """While a write to an object is on its way; whoever writes gives the answer to it.

        There is one at a time for each tenant, for one worker at a time looks at it. There are two
        where two tenants want the same namespace.
        """
        writes = self._in_flight.setdefault(key, {})
        echoes = writes[tenant] = Echoes(self._cache, key)
        try:
            yield echoes
        finally:
            del writes[tenant]
            if not writes:
                del self._in_flight[key]
            if echoes.is_overtaken:
                self.overtaken(tenant, key)

    async def _create(self, change: Change, echoes: Echoes, *, urgent: bool) -> None:
        resource, manifest = BY_KIND[key_of(change.manifest)[0]], change.manifest
        if resource is SERVICE_ACCOUNTS:
            # Kubernetes makes a namespace's default ServiceAccount too: apply serves either way.
            echoes.take(await self._client.apply(resource, manifest, urgent=urgent))
            return
        try:
            answer = await self._client.create(resource, manifest, urgent=urgent)
        except AlreadyExists:
            await self._take_over(manifest, echoes, urgent=urgent)
        else:
            echoes.take(answer)

    async def _take_over(self, manifest: Manifest, echoes: Echoes, *, urgent: bool) -> None:
        """An object with our name and without our labels: it becomes what it should be."""
        metadata, resource = manifest["metadata"], BY_KIND[key_of(manifest)[0]]
        existing = await self._client.get(resource, metadata["name"], metadata.get("namespace"))
        change = compare(manifest, observe(existing))
        if change is None:
            echoes.take(existing)
        elif change.verb is Verb.REPLACE:
            await self._replace(change, echoes, urgent=urgent)
        else:
            await self._apply(change, echoes, urgent=urgent)

    async def _apply(self, change: Change, echoes: Echoes, *, urgent: bool) -> None:
        resource, manifest = BY_KIND[key_of(change.manifest)[0]], change.manifest
        removals = change.removals
        if change.handover:
            echoes.take(await self._tested(resource, manifest, [*change.handover], urgent=urgent))
        if change.fenced:
            echoes.take(await self._tested(resource, manifest, [*change.fenced], urgent=urgent))
            return
        if change.applies:
            answer = await self._client.apply(resource, manifest, urgent=urgent)
            echoes.take(answer)
            removals = _left_of(removals, answer)
        if removals:
            echoes.take(await self._client.patch(resource, manifest, removals, urgent=urgent))

    async def _tested(
        self,
        resource: Resource,
        manifest: Manifest,
        patch: list[Manifest],
        subresource: str = "",
        *,
        urgent: bool,
    ) -> Manifest:
        """A JSON patch whose tests may fail: then somebody was faster.

        Of a failed test the API server says that the request is invalid, and not what is.
        """
        try:
            return await self._client.patch(
                resource,
                manifest,
                patch,
                content_type=JSON_PATCH,
                subresource=subresource,
                urgent=urgent,
            )
        except Rejected as problem:
            if "is invalid: " in str(problem):
                raise
            raise Conflict(str(problem), code=problem.code, reason="Overtaken") from problem

    async def _replace(self, change: Change, echoes: Echoes, *, urgent: bool) -> None:
        await self._delete(change, echoes, urgent=urgent)
        resource = BY_KIND[key_of(change.manifest)[0]]
        echoes.take(await self._client.create(resource, change.manifest, urgent=urgent))

    async def _delete(self, change: Change, echoes: Echoes, *, urgent: bool) -> None:
        resource, manifest = BY_KIND[key_of(change.manifest)[0]], change.manifest
        try:
            answer = await self._client.delete(resource, manifest, uid=change.uid, urgent=urgent)
        except NotFound:
            answer = {"metadata": {}}
        echoes.take_deleted(answer)


def _left_of(removals: Manifest, answer: Manifest) -> Manifest:
    """What a merge patch would take out and is there, after what was applied."""
    below = {
        name: _left_of(patch, answer.get(name, {})) if patch else None
        for name, patch in removals.items()
        if name in answer
    }
    return {name: patch for name, patch in below.items() if patch is None or patch}


def _is_still(uid: str) -> Manifest:
    return {"op": "test", "path": "/metadata/uid", "value": uid}
