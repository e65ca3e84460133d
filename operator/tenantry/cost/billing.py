"""From the hours that the meter wrote to charges: every RateCard its hours, every day its bill.

This is the one way to an amount of money. Reports, exports, budgets and the status of Tenants all
add up the same charges, so that they cannot disagree; they differ in what they tell apart.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal, localcontext
from types import MappingProxyType

from tenantry.api.money import smallest_unit
from tenantry.api.rate_card import Sharing
from tenantry.cost.allocation import Charge, Reservations, Sharings, charges_of
from tenantry.cost.buckets import Store
from tenantry.cost.consumption import DAY, EXACT, Basis, Calendar, Coverage, Day, midnight
from tenantry.cost.price_book import Period, PriceBook
from tenantry.cost.rounding import rounded

_TIME = "%Y-%m-%d %H:%M"


class SeveralCurrenciesError(ValueError):
    """The RateCards of a window have not one currency, so there is no sum."""


@dataclass(frozen=True, slots=True)
class Terms:
    """How a window is charged, where it is not as the RateCards say.

    Attributes:
        basis: what of a workload is charged.
        parts: parts of an owner to tell apart, beside the tenant.
        idle: how idle cost is shared; None as the card says.
        reservations: cores and bytes by resource, of tenants that pay for what is set aside.
    """

    basis: Basis = "Max"
    parts: Collection[str] = ()
    idle: Sharing | None = None
    reservations: Reservations = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Bill:
    """What a window costs.

    Attributes:
        start: in UTC, on a full hour.
        end: the first hour that does not belong to it.
        currency: of all amounts; USD where no hour has a price.
        charges: of all tenants and of nobody, not rounded.
        notes: what a reader must know to believe it, a sentence each.
    """

    start: datetime
    end: datetime
    currency: str
    charges: Sequence[Charge]
    notes: Sequence[str]

    @property
    def total(self) -> Decimal:
        """All of it, in whole units of the currency's smallest coin."""
        with localcontext(EXACT):
            whole = sum((one.cost for one in self.charges), Decimal(0))
            return rounded(whole, self.unit)

    @property
    def unit(self) -> Decimal:
        """The smallest amount that can be paid."""
        return smallest_unit(self.currency)


def bill(store: Store, book: PriceBook, start: datetime, end: datetime, terms: Terms) -> Bill:
    """What a window costs, and whom.

    Args:
        store: the hours that were metered.
        book: all RateCards.
        start: in UTC, on a full hour.
        end: the first hour that does not belong to it; a window may be empty.
        terms: how it is charged.

    Raises:
        SeveralCurrenciesError: RateCards of different currencies hold in it.
    """
    periods = book.periods(start, end)
    currency = currency_of(periods)
    charges: list[Charge] = []
    coverage, unpriced = Coverage(), set[str]()
    with localcontext(EXACT):
        for day, span in _days(store, periods, terms, coverage):
            if span.card is not None:
                sharings, hours = Sharings.of(span.card.spec, terms.idle), (span.start, span.end)
                made, unknown = charges_of(day, span.card.spec, sharings, hours, terms.reservations)
                charges += made
                unpriced |= unknown
    notes = [
        *_of_prices(book, periods, unpriced),
        *_of_measurement(terms.basis, coverage),
        *_of_gaps(store, start, end),
    ]
    return Bill(start, end, currency, charges, notes)


def currency_of(periods: Sequence[Period]) -> str:
    """The currency of all cards that hold; USD where none does.

    Raises:
        SeveralCurrenciesError: there are several.
    """
    cards = [(one.start, one.card) for one in periods if one.card]
    currencies = {card.spec.currency for _, card in cards}
    if len(currencies) > 1:
        spans = ", ".join(f"{card.spec.currency} from {start:{_TIME}}" for start, card in cards)
        raise SeveralCurrenciesError(
            f"there is no sum of amounts in several currencies ({spans}): ask for a window in "
            "which RateCards of one currency hold"
        )
    return currencies.pop() if currencies else "USD"


def _days(
    store: Store, periods: Sequence[Period], terms: Terms, coverage: Coverage
) -> Iterator[tuple[Day, Period]]:
    """Each day with its card, be it one on which nothing ran: it has its fixed costs."""
    spans = [span for period in periods for span in _by_day(period)]
    if not spans:
        return
    start, end = spans[0].start, spans[-1].end
    buckets, supplies = store.buckets(start, end, None), store.supplies(start, end)
    calendar = Calendar([span.start for span in spans])
    days = calendar.fill(buckets, supplies, terms.basis, terms.parts, coverage)
    yield from zip(days, spans, strict=True)


def _by_day(period: Period) -> Iterator[Period]:
    at = period.start
    while at < period.end:
        until = min(midnight(at) + DAY, period.end)
        yield Period(at, until, period.card)
        at = until


def _of_prices(
    book: PriceBook, periods: Sequence[Period], unpriced: Collection[str]
) -> Iterator[str]:
    if book.is_default:
        yield "There is no RateCard: the prices are OpenCost's defaults, in USD."
    for one in periods:
        if one.card is None:
            yield (
                f"No RateCard holds from {one.start:{_TIME}} to {one.end:{_TIME}}: what ran then "
                "is not charged."
            )
    if unpriced:
        names = ", ".join(sorted(unpriced))
        yield f"No price is known for {names}: it is charged at nought."


def _of_measurement(basis: Basis, coverage: Coverage) -> Iterator[str]:
    if coverage.is_wider:
        yield "Of so long ago no hours are kept: the whole of the first day or month is charged."
    if basis == "Request" or not coverage.unmeasured:
        return
    if not coverage.measured:
        yield "Usage is not measured: what was requested is charged."
        return
    whole = coverage.measured + coverage.unmeasured
    share = 100 * coverage.unmeasured / whole
    yield f"Usage is not known of {share:.1f} % of the hours: there, requests are charged."


def _of_gaps(store: Store, start: datetime, end: datetime) -> Iterator[str]:
    for gap in store.gaps(start, end):
        if not gap.is_recovered:
            yield (
                f"Nothing was metered from {gap.start:{_TIME}} to {gap.end:{_TIME}} "
                f"({gap.reason}): what ran then is not charged."
            )


def quantities(reserved: Mapping[str, Decimal]) -> dict[str, Decimal]:
    """What a tenant's quota sets aside, by resource: its requests, or what stands for them.

    Args:
        reserved: amounts by ResourceQuota key, in cores and bytes.
    """
    found = {}
    for resource in ("cpu", "memory", "ephemeral-storage"):
        amount = reserved.get(f"requests.{resource}", reserved.get(resource))
        if amount is not None:
            found[resource] = amount
    return found
