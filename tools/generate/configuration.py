"""docs/reference/configuration.md: what an operator process can be told, by each of the ways."""

from collections.abc import Iterator
from itertools import groupby

from generate.bounds import code
from tenantry.options import Command, Option, options

PATH = "docs/reference/configuration.md"

_INTRODUCTION = """\
<!-- Generated from operator/tenantry/settings.py and meter_settings.py by `make generate`: change
the settings, not this file. -->

# Configuration

`tenantry run` takes its options from flags, from environment variables and from a YAML file that
`--config` names; the first of these that knows an option decides. Durations are seconds or texts
such as `500ms`, `90s` or `1h30m`."""
_OF_THE_METER = """\
# The meter's

`tenantry meter` takes its options likewise."""


def text() -> str:
    """The page as Markdown, a table for each group of options."""
    parts = [_INTRODUCTION, *_tables("run"), _OF_THE_METER, *_tables("meter")]
    return "\n\n".join(parts) + "\n"


def _tables(command: Command) -> Iterator[str]:
    suffix = " of the meter" if command == "meter" else ""
    for group, members in groupby(options(command), key=lambda option: option.group):
        yield f"## {group}{suffix}"
        yield _table(list(members))


def _table(members: list[Option]) -> str:
    head = "| Flag | Environment | File | Default | Description |\n|---|---|---|---|---|\n"
    return head + "\n".join(_row(option) for option in members)


def _row(option: Option) -> str:
    flag = f"{option.flag} {option.metavar}".strip()
    cells = (
        f"`{flag}`" + (f", `--no-{option.key}`" if option.is_switch else ""),
        f"`{option.variable}`",
        f"`{option.key}`" if option.name != "config" else "",
        code(option.default) if option.default else "",
        option.description,
    )
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
