from datetime import UTC, datetime, timedelta
from decimal import Decimal, localcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metered import START, Hours
from rate_cards import card
from tenantry.cost.billing import Bill, Terms, bill
from tenantry.cost.consumption import EXACT, PARTS
from tenantry.cost.efficiency import efficiency
from tenantry.cost.price_book import PriceBook
from tenantry.cost.report import DIMENSIONS, Report, report
from tenantry.cost.windows import BadWindowError, Window, window

DAY = timedelta(days=1)
BOOK = PriceBook(
    [
        card(
            prices={"cpu": "1", "memory": "0.25"},
            fixedCosts=[{"name": "support", "monthly": "74.40"}],
        )
    ]
)
"""A core-hour 1, a GiB-hour 0.25, and fixed costs of 0.10 an hour in October."""


def metered() -> Hours:
    """Of 10 cores, 6 are asked for in one hour: 4 of acme, in two applications, and 2 of globex."""
    hours = Hours().had("node", "cpu", 10)
    hours.ran("acme", "cpu", 3, 1, application="shop", component="web")
    hours.ran("acme", "cpu", "0.5", "0.4", application="shop", component="db")
    hours.ran("acme", "cpu", "0.5", application="blog", component="web")
    return hours.ran("globex", "cpu", 2, 2)


def billed(hours: Hours, start: datetime = START, end: datetime | None = None) -> Bill:
    terms = Terms(basis="Request", parts=PARTS)
    return bill(hours, BOOK, start, end or start + timedelta(hours=1), terms)


def rows(found: Report) -> list[tuple[str, ...]]:
    return [(*row.keys, str(row.cost)) for row in found.rows]


def test_rows_are_sorted_by_cost_and_what_is_nobodys_has_no_name() -> None:
    found = report(billed(metered()), None, ["tenant"])

    assert rows(found) == [
        ("(idle)", "4.00"),
        ("acme", "4.00"),
        ("globex", "2.00"),
        ("(fixed costs)", "0.10"),
    ]
    assert found.total == Decimal("10.10")
    assert found.parts == {
        "tenants": Decimal("6.00"),
        "shared": Decimal("0.10"),
        "idle": Decimal("4.00"),
        "unallocated": Decimal("0.00"),
    }


def test_what_belongs_together_stays_together() -> None:
    found = report(billed(metered()), None, ["tenant", "application", "component"], tenant="acme")

    assert rows(found) == [
        ("acme", "shop", "web", "3.00"),
        ("acme", "shop", "db", "0.50"),
        ("acme", "blog", "web", "0.50"),
    ]


def test_efficiency_is_usage_by_requests_where_it_is_known() -> None:
    by_name = {
        row.keys: row.efficiency
        for row in report(billed(metered()), None, ["tenant", "application", "component"]).rows
    }

    # web asks for 3 and uses 1: it needs 1.15, and would save 1.85
    web = by_name["acme", "shop", "web"]
    assert (web.used, web.requested, web.saving) == (1, 3, Decimal("1.85"))
    # db uses 0.4 of 0.5: with its margin 0.46
    assert by_name["acme", "shop", "db"].saving == Decimal("0.04")
    assert by_name["acme", "blog", "web"].ratio is None
    assert by_name["globex", "(none)", "(none)"].ratio == 1


def test_what_is_used_without_a_request_is_used_wholly() -> None:
    hours = Hours().ran("acme", "cpu", 0, 2)

    found = efficiency(bill(hours, BOOK, START, START + DAY, Terms(basis="Max")).charges)

    assert (found.ratio, found.saving) == (1, 0)


def test_a_period_is_compared_with_the_one_before() -> None:
    hours = metered()
    for one in Hours().ran("acme", "cpu", 1, since=START - DAY).held:
        hours.held.append(one)
    hours.ran("gone", "cpu", 1, since=START - DAY)
    before = billed(hours, START - DAY, START - DAY + timedelta(hours=1))

    found = report(billed(hours), before, ["tenant"])

    assert {row.keys[0]: row.before for row in found.rows} == {
        "acme": Decimal("1.00"),
        "globex": Decimal(0),
        "(idle)": Decimal(0),
        "(fixed costs)": Decimal("0.10"),
    }
    # gone has cost 1.00, and is in the total
    assert found.before == Decimal("2.10")


amounts = st.decimals("0.001", 3, places=3).map(str)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["acme", "globex", "initech"]),
            st.sampled_from(["", "shop", "blog"]),
            st.sampled_from(["cpu", "memory"]),
            amounts,
        ),
        max_size=12,
    ),
    st.permutations(DIMENSIONS).map(lambda names: names[:3]),
)
def test_a_tenant_reads_the_same_amount_whatever_the_report_is_by(
    asked: list[tuple[str, str, str, str]], by: list[str]
) -> None:
    hours = Hours().had("node", "cpu", 40).had("node", "memory", 40)
    for tenant, application, resource, amount in asked:
        hours.ran(tenant, resource, amount, application=application)
    made = billed(hours)

    found = report(made, None, by)

    assert sum(row.cost for row in found.rows) == found.total == made.total
    assert sum(found.parts.values()) == made.total
    by_tenant = {row.keys[0]: row.cost for row in report(made, None, ["tenant"]).rows}
    for tenant in {one[0] for one in asked}:
        assert report(made, None, by, tenant).total == by_tenant[tenant]
    with localcontext(EXACT):
        for row in found.rows:
            assert abs(sum(row.by_day.values()) - row.cost) < Decimal("0.01") * 9


NOW = datetime(2026, 11, 15, 10, 20, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "start", "end", "before"),
    [
        ("month", "2026-11-01T00", "2026-11-15T11", "2026-10-01T00 2026-10-15T11"),
        ("last-month", "2026-10-01T00", "2026-11-01T00", "2026-09-01T00 2026-10-01T00"),
        ("2026-03", "2026-03-01T00", "2026-04-01T00", "2026-02-01T00 2026-03-01T00"),
        ("today", "2026-11-15T00", "2026-11-15T11", "2026-11-14T13 2026-11-15T00"),
        ("7d", "2026-11-08T11", "2026-11-15T11", "2026-11-01T11 2026-11-08T11"),
        ("24h", "2026-11-14T11", "2026-11-15T11", "2026-11-13T11 2026-11-14T11"),
        ("2026-10-31", "2026-10-31T00", "2026-11-01T00", "2026-10-30T00 2026-10-31T00"),
        ("2026-10-01..2026-10-02", "2026-10-01T00", "2026-10-03T00", "2026-09-29T00 2026-10-01T00"),
    ],
)
def test_a_window_is_what_people_write(text: str, start: str, end: str, before: str) -> None:
    found = window(text, NOW)
    previous = found.previous()

    assert (f"{found.start:%Y-%m-%dT%H}", f"{found.end:%Y-%m-%dT%H}") == (start, end)
    assert f"{previous.start:%Y-%m-%dT%H} {previous.end:%Y-%m-%dT%H}" == before


def test_the_last_days_of_a_month_are_compared_with_all_of_a_shorter_one() -> None:
    found = window("month", datetime(2026, 3, 31, 5, tzinfo=UTC)).previous()

    assert found == Window(
        datetime(2026, 2, 1, tzinfo=UTC), datetime(2026, 3, 1, tzinfo=UTC), is_monthly=True
    )


@pytest.mark.parametrize("text", ["", "week", "0d", "2026-13", "2026-02-30", "1d..2d", "7"])
def test_what_is_no_window_is_told_what_to_write(text: str) -> None:
    with pytest.raises(BadWindowError, match="is no window: write month, last-month"):
        window(text, NOW)


@pytest.mark.parametrize(
    ("text", "advice"), [("2026-10-02..2026-10-01", "ends before"), ("9999d", "ten years")]
)
def test_a_window_that_makes_no_sense_is_refused(text: str, advice: str) -> None:
    with pytest.raises(BadWindowError, match=advice):
        window(text, NOW)
