"""helm/tenantry/README.md: the page that Artifact Hub and registries show, with every value."""

import json
from pathlib import Path
from typing import Final

from generate.chart.entries import Entry, entries

INTRODUCTION: Final = Path(__file__).with_name("introduction.md")


def text() -> str:
    """The page as Markdown."""
    head = "| Value | Default | Description |\n|---|---|---|\n"
    rows = (_row(entry) for entry in entries() if not entry.is_group)
    return f"{INTRODUCTION.read_text()}\n## Values\n\n{head}" + "\n".join(rows) + "\n"


def _row(entry: Entry) -> str:
    default = json.dumps(entry.default)
    cells = (f"`{'.'.join(entry.path)}`", f"`{default}`", entry.description)
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
