"""Hours, days and months of UTC, and which of them add up to a range of time."""

from datetime import UTC, datetime
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from tenantry.cost.periods import DAY, HOUR, Kept, Period, after, begin, pieces

YEAR = 366 * DAY
START = int(datetime(2027, 11, 1, tzinfo=UTC).timestamp())
"""With a leap day within the year after it."""


def second(*when: int) -> int:
    return int(datetime(*when, tzinfo=UTC).timestamp())  # type: ignore[arg-type,misc]


def test_months_are_those_of_the_calendar() -> None:
    assert begin(Period.MONTH, second(2028, 2, 29, 23, 59, 59)) == second(2028, 2, 1)
    assert after(Period.MONTH, second(2028, 2, 1)) == second(2028, 3, 1)
    assert after(Period.MONTH, second(2027, 12, 1)) == second(2028, 1, 1)
    assert begin(Period.DAY, second(2028, 3, 26, 1, 30)) == second(2028, 3, 26)


def test_a_month_is_answered_by_itself_and_a_range_by_what_is_whole_within_it() -> None:
    start, end, now = second(2028, 1, 30, 22), second(2028, 3, 2, 1), second(2029, 1, 1)

    assert list(pieces(start, end, Period.MONTH, Kept(), now)) == [
        (Period.HOUR, start, second(2028, 1, 31)),
        (Period.DAY, second(2028, 1, 31), second(2028, 2, 1)),
        (Period.MONTH, second(2028, 2, 1), second(2028, 3, 1)),
        (Period.DAY, second(2028, 3, 1), second(2028, 3, 2)),
        (Period.HOUR, second(2028, 3, 2), end),
    ]


def test_the_month_that_has_begun_is_whole_up_to_now() -> None:
    now = second(2028, 2, 10, 5, 7)

    assert list(pieces(second(2028, 2, 1), now, Period.MONTH, Kept(), now)) == [
        (Period.MONTH, second(2028, 2, 1), second(2028, 3, 1))
    ]


@given(
    st.integers(0, YEAR),
    st.integers(1, YEAR),
    st.sampled_from(Period),
    st.integers(0, YEAR),
    st.integers(0, YEAR),
)
def test_pieces_follow_each_other_and_leave_nothing_out(
    start: int, length: int, finest: Period, hours: int, days: int
) -> None:
    first, now = START + start, START + 3 * YEAR
    end = begin(Period.HOUR, first + length) + HOUR
    kept = Kept(begin(Period.DAY, START + max(hours, days)), begin(Period.MONTH, START + days))
    found = list(pieces(first, end, finest, kept, now))

    assert found[0][1] <= first
    assert found[-1][2] >= end
    assert all(left[2] == right[1] for left, right in pairwise(found))
    for period, begins, ends in found:
        assert begin(period, begins) == begins
        assert begins >= kept.hours or period is not Period.HOUR
        assert begins >= kept.days or period is Period.MONTH
        assert ends == begin(period, ends), "it ends where a period ends"
