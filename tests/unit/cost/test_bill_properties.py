"""The invariant: what everybody pays, and what is nobody's, is the price of all there was."""

from dataclasses import replace
from datetime import timedelta
from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metered import START, Hours
from rate_cards import card
from tenantry.api.rate_card import RateCard
from tenantry.cost.billing import Bill, Terms, bill
from tenantry.cost.buckets import Bucket
from tenantry.cost.consumption import EXACT, PARTS, part_of_months
from tenantry.cost.price_book import PriceBook, Tariff, unit_of
from tenantry.cost.rounding import shares_of

CENT = Decimal("0.01")
HOURS = 50
"""More than two days, so that some days are whole and some are not."""
END = START + timedelta(hours=HOURS)

tenants = st.sampled_from(["", "acme", "globex", "initech"])
resources = st.sampled_from(["cpu", "memory", "storage/fast", "nvidia.com/gpu", "load-balancer"])
classes = st.sampled_from(["", "spot", "gone"])
amounts = st.decimals("0.001", 50, places=3)
prices = st.decimals(0, 10, places=9).map("{:f}".format)
percents = st.integers(0, 60).map(str)
ways = st.sampled_from(["Separate", "Even", "Weighted", "Fixed"])
hours_of_day = st.integers(0, HOURS - 1)


@st.composite
def metered(draw: st.DrawFn) -> Hours:
    """Hours in which anything may be asked for, whether or not it is there to be had."""
    found = Hours()
    for _ in range(draw(st.integers(0, 12))):
        since = START + timedelta(hours=draw(hours_of_day))
        resource = draw(resources)
        node_class = draw(classes) if resource in ("cpu", "memory", "nvidia.com/gpu") else ""
        tenant = draw(tenants)
        space = draw(st.sampled_from(["kube-system", "legacy"])) if not tenant else f"{tenant}-a"
        used = draw(st.none() | amounts.map(str))
        asked = str(draw(amounts))
        found.ran(
            tenant, resource, asked, used, since=since, node_class=node_class, namespace=space
        )
    for _ in range(draw(st.integers(0, 8))):
        since = START + timedelta(hours=draw(hours_of_day))
        node_class = draw(classes)
        for resource in ("cpu", "memory"):
            found.had("node", resource, str(draw(amounts)), since=since, node_class=node_class)
        found.had("volume", "storage/fast", str(draw(amounts)), since=since, node_class="fast")
    return found


@st.composite
def cards(draw: st.DrawFn) -> list[RateCard]:
    """One card or two that follow each other, with all that a card may say."""

    def spec() -> dict[str, Any]:
        return {
            "prices": {"cpu": draw(prices), "memory": draw(prices)},
            "storage": {"price": draw(prices)},
            "loadBalancer": draw(prices),
            "fixedCosts": [{"name": "support", "monthly": draw(prices)}],
            "discounts": [{"name": "deal", "percent": draw(percents), "resources": ["cpu"]}],
            "sharing": {
                "idle": draw(ways),
                "sharedNamespaces": draw(ways),
                "fixedCosts": draw(ways),
                "shares": {"acme": draw(percents), "globex": draw(percents)},
            },
        }

    change = (START + timedelta(hours=draw(st.integers(1, HOURS)))).strftime("%Y-%m-%dT%H:00:00Z")
    return [card("first", validTo=change, **spec()), card("second", change, **spec())]


terms = st.builds(
    Terms,
    basis=st.sampled_from(["Request", "Usage", "Max"]),
    parts=st.sets(st.sampled_from(PARTS[1:])),
    idle=st.none() | ways,
    reservations=st.dictionaries(
        st.sampled_from(["acme", "globex", "silent"]),
        st.fixed_dictionaries({"cpu": st.decimals(0, 100, places=1)}),
    ),
)


def price_of_all(hours: Hours, written: list[RateCard], basis: str) -> Decimal:
    """What there was, or, of what was nobody's supply, what was asked for; and fixed costs."""
    total = Decimal(0)
    for one in PriceBook(written).periods(START, END):
        assert one.card is not None
        tariff, fixed = Tariff(one.card.spec), one.card.spec.fixed_costs
        total += sum(Decimal(f.monthly) for f in fixed) * part_of_months(one.start, one.end)

        def worth(amount: Decimal, resource: str, node_class: str, of: Tariff = tariff) -> Decimal:
            return amount * (of.unit_price(resource, node_class) or 0) / unit_of(resource)[1]

        offered = set()
        for supply in hours.supplies(one.start, one.end):
            node_class = supply.node_class if supply.kind == "node" else ""
            offered.add((supply.hour.date(), node_class, supply.resource))
            total += worth(supply.amount, supply.resource, node_class)
        for asked in hours.buckets(one.start, one.end, None):
            if (asked.hour.date(), asked.node_class, asked.resource) not in offered:
                total += worth(_charged(asked, basis), asked.resource, asked.node_class)
    return total


def _charged(asked: Bucket, basis: str) -> Decimal:
    used = asked.requested if asked.used is None else asked.used
    return {"Request": asked.requested, "Usage": used, "Max": max(asked.requested, used)}[basis]


@given(metered(), cards(), terms)
def test_tenants_shared_idle_and_unallocated_are_the_price_of_all_there_was(
    hours: Hours, written: list[RateCard], how: Terms
) -> None:
    found = bill(hours, PriceBook(written), START, END, how)

    with localcontext(EXACT):
        parts = [one.cost for one in found.charges]
        whole = price_of_all(hours, written, how.basis)
        assert abs(sum(parts) - whole) < Decimal("1e-30")
        assert found.total == whole.quantize(CENT, ROUND_HALF_EVEN)
        assert sum(shares_of(found.total, parts, CENT)) == found.total
        assert all(part >= -Decimal("1e-30") for part in parts)


@given(metered(), cards(), terms)
def test_the_bill_of_a_window_is_the_sum_of_the_bills_of_its_days(
    hours: Hours, written: list[RateCard], how: Terms
) -> None:
    book = PriceBook(written)
    noon = START + timedelta(days=1)

    with localcontext(EXACT):
        whole, first, second = (
            _by_tenant(bill(hours, book, start, end, how))
            for start, end in ((START, END), (START, noon), (noon, END))
        )
        for tenant in whole.keys() | first.keys() | second.keys():
            parts = first.get(tenant, Decimal(0)) + second.get(tenant, Decimal(0))
            assert abs(whole.get(tenant, Decimal(0)) - parts) < Decimal("1e-30")


def _by_tenant(found: Bill) -> dict[str, Decimal]:
    sums: dict[str, Decimal] = {}
    for one in found.charges:
        sums[one.owner.tenant] = sums.get(one.owner.tenant, Decimal(0)) + one.cost
    return sums


@given(metered(), cards(), terms)
def test_what_is_told_apart_changes_nobodys_bill(
    hours: Hours, written: list[RateCard], how: Terms
) -> None:
    book = PriceBook(written)

    coarse = _by_tenant(bill(hours, book, START, END, replace(how, parts=())))
    fine = _by_tenant(bill(hours, book, START, END, replace(how, parts=PARTS)))

    assert coarse.keys() == fine.keys()
    assert all(abs(coarse[one] - fine[one]) < Decimal("1e-20") for one in coarse)


@given(st.lists(st.decimals(0, 1000, places=6), min_size=1))
def test_rounding_keeps_the_sum_and_moves_no_part_by_a_whole_unit(parts: list[Decimal]) -> None:
    total = sum(parts).quantize(CENT, ROUND_HALF_EVEN)

    made = shares_of(total, parts, CENT)

    assert sum(made) == total
    assert all(abs(one - part) < CENT for one, part in zip(made, parts, strict=True))


def test_the_units_that_are_left_go_to_those_that_lost_most() -> None:
    parts = [Decimal(one) for one in ("0.333", "0.338", "0.329")]

    # rounded down 0.33, 0.33, 0.32; two cents are left
    assert shares_of(Decimal("1.00"), parts, CENT) == [
        Decimal("0.33"),
        Decimal("0.34"),
        Decimal("0.33"),
    ]


def test_a_total_that_is_another_is_refused() -> None:
    with pytest.raises(ValueError, match="is not what"):
        shares_of(Decimal("2.00"), [Decimal("1.00")], CENT)
