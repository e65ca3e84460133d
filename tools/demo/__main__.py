"""`python -m demo`: play it, and say well how it ended."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final

import click

if TYPE_CHECKING:
    from demo.page import Page

FAILED: Final = 1
INTERRUPTED: Final = 130
"""By the shells' convention: 128 and the number of SIGINT."""


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Show two tenants on a real control plane that stays until `make cluster-down`."""
    try:
        code = play()
    except KeyboardInterrupt:
        click.echo("\nInterrupted. What is up stays up: `make cluster-down` ends it.")
        code = INTERRUPTED
    sys.exit(code)


def play() -> int:
    """Play the demo; gives the exit code."""
    # Imported here, so that an interruption is told as one from the first moment on.
    from demo import tour  # noqa: PLC0415
    from demo.failure import DemoFailedError  # noqa: PLC0415
    from demo.page import Page  # noqa: PLC0415
    from devcluster import DevClusterError, build, progress  # noqa: PLC0415

    page = Page.suited()
    try:
        build.programs(progress.suited())  # takes minutes once, and shows its own progress
        tour.run(page)
    except DevClusterError as error:
        return complain(page, error.message, error.advice)
    except DemoFailedError as error:
        return complain(page, error.claim, f"But this is so:\n{error.seen}")
    return 0


def complain(page: Page, what: str, more: str) -> int:
    """Say what went wrong; gives the exit code that says so too."""
    page.failure(what, more)
    page.note("Logs are in .devcluster/logs/; `make cluster-down` ends the cluster.")
    return FAILED


if __name__ == "__main__":
    main()
