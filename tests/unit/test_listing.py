"""What is read of a kind that is only heard of."""

from collections.abc import AsyncIterator
from typing import Any, cast

from tenantry.api.base import Manifest
from tenantry.cluster.cache import NoCache
from tenantry.cluster.listing import list_into
from tenantry.cluster.resources import FAILED_CREATIONS, Resource


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
