import asyncio
from collections.abc import AsyncIterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clock import Clock
from tenantry.workqueue import PATIENCE, Work, WorkQueue
from waiting import eventually

SOON = 0.01
BRIEF = 1.0
"""Seconds within which what is due at once must come."""


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def queue(clock: Clock) -> AsyncIterator[WorkQueue]:
    made = WorkQueue(backoff=SOON, backoff_limit=8 * SOON, clock=clock)
    yield made
    made.close()


async def _next(queue: WorkQueue, *, urgent_only: bool = False) -> Work:
    item = await asyncio.wait_for(queue.get(urgent_only=urgent_only), BRIEF)
    assert item is not None
    return item


async def _keys(queue: WorkQueue) -> list[str]:
    """All that waits, in the order in which it is handed out."""
    keys = []
    while len(queue):
        item = await _next(queue)
        keys.append(item.key)
        queue.done(item.key)
    return keys


async def test_a_key_that_is_added_often_is_handed_out_once(queue: WorkQueue) -> None:
    for _ in range(10):
        queue.add("acme")

    assert await _keys(queue) == ["acme"]


async def test_the_first_in_is_the_first_out(queue: WorkQueue) -> None:
    for key in ("b", "a", "c", "b"):
        queue.add(key)

    assert await _keys(queue) == ["b", "a", "c"]


async def test_repairs_overtake(queue: WorkQueue) -> None:
    queue.add("a")
    queue.add("b")
    queue.add("c", urgent=True)

    assert await _keys(queue) == ["c", "a", "b"]


async def test_a_key_that_waits_may_become_urgent(queue: WorkQueue) -> None:
    for key in ("a", "b"):
        queue.add(key)
    queue.add("b", urgent=True)

    assert await _next(queue) == Work("b", is_urgent=True, waited=0.0)


async def test_an_urgent_key_stays_urgent(queue: WorkQueue) -> None:
    queue.add("a", urgent=True)
    queue.add("a")

    assert (await _next(queue)).is_urgent
    assert len(queue) == 0


async def test_a_worker_for_repairs_takes_nothing_else(queue: WorkQueue) -> None:
    queue.add("a")
    repairs = asyncio.create_task(_next(queue, urgent_only=True))
    await asyncio.sleep(0)
    assert not repairs.done()

    queue.add("b", urgent=True)

    assert (await repairs).key == "b"
    assert len(queue) == 1


async def test_a_key_that_is_worked_on_is_not_handed_out_again_until_it_is_done(
    queue: WorkQueue,
) -> None:
    queue.add("a")
    item = await _next(queue)
    queue.add("a")
    assert len(queue) == 0
    assert not queue.is_idle

    queue.done(item.key)

    assert (await _next(queue)).key == "a"


async def test_what_was_urgent_meanwhile_is_urgent_afterwards(queue: WorkQueue) -> None:
    queue.add("a")
    await _next(queue)
    queue.add("a", urgent=True)
    queue.add("a")

    queue.done("a")

    assert (await _next(queue)).is_urgent


async def test_it_says_how_long_a_key_has_waited(queue: WorkQueue, clock: Clock) -> None:
    queue.add("a")
    clock.now = 3.0
    queue.add("a", urgent=True)
    clock.now = 5.0

    assert (await _next(queue)).waited == 5.0


async def test_a_key_that_fails_waits_twice_as_long_each_time_up_to_a_limit(
    queue: WorkQueue,
) -> None:
    delays = []
    for _ in range(6):
        queue.add("a")
        await _next(queue)
        delays.append(queue.retry("a"))

    assert delays == pytest.approx([SOON * factor for factor in (1, 2, 4, 8, 8, 8)], rel=0.11)


async def test_a_key_that_nothing_is_wrong_with_waits_no_longer_than_is_said(
    queue: WorkQueue,
) -> None:
    delays = []
    for _ in range(4):
        queue.add("a")
        await _next(queue)
        delays.append(queue.retry("a", at_most=2 * SOON))

    assert delays == pytest.approx([SOON, *[2 * SOON] * 3], rel=0.11)
    assert queue.oldest_look() == 0


async def test_a_key_that_fails_comes_back(queue: WorkQueue) -> None:
    queue.add("a")
    await _next(queue)

    queue.retry("a")

    assert len(queue) == 0
    assert (await _next(queue)).key == "a"


async def test_success_forgets_failures(queue: WorkQueue) -> None:
    for _ in range(3):
        queue.add("a")
        await _next(queue)
        queue.retry("a")
    await _next(queue)
    queue.done("a")

    queue.add("a")
    await _next(queue)
    assert queue.retry("a") == pytest.approx(SOON, rel=0.11)


async def test_failures_of_one_key_delay_no_other(queue: WorkQueue) -> None:
    for _ in range(5):
        queue.add("a")
        await _next(queue)
        queue.retry("a")
    queue.add("b")
    await _next(queue)

    assert queue.retry("b") == pytest.approx(SOON, rel=0.11)


async def test_the_server_may_ask_for_more_patience(queue: WorkQueue) -> None:
    queue.add("a")
    await _next(queue)

    assert queue.retry("a", at_least=7.0) == 7.0


async def test_nothing_brings_a_key_back_before_the_time_that_the_server_asked_for(
    queue: WorkQueue,
) -> None:
    loop = asyncio.get_running_loop()
    queue.add("a")
    await _next(queue)
    queue.add("a", urgent=True)
    begun = loop.time()

    queue.retry("a", at_least=10 * SOON)
    queue.add("a", urgent=True)
    queue.add_after("a", SOON)

    assert (await _next(queue)).key == "a"
    assert loop.time() - begun >= 10 * SOON


async def test_what_changes_while_it_fails_is_looked_at_at_once() -> None:
    queue = WorkQueue(backoff=60)
    queue.add("a")
    await _next(queue)
    queue.add("a")

    queue.retry("a")

    assert (await _next(queue)).key == "a"
    queue.close()


async def test_delays_are_spread(queue: WorkQueue) -> None:
    delays = set()
    for number in range(20):
        key = f"t{number}"
        queue.add(key)
        await _next(queue)
        delays.add(queue.retry(key))

    assert len(delays) > 10


async def test_the_sooner_of_two_alarms_counts(queue: WorkQueue) -> None:
    queue.add_after("a", 60)
    queue.add_after("a", SOON)
    queue.add_after("a", 30)

    assert (await _next(queue)).key == "a"
    queue.done("a")
    assert len(queue) == 0


async def test_closing_lets_every_worker_go(queue: WorkQueue) -> None:
    workers = [asyncio.create_task(queue.get(urgent_only=one)) for one in (False, True, False)]
    queue.add_after("a", SOON)
    await asyncio.sleep(0)

    queue.close()

    assert await asyncio.wait_for(asyncio.gather(*workers), BRIEF) == [None, None, None]


async def test_a_closed_queue_takes_nothing(queue: WorkQueue) -> None:
    queue.close()
    queue.add("a")
    queue.add_after("b", 0)

    assert queue.is_idle
    assert await queue.get() is None


_steps = st.lists(
    st.one_of(
        st.tuples(st.just("add"), st.sampled_from("abc"), st.booleans()),
        st.tuples(st.just("take"), st.just(""), st.booleans()),
        st.tuples(st.just("done"), st.sampled_from("abc"), st.just(False)),
    ),
    max_size=40,
)


@given(_steps)
def test_no_key_is_lost_and_none_is_worked_on_twice_at_a_time(
    steps: list[tuple[str, str, bool]],
) -> None:
    asyncio.run(_play(steps))


async def _play(steps: list[tuple[str, str, bool]]) -> None:
    queue = WorkQueue()
    busy: set[str] = set()
    owed: set[str] = set()
    for verb, key, flag in steps:
        match verb:
            case "add":
                queue.add(key, urgent=flag)
                owed.add(key)
            case "take" if len(queue):
                item = await _next(queue)
                assert item.key not in busy
                assert item.key in owed
                busy.add(item.key)
                owed.discard(item.key)
            case "done" if key in busy:
                busy.discard(key)
                queue.done(key)
    for key in sorted(busy):
        queue.done(key)
    assert sorted(await _keys(queue)) == sorted(owed)
    assert queue.is_idle


async def test_what_has_no_hurry_waits_until_nobody_else_does(queue: WorkQueue) -> None:
    queue.add_at_leisure("slow", 0)
    await eventually(lambda: _length(queue), lambda seen: seen == 1)
    for key in ("a", "b"):
        queue.add(key)

    assert await _keys(queue) == ["a", "b", "slow"]


async def test_what_has_no_hurry_waits_until_nobody_else_is_worked_on(queue: WorkQueue) -> None:
    queue.add_at_leisure("slow", 0)
    queue.add_at_leisure("slower", 0)
    await eventually(lambda: _length(queue), lambda seen: seen == 2)
    queue.add("acme")
    await _next(queue)
    waiting = asyncio.create_task(queue.get())
    await asyncio.sleep(SOON)
    assert not waiting.done()

    queue.done("acme")

    first = await asyncio.wait_for(waiting, BRIEF)
    assert first is not None
    assert [first.key, (await _next(queue)).key] == ["slow", "slower"]


async def test_what_has_no_hurry_does_not_wait_for_ever(queue: WorkQueue, clock: Clock) -> None:
    queue.add_at_leisure("slow", 0)
    await eventually(lambda: _length(queue), lambda seen: seen == 1)
    queue.add("a")
    clock.now = PATIENCE + 1

    assert await _keys(queue) == ["slow", "a"]


async def test_what_becomes_due_is_not_looked_at_again_at_leisure(queue: WorkQueue) -> None:
    queue.add_at_leisure("acme", 0)
    await eventually(lambda: _length(queue), lambda seen: seen == 1)
    queue.add("b")
    queue.add("acme")

    assert await _keys(queue) == ["b", "acme"]


async def test_who_is_worked_on_is_looked_at_once_more_at_leisure(queue: WorkQueue) -> None:
    queue.add("acme")
    await _next(queue)
    queue.add_at_leisure("acme", 0)
    await asyncio.sleep(SOON)
    queue.done("acme")

    assert await _keys(queue) == ["acme"]


async def _length(queue: WorkQueue) -> int:
    return len(queue)
