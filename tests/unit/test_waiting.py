import asyncio
from collections.abc import Callable

import pytest

from tenantry.cluster.errors import Forbidden, NotFound, Throttled
from waiting import eventually, eventually_gone


def _answers(*answers: int | Exception) -> Callable[[], asyncio.Future[int]]:
    """One answer after the other, and then the last one again and again."""
    left = list(answers)

    async def look() -> int:
        answer = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    return lambda: asyncio.ensure_future(look())


async def test_it_looks_until_what_is_seen_is_as_it_should_be() -> None:
    assert await eventually(_answers(1, 2, 3), lambda seen: seen == 3) == 3


async def test_what_is_true_is_enough_when_nothing_is_said() -> None:
    assert await eventually(_answers(0, 0, 7)) == 7


@pytest.mark.parametrize("error", [NotFound("no"), Throttled("later")])
async def test_what_is_not_there_yet_is_waited_for(error: Exception) -> None:
    assert await eventually(_answers(error, error, 5)) == 5


async def test_any_other_error_is_the_tests() -> None:
    with pytest.raises(Forbidden):
        await eventually(_answers(Forbidden("no")))


async def test_a_deadline_says_what_was_awaited_and_seen() -> None:
    with pytest.raises(AssertionError) as late:
        await eventually(_answers(41), lambda seen: seen == 42, within=0.05)

    assert "not within 0.05 s" in str(late.value)
    assert "seen == 42" in str(late.value)
    assert "last seen: 41" in str(late.value)


async def test_a_deadline_shows_an_absence_too() -> None:
    with pytest.raises(AssertionError, match=r"last seen: tenants \"x\" not found"):
        await eventually(_answers(NotFound('tenants "x" not found')), within=0)


async def test_it_looks_at_least_once() -> None:
    assert await eventually(_answers(1), within=0) == 1


async def test_what_goes_is_waited_for() -> None:
    await eventually_gone(_answers(1, 1, NotFound("gone")))


async def test_what_stays_is_shown() -> None:
    with pytest.raises(AssertionError, match="7"):
        await eventually_gone(_answers(7), within=0.05)
