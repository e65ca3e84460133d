"""Pure: what each tenant pays of what there was; every core-hour belongs to somebody, or is told.

All that is paid for is nodes, volumes, load balancers, traffic and fixed costs. Of each, a tenant
pays what it asked for; what nobody asked for is idle; what namespaces of no tenant asked for is
shared or unallocated. Then shared costs are shared as the RateCard says. So in every currency and
every window, and to the last cent::

    tenants + shared + idle + unallocated = nodes + volumes + load balancers + traffic + fixed costs

The formulas are OpenCost's (``core/pkg/opencost/allocation.go``), but for two things: decimals
instead of floats, and days instead of the window, so that a month's bill is the sum of its days'.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from fnmatch import fnmatchcase
from typing import Final, Literal

from tenantry.api.rate_card import RateCardSpec, Sharing
from tenantry.cost.consumption import Day, Owner, Pool, Sum, part_of_months
from tenantry.cost.price_book import Tariff, unit_of
from tenantry.cost.sharing import parts_of

ChargeKind = Literal["Usage", "Reserved", "Idle", "SharedNamespace", "FixedCost", "Unallocated"]
"""Why something is charged. The owner says to whom: a tenant, or nobody when it is kept apart."""
Reservations = Mapping[str, Mapping[str, Decimal]]
"""Of tenants that are charged for what is set aside: how much, by resource (cores, bytes)."""

_NOBODY: Final = Owner()
_NOUGHT: Final = Decimal(0)
_RESERVED: Final = ("cpu", "memory", "ephemeral-storage")
_NEGLIGIBLE: Final = Decimal("1e-40")
"""What a division by three leaves of one."""


@dataclass(frozen=True, slots=True)
class Charge:
    """A cost, whose it is, and why.

    Attributes:
        start: in UTC; the beginning of a day, or of the part of it that is charged at these prices.
        end: when that ends.
        owner: whose; of no tenant for what is kept apart.
        kind: why.
        pool: what it is for; the resource is the name of the cost for fixed ones.
        amount: unit-seconds that it is the price of, or the share of them; months, of fixed costs.
        cost: in the card's currency, not rounded.
        list_cost: the same without discounts.
        sums: what was requested and used; none but for usage.
    """

    start: datetime
    end: datetime
    owner: Owner
    kind: ChargeKind
    pool: Pool
    amount: Decimal
    cost: Decimal
    list_cost: Decimal
    sums: Sum | None = None


@dataclass(frozen=True, slots=True)
class Sharings:
    """How the three sorts of shared costs are shared, and which namespaces are."""

    namespaces: tuple[str, ...]
    idle: Sharing
    shared_namespaces: Sharing
    fixed_costs: Sharing
    shares: Mapping[str, str]

    @classmethod
    def of(cls, spec: RateCardSpec, idle: Sharing | None = None) -> "Sharings":
        """As a card says, but for what somebody wants otherwise."""
        own = spec.sharing
        return cls(
            tuple(own.namespaces),
            idle or own.idle,
            own.shared_namespaces,
            own.fixed_costs,
            own.shares,
        )


@dataclass(slots=True)
class _Bill:
    """The charges of a day, as they come about."""

    start: datetime
    end: datetime
    tariff: Tariff
    charges: list[Charge] = field(default_factory=list)
    idle: dict[Pool, Decimal] = field(default_factory=dict)
    unpriced: set[str] = field(default_factory=set)

    def price(self, pool: Pool) -> tuple[Decimal, Decimal]:
        """What a unit-second costs, with and without discounts; nought and told if unknown."""
        _, unit = unit_of(pool.resource)
        listed = self.tariff.list_price(pool.resource, pool.node_class)
        priced = self.tariff.unit_price(pool.resource, pool.node_class)
        if listed is None or priced is None:
            self.unpriced.add(pool.resource)
            return _NOUGHT, _NOUGHT
        return priced / unit, listed / unit

    def charge(
        self, owner: Owner, kind: ChargeKind, pool: Pool, amount: Decimal, sums: Sum | None = None
    ) -> None:
        """Charge somebody for an amount."""
        price, listed = self.price(pool)
        made = Charge(
            self.start, self.end, owner, kind, pool, amount, amount * price, amount * listed, sums
        )
        self.charges.append(made)

    def weights(self, pool: Pool | None = None) -> dict[str, Decimal]:
        """What tenants cost by what they asked for, in a pool or in all; in the order of names."""
        found: dict[str, Decimal] = {}
        for one in self.charges:
            if one.owner.tenant and one.kind in ("Usage", "Reserved"):
                counts = pool is None or one.pool == pool
                found[one.owner.tenant] = found.get(one.owner.tenant, _NOUGHT) + (
                    one.cost if counts else _NOUGHT
                )
        return dict(sorted(found.items()))


def charges_of(
    day: Day,
    spec: RateCardSpec,
    sharings: Sharings,
    hours: tuple[datetime, datetime],
    reservations: Reservations,
) -> tuple[list[Charge], set[str]]:
    """What a day costs, and whom.

    Call it under ``EXACT``.

    Args:
        day: what was asked for, and what there was.
        spec: the RateCard's.
        sharings: how shared costs are shared.
        hours: when the day begins and ends, as far as it counts: what fixed costs are for.
        reservations: in cores and bytes.

    Returns:
        The charges, and resources of which the card does not know the price.
    """
    bill = _Bill(*hours, Tariff(spec))
    _charge_demand(bill, day, sharings)
    seconds = Decimal((hours[1] - hours[0]) // timedelta(seconds=1))
    _charge_reservations(bill, day, reservations, seconds)
    for pool, amount in bill.idle.items():
        bill.charge(_NOBODY, "Idle", pool, amount)
    months = part_of_months(*hours)
    for fixed in spec.fixed_costs:
        cost = Decimal(fixed.monthly) * months
        pool = Pool("", fixed.name)
        bill.charges.append(Charge(*hours, _NOBODY, "FixedCost", pool, months, cost, cost))
    return [*_shared(bill, sharings)], bill.unpriced


def _charge_demand(bill: _Bill, day: Day, sharings: Sharings) -> None:
    """Everybody pays what they asked for; more than there was is paid for in proportion.

    By usage, or by the larger of usage and requests, demand may be more than a node has. Of what is
    nobody's supply, such as traffic, there was as much as was asked for.
    """
    asked: dict[Pool, Decimal] = {}
    for (_, pool), sums in day.demand.items():
        asked[pool] = asked.get(pool, _NOUGHT) + sums.charged
    for (owner, pool), sums in day.demand.items():
        there = day.supply.get(pool, asked[pool])
        amount = sums.charged
        if asked[pool] > there:
            amount = amount * there / asked[pool]
        bill.charge(owner, _kind_of(owner, sharings), pool, amount, sums)
    for pool, there in day.supply.items():
        left = there - asked.get(pool, _NOUGHT)
        if left > 0:
            bill.idle[pool] = left


def _kind_of(owner: Owner, sharings: Sharings) -> ChargeKind:
    if owner.tenant:
        return "Usage"
    is_shared = any(fnmatchcase(owner.namespace, one) for one in sharings.namespaces)
    return "SharedNamespace" if is_shared else "Unallocated"


def _charge_reservations(
    bill: _Bill, day: Day, reservations: Reservations, seconds: Decimal
) -> None:
    """What tenants have set aside and not asked for comes out of what is idle, as far as it goes.

    Where quotas promise more than there is, there is not enough idle: then each gets its part.
    """
    asked = _asked(day, reservations)
    for resource in _RESERVED:
        idle = {pool: left for pool, left in bill.idle.items() if pool.resource == resource}
        there = sum(idle.values(), _NOUGHT)
        unused = {
            tenant: left
            for tenant, amounts in sorted(reservations.items())
            if (left := amounts.get(resource, _NOUGHT) * seconds - asked.get((tenant, resource), 0))
            > 0
        }
        wanted = sum(unused.values(), _NOUGHT)
        if not there or not wanted:
            continue
        part = min(Decimal(1), there / wanted)
        for tenant, left in unused.items():
            for pool, amount in idle.items():
                taken = left * part * amount / there
                bill.charge(Owner(tenant), "Reserved", pool, taken)
                bill.idle[pool] -= taken


def _asked(day: Day, tenants: Collection[str]) -> dict[tuple[str, str], Decimal]:
    """What these tenants asked for, by tenant and resource."""
    found: dict[tuple[str, str], Decimal] = {}
    for (owner, pool), sums in day.demand.items():
        if owner.tenant in tenants:
            key = owner.tenant, pool.resource
            found[key] = found.get(key, _NOUGHT) + sums.charged
    return found


def _shared(bill: _Bill, sharings: Sharings) -> Iterator[Charge]:
    """All charges, those that are shared as charges of tenants and what is left of them."""
    overall = bill.weights()
    by_kind: dict[ChargeKind, Sharing] = {
        "Idle": sharings.idle,
        "SharedNamespace": sharings.shared_namespaces,
        "FixedCost": sharings.fixed_costs,
    }
    for one in bill.charges:
        how = by_kind.get(one.kind, "Separate")
        if how == "Separate":
            yield one
            continue
        own = bill.weights(one.pool) if one.kind == "Idle" and how == "Weighted" else overall
        weights = own if any(own.values()) else overall
        yield from _divided(one, parts_of(Decimal(1), how, weights, sharings.shares))


def _divided(charge: Charge, parts: Mapping[str, Decimal]) -> Iterator[Charge]:
    """A charge in parts of one; the last of them takes what the division has left over."""
    rest = Decimal(1) - sum(parts.values(), _NOUGHT)
    for tenant, part in parts.items():
        yield _part(charge, Owner(tenant), part)
    if rest > _NEGLIGIBLE or not parts:
        yield _part(charge, charge.owner, rest if parts else Decimal(1))


def _part(charge: Charge, owner: Owner, part: Decimal) -> Charge:
    return Charge(
        charge.start,
        charge.end,
        owner,
        charge.kind,
        charge.pool,
        charge.amount * part,
        charge.cost * part,
        charge.list_cost * part,
    )
