"""What a list reads, and what it tells of the API server."""

from collections.abc import AsyncIterator
from typing import Any, cast

import pytest

from tenantry.api.base import Manifest
from tenantry.cluster.cache import Cache, NoCache
from tenantry.cluster.errors import WentBack
from tenantry.cluster.listing import list_into
from tenantry.cluster.resources import FAILED_CREATIONS, LIMIT_RANGES, Resource


class _Full:
    """A cluster with so many Events that nobody should read them."""

    async def pages(self, _: Resource, *, limit: int = 500) -> AsyncIterator[Manifest]:
        """A page with the first of them, and no further one."""
        assert limit == 1
        yield {"metadata": {"resourceVersion": "7", "continue": "more"}, "items": [{}]}
        raise AssertionError("a second page was asked for")


async def test_what_is_only_heard_of_is_not_read() -> None:
    client = cast("Any", _Full())

    assert await list_into(NoCache(), client, FAILED_CREATIONS, lambda *_: None) == 7


class _Listing:
    """A cluster with one LimitRange, listed at a version."""

    def __init__(self, item: int, version: int) -> None:
        self._item, self._version = item, version

    async def pages(self, _: Resource) -> AsyncIterator[Manifest]:
        """The only page."""
        item = {"metadata": _metadata(self._item)}
        yield {"metadata": {"resourceVersion": str(self._version)}, "items": [item]}


def _metadata(version: int) -> Manifest:
    return {"name": "tenantry", "namespace": "a", "uid": "u", "resourceVersion": str(version)}


async def _list(item: int, version: int, *, known: int) -> int:
    """List when the LimitRange is known in a version already."""
    cache = Cache()
    kind = {"apiVersion": LIMIT_RANGES.api_version, "kind": LIMIT_RANGES.kind}
    cache.upsert(kind | {"metadata": _metadata(known)})
    client = cast("Any", _Listing(item, version))
    return await list_into(cache, client, LIMIT_RANGES, lambda *_: None)


@pytest.mark.parametrize(
    ("item", "version"), [(5, 9), (7, 9), (5, 6)], ids=["same", "newer", "written meanwhile"]
)
async def test_a_list_that_knows_more_or_was_overtaken_is_taken(item: int, version: int) -> None:
    known = 7 if version == 6 else 5

    assert await _list(item, version, known=known) == version


async def test_a_list_with_an_object_that_was_known_to_be_newer_is_of_an_older_state() -> None:
    """As after a restore of etcd with ``--bump-revision``."""
    with pytest.raises(WentBack):
        await _list(5, 1_000_000, known=7)
