"""A cost report for people: aligned, within the terminal, colours only where they show."""

from collections.abc import Iterator, Sequence
from decimal import ROUND_HALF_EVEN, Decimal
from io import StringIO
from typing import Final

from rich.box import SIMPLE
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from tenantry.cost.formats import change, percent
from tenantry.cost.report import Report, Row
from tenantry.cost.rounding import rounded

_BARS: Final = "▁▂▃▄▅▆▇█"
_BAR_COUNT: Final = 8
"""Columns of a trend."""
_TIME: Final = "%Y-%m-%d %H:%M"
_SEVERAL: Final = 2
"""Dimensions beside which there is no room for the amount before."""
_MANY: Final = 3
"""Dimensions beside which there is none for a trend."""
_STEEP: Final = Decimal("0.2")
"""A rise that is worth a colour."""


def table(report: Report, *, width: int, is_terminal: bool) -> str:
    """The report as text.

    Args:
        report: what to show.
        width: columns of the terminal.
        is_terminal: whether colours and bars can be shown.
    """
    console = Console(
        file=StringIO(), width=width, force_terminal=is_terminal, no_color=not is_terminal
    )
    bill = report.bill
    console.print(
        f"{bill.start:{_TIME}} to {bill.end:{_TIME}} UTC, in {bill.currency}", highlight=False
    )
    console.print(_rows(report))
    for line in _summary(report):
        console.print(line, highlight=False)
    for note in report.notes:
        console.print(f"Note: {_shown(note)}", style="yellow", highlight=False)
    made: StringIO = console.file  # type: ignore[assignment]
    return made.getvalue()


def _rows(report: Report) -> Table:
    made = Table(box=SIMPLE, show_footer=True, pad_edge=False, padding=(0, 1))
    has_trend = _days(report) > 1 and "day" not in report.by and len(report.by) < _MANY
    has_before = len(report.by) < _SEVERAL
    has_usage = any(row.efficiency.ratio is not None for row in report.rows)
    for at, name in enumerate(report.by):
        made.add_column(name.upper(), footer="" if at else "TOTAL", overflow="fold")
    made.add_column("COST", justify="right", footer=f"{report.total:f}", no_wrap=True)
    if report.before is not None:
        footer = _changed(change(report.total, report.before))
        if has_before:
            made.add_column("BEFORE", justify="right", footer=f"{report.before:f}", no_wrap=True)
        made.add_column("CHANGE", justify="right", footer=footer, no_wrap=True)
    if has_usage:
        made.add_column("USED", justify="right", no_wrap=True)
        made.add_column("SAVING", justify="right", footer=_saved(report), no_wrap=True)
    if has_trend:
        made.add_column("TREND", no_wrap=True)
    shown: tuple[str, ...] = ()
    for row in report.rows:
        made.add_row(
            *_keys(row, shown),
            f"{row.cost:f}",
            *_compared(report, row, has_before=has_before),
            *(_used(report, row) if has_usage else ()),
            *([_trend(row, report)] if has_trend else ()),
        )
        shown = row.keys
    return made


def _keys(row: Row, above: Sequence[str]) -> Iterator[str]:
    """The names of a row; blank where they are as above, or where nobody's cost has no more."""
    is_same = len(row.keys) > 1
    for at, key in enumerate(row.keys):
        is_same = is_same and at < len(above) and above[at] == key
        is_repeated = at > 0 and key.startswith("(") and key == row.keys[at - 1]
        yield "" if is_same or is_repeated else _shown(key)


def _shown(text: str) -> str:
    """A text as it is written: neither markup nor anything that a terminal would obey."""
    return escape(
        "".join(one if one.isprintable() else "\N{REPLACEMENT CHARACTER}" for one in text)
    )


def _compared(report: Report, row: Row, *, has_before: bool) -> Iterator[str]:
    if report.before is None or row.before is None:
        return
    if has_before:
        yield f"{row.before:f}"
    yield _changed(change(row.cost, row.before))


def _changed(part: Decimal | None) -> str:
    if part is None:
        return "new"
    text = f"{(100 * part).quantize(Decimal(1), ROUND_HALF_EVEN):+f}%"
    return f"[red]{text}[/]" if part >= _STEEP else text


def _used(report: Report, row: Row) -> Iterator[str]:
    ratio = row.efficiency.ratio
    if ratio is None:
        yield from ("", "")
        return
    yield f"{percent(ratio).partition('.')[0]}%"
    yield f"{rounded(row.efficiency.saving, report.bill.unit):f}"


def _saved(report: Report) -> str:
    whole = sum((row.efficiency.saving for row in report.rows), Decimal(0))
    return f"{rounded(whole, report.bill.unit):f}"


def _days(report: Report) -> int:
    return len({day for row in report.rows for day in row.by_day})


def _trend(row: Row, report: Report) -> str:
    """A bar for each part of the window: its mean day, by that of the dearest part."""
    days = sorted({day for one in report.rows for day in one.by_day})
    count = min(_BAR_COUNT, len(days))
    members: list[list[Decimal]] = [[] for _ in range(count)]
    for at, day in enumerate(days):
        members[at * count // len(days)].append(row.by_day.get(day, Decimal(0)))
    means = [sum(part, Decimal(0)) / len(part) for part in members]
    most = max(means)
    if not most:
        return ""
    steps = len(_BARS) - 1
    return "".join(_BARS[int((one / most * steps).to_integral_value())] for one in means)


def _summary(report: Report) -> Iterator[str]:
    if report.parts:
        named = ", ".join(f"{name} {cost:f}" for name, cost in report.parts.items())
        yield f"Of the whole: {named}."
