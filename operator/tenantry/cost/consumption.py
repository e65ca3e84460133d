"""What was asked for and used in some hours, added up by whom it is for: what prices are put on.

Nothing is rounded: amounts are unit-seconds as the meter wrote them, and sums of them are exact
under ``EXACT``. What a report does not tell apart is added up here, so that the rest works on as
few numbers as there are rows.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Final, Literal

from tenantry.cost.buckets import Bucket, Supply

Basis = Literal["Request", "Usage", "Max"]
"""What is charged: what was requested, what was used, or the larger of the two in each hour, which
is what OpenCost does."""
EXACT: Final = Context(prec=60, rounding=ROUND_HALF_EVEN)
"""Enough digits for the byte-seconds of a year of a large cluster times a price, with a
quintillionth of a cent to spare."""

_MEASURED: Final = frozenset({"cpu", "memory"})
"""What metrics.k8s.io tells of."""
DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Owner:
    """Whom a cost is for; a part is empty when there is none or when nobody asks for it."""

    tenant: str = ""
    namespace: str = ""
    application: str = ""
    component: str = ""
    workload: str = ""


PARTS: Final = ("tenant", "namespace", "application", "component", "workload")
"""The parts of an ``Owner``, the largest first."""


@dataclass(frozen=True, slots=True)
class Pool:
    """What can stand in for each other: a resource of the nodes of one class; volumes of one class.

    Attributes:
        node_class: empty for nodes of none, and for what is on no node.
        resource: as in a ``Bucket``.
    """

    node_class: str
    resource: str


@dataclass(slots=True)
class Sum:
    """Unit-seconds of one owner in one pool.

    Attributes:
        charged: by the basis.
        requested: all that was requested.
        measured: what was requested in hours in which the usage is known.
        used: in the same hours.
    """

    charged: Decimal = Decimal(0)
    requested: Decimal = Decimal(0)
    measured: Decimal = Decimal(0)
    used: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Day:
    """A day, or the part of one that a window or a RateCard leaves.

    Attributes:
        start: in UTC.
        demand: by owner and pool.
        supply: unit-seconds by pool.
    """

    start: datetime
    demand: dict[tuple[Owner, Pool], Sum]
    supply: dict[Pool, Decimal]


@dataclass(slots=True)
class Coverage:
    """How much of what should be measured is.

    Attributes:
        measured: hours of a workload's CPU or memory of which the usage is known.
        unmeasured: those of which it is not.
    """

    measured: int = 0
    unmeasured: int = 0


def days(
    buckets: Iterable[Bucket],
    supplies: Iterable[Supply],
    basis: Basis,
    parts: Collection[str],
    coverage: Coverage,
) -> dict[datetime, Day]:
    """Consumption and supply by UTC day; days without either are left out.

    Args:
        buckets: of all tenants, of hours at one RateCard.
        supplies: of the same hours.
        basis: what is charged.
        parts: of ``PARTS``, those to tell apart, beside the tenant and the namespaces of no tenant.
        coverage: is told of what it meets.
    """
    found: dict[datetime, Day] = {}
    by_hour: dict[datetime, Day] = {}
    known: dict[tuple[datetime, tuple[str, ...]], Sum] = {}
    for one in buckets:
        day = by_hour.get(one.hour)
        if day is None:
            day = by_hour[one.hour] = _day(found, one.hour)
        series = day.start, _series(one)
        entry = known.get(series)
        if entry is None:
            key = _owner(one, parts), Pool(one.node_class, one.resource)
            entry = known[series] = day.demand.setdefault(key, Sum())
        _add(entry, one, basis, coverage)
    for supply in supplies:
        offered = _day(found, supply.hour).supply
        is_node = supply.kind == "node"
        pool = Pool(supply.node_class if is_node else "", supply.resource)
        offered[pool] = offered.get(pool, Decimal(0)) + supply.amount
    return found


def _series(bucket: Bucket) -> tuple[str, ...]:
    """What all hours of the same thing have in common: looked up once an hour, and so a tuple."""
    return (
        bucket.tenant,
        bucket.namespace,
        bucket.application,
        bucket.component,
        bucket.workload,
        bucket.node_class,
        bucket.resource,
    )


def _day(found: dict[datetime, Day], hour: datetime) -> Day:
    start = midnight(hour)
    if start not in found:
        found[start] = Day(start, {}, {})
    return found[start]


def midnight(when: datetime) -> datetime:
    """The beginning of the UTC day that a moment is in."""
    return when.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def _owner(bucket: Bucket, parts: Collection[str]) -> Owner:
    """Whom a bucket is for, as far as somebody asks; what is no tenant's keeps its namespace."""
    is_asked = not bucket.tenant or "namespace" in parts
    return Owner(
        bucket.tenant,
        bucket.namespace if is_asked else "",
        bucket.application if "application" in parts else "",
        bucket.component if "component" in parts else "",
        bucket.workload if "workload" in parts else "",
    )


def _add(entry: Sum, bucket: Bucket, basis: Basis, coverage: Coverage) -> None:
    requested, used = bucket.requested, bucket.used
    entry.requested += requested
    if bucket.resource in _MEASURED:
        if used is None:
            coverage.unmeasured += 1
        else:
            coverage.measured += 1
    if used is None:
        entry.charged += requested
        return
    entry.measured += requested
    entry.used += used
    if basis == "Request":
        entry.charged += requested
    elif basis == "Usage":
        entry.charged += used
    else:
        entry.charged += max(requested, used)


def part_of_months(start: datetime, end: datetime) -> Decimal:
    """How many months a time is, each hour being the part of its own month that it is.

    So that a fixed cost of a month is all charged in that month, be it of 28 days or of 31.
    """
    total = Decimal(0)
    at = start
    while at < end:
        first = at.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
        following = (first + 32 * DAY).replace(day=1)
        until = min(end, following)
        total += Decimal((until - at) // timedelta(seconds=1)) / Decimal(
            (following - first) // timedelta(seconds=1)
        )
        at = until
    return total
