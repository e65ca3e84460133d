"""The command line: `make bench` is `python -m bench`. Runs the parts, shows, writes what came out.

A full run also writes the figures of docs/performance.md. A quick one, or one of some parts only,
shows its table and writes its JSON and leaves the documentation as it is.
"""

from __future__ import annotations

import asyncio
import dataclasses
import datetime as dt
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click
import orjson
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from bench import applications, latency, meter, page, policies, quota, repair, restart, throughput
from bench.result import QUICK, Bench, Measure, Result, Scale, report
from devcluster import DevClusterError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    Part = Callable[[Bench], Awaitable[Result]]

PARTS: Final[Mapping[str, Part]] = {
    "rate": throughput.measure,
    "latency": latency.measure,
    "repair": repair.measure,
    "restart": restart.measure,
    "quota": quota.measure,
    "policies": policies.measure,
    "applications": applications.measure,
    "meter": meter.measure,
}
out: Final = Console(highlight=False)
err: Final = Console(stderr=True, highlight=False)


class Failed(click.ClickException):
    """A measurement that could not be made, told in its own words."""


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--only",
    "parts",
    multiple=True,
    type=click.Choice([*PARTS]),
    help="A part to run; can be repeated.  [default: all]",
)
@click.option(
    "--rounds", type=click.IntRange(1, 50), help="Pairs of runs of the rate.  [default: 4]"
)
@click.option(
    "--tenants",
    type=click.IntRange(2, 2000),
    help="Tenants of three namespaces made at once.  [default: 200]",
)
@click.option("--quick", is_flag=True, help="A tiny scale, to see that all works: no evidence.")
@click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="OPTION=VALUE",
    help="An option of the operator, such as workers=16; can be repeated.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    default=Path("build/bench.json"),
    show_default=True,
    help="Where to write everything that was measured.",
)
def main(
    *,
    parts: tuple[str, ...],
    rounds: int | None,
    tenants: int | None,
    quick: bool,
    settings: tuple[str, ...],
    output: Path,
) -> None:
    """Measure the operator against a raw client that writes the same objects.

    \b
    Examples:
      python -m bench                            all, twelve minutes (make bench)
      python -m bench --quick                    the same at a tiny scale, in three
      python -m bench --only rate --rounds 2     one part
      python -m bench --only rate --set workers=16 -o build/workers-16.json
    """  # noqa: D301 - click's mark for lines that are not to be joined
    scale = QUICK if quick else Scale()
    scale = dataclasses.replace(
        scale, rounds=rounds or scale.rounds, tenants=tenants or scale.tenants
    )
    options = dict(_split(setting) for setting in settings)
    chosen = [name for name in PARTS if name in parts or not parts]
    began = time.monotonic()
    facts: dict[str, Any] = {
        "date": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        "options": options,
        "load": round(os.getloadavg()[0], 1),
    }
    try:
        result = asyncio.run(_run(chosen, scale, options))
    except* (DevClusterError, RuntimeError, OSError) as group:
        raise Failed(f"{group.exceptions[0]}") from group
    content = report(result, scale, facts | {"seconds": round(time.monotonic() - began)})
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_bytes(orjson.dumps(content, option=orjson.OPT_INDENT_2) + b"\n")
    out.print(table(result.measures))
    out.print(f"Everything that was measured: {output}", soft_wrap=True)
    if not quick and not parts:
        page.write(content)
        out.print(f"Figures written into {page.PAGE}", soft_wrap=True)


async def _run(chosen: Sequence[str], scale: Scale, options: Mapping[str, str]) -> Result:
    """Run parts one after the other, a bar on a terminal and lines elsewhere."""
    result = Result()
    columns = (
        SpinnerColumn(finished_text="[green]✓"),
        TextColumn("{task.fields[part]:<12}"),
        BarColumn(bar_width=20),
        TimeElapsedColumn(),
        TextColumn("[dim]{task.description}"),
    )
    with Progress(*columns, console=err, disable=not err.is_terminal) as bars:
        bar = bars.add_task("", total=len(chosen), part="")

        def say(text: str) -> None:
            bars.update(bar, description=text)
            if not err.is_terminal:
                err.print(text, soft_wrap=True)

        for name in chosen:
            bars.update(bar, part=name)
            result.add(await PARTS[name](Bench(scale, options, say)))
            bars.advance(bar)
    return result


def table(measures: Sequence[Measure]) -> Table:
    """What was measured, against the targets."""
    shown = Table("measure", "value", "spread", "target", "met?", "", box=None, pad_edge=False)
    for one in measures:
        verdict = "[green]yes[/]" if one.is_met else "[bold red]no[/]"
        shown.add_row(
            one.title, page.amount(one), page.spread(one), page.target(one), verdict, one.detail
        )
    return shown


def _split(setting: str) -> tuple[str, str]:
    name, equals, value = setting.partition("=")
    if not equals:
        raise click.BadParameter(f"expected OPTION=VALUE, not {setting!r}", param_hint="--set")
    return name.removeprefix("--"), value
