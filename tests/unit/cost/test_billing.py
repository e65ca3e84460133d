"""Worked examples: the amounts in the comments and in the assertions are computed by hand."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from metered import START, Hours
from rate_cards import card
from tenantry.cost.billing import Bill, SeveralCurrenciesError, Terms, bill, quantities
from tenantry.cost.buckets import Bucket, Gap, Supply
from tenantry.cost.price_book import PriceBook

ROUND = {"cpu": "1", "memory": "0.25"}
"""Prices that can be reckoned with in one's head: a core-hour 1, a GiB-hour 0.25."""
END = START + timedelta(hours=1)


def billed(
    hours: Hours, *, terms: Terms | None = None, end: datetime = END, **spec: object
) -> Bill:
    book = PriceBook([card(prices=ROUND, **spec)])
    return bill(hours, book, START, end, terms or Terms())


def by(found: Bill, *parts: str) -> dict[str, Decimal]:
    """Costs by what is asked for: the tenant, or the kind of what is nobody's."""
    sums: dict[str, Decimal] = {}
    for one in found.charges:
        named = {"who": one.owner.tenant or one.kind, "resource": one.pool.resource}
        key = " ".join(named[part] for part in parts or ("who",))
        sums[key] = sums.get(key, Decimal(0)) + one.cost
    return {key: value.quantize(Decimal("0.0001")) for key, value in sums.items() if value}


def amounts(**expected: str) -> dict[str, Decimal]:
    return {key: Decimal(value).quantize(Decimal("0.0001")) for key, value in expected.items()}


def a_node() -> Hours:
    """One hour of a node of 8 cores and 16 GiB: 8 x 1 + 16 x 0.25 = 12."""
    return Hours().had("node", "cpu", 8).had("node", "memory", 16)


def test_a_tenant_pays_what_it_asked_for_and_the_rest_is_idle() -> None:
    hours = a_node().ran("acme", "cpu", 2).ran("acme", "memory", 4).ran("globex", "cpu", "0.5")

    found = billed(hours)

    # acme 2 + 4 x 0.25, globex 0.5; idle 5.5 cores and 12 GiB: 5.5 + 3
    assert by(found) == amounts(acme="3", globex="0.5", Idle="8.5")
    assert found.total == Decimal("12.00")


@pytest.mark.parametrize(("basis", "cost"), [("Request", "3"), ("Usage", "2.5"), ("Max", "4")])
def test_the_basis_is_what_was_asked_for_or_used_or_the_larger_in_each_hour(
    basis: str, cost: str
) -> None:
    end = START + timedelta(hours=2)
    hours = Hours().had("node", "cpu", 8, hours=2)
    hours.ran("acme", "cpu", 2, "0.5").ran("acme", "cpu", 1, 2, since=START + timedelta(hours=1))

    found = billed(hours, terms=Terms(basis=basis), end=end)  # type: ignore[arg-type]

    assert by(found)["acme"] == Decimal(cost)
    assert found.total == Decimal("16.00")


def test_where_usage_is_not_measured_requests_are_charged_and_that_is_told() -> None:
    none = billed(a_node().ran("acme", "cpu", 2), terms=Terms(basis="Usage"))
    half = billed(a_node().ran("acme", "cpu", 2).ran("acme", "memory", 4, 2))

    assert by(none)["acme"] == 2
    assert none.notes == ["Usage is not measured: what was requested is charged."]
    assert half.notes == ["Usage is not known of 50.0 % of the hours: there, requests are charged."]


def test_nobody_pays_for_more_than_there_was() -> None:
    hours = Hours().had("node", "cpu", 4).ran("acme", "cpu", 1, 6).ran("globex", "cpu", 2, 2)

    # 8 cores were used of 4: acme's 6 count as 3, globex's 2 as 1
    assert by(billed(hours)) == amounts(acme="3", globex="1")


def test_namespaces_of_no_tenant_are_shared_or_unallocated() -> None:
    hours = a_node().ran("", "cpu", 1, namespace="kube-system")
    hours.ran("", "cpu", 2, namespace="legacy").ran("acme", "cpu", 1)

    found = billed(hours)

    # idle: 4 cores and 16 GiB
    assert by(found) == amounts(acme="1", SharedNamespace="1", Unallocated="2", Idle="8")


def test_idle_is_shared_by_resource_among_those_who_asked_for_it() -> None:
    hours = a_node().ran("acme", "cpu", 3).ran("globex", "cpu", 1).ran("globex", "memory", 4)

    found = billed(hours, terms=Terms(idle="Weighted"))

    # idle 4 cores = 4, by 3:1; idle 12 GiB = 3, all globex's
    assert by(found) == amounts(acme="6", globex="6")


def test_idle_of_a_class_that_nobody_is_on_is_shared_by_all_costs() -> None:
    hours = Hours().had("node", "cpu", 4).had("node", "cpu", 10, node_class="gpu")
    hours.ran("acme", "cpu", 3).ran("globex", "cpu", 1)

    assert by(billed(hours, terms=Terms(idle="Weighted"))) == amounts(acme="10.5", globex="3.5")


def test_shared_costs_are_apart_even_weighted_or_by_fixed_shares() -> None:
    hours = Hours().had("node", "cpu", 6).ran("acme", "cpu", 3).ran("globex", "cpu", 1)
    hours.ran("", "cpu", 2, namespace="kube-system")

    def shared(how: str) -> dict[str, Decimal]:
        shares = {"acme": "75", "initech": "15"}
        return by(billed(hours, sharing={"sharedNamespaces": how, "shares": shares}))

    assert shared("Separate") == amounts(acme="3", globex="1", SharedNamespace="2")
    assert shared("Even") == amounts(acme="4", globex="2")
    assert shared("Weighted") == amounts(acme="4.5", globex="1.5")
    # 75 % and 15 % of 2; the ten that are nobody's stay apart
    assert shared("Fixed") == amounts(acme="4.5", globex="1", initech="0.3", SharedNamespace="0.2")


def test_without_tenants_nothing_can_be_shared_and_nothing_is_lost() -> None:
    for how in ("Even", "Weighted"):
        assert by(billed(a_node(), terms=Terms(idle=how))) == amounts(Idle="12")  # type: ignore[arg-type]


def test_a_month_has_all_of_its_fixed_costs_be_it_long_or_short() -> None:
    fixed = [{"name": "control-plane", "monthly": "73"}, {"name": "support", "monthly": "27"}]
    book = PriceBook([card(fixedCosts=fixed)])

    def of_month(month: int) -> Decimal:
        start = datetime(2026, month, 1, tzinfo=UTC)
        return bill(Hours(), book, start, datetime(2026, month + 1, 1, tzinfo=UTC), Terms()).total

    assert [of_month(one) for one in (2, 4, 10)] == [Decimal("100.00")] * 3
    # 3 hours of October: 100 x 3 / 744
    hour = bill(Hours(), book, START, START + timedelta(hours=3), Terms())
    assert hour.total == Decimal("0.40")


def test_volumes_load_balancers_devices_and_traffic_have_prices_of_their_own() -> None:
    hours = Hours().had("volume", "storage/fast", 100, node_class="fast")
    hours.had("load-balancer", "load-balancer", 1)
    hours.had("node", "nvidia.com/gpu", 4, node_class="gpu")
    hours.ran("acme", "storage/fast", 60).ran("acme", "load-balancer", 1)
    hours.ran("acme", "nvidia.com/gpu", 1, node_class="gpu")
    hours.held.append(_traffic("acme", 5 * 2**30))

    found = billed(
        hours,
        storage={"classes": {"fast": "0.01"}},
        loadBalancer="0.025",
        nodeClasses=[
            {"name": "gpu", "nodeSelectors": [{"a": "b"}], "extended": {"nvidia.com/gpu": "2"}}
        ],
    )

    assert by(found, "who", "resource") == {
        "acme storage/fast": Decimal("0.6"),
        "Idle storage/fast": Decimal("0.4"),
        "acme load-balancer": Decimal("0.025"),
        "acme nvidia.com/gpu": Decimal(2),
        "Idle nvidia.com/gpu": Decimal(6),
        "acme network/internet": Decimal("0.6"),
    }


def _traffic(tenant: str, size: int):  # type: ignore[no-untyped-def] # noqa: ANN202
    (made,) = Hours().ran(tenant, "network/internet", 0).held
    return type(made)(
        **{name: getattr(made, name) for name in made.__slots__} | {"requested": Decimal(size)}
    )


def test_what_has_no_price_is_told() -> None:
    hours = Hours().had("node", "example.com/fpga", 1).ran("acme", "example.com/fpga", 1)

    found = billed(hours)

    assert found.total == 0
    assert found.notes == ["No price is known for example.com/fpga: it is charged at nought."]


def test_a_tenant_that_reserves_pays_for_its_quota_out_of_what_is_idle() -> None:
    hours = a_node().ran("acme", "cpu", 1).ran("globex", "cpu", 2)
    reserved = {"acme": {"cpu": Decimal(4), "memory": Decimal(8 * 2**30)}}

    found = billed(hours, terms=Terms(reservations=reserved))

    # acme asked for 1 core and has 4 and 8 GiB: 4 + 2; idle 2 cores, 8 GiB
    assert by(found) == amounts(acme="6", globex="2", Idle="4")


def test_quotas_that_promise_more_than_there_is_are_paid_as_far_as_there_is() -> None:
    hours = Hours().had("node", "cpu", 5).ran("acme", "cpu", 1)
    reserved = {"acme": {"cpu": Decimal(7)}, "globex": {"cpu": Decimal(2)}}

    # 4 idle cores for 6 and 2 that are wanted: 3 and 1
    assert by(billed(hours, terms=Terms(reservations=reserved))) == amounts(acme="4", globex="1")


def test_what_uses_more_than_it_reserved_pays_for_what_it_used() -> None:
    hours = Hours().had("node", "cpu", 5).ran("acme", "cpu", 3)

    found = billed(hours, terms=Terms(reservations={"acme": {"cpu": Decimal(2)}}))

    assert by(found) == amounts(acme="3", Idle="2")


def test_a_quota_sets_aside_its_requests() -> None:
    quota = {"requests.cpu": Decimal(4), "memory": Decimal(8), "pods": Decimal(9)}

    assert quantities(quota) == {"cpu": 4, "memory": 8}


def test_each_hour_is_charged_at_the_prices_of_its_own_card() -> None:
    day = timedelta(days=1)
    cheap = card("cheap", validTo="2026-10-01T12:00:00Z", prices={"cpu": "1"})
    dear = card("dear", "2026-10-01T12:00:00Z", prices={"cpu": "3"})
    hours = Hours().had("node", "cpu", 1, hours=24).ran("acme", "cpu", 1, hours=24)

    found = bill(hours, PriceBook([cheap, dear]), START, START + day, Terms())

    assert by(found) == amounts(acme="48")  # 12 x 1 + 12 x 3


def test_a_new_card_leaves_the_bill_of_the_past_as_it_was() -> None:
    before = card("now", made="2026-01-01T00:00:00Z", prices={"cpu": "1"})
    rival = card("rival", "2020-01-01T00:00:00Z", made="2026-11-01T00:00:00Z", prices={"cpu": "9"})
    hours = Hours().had("node", "cpu", 1)

    for cards in ([before], [before, rival]):
        assert bill(hours, PriceBook(cards), START, END, Terms()).total == Decimal("1.00")


def test_hours_without_a_card_or_a_meter_are_told() -> None:
    late = card("late", "2026-10-01T01:00:00Z", prices={"cpu": "1"})
    hours = Hours().had("node", "cpu", 1, hours=2)
    missed = START + timedelta(minutes=90)
    hours.missed += [
        Gap(missed, missed + timedelta(minutes=5), "restarted", is_recovered=True),
        Gap(missed, missed + timedelta(minutes=20), "no API server", is_recovered=False),
    ]

    found = bill(hours, PriceBook([late]), START, START + timedelta(hours=2), Terms())

    assert found.total == Decimal("1.00")
    assert [one.removesuffix(": what ran then is not charged.") for one in found.notes] == [
        "No RateCard holds from 2026-10-01 00:00 to 2026-10-01 01:00",
        "Nothing was metered from 2026-10-01 01:30 to 2026-10-01 01:50 (no API server)",
    ]


def test_without_any_card_the_prices_are_opencosts_and_that_is_told() -> None:
    hours = Hours().had("node", "cpu", 1000).ran("acme", "cpu", 1000)

    found = bill(hours, PriceBook([]), START, END, Terms())

    assert (found.total, found.currency) == (Decimal("31.61"), "USD")
    assert found.notes[0] == "There is no RateCard: the prices are OpenCost's defaults, in USD."


def test_a_window_of_two_currencies_is_refused_with_the_hour_at_which_it_changes() -> None:
    dollars = card("dollars", validTo="2026-10-01T12:00:00Z")
    euros = card("euros", "2026-10-01T12:00:00Z", currency="EUR")

    with pytest.raises(SeveralCurrenciesError, match="EUR from 2026-10-01 12:00"):
        bill(Hours(), PriceBook([dollars, euros]), START, START + timedelta(days=1), Terms())


def test_a_discount_lowers_the_cost_and_not_the_list_price() -> None:
    hours = Hours().had("node", "cpu", 4).ran("acme", "cpu", 2)

    found = billed(hours, discounts=[{"name": "committed-use", "percent": "25"}])

    assert found.total == Decimal("3.00")
    assert sum(_list_costs(found)) == Decimal(4)


def _list_costs(found: Bill) -> Iterable[Decimal]:
    return (one.list_cost for one in found.charges)


def test_what_is_kept_by_the_month_is_charged_once_and_told_where_a_window_is_shorter() -> None:
    cards = [
        card("a", validTo="2026-10-10T12:00:00Z", prices={"cpu": "1"}),
        card("b", "2026-10-10T12:00:00Z", prices={"cpu": "1"}),
    ]
    hours = Hours().had("node", "cpu", 100).ran("acme", "cpu", 60)
    kept = _Kept(hours.held, hours.offered, [])

    found = bill(
        kept, PriceBook(cards), START + timedelta(days=9), START + timedelta(days=11), Terms()
    )

    assert by(found) == amounts(acme="60", Idle="40")
    assert found.notes[0].startswith("Of so long ago no hours are kept: the whole of the first")


class _Kept(Hours):
    """Keeps a month as one bucket, at its beginning, whatever part of it is asked for."""

    def buckets(self, start: datetime, end: datetime, tenant: str | None) -> Iterator[Bucket]:
        del start
        return super().buckets(START, end, tenant)

    def supplies(self, start: datetime, end: datetime) -> Iterator[Supply]:
        del start
        return super().supplies(START, end)
