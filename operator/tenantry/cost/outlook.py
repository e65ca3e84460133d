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
from tenantry.api.money import smallest_unit
from tenantry.api.quantities import amount
from tenantry.api.tenant import Tenant
from tenantry.cost.allocation import Reservations
from tenantry.cost.billing import Terms, currency_of, quantities
from tenantry.cost.buckets import Store
from tenantry.cost.consumption import DAY, EXACT
from tenantry.cost.daily import DailyCosts, Who
from tenantry.cost.price_book import PriceBook
from tenantry.cost.rounding import rounded

HOUR: Final = timedelta(hours=1)
WEEK: Final = 7 * DAY
_A_PART: Final = Decimal("0.01")
"""Of an amount: what moves by less is not written again."""


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
class Span:
    """What a time has cost.

    Attributes:
        length: how long it is, in full hours.
        costs: of all Tenants and Applications that cost anything.
    """

    length: timedelta
    costs: Mapping[Who, Decimal]

    def of(self, who: Who) -> Decimal:
        """What it has cost one of them."""
        return self.costs.get(who, Decimal(0))

    def an_hour(self, who: Who) -> Decimal | None:
        """The same by the hour; None of no time."""
        return self.of(who) / Decimal(self.length // HOUR) if self.length else None


@dataclass(frozen=True, slots=True)
class Outlook:
    """What is and will be, of all Tenants and Applications that cost anything.

    Attributes:
        currency: of all amounts.
        unit: its smallest amount.
        month: that it is of.
        so_far: since the month began.
        of_week: in the last seven days, or since prices have been in the currency.
        of_day: in the last 24 hours, likewise.
    """

    currency: str
    unit: Decimal
    month: Month
    so_far: Span
    of_week: Span
    of_day: Span

    def status(self, who: Who, budget: Budget | None) -> CostStatus:
        """What is to be told of a Tenant or an Application."""
        with localcontext(EXACT):
            made = CostStatus(
                hourly=self._text(self.of_day.an_hour(who) or Decimal(0)),
                month=f"{self.month.start:%Y-%m}",
                month_to_date=self._text(self.so_far.of(who)),
                projected=self._projected(who, self.so_far),
                projected_by_last_seven_days=self._projected(who, self.of_week),
                currency=self.currency,
            )
            part = spent(budget, made)
            if budget is None or part is None:
                return made
            percent = (100 * part).quantize(Decimal(1), ROUND_HALF_EVEN)
            return made.model_copy(
                update={"budget_used": f"{percent}%", "threshold": reached(budget, part)}
            )

    def _projected(self, who: Who, like: Span) -> str:
        """What the month will cost if its rest costs as much an hour as a time did."""
        an_hour = like.an_hour(who)
        if an_hour is None:
            return ""
        rest = Decimal((self.month.end - self.month.now) // HOUR)
        return self._text(self.so_far.of(who) + an_hour * rest)

    def _text(self, cost: Decimal) -> str:
        return f"{rounded(cost, self.unit):f}"


def outlook(
    store: Store, book: PriceBook, now: datetime, terms: Terms, daily: DailyCosts | None = None
) -> Outlook:
    """What has been metered and priced up to the last full hour.

    Args:
        store: the hours that were metered.
        book: all RateCards.
        now: in UTC.
        terms: how it is charged.
        daily: what is remembered of earlier times; given by who asks again and again.

    Raises:
        SeveralCurrenciesError: RateCards of different currencies hold in the month.
    """
    month, told = Month.at(now), replace(terms, parts=("namespace", "application"))
    known = daily or DailyCosts()
    currency = currency_of(book.periods(month.start, max(month.now, month.start + HOUR)))

    def costs(start: datetime) -> Span:
        begin = _in_currency(book, start, month.now, currency)
        hours = begin, month.now
        return Span(hours[1] - hours[0], known.of(store, book, hours, told, month.now))

    so_far, of_week, of_day = map(costs, (month.start, month.now - WEEK, month.now - DAY))
    return Outlook(currency, smallest_unit(currency), month, so_far, of_week, of_day)


def _in_currency(book: PriceBook, start: datetime, end: datetime, currency: str) -> datetime:
    """From when on, within a time, all prices are in a currency."""
    others = [
        one.end
        for one in book.periods(start, end)
        if one.card is not None and one.card.spec.currency != currency
    ]
    return max([start, *others])


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
