"""What the probes tell of a process: what a restart heals, and what it only waits for."""

import asyncio
from dataclasses import dataclass
from time import monotonic, time
from typing import Any, cast

import pytest

from tenantry.cluster.cache import Cache
from tenantry.cluster.lease import Elector
from tenantry.cluster.resources import LIMIT_RANGES, PODS
from tenantry.cluster.watching import Watch
from tenantry.handlers.vitals import BLIND, STUCK, Vitals
from tenantry.settings import load
from tenantry.workqueue import WorkQueue


@dataclass
class Clock:
    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Election:
    """A replica's part in one, as far as probes ask."""

    is_leader: bool = False
    silence: float | None = None

    def unseen(self) -> float | None:
        return self.silence


def watch(resource: Any = PODS, *, version: int = 1, silent: float = 0) -> Watch:
    one = Watch(cast("Any", None), Cache(), resource, version, lambda *_: None, lambda *_: None)
    one._heard_at -= silent
    return one


def elector(*, leads: bool = False, unseen: float | None = None) -> Elector:
    return cast("Elector", Election(leads, unseen))


async def test_a_process_that_lacks_nothing_is_alive_and_ready() -> None:
    vitals = Vitals([], watches=[watch()], queues=(WorkQueue(),), elector=elector())

    assert (vitals.problems(), vitals.missing()) == ([], [])


async def test_what_is_awaited_is_missing_and_no_reason_for_a_restart() -> None:
    vitals = Vitals(["the first list"])

    assert (vitals.problems(), vitals.missing()) == ([], ["the first list"])


async def test_a_task_that_has_ended_is_healed_by_a_restart() -> None:
    task = asyncio.create_task(asyncio.sleep(0), name="watch of pods")
    await task

    assert Vitals([], tasks=[task]).problems() == ["the watch of pods has ended"]


async def test_a_look_that_does_not_end_is_healed_by_a_restart() -> None:
    clock = Clock()
    queue = WorkQueue(clock=clock)
    vitals = Vitals([], queues=(WorkQueue(), queue))
    for key in ("acme", "globex"):
        queue.add(key)
    await queue.get()
    clock.now += STUCK
    await queue.get()

    assert vitals.problems() == []
    clock.now += 1
    assert vitals.problems() == [f"a look has lasted {STUCK + 1:.0f} s"]
    queue.done("acme")
    assert vitals.problems() == []


async def test_a_watch_that_hears_nothing_is_missing_and_no_reason_for_a_restart() -> None:
    vitals = Vitals([], watches=[watch(silent=BLIND + 1), watch(LIMIT_RANGES, silent=BLIND - 5)])

    assert vitals.missing() == [f"the watch of pods has heard nothing for {BLIND + 1:.0f} s"]
    assert vitals.problems() == []


async def test_a_kind_that_is_not_there_is_not_missed() -> None:
    vitals = Vitals([], watches=[watch(version=0, silent=BLIND + 1), watch(LIMIT_RANGES)])

    assert vitals.missing() == []
    assert vitals.heard().keys() == {"LimitRange"}


async def test_when_something_was_heard_is_told_by_the_clock_on_the_wall() -> None:
    vitals = Vitals([], watches=[watch(silent=60)])

    assert vitals.heard()["Pod"] == pytest.approx(time() - 60, abs=5)


@pytest.mark.parametrize(
    ("unseen", "told"),
    [
        (None, []),
        (float("inf"), ["the lease has not been seen yet"]),
        (31.0, ["the lease has not been seen for 31 s"]),
    ],
)
async def test_who_stands_by_is_ready_only_while_it_sees_the_lease(
    unseen: float | None, told: list[str]
) -> None:
    assert Vitals([], elector=elector(unseen=unseen)).missing() == told
    assert Vitals([], elector=elector(unseen=unseen, leads=True)).missing() == []


async def test_an_elector_says_how_long_it_has_not_seen_its_lease() -> None:
    made = Elector(cast("Any", None), load({"lease_duration": 15}))

    assert made.unseen() == float("inf")
    made._told_at = monotonic() - 29
    assert made.unseen() is None
    made._told_at = monotonic() - 31
    assert made.unseen() == pytest.approx(31, abs=1)
    assert not made.holds()
