"""A report as JSON and CSV, and a bill as FOCUS: texts for programs to read.

A cell that begins like a formula would be one to whoever opens it in a spreadsheet
(https://owasp.org/www-community/attacks/CSV_Injection). Names that tenants choose can hardly begin
so, but CSV goes where nobody remembers that, so every text is made harmless; numbers are not texts.
"""

import csv
import io
import json
from collections.abc import Iterable, Sequence
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any, Final

from tenantry.cost.billing import Bill
from tenantry.cost.focus import COLUMNS, Issuer, focus_rows
from tenantry.cost.report import Report, Row
from tenantry.cost.rounding import rounded

_FORMULAS: Final = ("=", "+", "-", "@", "\t", "\r")
_TIME: Final = "%Y-%m-%dT%H:%M:%SZ"
_PERCENT: Final = Decimal("0.1")


def harmless(text: str) -> str:
    """A text that no spreadsheet takes for a formula: an apostrophe says that it is none."""
    return f"'{text}" if text.startswith(_FORMULAS) else text


def percent(part: Decimal | None) -> str:
    """A fraction in percent, with one digit after the point; empty where there is none."""
    return "" if part is None else f"{(100 * part).quantize(_PERCENT, ROUND_HALF_EVEN):f}"


def change(cost: Decimal, before: Decimal | None) -> Decimal | None:
    """By what part a cost has changed; None where there was nothing to compare with."""
    return None if not before else (cost - before) / before


def to_json(report: Report) -> str:
    """The report as JSON; amounts are texts, for a JSON number is a float to most who read it."""
    bill = report.bill
    made: dict[str, Any] = {
        "window": {"start": bill.start.strftime(_TIME), "end": bill.end.strftime(_TIME)},
        "currency": bill.currency,
        "total": f"{report.total:f}",
        "before": None if report.before is None else f"{report.before:f}",
        "parts": {name: f"{cost:f}" for name, cost in report.parts.items()},
        "by": list(report.by),
        "rows": [_json_row(report, row) for row in report.rows],
        "notes": list(report.notes),
    }
    return json.dumps(made, indent=2) + "\n"


def _json_row(report: Report, row: Row) -> dict[str, Any]:
    unit, ratio = report.bill.unit, row.efficiency.ratio
    return dict(zip(report.by, row.keys, strict=True)) | {
        "cost": f"{row.cost:f}",
        "before": None if row.before is None else f"{row.before:f}",
        "efficiencyPercent": percent(ratio) or None,
        "saving": f"{rounded(row.efficiency.saving, unit):f}" if ratio is not None else None,
        "days": {
            f"{day:%Y-%m-%d}": f"{rounded(cost, unit):f}"
            for day, cost in sorted(row.by_day.items())
        },
    }


def to_csv(report: Report) -> str:
    """The report as CSV (RFC 4180), a line a row."""
    bill = report.bill
    head = [
        *report.by,
        "cost",
        "before",
        "efficiency_percent",
        "saving",
        "currency",
        "start",
        "end",
    ]
    lines = []
    for row in report.rows:
        ratio = row.efficiency.ratio
        saving = "" if ratio is None else f"{rounded(row.efficiency.saving, bill.unit):f}"
        numbers = [f"{row.cost:f}", "" if row.before is None else f"{row.before:f}"]
        about = [bill.currency, bill.start.strftime(_TIME), bill.end.strftime(_TIME)]
        lines.append([*map(harmless, row.keys), *numbers, percent(ratio), saving, *about])
    return _csv(head, lines)


def to_focus(bill: Bill, issuer: Issuer, tenant: str = "") -> str:
    """The bill as a FOCUS 1.2 data set in CSV; of one tenant, if one is named."""
    rows = [row for row in focus_rows(bill, issuer) if tenant in ("", row["SubAccountId"])]
    return _csv(COLUMNS, ([harmless(cell) for cell in row.values()] for row in rows))


def _csv(head: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(head)
    writer.writerows(lines)
    return text.getvalue()
