"""Spans and points of time, as manifests write them, and as numbers."""

import re
from datetime import datetime, timedelta
from typing import Annotated, Final

from pydantic import Field

from tenantry.api.markers import rule, rules

Duration = Annotated[
    str, Field(min_length=2, max_length=16, pattern=r"^([0-9]{1,5}(h|m|s|ms)){1,4}$")
]
"""``10s``, ``1h30m``, ``500ms``: what both Istio and the Gateway API (GEP-2257) read."""

NonzeroDuration = Annotated[
    Duration,
    Field(
        json_schema_extra=rules(
            rule("duration(self) >= duration('1ms')", "must be one millisecond at least")
        )
    ),
]
"""One that Istio takes for a limit; there is no limit of nothing."""

# Not "format: date-time", with which the API server admits a list for a string.
Timestamp = Annotated[
    str,
    Field(
        max_length=20,
        pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-5][0-9]Z$",
        json_schema_extra=rules(
            rule(
                "!format.datetime().validate(self).hasValue()",
                "must be a time that exists, in UTC, such as 2030-01-31T12:00:00Z",
            )
        ),
    ),
]
"""A second in UTC: ``2030-01-31T12:00:00Z``."""

_PART: Final = re.compile(r"([0-9]+)(h|ms|m|s)")
_UNITS: Final = {"h": "hours", "m": "minutes", "s": "seconds", "ms": "milliseconds"}


def span(duration: str) -> timedelta:
    """How long a ``Duration`` is."""
    parts = _PART.findall(duration)
    return sum((timedelta(**{_UNITS[unit]: int(number)}) for number, unit in parts), timedelta())


def in_order(duration: str) -> str:
    """The same with each unit once, the greatest first: Prometheus understands no other."""
    parts = _PART.findall(duration)
    sums = {unit: sum(int(number) for number, its in parts if its == unit) for unit in _UNITS}
    return "".join(f"{number}{unit}" for unit, number in sums.items() if number) or "0s"


def moment(timestamp: str) -> datetime:
    """When a ``Timestamp`` is, with its time zone.

    Raises:
        ValueError: there is no such day or time.
    """
    return datetime.fromisoformat(timestamp)
