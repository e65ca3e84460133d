"""Hours, days and months: what buckets are kept by, and which of them answer a question.

Everything that is charged is added to its hour, its day and its month at once, so rolling up loses
and doubles nothing: it is forgetting hours, and later days. Days and months are those of UTC, which
has no summer time; times are seconds since 1970.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import IntEnum
from typing import Final

DAY: Final = 86_400
HOUR: Final = 3600


class Period(IntEnum):
    """How long a bucket is; the finer, the smaller."""

    HOUR = 0
    DAY = 1
    MONTH = 2


@dataclass(frozen=True, slots=True)
class Kept:
    """From when on which periods are kept: before ``days`` months only, before ``hours`` days."""

    hours: int = 0
    days: int = 0


def begin(period: Period, moment: int) -> int:
    """The first second of the period that a moment is in."""
    if period is not Period.MONTH:
        length = HOUR if period is Period.HOUR else DAY
        return moment - moment % length
    day = datetime.fromtimestamp(moment, UTC)
    return int(day.replace(day=1, hour=0, minute=0, second=0, microsecond=0).timestamp())


def after(period: Period, start: int) -> int:
    """The first second of the next period."""
    if period is not Period.MONTH:
        return start + (HOUR if period is Period.HOUR else DAY)
    return begin(period, start + 31 * DAY + HOUR)


def pieces(
    start: int, end: int, finest: Period, kept: Kept, now: int
) -> Iterator[tuple[Period, int, int]]:
    """Which buckets add up to a range of time: period, first second, and the second after the last.

    Args:
        start: of the range; it is widened to where a period begins that is still kept.
        end: of the range, not in it. If nothing has happened after it yet, a day or month that has
            begun counts as one that is over.
        finest: no finer periods than needed: with DAY, hours only where the range begins or ends
            within a day.
        kept: what there is.
        now: until when there is anything.
    """
    at = start
    while at < end:
        period = _longest(at, end, finest, kept, now)
        first = begin(period, at)
        stop = after(period, first)
        while stop < end and _longest(stop, end, finest, kept, now) is period:
            stop = after(period, stop)
        yield period, first, stop
        at = stop


def _longest(at: int, end: int, finest: Period, kept: Kept, now: int) -> Period:
    least = Period.MONTH if at < kept.days else Period.DAY if at < kept.hours else Period.HOUR
    whole = [one for one in Period if one <= finest and _is_whole(one, at, end, now)]
    return max([least, *whole])


def _is_whole(period: Period, at: int, end: int, now: int) -> bool:
    return begin(period, at) == at and min(after(period, at), now) <= end
