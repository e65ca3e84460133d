"""Places for writes: many, few while something is being repaired, always some for repairs."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from tenantry.cluster import places
from tenantry.cluster.places import FEW, Places
from waiting import eventually

MANY = FEW + 4


class Scene:
    """Writes that take a place and keep it until they are let go."""

    def __init__(self) -> None:
        self.places = Places(MANY, 2)
        self.inside = 0
        self._end = asyncio.Semaphore(0)
        self._tasks: list[asyncio.Task[None]] = []

    def write(self, times: int) -> None:
        """So many writes come."""
        self._tasks += [asyncio.create_task(self._write()) for _ in range(times)]

    async def end(self, times: int) -> None:
        """So many of those that have a place end."""
        for _ in range(times):
            self._end.release()
        await self.settle()

    async def settle(self) -> None:
        """Let everybody go as far as they can."""
        for _ in range(10):
            await asyncio.sleep(0)

    async def repair(self) -> None:
        """Something is repaired."""
        async with self.places.one(urgent=True):
            pass

    async def count(self) -> int:
        """How many write."""
        return self.inside

    async def close(self) -> None:
        """Nobody writes any more."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _write(self) -> None:
        async with self.places.one(urgent=False):
            self.inside += 1
            try:
                await self._end.acquire()
            finally:
                self.inside -= 1


@pytest.fixture
async def scene(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Scene]:
    monkeypatch.setattr(places, "CALM", 0.01)
    made = Scene()
    yield made
    await made.close()


async def test_as_many_write_as_there_are_places(scene: Scene) -> None:
    scene.write(2 * MANY)
    await scene.settle()
    assert scene.inside == MANY

    await scene.end(3)
    assert scene.inside == MANY


async def test_while_something_is_repaired_few_write(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(places, "CALM", 60.0)
    scene.write(3 * MANY)
    await scene.settle()

    await scene.repair()
    await scene.end(MANY - FEW)
    assert scene.inside == FEW
    await scene.end(1)
    assert scene.inside == FEW


async def test_once_it_is_calm_again_many_do(scene: Scene) -> None:
    scene.write(3 * MANY)
    await scene.repair()
    await scene.end(MANY)

    await eventually(scene.count, MANY.__eq__)


async def test_a_repair_finds_a_place_where_all_others_are_taken(scene: Scene) -> None:
    scene.write(2 * MANY)
    await scene.settle()

    await asyncio.wait_for(scene.repair(), 1)


async def test_few_places_stay_as_few_as_they_are(scene: Scene) -> None:
    scene.places = Places(2, 2)
    scene.write(8)
    await scene.repair()
    await scene.end(2)
    assert scene.inside == 2


async def test_a_write_that_is_cancelled_gives_its_place_back(scene: Scene) -> None:
    scene.write(MANY)
    await scene.settle()
    await scene.close()

    scene.write(MANY)
    await scene.settle()
    assert scene.inside == MANY
