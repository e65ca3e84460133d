"""Texts that others read: hostile names do no harm, and nothing else is changed."""

import csv
import io
import json
from datetime import timedelta

import pytest

from cost_strategies import HOSTILE
from metered import START, Hours
from rate_cards import card
from tenantry.cli.cost_table import table
from tenantry.cost.billing import Bill, Terms, bill
from tenantry.cost.consumption import PARTS
from tenantry.cost.focus import Issuer
from tenantry.cost.formats import harmless, to_csv, to_focus, to_json
from tenantry.cost.price_book import PriceBook
from tenantry.cost.report import report


def billed(name: str) -> Bill:
    hours = Hours().had("node", "cpu", 4).ran(name, "cpu", 1, "0.5", application=name)
    book = PriceBook([card(prices={"cpu": "1"})])
    return bill(hours, book, START, START + timedelta(hours=1), Terms(parts=PARTS))


@pytest.mark.parametrize("name", HOSTILE)
def test_no_cell_of_a_csv_file_is_a_formula(name: str) -> None:
    made = billed(name)

    for text in (to_csv(report(made, None, ["tenant"])), to_focus(made, Issuer())):
        cells = [cell for row in csv.reader(io.StringIO(text)) for cell in row]
        assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]
        assert harmless(name) in cells


@pytest.mark.parametrize("name", HOSTILE)
def test_json_has_names_as_they_are(name: str) -> None:
    found = json.loads(to_json(report(billed(name), None, ["tenant"])))

    assert name in {row["tenant"] for row in found["rows"]}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_table_shows_names_and_obeys_none(name: str) -> None:
    shown = table(report(billed(name), None, ["tenant"]), width=200, is_terminal=False)

    assert "\x1b" not in shown
    assert name.strip().splitlines()[0][:4] in shown


def test_names_that_are_no_formula_stay_as_they_are() -> None:
    assert [harmless(one) for one in ("acme", "a=b", "", "(idle)")] == ["acme", "a=b", "", "(idle)"]
