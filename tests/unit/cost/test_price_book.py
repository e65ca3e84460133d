from datetime import UTC, datetime
from decimal import Decimal

import pytest
import yaml
from pydantic import ValidationError

from examples import EXAMPLES
from rate_cards import card
from tenantry.api.money import currencies, smallest_unit
from tenantry.api.rate_card import RateCard
from tenantry.cost.price_book import DEFAULT, PriceBook, Tariff, node_class_of, unit_of


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


YEAR = at("2026-01-01"), at("2027-01-01")


def periods(book: PriceBook) -> list[tuple[str, str, str]]:
    return [
        (f"{one.start:%m-%d}", f"{one.end:%m-%d}", one.card.name if one.card else "")
        for one in book.periods(*YEAR)
    ]


def test_without_a_card_opencosts_default_prices_hold() -> None:
    book = PriceBook([])

    assert book.is_default
    assert periods(book) == [("01-01", "01-01", "opencost-defaults")]
    told = Tariff(DEFAULT.spec)
    listed = {one: told.unit_price(one) for one in ("cpu", "memory", "nvidia.com/gpu")}
    assert listed == {
        "cpu": Decimal("0.031611"),
        "memory": Decimal("0.004237"),
        "nvidia.com/gpu": Decimal("0.95"),
    }
    assert told.unit_price("storage/any") == Decimal("0.00005479452")
    assert told.unit_price("network/internet") == Decimal("0.12")
    assert (told.unit_price("cpu", "spot"), told.unit_price("memory", "spot")) == (
        Decimal("0.006655"),
        Decimal("0.000892"),
    )


def test_a_card_follows_another_where_that_one_ends() -> None:
    old = card("old", validTo="2026-07-01T00:00:00Z")
    new = card("new", "2026-07-01T00:00:00Z")

    assert periods(PriceBook([new, old])) == [("01-01", "07-01", "old"), ("07-01", "01-01", "new")]


def test_hours_of_no_card_have_none() -> None:
    cards = [
        card("a", "2026-02-01T00:00:00Z", validTo="2026-03-01T00:00:00Z"),
        card("b", "2026-05-01T00:00:00Z"),
    ]

    assert periods(PriceBook(cards)) == [
        ("01-01", "02-01", ""),
        ("02-01", "03-01", "a"),
        ("03-01", "05-01", ""),
        ("05-01", "01-01", "b"),
    ]


def test_the_example_is_a_card() -> None:
    written = yaml.safe_load((EXAMPLES / "prices" / "ratecard.yaml").read_text())

    told = Tariff(RateCard.parse(written).spec)

    assert told.unit_price("cpu") == Decimal("0.01848")  # 0.0264, less 30 %
    assert told.unit_price("cpu", "spot") == Decimal("0.0071")
    assert told.unit_price("nvidia.com/gpu", "gpu") == Decimal("1.80")


@pytest.mark.parametrize("since", ["2025-06-01T00:00:00Z", "2026-06-01T00:00:00Z"])
def test_a_card_that_comes_later_takes_no_hour_from_one_that_was_there(since: str) -> None:
    there = card("there", made="2026-01-01T00:00:00Z", validTo="2026-09-01T00:00:00Z")
    late = card("late", since, made="2026-10-01T00:00:00Z")

    assert periods(PriceBook([late, there])) == [
        ("01-01", "09-01", "there"),
        ("09-01", "01-01", "late"),
    ]


def test_what_a_class_does_not_say_is_as_on_other_nodes() -> None:
    classes = [
        {
            "name": "big",
            "nodeSelectors": [{"size": "big"}],
            "cpu": "2",
            "extended": {"tpu": "3"},
        }
    ]
    prices = {"cpu": "1", "memory": "0.5", "extended": {"gpu": "4"}}
    told = Tariff(card(nodeClasses=classes, prices=prices).spec)

    priced = {one: told.unit_price(one, "big") for one in ("cpu", "memory", "tpu", "gpu", "fpga")}
    assert priced == {
        "cpu": Decimal(2),
        "memory": Decimal("0.5"),
        "tpu": Decimal(3),
        "gpu": Decimal(4),
        "fpga": None,
    }
    assert told.unit_price("cpu", "gone") == Decimal(1)
    assert told.unit_price("tpu") is None


def test_each_discount_is_taken_off_what_the_ones_before_leave() -> None:
    told = Tariff(
        card(
            prices={"cpu": "1", "memory": "1"},
            storage={"price": "1"},
            discounts=[
                {"name": "half", "percent": "50", "resources": ["cpu", "storage"]},
                {"name": "tenth", "percent": "10"},
                {"name": "spot", "percent": "100", "nodeClasses": ["spot"]},
            ],
        ).spec
    )

    assert told.unit_price("cpu") == Decimal("0.45")
    assert told.unit_price("memory") == Decimal("0.9")
    assert told.unit_price("storage/fast") == Decimal("0.45")
    assert told.unit_price("cpu", "spot") == 0
    assert told.list_price("cpu") == 1


def test_a_node_is_of_the_first_class_that_fits_all_labels_of_one_selector() -> None:
    classes = card(
        nodeClasses=[
            {"name": "spot", "nodeSelectors": [{"a": "1", "b": "2"}, {"c": "3"}]},
            {"name": "any-c", "nodeSelectors": [{"c": "3"}]},
        ]
    ).spec.node_classes

    assert node_class_of(classes, {"a": "1", "b": "2", "x": "y"}) == "spot"
    assert node_class_of(classes, {"a": "1", "c": "3"}) == "spot"
    assert node_class_of(classes, {"a": "1"}) == ""


def test_the_class_of_a_node_is_that_of_the_card_that_holds() -> None:
    late = card("late", "2026-07-01T00:00:00Z")
    spot = {"cloud.google.com/gke-spot": "true"}

    assert PriceBook([]).class_of(spot, at("2026-01-01")) == "spot"
    assert PriceBook([late]).class_of(spot, at("2026-06-30")) == ""
    assert PriceBook([late]).class_of(spot, at("2026-07-01")) == "spot"


@pytest.mark.parametrize(
    ("resource", "unit", "of_a_bucket"),
    [
        ("cpu", "Core-Hours", 3600),
        ("memory", "GiB-Hours", 3600 * 2**30),
        ("storage/fast", "GiB-Hours", 3600 * 2**30),
        ("nvidia.com/gpu", "Hours", 3600),
        ("network/zone", "GiB", 2**30),
    ],
)
def test_prices_are_for_units_that_people_speak_of(
    resource: str, unit: str, of_a_bucket: int
) -> None:
    assert unit_of(resource) == (unit, Decimal(of_a_bucket))


def test_amounts_have_the_digits_of_their_currency() -> None:
    assert [smallest_unit(one) for one in ("USD", "JPY", "KWD")] == [
        Decimal("0.01"),
        Decimal(1),
        Decimal("0.001"),
    ]
    assert "XAU" not in currencies()


@pytest.mark.parametrize(
    ("spec", "advice"),
    [
        ({"currency": "XYZ"}, "ISO 4217"),
        ({"prices": {"cpu": "-1"}}, "not negative"),
        ({"prices": {"cpu": "1e3"}}, "not negative"),
        ({"discounts": [{"name": "a", "percent": "101"}]}, "from 0 to 100"),
    ],
)
def test_a_bad_card_is_told_what_to_write(spec: dict[str, object], advice: str) -> None:
    with pytest.raises(ValidationError, match=advice):
        card(**spec)
