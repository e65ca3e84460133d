"""The list: fills the cache at the start, and finds what the watches missed.

A watch that had to start over (410 Gone) tells nothing of objects deleted meanwhile, so their
ghosts would stay for ever; and Kopf's does not even say that it had to, hence a list from time to
time. A list of each kind, in pages, is compared with the cache: what is
newer is taken in, and what is known but not listed is taken out.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Final

from tenantry.api.base import Manifest
from tenantry.cluster.cache import Cache, News, NoCache
from tenantry.cluster.client import Client
from tenantry.cluster.errors import ApiError, NotFound, Throttled, check_order
from tenantry.cluster.resources import WATCHED, Resource
from tenantry.observed import Key, key_of

PAUSES: Final = (0.1, 0.3, 1.0)
"""Seconds between two attempts at a list. Whoever needs it fails then: a process that starts is
started again by its orchestrator, one that runs lists again the next time."""

Found = Callable[[Key, str, News], None]
"""Told what a list found: the object's key, its tenant, what was new."""


async def list_into(cache: Cache, client: Client, resource: Resource, found: Found) -> int:
    """List one kind into the cache; gives the resource version that a watch goes on from.

    It is 0 for an optional kind that the cluster does not have. What is only heard of is not read:
    tenants write Events, too, of a megabyte and more, and an operator that read all of them when it
    starts might never get so far.

    Raises:
        ApiError: the list could not be finished; what was taken in stays.
        WentBack: an object is older than it was known to be.
    """
    if isinstance(cache, NoCache):
        return int((await anext(client.pages(resource, limit=1)))["metadata"]["resourceVersion"])
    seen: set[Key] = set()
    version = 0
    async for page in _pages(client, resource):
        version = version or int(page["metadata"]["resourceVersion"])
        for item in page["items"]:
            manifest = _complete(item, resource)
            key = key_of(manifest)
            seen.add(key)
            _check_item(cache.version(key), int(manifest["metadata"]["resourceVersion"]), version)
            news = cache.upsert(manifest)
            if news is not News.NOTHING:
                found(key, cache.owner_of(key), news)
        await asyncio.sleep(0)  # a page is milliseconds of parsing: let others have a turn
    for key in cache.keys(resource.known_as):
        if key not in seen and (cache.version(key) <= version or not version):
            tenant = cache.owner_of(key)
            cache.discard(key)
            found(key, tenant, News.CONTENT)
    return version


def _check_item(known: int, listed: int, version: int) -> None:
    """Refuse a list that has an object in an older version than was known before the list.

    So it is after a restore of etcd that spares clients lower versions of lists (etcdutl's
    ``--bump-revision``): objects have the versions that they had. What is known to be newer than
    the list itself was written while it was read.
    """
    if known <= version:
        check_order(listed, known)


async def _pages(client: Client, resource: Resource) -> AsyncIterator[Manifest]:
    try:
        async for page in client.pages(resource):
            yield page
    except NotFound:
        if not resource.is_optional:
            raise


async def list_all(cache: Cache, client: Client, found: Found) -> dict[Resource, int]:
    """List every watched kind, side by side; gives their resource versions.

    A list that expires between two pages, or meets with what time may heal, is started over.

    Raises:
        ApiError: a list could not be finished, however often it was tried.
    """
    lists = (list_patiently(cache, client, one, found) for one in WATCHED)
    return dict(zip(WATCHED, await asyncio.gather(*lists), strict=True))


async def list_patiently(cache: Cache, client: Client, resource: Resource, found: Found) -> int:
    """List one kind, again and again through what time may heal.

    Raises:
        ApiError: the list could not be finished, however often it was tried.
    """
    for pause in PAUSES:
        try:
            return await list_into(cache, client, resource, found)
        except ApiError as problem:
            if not problem.is_transient:
                raise
            asked = problem.retry_after if isinstance(problem, Throttled) else 0.0
        await asyncio.sleep(max(asked, pause))
    return await list_into(cache, client, resource, found)


def _complete(item: Manifest, resource: Resource) -> Manifest:
    """Items of a list do not repeat their kind."""
    return {"apiVersion": resource.api_version, "kind": resource.kind} | item
