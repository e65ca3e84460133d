"""What each day has cost, remembered: a month is told every hour, and most of it does not change.

A day's bill is what it is (``allocation``), so a window is the sum of its days. Days that have been
over for a while are reckoned once, and again only when prices or reservations are others; of the
last few, late news may still come.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal, localcontext
from typing import Final

from tenantry.cost.billing import Bill, Terms, bill
from tenantry.cost.buckets import Store
from tenantry.cost.consumption import DAY, EXACT, midnight
from tenantry.cost.price_book import PriceBook

Who = tuple[str, str, str]
"""A Tenant (its name, twice nothing) or an Application (its tenant, namespace and name)."""
Costs = Mapping[Who, Decimal]

LATE: Final = 3 * DAY
"""After this, nothing is heard any more of what ran in a day: a meter hears within minutes, and of
what happened while it was down when it comes back, and then it has forgotten what it reckoned."""


@dataclass(slots=True)
class DailyCosts:
    """The costs of days, of all Tenants and Applications that cost anything."""

    _days: dict[datetime, Costs] = field(default_factory=dict)
    _reckoned_by: tuple[object, ...] = ()

    def of(
        self,
        store: Store,
        book: PriceBook,
        hours: tuple[datetime, datetime],
        terms: Terms,
        now: datetime,
    ) -> dict[Who, Decimal]:
        """What a window has cost each of them.

        Args:
            store: the hours that were metered.
            book: all RateCards.
            hours: when it begins and ends, in UTC.
            terms: how it is charged.
            now: in UTC.

        Raises:
            SeveralCurrenciesError: RateCards of different currencies hold in a day.
        """
        self._forget_unless(book, terms)
        sums: dict[Who, Decimal] = {}
        at, end = hours
        while at < end:
            until = min(midnight(at) + DAY, end)
            costs = self._day(store, book, (at, until), terms, now)
            with localcontext(EXACT):
                for who, cost in costs.items():
                    sums[who] = sums.get(who, Decimal(0)) + cost
            at = until
        return sums

    def _forget_unless(self, book: PriceBook, terms: Terms) -> None:
        reckoned_by = (book.fingerprint, terms)
        if reckoned_by != self._reckoned_by:
            self._days.clear()
            self._reckoned_by = reckoned_by

    def _day(
        self,
        store: Store,
        book: PriceBook,
        hours: tuple[datetime, datetime],
        terms: Terms,
        now: datetime,
    ) -> Costs:
        start, end = hours
        if start in self._days and end - start == DAY:
            return self._days[start]
        found = _by_who(bill(store, book, start, end, terms))
        if end - start == DAY and end + LATE <= now:
            self._days[start] = found
            for old in [day for day in self._days if day < now - 40 * DAY]:
                del self._days[old]
        return found


def _by_who(made: Bill) -> dict[Who, Decimal]:
    """What each Tenant pays, and what each Application has cost by itself."""
    sums: dict[Who, Decimal] = {}
    with localcontext(EXACT):
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
