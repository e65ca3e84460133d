"""The figures of docs/performance.md: what is between its marks is written by a full run."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from bench import plots
from bench.chart import ROOT
from bench.result import TIMES, Measure

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

PAGE: Final[Path] = ROOT / "docs" / "performance.md"
PLOTS: Final[Path] = ROOT / "docs" / "performance"
BEGIN: Final = "<!-- figures: written by make bench -->"
END: Final = "<!-- end of figures -->"


def write(content: Mapping[str, Any]) -> None:
    """Draw the plots and put the figures into the page.

    Args:
        content: what `bench.result.report` gives.
    """
    plots.draw(content["runs"], PLOTS)
    block = f"{BEGIN}\n{figures(content)}\n{END}"
    text = PAGE.read_text(encoding="utf-8")
    pattern = re.compile(f"{re.escape(BEGIN)}.*?{re.escape(END)}", re.DOTALL)
    PAGE.write_text(pattern.sub(lambda _: block, text), encoding="utf-8")


def figures(content: Mapping[str, Any]) -> str:
    """The table, and where and when it was measured, in Markdown."""
    measures = [
        Measure(**{key: value for key, value in one.items() if key != "met"})
        for one in content["measures"]
    ]
    rows = [
        f"| {one.title} | **{amount(one)}** | {spread(one)} | {target(one)} | "
        f"{'yes' if one.is_met else 'no'} | {one.detail} |"
        for one in measures
    ]
    machine = content["machine"]
    versions = ", ".join(f"{name} {number}" for name, number in machine["packages"].items())
    where = (
        f"Measured on {content['date'][:10]} in {content['seconds']} s: "
        f"{machine['cpus']} cores ({machine['processor']}), {machine['system']}, "
        f"Python {machine['python']}, Kubernetes {machine['kubernetes']}, {versions}. "
        f"The machine's load before was {content['load']}."
    )
    return "\n".join(
        [
            "| measure | value | spread | target | met | |",
            "| --- | --- | --- | --- | --- | --- |",
            *rows,
            "",
            where,
        ]
    )


def amount(one: Measure) -> str:
    """A measure's value with its unit, for a person."""
    return _with_unit(one.value, one.unit)


def target(one: Measure) -> str:
    """What it should be."""
    return f"{'≥' if one.sense == 'at least' else '≤'} {_with_unit(one.target, one.unit)}"


def spread(one: Measure) -> str:
    """From where to where it went."""
    if one.low is None or one.high is None:
        return ""
    return f"{_number(one.low, one.unit)} to {_number(one.high, one.unit)}"


def _with_unit(value: float, unit: str) -> str:
    return f"{_number(value, unit)} {unit}"


def _number(value: float, unit: str) -> str:
    if unit in {"writes", "MB", "ms"}:
        return f"{value:.0f}"
    return f"{value:.2f}" if unit in {TIMES, "%"} else f"{value:.1f}"
