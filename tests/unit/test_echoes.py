"""While a write is on its way: what is an echo of it, and what is somebody else's doing."""

from contextlib import ExitStack, suppress
from typing import Any, cast

import pytest

from stored import stored
from tenantry.api.base import Manifest
from tenantry.cluster.apply import Writer
from tenantry.cluster.cache import Cache
from tenantry.observed import Key

KEY: Key = ("Namespace", "", "acme-web")


def _namespace(version: int, **metadata: Any) -> Manifest:
    labels = {"tenantry.io/tenant": "acme"}
    manifest = {"apiVersion": "v1", "kind": "Namespace"}
    return stored(
        manifest | {"metadata": {"name": "acme-web", "labels": labels}}, version=version, **metadata
    )


class Scene:
    """A writer that sends nothing: its writes are played by the test."""

    def __init__(self) -> None:
        self.cache = Cache()
        self.overtaken: list[str] = []
        self.writer = Writer(
            cast("Any", None),
            self.cache,
            written=lambda *_: None,
            overtaken=lambda owner, _: self.overtaken.append(owner),
        )

    def watch(self, version: int) -> set[str]:
        """The watch tells of the object; gives who is writing it."""
        self.cache.upsert(_namespace(version))
        return self.writer.overhears(KEY, version)

    def watch_end(self, version: int) -> set[str]:
        """The watch tells that the object is gone."""
        self.cache.remove(_namespace(version))
        return self.writer.overhears(KEY, version, is_gone=True)


@pytest.fixture
def scene() -> Scene:
    return Scene()


def test_without_a_write_nothing_is_an_echo(scene: Scene) -> None:
    assert scene.watch(5) == set()
    assert not scene.writer.is_writing(KEY)


def test_an_echo_before_the_answer_is_no_reason_to_look_again(scene: Scene) -> None:
    with scene.writer.writing(KEY, "acme") as echoes:
        assert scene.watch(5) == {"acme"}
        echoes.take(_namespace(5))

    assert scene.overtaken == []
    assert scene.cache.version(KEY) == 5


def test_somebody_elses_change_meanwhile_is_one(scene: Scene) -> None:
    with scene.writer.writing(KEY, "acme") as echoes:
        scene.watch(5)
        scene.watch(6)
        echoes.take(_namespace(5))

    assert scene.overtaken == ["acme"]
    assert scene.cache.version(KEY) == 6


def test_a_write_that_failed_takes_nothing_for_its_echo(scene: Scene) -> None:
    with suppress(TimeoutError), scene.writer.writing(KEY, "acme"):
        scene.watch(5)
        raise TimeoutError

    assert scene.overtaken == ["acme"]
    assert not scene.writer.is_writing(KEY)


def test_what_was_deleted_meanwhile_does_not_come_back_with_the_answer(scene: Scene) -> None:
    with scene.writer.writing(KEY, "acme") as echoes:
        scene.watch(5)
        scene.watch_end(6)
        echoes.take(_namespace(5))

    assert scene.cache.get(KEY) is None
    assert scene.overtaken == ["acme"]


def test_a_deletion_of_our_own_is_no_news(scene: Scene) -> None:
    scene.watch(4)

    with scene.writer.writing(KEY, "acme") as echoes:
        scene.watch_end(6)
        echoes.take_deleted(_namespace(5))

    assert scene.cache.get(KEY) is None
    assert scene.overtaken == []


def test_an_object_that_waits_for_a_finalizer_is_still_there(scene: Scene) -> None:
    scene.watch(4)
    waiting = _namespace(5, deletionTimestamp="2026-01-01T00:00:00Z")

    with scene.writer.writing(KEY, "acme") as echoes:
        echoes.take_deleted(waiting)

    seen = scene.cache.get(KEY)
    assert seen is not None
    assert seen.is_being_deleted


@pytest.mark.parametrize("first_to_end", ["acme", "globex"])
def test_two_tenants_may_want_one_namespace_at_the_same_time(
    first_to_end: str, scene: Scene
) -> None:
    writes = {name: ExitStack() for name in ("acme", "globex")}
    echoes = {
        name: write.enter_context(scene.writer.writing(KEY, name)) for name, write in writes.items()
    }
    assert scene.watch(5) == {"acme", "globex"}
    echoes["acme"].take(_namespace(5))

    writes.pop(first_to_end).close()
    (last,) = writes
    assert scene.watch(5) == {last}
    writes.pop(last).close()

    # The one that did not make it looks again, and finds out whose it is.
    assert scene.overtaken == ["globex"]
    assert not scene.writer.is_writing(KEY)
