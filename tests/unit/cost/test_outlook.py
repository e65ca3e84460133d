"""Month to date and projections, reckoned by hand."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from applications import application, component
from metered import Hours
from rate_cards import card
from tenantry.api.budgets import Budget
from tenantry.api.cost_status import CostStatus
from tenantry.api.tenant import Tenant
from tenantry.cost.billing import Terms
from tenantry.cost.outlook import Month, Outlook, has_moved, outlook, reservations, who_is
from tenantry.cost.price_book import PriceBook

NOVEMBER = datetime(2026, 11, 1, tzinfo=UTC)
CENT = Decimal("0.01")
ACME, SHOP = ("acme", "", ""), ("acme", "acme-prod", "shop")


def seen(hours: Hours, now: datetime, terms: Terms | None = None) -> Outlook:
    """With a core-hour at 1 USD."""
    return outlook(hours, PriceBook([card(prices={"cpu": "1"})]), now, terms or Terms())


def a_busy_week() -> Hours:
    """One core since October 25; from November 5 on, for ten days, shop has three more."""
    hours = Hours().ran("acme", "cpu", 1, since=datetime(2026, 10, 25, tzinfo=UTC), hours=24 * 21)
    return hours.ran(
        "acme", "cpu", 3, since=datetime(2026, 11, 5, tzinfo=UTC), hours=240, application="shop"
    )


def test_a_month_is_projected_by_all_of_it_and_by_the_last_seven_days() -> None:
    found = seen(a_busy_week(), datetime(2026, 11, 15, 0, 59, tzinfo=UTC))

    # 14 days of 1 and 10 days of 3: 336 + 720. Linear: 1056 / 336 h x 720 h.
    # The last seven days cost 4 an hour: 1056 + 4 x 384 h that are left.
    assert found.status(ACME, None) == CostStatus(
        hourly="4.00",
        month="2026-11",
        month_to_date="1056.00",
        projected="2262.86",
        projected_by_last_seven_days="2592.00",
        currency="USD",
    )
    # the Application alone: 720; 720 / 336 x 720; 720 + 3 x 384
    shop = found.status(SHOP, None)
    assert (shop.month_to_date, shop.projected, shop.projected_by_last_seven_days) == (
        "720.00",
        "1542.86",
        "1872.00",
    )


def test_the_first_hour_of_a_month_has_no_linear_projection() -> None:
    found = seen(a_busy_week(), NOVEMBER + timedelta(minutes=20)).status(ACME, None)

    # October's last seven days: 1 an hour, for 720 hours
    assert (found.month_to_date, found.projected) == ("0.00", "")
    assert found.projected_by_last_seven_days == "720.00"


@pytest.mark.parametrize(
    ("day", "hours"), [("2026-02-10", 672), ("2028-02-10", 696), ("2026-12-31", 744)]
)
def test_a_month_is_as_long_as_it_is(day: str, hours: int) -> None:
    month = Month.at(datetime.fromisoformat(day).replace(tzinfo=UTC))

    assert (month.end - month.start) == timedelta(hours=hours)


@pytest.mark.parametrize(
    ("monthly", "used", "threshold"),
    [("10000", "11%", 0), ("1320", "80%", 80), ("1056", "100%", 100), ("500", "211%", 200)],
)
def test_the_greatest_threshold_that_is_reached_is_told(
    monthly: str, used: str, threshold: int
) -> None:
    budget = Budget(monthly=monthly, thresholds=[80, 100, 200])

    found = seen(a_busy_week(), datetime(2026, 11, 15, tzinfo=UTC)).status(ACME, budget)

    assert (found.budget_used, found.threshold) == (used, threshold)


def test_a_budget_in_another_currency_is_not_compared() -> None:
    budget = Budget(monthly="1", currency="EUR")

    found = seen(a_busy_week(), datetime(2026, 11, 15, tzinfo=UTC)).status(ACME, budget)

    assert (found.budget_used, found.threshold) == ("", 0)


def test_who_reserves_is_charged_its_quota() -> None:
    spec = {
        "owners": [{"kind": "User", "name": "a"}],
        "quota": {"hard": {"requests.cpu": "1500m", "limits.cpu": "9", "memory": "1Gi"}},
    }
    reserves = Tenant.parse(
        {"metadata": {"name": "acme"}, "spec": spec | {"cost": {"chargeBy": "Reservation"}}}
    )
    consumes = Tenant.parse({"metadata": {"name": "globex"}, "spec": spec})

    assert reservations([reserves, consumes]) == {
        "acme": {"cpu": Decimal("1.5"), "memory": Decimal(2**30)}
    }
    assert who_is(reserves) == ACME


def test_an_application_is_charged_with_the_tenant_that_its_status_names() -> None:
    made = application(component(), name="shop")

    assert who_is(made)[1:] == (made.namespace, "shop")


TOLD = CostStatus(
    hourly="4.00", month="2026-11", month_to_date="100.00", projected="200.00", currency="USD"
)


@pytest.mark.parametrize(
    ("change", "moves"),
    [
        ({}, False),
        ({"month_to_date": "100.99"}, False),
        ({"month_to_date": "101.00"}, True),
        ({"projected": "198.00"}, True),
        ({"projected": ""}, True),
        ({"threshold": 80}, True),
        ({"month": "2026-12"}, True),
        ({"budget_used": "10%"}, True),
        ({"hourly": "4.03"}, False),
    ],
)
def test_what_moves_by_less_than_one_in_a_hundred_is_not_written(
    change: dict[str, object], *, moves: bool
) -> None:
    assert has_moved(TOLD, TOLD.model_copy(update=change), CENT) is moves


def test_what_was_never_told_is_and_small_amounts_move_by_the_cent() -> None:
    small = CostStatus(month_to_date="0.10")

    assert has_moved(None, TOLD, CENT)
    assert has_moved(small, small.model_copy(update={"month_to_date": "0.11"}), CENT)
