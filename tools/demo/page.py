"""How the demo looks: steps, sections, tables and commands on a terminal, plain text elsewhere."""

from __future__ import annotations

import contextlib
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from rich import box
from rich.console import Console
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from demo.kubectl import Said

WIDTH: Final = 100
"""Columns where there is no terminal that has a width."""
NAME_WIDTH: Final = 15


@dataclass
class Step:
    """Something that takes a moment.

    Args:
        result: What came of it, in a few words; set while it is done.
    """

    result: str = ""


class Page:
    """Prints.

    Args:
        console: Where to.
    """

    def __init__(self, console: Console) -> None:
        self.console = console

    @classmethod
    def suited(cls) -> Page:
        """Give a page on standard output, without colours unless that is a terminal."""
        sys.stdout.reconfigure(errors="replace")  # type: ignore[union-attr]
        console = Console(highlight=False)
        return cls(console if console.is_terminal else Console(highlight=False, width=WIDTH))

    @contextlib.contextmanager
    def step(self, name: str) -> Iterator[Step]:
        """Show that something is under way, then what came of it and how long it took."""
        step, began = Step(), time.monotonic()
        spinner = self.console.status(name) if self.console.is_terminal else None
        with spinner or contextlib.nullcontext():
            yield step
        line = Table.grid(padding=(0, 1), expand=True)
        line.add_column()
        line.add_column(width=NAME_WIDTH)
        line.add_column(ratio=1)
        line.add_column(justify="right")
        seconds = f"{time.monotonic() - began:.1f} s"
        line.add_row("[green]✓[/]", f"[bold]{name}[/]", step.result, f"[dim]{seconds}[/]")
        self.console.print(line)

    def section(self, title: str, gist: str) -> None:
        """Begin a screen: what it is about, and the one sentence to take away."""
        self.console.print()
        self.console.rule(Text(title, "bold cyan"), align="left", style="cyan")
        self.console.print(gist)

    def table(self, headers: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Print rows; `!` before a header justifies its column to the right."""
        table = Table(box=box.SIMPLE, pad_edge=False, header_style="bold", padding=(0, 1))
        for header in headers:
            right = header.startswith("!")
            table.add_column(header.removeprefix("!"), justify="right" if right else "left")
        for row in rows:
            table.add_row(*row)
        self.console.print(table)

    def said(self, said: Said, *, by: str = "") -> None:
        """Print a command and what it said."""
        self.command(said.command, by=by)
        self.console.print(Text(said.out.rstrip("\n")), no_wrap=True, crop=False, overflow="ignore")

    def command(self, command: str, *, by: str = "") -> None:
        """Print a command, and who runs it if that is not the administrator."""
        line = Text("$ ", "dim").append(command, "bold")
        if by:
            line.append(f"   # {by}", "dim")
        self.console.print()
        self.console.print(line, soft_wrap=True)

    def note(self, text: str) -> None:
        """Print a sentence; rich's markup counts."""
        self.console.print(text)

    def failure(self, what: str, more: str) -> None:
        """Print what went wrong, in a frame."""
        self.console.print(
            Panel(Text(more), title=Text(what), title_align="left", border_style="red")
        )
