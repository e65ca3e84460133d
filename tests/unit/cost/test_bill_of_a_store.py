"""From pods to a bill, over both databases: the same to the cent, and as it is reckoned by hand."""

from datetime import timedelta
from decimal import Decimal

from metered_store import START, fill
from rate_cards import card
from tenantry.cost.billing import Terms, bill
from tenantry.cost.price_book import PriceBook
from tenantry.cost.report import report
from tenantry.cost.store import Reader, open_database


def test_the_bill_is_what_is_reckoned_by_hand_whatever_the_database(url: str) -> None:
    fill(url)
    store = open_database(url, is_migrated=False)
    fixed = [{"name": "control-plane", "monthly": "74.40"}]
    prices = {"cpu": "0.0264", "memory": "0.0035"}
    book = PriceBook([card(currency="EUR", prices=prices, fixedCosts=fixed)])

    made = bill(
        Reader(store), book, START, START + timedelta(days=2), Terms(parts=("application",))
    )
    found = report(made, None, ["tenant", "application"])
    store.close()

    # the node: 48 x (4 x 0.0264 + 8 x 0.0035) = 6.4128, and 48 of October's 744 hours of 74.40
    assert made.total == Decimal("11.21")
    # Of tenants 1.836, shared 4.80 and idle 4.5768 the idle cost loses most, and gets the cent.
    assert {row.keys: row.cost for row in found.rows} == {
        # 48 x (0.0264 + 0.0035) = 1.4352, of tenants' 1.83
        ("acme", "shop"): Decimal("1.43"),
        # 24 x (0.0132 + 0.0035) = 0.4008
        ("globex", "(none)"): Decimal("0.40"),
        # 6.4128 - 1.836 = 4.5768
        ("(idle)", "(idle)"): Decimal("4.58"),
        ("(fixed costs)", "(fixed costs)"): Decimal("4.80"),
    }
