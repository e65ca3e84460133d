"""Pure: a report as the texts and bars of a page."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from typing import Any, Final

from tenantry.api.application import Application
from tenantry.api.budgets import reached, spent
from tenantry.api.kinds import APPLICATION, TENANT
from tenantry.api.tenant import Tenant
from tenantry.cost.consumption import EXACT
from tenantry.cost.efficiency import Efficiency
from tenantry.cost.formats import change, percent
from tenantry.cost.inquiry import Inquiry
from tenantry.cost.page.charts import Chart, Series, over_time
from tenantry.cost.page.links import Links
from tenantry.cost.report import Report, Row
from tenantry.cost.rounding import rounded
from tenantry.cost.sources import Source

ROWS: Final = 500
"""Rows of a table; of more, a page says how many and where they are."""
SERIES: Final = 7
"""Colours of a chart that can be told apart; the rest is one."""
BUDGETS: Final = 50
"""Bars of budgets; those that are spent most."""
_TIME: Final = "%Y-%m-%d %H:%M"
_WHOLE: Final = Decimal(1)
_FULL: Final = 100
"""Percent."""


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the table; texts are as they are shown.

    Attributes:
        names: with the address that each leads to, or nothing.
        used: percent of what was requested; None where it is not known.
    """

    names: Sequence[tuple[str, str]]
    cost: str
    before: str
    change: str
    used: str | None
    saving: str


@dataclass(frozen=True, slots=True)
class Bar:
    """A budget and how much of it is spent.

    Attributes:
        kind: Tenant or Application.
        percent: of the amount; None where no meter has told it in the budget's currency.
        warns_at: the lowest threshold, in percent.
    """

    name: str
    kind: str
    address: str
    spent: str
    monthly: str
    projected: str
    percent: int | None
    warns_at: int
    threshold: int


def figures(
    report: Report, inquiry: Inquiry, source: Source, links: Links | None
) -> dict[str, Any]:
    """Everything that the template shows, by name."""
    bars = sorted(_bars(inquiry, source, links), key=lambda one: (-(one.percent or 0), one.name))
    bill = report.bill
    with localcontext(EXACT):
        whole = _sum(one.efficiency for one in report.rows)
        return {
            "report": report,
            "tenant": inquiry.tenant,
            "application": inquiry.application,
            "span": f"{bill.start:{_TIME}} to {bill.end:{_TIME}} UTC",
            "total": f"{report.total:f}",
            "change": _changed(report.total, report.before),
            "used": _used(whole),
            "saving": f"{rounded(whole.saving, bill.unit):f}",
            "parts": [(name, f"{cost:f}") for name, cost in report.parts.items()],
            "lines": [_line(report, one, inquiry, links) for one in report.rows[:ROWS]],
            "left_out": max(0, len(report.rows) - ROWS),
            "bars": bars[:BUDGETS],
            "bars_left_out": max(0, len(bars) - BUDGETS),
            "chart": _chart(report),
        }


def _line(report: Report, row: Row, inquiry: Inquiry, links: Links | None) -> Line:
    return Line(
        [
            (key, _address(report.by, at, key, inquiry, links) if links else "")
            for at, key in enumerate(row.keys)
        ],
        f"{row.cost:f}",
        "" if row.before is None else f"{row.before:f}",
        _changed(row.cost, row.before),
        _used(row.efficiency),
        "" if row.efficiency.ratio is None else _money(report, row.efficiency.saving),
    )


def _address(by: Sequence[str], at: int, key: str, inquiry: Inquiry, links: Links) -> str:
    """Where a name leads: into the tenant, or into the Application of a tenant."""
    if key.startswith("("):
        return ""
    if by[at] == "tenant" and not inquiry.tenant:
        return links.to(tenant=key, by="")
    if by[at] == "application" and inquiry.tenant and not inquiry.application:
        return links.to(application=key, by="")
    return ""


def _money(report: Report, amount: Decimal) -> str:
    return f"{rounded(amount, report.bill.unit):f}"


def _changed(cost: Decimal, before: Decimal | None) -> str:
    if before is None:
        return ""
    part = change(cost, before)
    if part is None:
        return "new"
    return f"{(_FULL * part).quantize(_WHOLE, ROUND_HALF_EVEN):+f} %"


def _used(found: Efficiency) -> str | None:
    return None if found.ratio is None else percent(found.ratio)


def _sum(found: Iterable[Efficiency]) -> Efficiency:
    used = requested = saving = Decimal(0)
    for one in found:
        used, requested = used + one.used, requested + one.requested
        saving += one.saving
    return Efficiency(used, requested, saving)


def _bars(inquiry: Inquiry, source: Source, links: Links | None) -> Iterator[Bar]:
    """Budgets of whom the page is about, and of nobody else."""
    for one in _budgeted(inquiry, source):
        budget, cost = one.spec.cost.budget, one.status.cost
        if budget is None:
            continue
        part = spent(budget, cost)
        is_told = cost is not None and part is not None
        yield Bar(
            one.name,
            APPLICATION.kind if isinstance(one, Application) else TENANT.kind,
            _into(one, inquiry, links) if links else "",
            cost.month_to_date if cost and is_told else "",
            f"{budget.monthly} {budget.currency}",
            cost.projected if cost and is_told else "",
            None if part is None else int((_FULL * part).to_integral_value()),
            min(budget.thresholds),
            0 if part is None else reached(budget, part),
        )


def _budgeted(inquiry: Inquiry, source: Source) -> Iterator[Tenant | Application]:
    """All tenants; a tenant and its Applications; or one of these."""
    if not inquiry.application:
        yield from (one for one in source.tenants if inquiry.tenant in ("", one.name))
    if inquiry.tenant:
        for one in source.applications:
            is_its = one.status.tenant == inquiry.tenant
            if is_its and inquiry.application in ("", one.name):
                yield one


def _into(one: Tenant | Application, inquiry: Inquiry, links: Links) -> str:
    if isinstance(one, Application):
        return "" if inquiry.application else links.to(application=one.name, by="")
    return "" if inquiry.tenant else links.to(tenant=one.name, by="")


def _chart(report: Report) -> Chart | None:
    """Cost by day of the dearest rows, what is nobody's last, and of the rest; none of one day."""
    days = sorted({day for row in report.rows for day in row.by_day})
    if len(days) <= 1 or "day" in report.by:
        return None
    told = sorted(report.rows, key=lambda one: (_is_nobodys(one), -one.cost))
    series = [
        Series(_name(row.keys), [row.by_day.get(day, Decimal(0)) for day in days], _is_nobodys(row))
        for row in told[:SERIES]
    ]
    rest = told[SERIES:]
    if rest:
        others = [
            sum((row.by_day.get(day, Decimal(0)) for row in rest), Decimal(0)) for day in days
        ]
        series.append(Series(f"{len(rest)} others", others))
    return over_time([f"{day:%Y-%m-%d}" for day in days], series, report.bill.currency)


def _is_nobodys(row: Row) -> bool:
    return row.keys[0].startswith("(")


def _name(keys: Collection[str]) -> str:
    return " / ".join(dict.fromkeys(keys))
