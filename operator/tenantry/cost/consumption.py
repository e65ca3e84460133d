"""What was asked for and used in some hours, added up by whom it is for: what prices are put on.

Nothing is rounded: amounts are unit-seconds as the meter wrote them, and sums of them are exact
under ``EXACT``. What a report does not tell apart is added up here, so that the rest works on as
few numbers as there are rows.
"""

from bisect import bisect_right
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
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
        demand: by owner and pool.
        supply: unit-seconds by pool.
    """

    demand: dict[tuple[Owner, Pool], Sum] = field(default_factory=dict)
    supply: dict[Pool, Decimal] = field(default_factory=dict)


@dataclass(slots=True)
class Coverage:
    """How much of what should be measured is.

    Attributes:
        measured: hours of a workload's CPU or memory of which the usage is known.
        unmeasured: those of which it is not.
        is_wider: whether something was met that begins before the window: of times long past, a
            store may keep days or months and no hours.
    """

    measured: int = 0
    unmeasured: int = 0
    is_wider: bool = False


@dataclass(frozen=True, slots=True)
class Calendar:
    """The days of a window, each as long as one RateCard holds.

    Attributes:
        starts: when each begins, in order; the first one is where the window does.
    """

    starts: Sequence[datetime]

    def fill(
        self,
        buckets: Iterable[Bucket],
        supplies: Iterable[Supply],
        basis: Basis,
        parts: Collection[str],
        coverage: Coverage,
    ) -> list[Day]:
        """Consumption and supply by day.

        Args:
            buckets: of all tenants.
            supplies: of the same hours.
            basis: what is charged.
            parts: of ``PARTS``, those to tell apart, beside the tenant and namespaces of no tenant.
            coverage: is told of what it meets.

        Returns:
            A day for each start; what lasts longer than an hour is of the day that it begins in.
        """
        days = [Day() for _ in self.starts]
        by_hour: dict[datetime, int] = {}
        known: dict[tuple[int, tuple[str, ...]], Sum] = {}
        for one in buckets:
            at = by_hour.get(one.hour)
            if at is None:
                at = by_hour[one.hour] = self._day_of(one.hour, coverage)
            series = at, _series(one)
            entry = known.get(series)
            if entry is None:
                key = _owner(one, parts), Pool(one.node_class, one.resource)
                entry = known[series] = days[at].demand.setdefault(key, Sum())
            _add(entry, one, basis, coverage)
        for supply in supplies:
            offered = days[self._day_of(supply.hour, coverage)].supply
            is_node = supply.kind == "node"
            pool = Pool(supply.node_class if is_node else "", supply.resource)
            offered[pool] = offered.get(pool, Decimal(0)) + supply.amount
        return days

    def _day_of(self, hour: datetime, coverage: Coverage) -> int:
        at = bisect_right(self.starts, hour) - 1
        if at < 0:
            coverage.is_wider = True
            return 0
        return at


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
