"""What is remembered of days is what would be reckoned again."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from metered import Hours
from rate_cards import card
from tenantry.cost.billing import Terms
from tenantry.cost.buckets import Bucket
from tenantry.cost.daily import DailyCosts
from tenantry.cost.outlook import outlook
from tenantry.cost.price_book import PriceBook

NOVEMBER = datetime(2026, 11, 1, tzinfo=UTC)
ACME = ("acme", "", "")


@dataclass
class Counted(Hours):
    """Counts the hours that it is asked for."""

    asked: int = 0

    def buckets(self, start: datetime, end: datetime, tenant: str | None) -> Iterator[Bucket]:
        self.asked += (end - start) // timedelta(hours=1)
        return super().buckets(start, end, tenant)


def metered() -> Counted:
    hours = Counted()
    hours.ran("acme", "cpu", 2, since=NOVEMBER - timedelta(days=8), hours=24 * 40)
    return hours


def test_a_month_is_told_again_from_a_few_days() -> None:
    hours, book, daily = metered(), PriceBook([card(prices={"cpu": "1"})]), DailyCosts()
    now = NOVEMBER + timedelta(days=20, hours=5)
    first = outlook(hours, book, now, Terms(), daily)
    assert hours.asked > 20 * 24
    hours.asked = 0

    again = outlook(hours, book, now, Terms(), daily)

    assert again == first == outlook(hours, book, now, Terms())
    later = now + timedelta(hours=1)
    hours.asked = 0
    seen = outlook(hours, book, later, Terms(), daily)
    # three days and today, in the month and in the week; a day's rest; and the last 24 hours
    assert hours.asked <= 2 * (3 * 24 + 6) + 24 + 24
    assert seen.so_far.of(ACME) - first.so_far.of(ACME) == 2


def test_other_prices_or_reservations_are_reckoned_anew() -> None:
    hours, daily, now = metered(), DailyCosts(), NOVEMBER + timedelta(days=20)
    cheap, dear = (PriceBook([card(prices={"cpu": one})]) for one in ("1", "3"))
    hours.had("node", "cpu", 5, since=NOVEMBER, hours=24 * 20)
    reserved = Terms(reservations={"acme": {"cpu": 4}})  # type: ignore[dict-item]

    told = [
        outlook(hours, book, now, terms, daily).so_far.of(ACME)
        for book, terms in ((cheap, Terms()), (dear, Terms()), (cheap, reserved), (cheap, Terms()))
    ]

    assert told == [960, 2880, 1920, 960]


def test_what_becomes_known_late_of_the_last_days_counts() -> None:
    hours, book, daily = metered(), PriceBook([card(prices={"cpu": "1"})]), DailyCosts()
    now = NOVEMBER + timedelta(days=20)
    before = outlook(hours, book, now, Terms(), daily).so_far.of(ACME)

    hours.ran("acme", "cpu", 7, since=now - timedelta(days=1, hours=3))

    assert outlook(hours, book, now, Terms(), daily).so_far.of(ACME) - before == 7


def test_a_month_that_begins_in_another_currency_is_told_from_its_first_hour() -> None:
    october = card("october", validTo="2026-11-01T00:00:00Z", prices={"cpu": "9"})
    november = card("november", "2026-11-01T00:00:00Z", currency="EUR", prices={"cpu": "1"})
    now = NOVEMBER + timedelta(hours=12)

    found = outlook(metered(), PriceBook([october, november]), now, Terms()).status(ACME, None)

    # two cores for twelve hours at 1 EUR; October's dollars are not mixed in
    assert (found.currency, found.month_to_date, found.hourly) == ("EUR", "24.00", "2.00")
    assert found.projected == found.projected_by_last_seven_days == "1440.00"
