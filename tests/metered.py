"""A Store that holds what a test puts into it, and hours to put."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from tenantry.cost.buckets import Bucket, Gap, Supply, SupplyKind

GIB = 2**30
START = datetime(2026, 10, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


@dataclass
class Hours:
    """What was metered.

    Amounts are given as people speak of them, for each hour of a span: cores, GiB, devices.
    """

    held: list[Bucket] = field(default_factory=list)
    offered: list[Supply] = field(default_factory=list)
    missed: list[Gap] = field(default_factory=list)

    def buckets(self, start: datetime, end: datetime, tenant: str | None) -> Iterator[Bucket]:
        for one in self.held:
            if start <= one.hour < end and tenant in (None, one.tenant):
                yield one

    def supplies(self, start: datetime, end: datetime) -> Iterator[Supply]:
        return (one for one in self.offered if start <= one.hour < end)

    def gaps(self, start: datetime, end: datetime) -> Iterator[Gap]:
        return (one for one in self.missed if one.start < end and start < one.end)

    def ran(
        self,
        tenant: str,
        resource: str,
        requested: float | str,
        used: float | str | None = None,
        **where: str | int | datetime,
    ) -> "Hours":
        """Something ran: by default in one hour, in namespace ``<tenant>-prod``."""
        for hour in _hours(where):
            self.held.append(
                Bucket(
                    hour=hour,
                    tenant=tenant,
                    namespace=str(where.get("namespace", f"{tenant}-prod")),
                    application=str(where.get("application", "")),
                    component=str(where.get("component", "")),
                    workload=str(where.get("workload", "")),
                    node_class=str(where.get("node_class", "")),
                    resource=resource,
                    requested=_seconds(resource, requested),
                    used=None if used is None else _seconds(resource, used),
                )
            )
        return self

    def had(
        self,
        kind: SupplyKind,
        resource: str,
        amount: float | str,
        **where: str | int | datetime,
    ) -> "Hours":
        """Something was there to be had: by default in one hour."""
        self.offered += [
            Supply(
                hour, kind, str(where.get("node_class", "")), resource, _seconds(resource, amount)
            )
            for hour in _hours(where)
        ]
        return self


def _hours(where: dict[str, str | int | datetime]) -> Iterable[datetime]:
    since, count = where.get("since", START), where.get("hours", 1)
    assert isinstance(since, datetime)
    return [since + at * HOUR for at in range(int(str(count)))]


def _seconds(resource: str, amount: float | str) -> Decimal:
    is_bytes = resource in ("memory", "ephemeral-storage") or resource.startswith("storage/")
    return Decimal(str(amount)) * 3600 * (GIB if is_bytes else 1)
