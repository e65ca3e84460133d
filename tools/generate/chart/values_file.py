"""helm/tenantry/values.yaml: every value with its default, and above it what it says."""

import json
import textwrap
from typing import Any, Final

import yaml

from generate.chart.entries import Entry, entries

HEADER: Final = """\
# Generated from tools/generate/chart/values.py by `make generate`: change the values there, not
# this file. README.md has the same as a table; values.schema.json holds what you give to it.
"""
WIDTH: Final = 100


def text() -> str:
    """The file."""
    return HEADER + "".join(map(_lines, entries()))


def _lines(entry: Entry) -> str:
    depth = len(entry.path) - 1
    margin = "  " * depth
    comment = textwrap.fill(
        entry.description,
        width=WIDTH,
        initial_indent=f"{margin}# ",
        subsequent_indent=f"{margin}# ",
        break_on_hyphens=False,
        break_long_words=False,
    )
    gap = "\n" if depth == 0 else ""
    key = entry.path[-1]
    if entry.is_group:
        return f"{gap}{comment}\n{margin}{key}:\n"
    return f"{gap}{comment}\n{textwrap.indent(_pair(key, entry.default), margin)}"


def _pair(key: str, value: Any) -> str:
    if value == "" or _is_short(value):
        return f"{key}: {json.dumps(value)}\n"
    return yaml.safe_dump({key: value}, sort_keys=False)


def _is_short(value: object) -> bool:
    """Lists of words are written in one line."""
    return isinstance(value, list) and not any(isinstance(one, dict) for one in value)
