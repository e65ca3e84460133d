"""The command line: `up`, `down`, `status`, `build`, `kubeconfig`. `make cluster` is `up`.

A cluster that stays lives in `.devcluster` of the current directory. `up` and `down` hold a lock on the folder,
recognise their processes by pid and start time, and mend what a crash left.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click
import psutil
from rich.console import Console
from rich.table import Table

from devcluster import build, locks, progress
from devcluster.cluster import DevCluster
from devcluster.errors import DevClusterError, StaleClusterError

if TYPE_CHECKING:
    from collections.abc import Mapping

FOLDER: Final = Path(".devcluster")
MIB: Final = 1 << 20
out: Final = Console(highlight=False)
err: Final = Console(stderr=True, highlight=False)


class Command(click.Command):
    """A command whose expected errors are said, not traced."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run it; a DevClusterError becomes two lines and exit code 1."""
        try:
            return super().invoke(ctx)
        except DevClusterError as error:
            err.print(f"[bold red]error:[/] {error.message}", soft_wrap=True)
            err.print(f"[bold]what to do:[/] {error.advice}", soft_wrap=True)
            ctx.exit(1)


class Group(click.Group):
    """A group of such commands."""

    command_class = Command


@click.group(cls=Group, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """A real Kubernetes control plane on this machine, with a few kwok nodes.

    \b
    Examples:
      python -m devcluster up          start one that stays; `make cluster`
      python -m devcluster status      what runs, with pid, memory and age
      python -m devcluster down        stop it and leave nothing behind
    """


@main.command()
@click.option("--nodes", default=3, show_default=True, help="How many kwok nodes.")
@click.option("--port", type=int, help="The API server's port. [default: a free one]")
def up(nodes: int, port: int | None) -> None:
    """Start a cluster that stays, and write .devcluster/kubeconfig.

    If it is up already, say so. If a crash left something of one, clear that away and start anew.

    \b
    Examples:
      python -m devcluster up
      python -m devcluster up --nodes 6 --port 6443
    """
    FOLDER.mkdir(mode=0o700, exist_ok=True)
    with locks.exclusive(FOLDER, lambda: err.print("Another `up` or `down` is at work: waiting for it.")):
        if any(FOLDER.iterdir()) and still_up():
            out.print("The cluster is up already.")
        else:
            started(nodes, port)
    out.print(how_to_use(), soft_wrap=True)


def still_up() -> bool:
    """Tell whether the folder's cluster is ready; remove it if it is not."""
    try:
        cluster = DevCluster.attach(FOLDER)
    except StaleClusterError:
        err.print(f"{FOLDER} is what a start that was cut off left: clearing it away.")
        clear()
        return False
    if cluster.ready():
        return True
    gone = [program for program, runs in cluster.alive().items() if not runs]
    why = f"{', '.join(gone)} no longer run" if gone else "it does not answer"
    err.print(f"There is a cluster in {FOLDER}, but {why}: stopping the rest and starting anew.")
    cluster.stop()
    clear()
    return False


def started(nodes: int, port: int | None) -> None:
    """Start the cluster; leave nothing if that fails."""
    with err.status("Starting the control plane") if err.is_terminal else locks.nothing():
        try:
            DevCluster.start(FOLDER, nodes=nodes, stays=True, api_port=port, report=progress.suited(err))
        except BaseException:
            clear()
            raise


def clear() -> None:
    """Empty the folder; its lock is on the folder itself, which therefore stays."""
    for entry in FOLDER.iterdir():
        if entry.is_dir():
            shutil.rmtree(entry)
        else:
            entry.unlink()
