"""`python -m demo`: play it, and say well how it ended."""

from __future__ import annotations

import sys
from typing import Final

import click
from rich.panel import Panel
from rich.text import Text

from demo import tour
from demo.failure import DemoFailedError
from demo.page import Page
from devcluster import DevClusterError, build, progress

FAILED: Final = 1
INTERRUPTED: Final = 130
"""By the shells' convention: 128 and the number of SIGINT."""


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Show two tenants on a real control plane that stays until `make cluster-down`."""
    page = Page.suited()
    try:
        build.programs(progress.suited())  # takes minutes once, and shows its own progress
        tour.run(page)
    except DevClusterError as error:
        complain(page, error.message, error.advice)
    except DemoFailedError as error:
        complain(page, error.claim, f"But this is so:\n{error.seen}")
    except KeyboardInterrupt:
        page.console.print("\nInterrupted. What is up stays up: `make cluster-down` ends it.")
        sys.exit(INTERRUPTED)


def complain(page: Page, what: str, more: str) -> None:
    """Say what went wrong, and end with a code that says so too."""
    page.console.print(Panel(Text(more), title=Text(what), title_align="left", border_style="red"))
    page.console.print("Logs are in .devcluster/logs/; `make cluster-down` ends the cluster.")
    sys.exit(FAILED)


if __name__ == "__main__":
    main()
