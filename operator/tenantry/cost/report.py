"""A bill by whatever it is asked by: rows that add up to the total, with what was before.

Amounts are rounded once, from the top down: the total; then what tenants pay and what is nobody's,
so that they add up to it; then each tenant; then what a report tells apart. So a tenant reads the
same amount in every report of a window, whatever it is by.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, localcontext
from typing import Final, TypeVar

from tenantry.cost.allocation import Charge
from tenantry.cost.billing import Bill
from tenantry.cost.consumption import EXACT, PARTS
from tenantry.cost.efficiency import Efficiency, efficiency
from tenantry.cost.rounding import shares_of

_OF_NOBODY: Final = {
    "Idle": "(idle)",
    "SharedNamespace": "(shared namespaces)",
    "FixedCost": "(fixed costs)",
    "Unallocated": "(unallocated)",
    "Reserved": "(reserved)",
    "Usage": "(none)",
}
"""What stands where there is no name; no object of Kubernetes can be called so."""


def _name_of(part: str) -> Callable[[Charge], str]:
    """How a part of an owner is read from a charge."""

    def read(charge: Charge) -> str:
        name: str = getattr(charge.owner, part)
        return name or _OF_NOBODY[charge.kind]

    return read


_READ: Final[Mapping[str, Callable[[Charge], str]]] = {
    **{part: _name_of(part) for part in PARTS},
    "node-class": lambda one: one.pool.node_class or "(none)",
    "resource": lambda one: one.pool.resource,
    "kind": lambda one: one.kind,
    "day": lambda one: f"{one.start:%Y-%m-%d}",
}
DIMENSIONS: Final = tuple(_READ)
"""What a report can be by."""

PARTS_OF_A_BILL: Final = ("tenants", "shared", "idle", "unallocated")

Keys = tuple[str, ...]
_K = TypeVar("_K", str, Keys)
_NOUGHT: Final = Decimal(0)


@dataclass(frozen=True, slots=True)
class Row:
    """One line.

    Attributes:
        keys: in the order of the report's dimensions.
        cost: in the digits of the currency.
        before: in the period before; None if that was not asked for.
        by_day: cost by day, not rounded.
        efficiency: of CPU and memory.
    """

    keys: Keys
    cost: Decimal
    before: Decimal | None
    by_day: Mapping[date, Decimal]
    efficiency: Efficiency


@dataclass(frozen=True, slots=True)
class Report:
    """What a window has cost, by some dimensions.

    Attributes:
        bill: what it was made from.
        by: of ``DIMENSIONS``.
        rows: the dearest first, within each group.
        total: of the rows.
        before: of the rows of the period before, and of those that are no more; None if not asked.
        parts: tenants, shared, idle and unallocated, that add up to the whole bill; empty when the
            report is about one tenant.
        notes: what a reader must know.
    """

    bill: Bill
    by: Sequence[str]
    rows: Sequence[Row]
    total: Decimal
    before: Decimal | None
    parts: Mapping[str, Decimal]
    notes: Sequence[str]


def report(bill: Bill, before: Bill | None, by: Sequence[str], tenant: str = "") -> Report:
    """Group a bill.

    Args:
        bill: of the window.
        before: of the period before, to compare with; in the same currency. Days are not compared.
        by: of ``DIMENSIONS``, the outermost first.
        tenant: whom it is about; all, and what is nobody's, if empty.
    """
    if "day" in by:
        before = None
    with localcontext(EXACT):
        shares = _shares(bill, tenant)
        amounts = _amounts(shares, by, bill.unit)
        old = None if before is None else _amounts(_shares(before, tenant), by, before.unit)
        charges = [one for members, _ in shares for one in members]
        groups = _groups(charges, lambda one: tuple(_READ[name](one) for name in by))
        rows = [
            _row(keys, groups[keys], amounts[keys], None if old is None else old.get(keys, _NOUGHT))
            for keys in _in_order(amounts, by)
        ]
        total = sum(amounts.values(), _NOUGHT)
        was = None if old is None else sum(old.values(), _NOUGHT)
        notes = [*bill.notes]
        if tenant and not rows:
            notes.append(f"Nothing is charged to {tenant} in this window: is that its name?")
        parts = {} if tenant else {part: cost for part, (_, cost) in _parts(bill).items()}
    return Report(bill, by, rows, total, was, parts, notes)


Share = tuple[Sequence[Charge], Decimal]
"""Some charges, and what they come to."""


def _parts(bill: Bill) -> dict[str, Share]:
    """What tenants pay and what is nobody's; the four add up to the whole."""
    groups: dict[str, list[Charge]] = {part: [] for part in PARTS_OF_A_BILL}
    for one in bill.charges:
        groups[_part_of(one)].append(one)
    return _divided(groups, bill.total, bill.unit)


def _part_of(charge: Charge) -> str:
    if charge.owner.tenant:
        return "tenants"
    if charge.kind in ("SharedNamespace", "FixedCost"):
        return "shared"
    return "idle" if charge.kind == "Idle" else "unallocated"


def _shares(bill: Bill, tenant: str) -> list[Share]:
    """Each tenant's share of a bill, and what is nobody's; or that of one tenant."""
    parts = _parts(bill)
    members, whole = parts.pop("tenants")
    tenants = _divided(_groups(members, lambda one: one.owner.tenant), whole, bill.unit)
    if tenant:
        return [tenants[tenant]] if tenant in tenants else []
    return [*tenants.values(), *parts.values()]


def _amounts(shares: Iterable[Share], by: Sequence[str], unit: Decimal) -> dict[Keys, Decimal]:
    """What each group comes to, in all shares together."""
    found: dict[Keys, Decimal] = {}
    for members, cost in shares:
        groups = _groups(members, lambda one: tuple(_READ[name](one) for name in by))
        for keys, (_, part) in _divided(groups, cost, unit).items():
            found[keys] = found.get(keys, _NOUGHT) + part
    return found


def _divided(groups: Mapping[_K, list[Charge]], total: Decimal, unit: Decimal) -> dict[_K, Share]:
    """Groups with what they come to, so that it adds up to their rounded sum."""
    costs = [sum((one.cost for one in members), _NOUGHT) for members in groups.values()]
    parts = shares_of(total, costs, unit)
    return {
        keys: (members, part) for (keys, members), part in zip(groups.items(), parts, strict=True)
    }


def _in_order(amounts: Mapping[Keys, Decimal], by: Sequence[str]) -> list[Keys]:
    """The dearest first, days in their order, and what belongs together stays together."""
    sums: dict[Keys, Decimal] = {}
    for keys, cost in amounts.items():
        for length in range(1, len(keys) + 1):
            sums[keys[:length]] = sums.get(keys[:length], _NOUGHT) + cost
    in_order = [name == "day" for name in by]

    def rank(keys: Keys) -> list[tuple[Decimal, str]]:
        return [
            (_NOUGHT if in_order[at] else -sums[keys[: at + 1]], keys[at])
            for at in range(len(keys))
        ]

    return sorted(amounts, key=rank)


def _groups(charges: Iterable[Charge], key_of: Callable[[Charge], _K]) -> dict[_K, list[Charge]]:
    found: dict[_K, list[Charge]] = {}
    for one in charges:
        found.setdefault(key_of(one), []).append(one)
    return found


def _row(keys: Keys, charges: Sequence[Charge], cost: Decimal, before: Decimal | None) -> Row:
    by_day: dict[date, Decimal] = {}
    for one in charges:
        day = one.start.date()
        by_day[day] = by_day.get(day, _NOUGHT) + one.cost
    return Row(keys, cost, before, by_day, efficiency(charges))
