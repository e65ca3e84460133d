"""The time that a report is about, as people write it: ``month``, ``7d``, ``2026-10``.

All of it is UTC, and in full hours, as costs are.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

from tenantry.cost.consumption import DAY

HELP: Final = (
    "month, last-month, today, a number of days or hours up to now (7d, 24h), a month (2026-10), a "
    "day (2026-10-31), or days from one to another (2026-10-01..2026-10-15)"
)

_HOUR: Final = timedelta(hours=1)
_SPAN: Final = re.compile(r"([1-9][0-9]{0,3})([dh])")
_MONTH: Final = re.compile(r"([0-9]{4})-([0-9]{2})")
_LONGEST: Final = 3660 * DAY


class BadWindowError(ValueError):
    """What is written is no window; the message says what to write."""


@dataclass(frozen=True, slots=True)
class Window:
    """From the first hour to the first that does not belong to it.

    Attributes:
        start: in UTC.
        end: likewise.
        is_monthly: whether it is a calendar month, or one so far.
    """

    start: datetime
    end: datetime
    is_monthly: bool = False

    def previous(self) -> "Window":
        """What it is compared with: as long a time before; of a month, as much of the one before.

        A whole month is compared with a whole month, be they of 31 days and 28.
        """
        if not self.is_monthly:
            return Window(self.start - (self.end - self.start), self.start)
        before = _first(self.start - DAY)
        is_whole = self.end == _next(self.start)
        end = self.start if is_whole else min(before + (self.end - self.start), self.start)
        return Window(before, end, is_monthly=True)


def window(text: str, now: datetime) -> Window:
    """Read a window.

    Args:
        text: as ``HELP`` says.
        now: in UTC; what goes on ends with the hour that it is in.

    Raises:
        BadWindowError: it is none, or it is longer than ten years.
    """
    found = _read(text.strip(), now)
    if found is None:
        raise BadWindowError(f"{text!r} is no window: write {HELP}")
    if not found.start < found.end:
        raise BadWindowError(f"{text!r} ends before it begins")
    if found.end - found.start > _LONGEST:
        raise BadWindowError(f"{text!r} is longer than ten years")
    return found


def _read(text: str, now: datetime) -> Window | None:
    end = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0) + _HOUR
    month = _first(end - _HOUR)
    named = {
        "month": Window(month, end, is_monthly=True),
        "last-month": Window(_first(month - DAY), month, is_monthly=True),
        "today": Window((end - _HOUR).replace(hour=0), end),
    }
    if text in named:
        return named[text]
    if span := _SPAN.fullmatch(text):
        return Window(end - int(span[1]) * (DAY if span[2] == "d" else _HOUR), end)
    if written := _MONTH.fullmatch(text):
        start = _day(f"{text}-01") if 1 <= int(written[2]) <= _MONTHS else None
        return Window(start, _next(start), is_monthly=True) if start else None
    first, _, last = text.partition("..")
    start, until = _day(first), _day(last or first)
    return Window(start, until + DAY) if start and until else None


_MONTHS: Final = 12


def _first(when: datetime) -> datetime:
    return when.replace(day=1, hour=0)


def _next(month: datetime) -> datetime:
    return _first(month + 32 * DAY)


def _day(text: str) -> datetime | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return datetime(found.year, found.month, found.day, tzinfo=UTC)
