"""What a watch parses, and what it passes over because the cache has it already."""

import asyncio
from contextlib import suppress
from typing import Any, cast

import orjson
import pytest

from stored import stored
from tenantry.api.base import Manifest
from tenantry.cluster.cache import Cache
from tenantry.cluster.errors import Gone, NotFound, Unreachable, WentBack
from tenantry.cluster.resources import APPLICATIONS, LIMIT_RANGES, Resource
from tenantry.cluster.watching import SILENCE, Watch


def _limits(version: int, **metadata: Any) -> Manifest:
    """As the API server writes it: kind first, then metadata in an order of its own."""
    named = {"name": "tenantry", "namespace": "acme-web", "uid": "u1"}
    numbered = named | {"resourceVersion": str(version), "labels": {"tenantry.io/tenant": "acme"}}
    return {"kind": "LimitRange", "apiVersion": "v1", "metadata": numbered | metadata}


class _Lines:
    """A client whose watch gives these lines and then waits no longer."""

    def __init__(self, *events: Manifest) -> None:
        self._lines = [orjson.dumps(event) for event in events]

    async def lines(self, *_: Any, **__: Any) -> Any:
        """The lines."""
        yield b""
        for line in self._lines:
            yield line


async def _heard(cache: Cache, *events: tuple[str, Manifest]) -> tuple[list[str], int]:
    """What is told of some events, and the version from which the watch would go on."""
    heard: list[str] = []
    lines = _Lines(*({"type": type_, "object": manifest} for type_, manifest in events))
    watch = Watch(
        cast("Any", lines), cache, LIMIT_RANGES, 1, lambda type_, _: heard.append(type_), _unheard
    )
    await watch._follow()
    return heard, watch.version


def _unheard(*_: object) -> None:
    raise AssertionError("nothing was listed")


@pytest.fixture
def cache() -> Cache:
    made = Cache()
    made.upsert(_limits(5))
    return made


@pytest.mark.parametrize("type_", ["ADDED", "MODIFIED"])
@pytest.mark.parametrize("version", [4, 5])
async def test_an_echo_is_passed_over_and_the_watch_goes_on_after_it(
    cache: Cache, type_: str, version: int
) -> None:
    assert await _heard(cache, (type_, _limits(version))) == ([], version)


@pytest.mark.parametrize(
    "event",
    [
        ("MODIFIED", _limits(6)),
        ("DELETED", _limits(5)),
        ("ADDED", _limits(5, name="other")),
        ("ADDED", _limits(5, namespace="other")),
        ("ADDED", stored(_limits(5) | {"metadata": {"name": "in-another-order"}}, version=5)),
    ],
)
async def test_everything_else_is_told(cache: Cache, event: tuple[str, Manifest]) -> None:
    heard, version = await _heard(cache, event)

    assert heard == [event[0]]
    assert version == int(event[1]["metadata"]["resourceVersion"])


async def test_an_event_in_another_order_than_expected_is_told(cache: Cache) -> None:
    known = _limits(5)
    backwards = known | {"metadata": dict(reversed(known["metadata"].items()))}

    assert await _heard(cache, ("MODIFIED", backwards)) == (["MODIFIED"], 5)


async def test_a_bookmark_only_moves_the_watch_on(cache: Cache) -> None:
    bookmark = {"kind": "LimitRange", "metadata": {"resourceVersion": "9"}}

    assert await _heard(cache, ("BOOKMARK", bookmark)) == ([], 9)


@pytest.mark.parametrize("type_", ["BOOKMARK", "MODIFIED", "DELETED"])
async def test_a_watch_that_goes_back_ends_for_good(cache: Cache, type_: str) -> None:
    """Of an etcd that was restored, nothing that is known is true any more."""
    later = {"kind": "LimitRange", "metadata": {"resourceVersion": "9"}}

    with pytest.raises(WentBack, match="gone back to an older state"):
        await _heard(cache, ("BOOKMARK", later), (type_, _limits(8, name="other")))


async def test_one_error_in_a_watch_waits_no_longer_because_nobody_answered_before(
    cache: Cache,
) -> None:
    """After a restart of the API server, what is known is too old: it takes a list, and at once."""
    watch = Watch(cast("Any", _Lines()), cache, LIMIT_RANGES, 1, lambda *_: None, _unheard)
    watch._failures = 8
    expired = {"type": "ERROR", "object": {"code": 410, "message": "too old resource version"}}

    for errors in (0, 1, 2):
        with pytest.raises(Gone):
            watch._take(expired)
        assert watch._failures == errors
    watch._take({"type": "BOOKMARK", "object": {"metadata": {"resourceVersion": "9"}}})
    with pytest.raises(Gone):
        watch._take(expired)
    assert watch._failures == 0


class _Silent(_Lines):
    """A client whose watch begins, tells nothing more, and is given up; its list is older."""

    def __init__(self, silent: float) -> None:
        super().__init__()
        self._silent = silent
        self.listed = 0
        self.watch: Watch

    async def lines(self, *_: Any, **__: Any) -> Any:
        """The beginning."""
        yield b""
        self.watch._heard_at -= self._silent
        raise Unreachable("silence")

    async def pages(self, *_: Any, **__: Any) -> Any:
        """Nothing, as of long ago."""
        self.listed += 1
        yield {"metadata": {"resourceVersion": "3"}, "items": []}


@pytest.mark.parametrize(("silent", "listed"), [(SILENCE, 1), (10.0, 0)])
async def test_a_watch_without_even_bookmarks_is_followed_by_a_list(
    silent: float, listed: int
) -> None:
    """It may wait for a version that never was; one that was only cut goes on where it was."""
    client = _Silent(silent)
    watch = Watch(cast("Any", client), Cache(), LIMIT_RANGES, 7, _unheard, _unheard)
    client.watch = watch
    with pytest.raises(Unreachable):
        await watch._follow()

    with pytest.raises(WentBack if listed else Unreachable):
        await watch._follow()

    assert client.listed == listed


class _Nothing:
    """A client of a cluster that has the kind no longer."""

    async def lines(self, *_: Any, **__: Any) -> Any:
        """No lines."""
        raise NotFound("gone")
        yield b""

    async def pages(self, *_: Any, **__: Any) -> Any:
        """No pages."""
        raise NotFound("gone")
        yield {}


async def test_a_kind_that_goes_is_told_of_at_once_and_looked_for_at_leisure() -> None:
    told = list[tuple[str, bool]]()
    client, gone = cast("Any", _Nothing()), asyncio.Event()

    def served(resource: Resource, *, is_it: bool) -> None:
        told.append((resource.kind, is_it))
        if not is_it:
            gone.set()

    watch = Watch(client, Cache(), APPLICATIONS, 7, _unheard, _unheard, served, absence=3600)
    following = asyncio.create_task(watch.run())
    await asyncio.wait_for(gone.wait(), 5)
    await asyncio.sleep(0)
    assert (told, watch.version) == ([("Application", True), ("Application", False)], 0)
    following.cancel()
    with suppress(asyncio.CancelledError):
        await following
