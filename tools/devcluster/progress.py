"""How a build that takes minutes shows that it lives: a bar on a terminal, lines elsewhere.

`build` reports its steps to a `Progress`; `suited` picks the one that fits where the output goes.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Final, Protocol, TypeAlias

from rich.console import Console
from rich.progress import BarColumn, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bars
from rich.table import Column

if TYPE_CHECKING:
    from collections.abc import Iterator

PERIOD: Final = 15.0
"""Seconds between two lines where no terminal shows a bar: often enough that nobody takes the build
for dead."""

WIDTH: Final = 30
"""Characters of a unit's name beside the bar: the end of it, where package names differ."""

Advance: TypeAlias = Callable[[str], None]
"""Called once for each unit of a step that is done, with its name."""


class Progress(Protocol):
    """Where a build reports to."""

    def note(self, text: str) -> None:
        """Say one thing."""

    def step(
        self, title: str, total: int | None = None
    ) -> contextlib.AbstractContextManager[Advance]:
        """Open a step of `total` units (None: not known); it ends with the context."""


class TerminalProgress:
    """A line with a bar and the elapsed time for each step."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def note(self, text: str) -> None:
        """Say one thing."""
        self._console.print(text)

    @contextlib.contextmanager
    def step(self, title: str, total: int | None = None) -> Iterator[Advance]:
        """Show a bar until the context ends, and leave it standing."""
        columns = (
            SpinnerColumn(finished_text="[green]✓"),
            TextColumn("{task.description:<18}"),
            BarColumn(bar_width=24),
            TimeElapsedColumn(),
            TextColumn("[dim]{task.fields[detail]}", table_column=Column(no_wrap=True)),
        )
        with Bars(*columns, console=self._console) as bars:
            task = bars.add_task(title, total=total, detail="")
            yield lambda detail: bars.update(task, advance=1, detail=detail[-WIDTH:])
            bars.update(task, total=1, completed=1, detail="")


class PlainProgress:
    """A line when a step begins and ends, and every fifteen seconds between."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def note(self, text: str) -> None:
        """Say one thing."""
        self._console.print(text, soft_wrap=True, highlight=False)

    @contextlib.contextmanager
    def step(self, title: str, total: int | None = None) -> Iterator[Advance]:
        """Print lines until the context ends."""
        began, done, ended = time.monotonic(), 0, threading.Event()

        def advance(_detail: str) -> None:
            nonlocal done
            done += 1

        def report() -> None:
            while not ended.wait(PERIOD):
                count = f"{done} of {total}" if total else f"{done}"
                self.note(f"  {title}: {count}, {time.monotonic() - began:.0f} s")

        self.note(f"{title} ...")
        reporter = threading.Thread(target=report, daemon=True)
        reporter.start()
        try:
            yield advance
        finally:
            ended.set()
            reporter.join()
        self.note(f"{title}: done in {time.monotonic() - began:.0f} s")


def suited(console: Console | None = None) -> Progress:
    """Give bars for a terminal and lines for anything else.

    Args:
        console: Where to report; standard error if None, so that a command's own output stays
            clean.
    """
    console = console or Console(stderr=True)
    return TerminalProgress(console) if console.is_terminal else PlainProgress(console)
