"""The figures of docs/image.md: what is between its marks is written by `make image-test`."""

from __future__ import annotations

import datetime as dt
import os
import platform
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

BEGIN: Final = "<!-- figures: written by make image-test -->"
END: Final = "<!-- end of figures -->"


def write(page: Path, figures: Mapping[str, str]) -> None:
    """Put figures into a page.

    Args:
        page: With the two marks in it.
        figures: What was measured, with its unit, by what it is.

    Raises:
        ValueError: The page has not both marks.
    """
    before, begin, rest = page.read_text("utf-8").partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{page} has no place for figures: {BEGIN} and {END}")
    rows = "".join(f"| {what} | {value} |\n" for what, value in figures.items())
    table = f"| measure | value |\n|---|---|\n{rows}"
    page.write_text(f"{before}{BEGIN}\n{table}\n{_where()}\n{END}{after}", "utf-8")


def _where() -> str:
    today = dt.datetime.now(dt.UTC).date().isoformat()
    machine = f"{os.cpu_count()} cores, Linux {platform.release()}"
    return f"Measured on {today}: {machine}, on the trial's base of Debian's packages."
