"""What the meter writes down and prices are put on: the border between the two.

The meter fills a ``Store`` with hours; allocation and reports read them. Amounts are unit-seconds,
never sampled and never rounded, so that they can be added in any order: core-seconds for ``cpu``,
byte-seconds for ``memory``, ``ephemeral-storage`` and ``storage/<class>``, device-seconds for an
extended resource by its name, seconds for ``load-balancer``.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal, Protocol

SupplyKind = Literal["node", "volume", "load-balancer"]


@dataclass(frozen=True, slots=True)
class Bucket:
    """What was requested, and used, in one hour.

    Attributes:
        hour: its start, in UTC, on the hour.
        tenant: empty for what belongs to none.
        namespace: where it runs.
        application: empty when there is none, as ``component``.
        workload: its top owner, ``Deployment/web``; empty when there is none.
        node_class: of the node; empty for what is on none, such as a volume.
        resource: ``cpu``, ``memory``, ``storage/<class>``, ``nvidia.com/gpu``, ...
        requested: unit-seconds.
        used: unit-seconds; None where nothing measures them.
    """

    hour: datetime
    tenant: str
    namespace: str
    application: str
    component: str
    workload: str
    node_class: str
    resource: str
    requested: Decimal
    used: Decimal | None


@dataclass(frozen=True, slots=True)
class Supply:
    """What was there to be had in one hour and is paid for, whoever used it.

    Attributes:
        hour: its start, in UTC, on the hour.
        kind: what it is of.
        node_class: of a node; of a volume its storage class; of a load balancer empty.
        resource: as a Bucket's.
        amount: unit-seconds.
    """

    hour: datetime
    kind: SupplyKind
    node_class: str
    resource: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Gap:
    """A time in which nobody metered, in UTC.

    Attributes:
        start: the last moment up to which all is known.
        end: from when on it is again.
        reason: why, for a person.
        is_recovered: whether the API still told what had happened meanwhile.
    """

    start: datetime
    end: datetime
    reason: str
    is_recovered: bool


class Store(Protocol):
    """Where the hours are. A time is UTC; ``start`` is in it, ``end`` is not."""

    def buckets(self, start: datetime, end: datetime, tenant: str | None) -> Iterable[Bucket]:
        """What was metered in these hours, of one tenant, or (None) of all."""

    def supplies(self, start: datetime, end: datetime) -> Iterable[Supply]:
        """What there was in these hours."""

    def gaps(self, start: datetime, end: datetime) -> Iterable[Gap]:
        """The times without a meter that touch these hours."""
