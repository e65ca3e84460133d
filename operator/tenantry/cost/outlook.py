"""Pure: what Tenants and Applications have cost this month, and what the month will have cost.

It is told of full hours only, so that it is the same whoever asks within the hour. Two projections
are told, for neither is right alone: one by all of the month, which a new workload moves little,
and one by the last seven days, which a busy week moves much.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from typing import Final

from tenantry.api.application import Application
from tenantry.api.budgets import Budget, reached, spent
from tenantry.api.cost_status import CostStatus
from tenantry.api.quantities import amount
from tenantry.api.tenant import Tenant
from tenantry.cost.allocation import Reservations
from tenantry.cost.billing import Bill, Terms, bill, quantities
from tenantry.cost.buckets import Store
from tenantry.cost.consumption import DAY, EXACT
from tenantry.cost.price_book import PriceBook
from tenantry.cost.rounding import rounded

HOUR: Final = timedelta(hours=1)
WEEK: Final = 7 * DAY
_A_PART: Final = Decimal("0.01")
"""Of an amount: what moves by less is not written again."""

Who = tuple[str, str, str]
"""A Tenant (its name, twice nothing) or an Application (its tenant, namespace and name)."""


@dataclass(frozen=True, slots=True)
class Month:
    """The month that a moment is in, as far as it has passed.

    Attributes:
        start: its first hour, in UTC.
        now: the end of the last full hour.
        end: the first hour of the next month.
    """

    start: datetime
    now: datetime
    end: datetime

    @classmethod
    def at(cls, when: datetime) -> "Month":
        """The month at a moment, in UTC."""
        now = when.replace(minute=0, second=0, microsecond=0)
        start = now.replace(day=1, hour=0)
        return cls(start, now, (start + 32 * DAY).replace(day=1))


@dataclass(frozen=True, slots=True)
class Outlook:
    """What is and will be, of all Tenants and Applications that cost anything.

    Attributes:
        currency: of all amounts.
        unit: its smallest amount.
        month: that it is of.
        so_far: since the month began.
        of_week: in the last seven days.
        of_day: in the last 24 hours.
    """

    currency: str
    unit: Decimal
    month: Month
    so_far: Mapping[Who, Decimal]
    of_week: Mapping[Who, Decimal]
    of_day: Mapping[Who, Decimal]

    def status(self, who: Who, budget: Budget | None) -> CostStatus:
        """What is to be told of a Tenant or an Application."""
        with localcontext(EXACT):
            so_far = self.so_far.get(who, Decimal(0))
            made = CostStatus(
                hourly=self._text(self.of_day.get(who, Decimal(0)) / 24),
                month=f"{self.month.start:%Y-%m}",
                month_to_date=self._text(so_far),
                projected=self._projected(so_far, so_far, self.month.now - self.month.start),
                projected_by_last_seven_days=self._projected(
                    so_far, self.of_week.get(who, Decimal(0)), WEEK
                ),
                currency=self.currency,
            )
            part = spent(budget, made)
            if budget is None or part is None:
                return made
            percent = (100 * part).quantize(Decimal(1), ROUND_HALF_EVEN)
            return made.model_copy(
                update={"budget_used": f"{percent}%", "threshold": reached(budget, part)}
            )

    def _projected(self, so_far: Decimal, cost: Decimal, within: timedelta) -> str:
        """What the month will cost if its rest costs as much an hour as it did within a time."""
        if not within:
            return ""
        rest = Decimal((self.month.end - self.month.now) // HOUR)
        return self._text(so_far + cost / Decimal(within // HOUR) * rest)

    def _text(self, cost: Decimal) -> str:
        return f"{rounded(cost, self.unit):f}"


def outlook(store: Store, book: PriceBook, now: datetime, terms: Terms) -> Outlook:
    """What has been metered and priced up to the last full hour.

    Args:
        store: the hours that were metered.
        book: all RateCards.
        now: in UTC.
        terms: how it is charged.

    Raises:
        SeveralCurrenciesError: RateCards of different currencies hold in the month, or in the last
            seven days.
    """
    month = Month.at(now)
    told = replace(terms, parts=("namespace", "application"))

    def costs(start: datetime) -> tuple[Bill, dict[Who, Decimal]]:
        made = bill(store, book, start, month.now, told)
        with localcontext(EXACT):
            return made, _by_who(made)

    found, so_far = costs(month.start)
    _, of_week = costs(month.now - WEEK)
    _, of_day = costs(month.now - DAY)
    return Outlook(found.currency, found.unit, month, so_far, of_week, of_day)


def _by_who(made: Bill) -> dict[Who, Decimal]:
    """What each Tenant pays, and what each Application has cost by itself."""
    sums: dict[Who, Decimal] = {}
    for one in made.charges:
        owner = one.owner
        if not owner.tenant:
            continue
        keys: list[Who] = [(owner.tenant, "", "")]
        if owner.application:
            keys.append((owner.tenant, owner.namespace, owner.application))
        for key in keys:
            sums[key] = sums.get(key, Decimal(0)) + one.cost
    return sums


def reservations(tenants: Iterable[Tenant]) -> Reservations:
    """What those Tenants set aside that are charged for it, in cores and bytes."""
    return {
        one.name: quantities({key: amount(value) for key, value in one.spec.quota.hard.items()})
        for one in tenants
        if one.spec.cost.charge_by == "Reservation"
    }


def who_is(what: Tenant | Application) -> Who:
    """By what its costs are found."""
    if isinstance(what, Tenant):
        return what.name, "", ""
    return what.status.tenant, what.namespace, what.name


def has_moved(before: CostStatus | None, now: CostStatus, unit: Decimal) -> bool:
    """Whether what is told is worth a write.

    Args:
        before: what the status says.
        now: what it could say.
        unit: the smallest amount of the currency.
    """
    if before is None or any(
        getattr(before, field) != getattr(now, field)
        for field in ("month", "currency", "threshold")
    ):
        return True
    return bool(before.budget_used) != bool(now.budget_used) or any(
        _differs(getattr(before, field), getattr(now, field), unit)
        for field in ("hourly", "month_to_date", "projected", "projected_by_last_seven_days")
    )


def _differs(before: str, now: str, unit: Decimal) -> bool:
    if not before or not now:
        return before != now
    old, new = Decimal(before), Decimal(now)
    return abs(new - old) >= max(unit, abs(old) * _A_PART)
