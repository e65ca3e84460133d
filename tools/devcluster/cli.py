"""The command line: `up`, `down`, `status`, `build`, `kubeconfig`. `make cluster` is `up`.

A cluster that stays lives in `.devcluster` of the current directory; `stay` does the work, this
module talks.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import os
from typing import TYPE_CHECKING, Any, Final

import click
import psutil
from rich.console import Console
from rich.table import Table

from devcluster import build, progress, stay
from devcluster.cluster import DevCluster
from devcluster.errors import DevClusterError
from devcluster.source import KUBERNETES

if TYPE_CHECKING:
    from collections.abc import Iterator

MIB: Final = 1 << 20
out: Final = Console(highlight=False)
err: Final = Console(stderr=True, highlight=False)


class Command(click.Command):
    """A command whose expected errors are said, not traced."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run it; a DevClusterError becomes what happened, what to do, and exit code 1."""
        try:
            return super().invoke(ctx)
        except DevClusterError as error:
            err.print("[bold red]error:[/]", end=" ")
            err.print(error.message, markup=False, soft_wrap=True)
            err.print("[bold]what to do:[/]", end=" ")
            err.print(error.advice, markup=False, soft_wrap=True)
            ctx.exit(1)


class Group(click.Group):
    """A group of such commands."""

    command_class = Command


@click.group(cls=Group, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Run a real Kubernetes control plane on this machine, with a few kwok nodes.

    \b
    Examples:
      python -m devcluster up          start one that stays (make cluster)
      python -m devcluster status      what runs: pid, memory, age
      python -m devcluster down        stop it, leave nothing behind (make cluster-down)
    """  # noqa: D301 - click's mark for lines that are not to be joined


@main.command()
@click.option(
    "--nodes", default=3, show_default=True, type=click.IntRange(1, 250), help="kwok nodes."
)
@click.option(
    "--port", type=click.IntRange(1024, 65535), help="The API server's port.  [default: a free one]"
)
def up(nodes: int, port: int | None) -> None:
    """Start a cluster that stays, and write .devcluster/kubeconfig.

    If it is up already, say so. If a crash left something of one, clear that away and start anew.

    \b
    Examples:
      python -m devcluster up
      python -m devcluster up --nodes 6 --port 6443
    """  # noqa: D301
    build.programs(progress.suited(err))
    with working("Starting the control plane"):
        outcome = stay.up(nodes, port, say)
    if outcome.stale:
        say(outcome.stale)
    if outcome.seconds is None:
        out.print("[green]✓[/] The cluster is up already.")
    else:
        out.print(f"[green]✓[/] The cluster is up after {outcome.seconds:.1f} s.")
    out.print(how_to_use(outcome.cluster), soft_wrap=True)


@main.command()
def down() -> None:
    """Stop the cluster of this directory, and remove .devcluster.

    \b
    Example:
      python -m devcluster down
    """  # noqa: D301
    ended = stay.down(say)
    if ended is None:
        out.print("No cluster is up here.")
    else:
        out.print(f"[green]✓[/] Stopped {ended} programs and removed {stay.FOLDER}.")


@main.command()
def status() -> None:
    """Show what runs; exit code 1 unless all of it does.

    \b
    Example:
      python -m devcluster status
    """  # noqa: D301
    cluster = DevCluster.attach(stay.FOLDER)
    table = Table("program", "pid", "memory", "age", box=None)
    for program, pid in cluster.pids.items():
        runs = cluster.alive()[program]
        facts = memory_and_age(pid) if runs else ("[red]ended[/]", "")
        table.add_row(program, str(pid), *facts)
    out.print(table)
    ready = cluster.ready()
    out.print(
        f"{cluster.url}  {'[green]ready[/]' if ready else '[red]not ready[/]: `up` mends it'}"
    )
    if not ready:
        click.get_current_context().exit(1)


@main.command("build")
def build_command() -> None:
    """Build the control plane into the cache, if it is not there.

    \b
    Examples:
      python -m devcluster build
      KUBEBUILDER_ASSETS=/opt/envtest python -m devcluster build
    """  # noqa: D301
    programs = build.programs(progress.suited(err))
    out.print(programs.built or programs.ready, soft_wrap=True)


@main.command("kubeconfig")
@click.option("--user", help="A user to sign a certificate for.  [default: the administrator]")
@click.option("--group", "groups", multiple=True, help="A group of the user; can be repeated.")
@click.option(
    "--service-account", metavar="NAMESPACE/NAME", help="A service account to get a token for."
)
def kubeconfig_command(
    user: str | None, groups: tuple[str, ...], service_account: str | None
) -> None:
    """Print the path of a kubeconfig: the administrator's, a user's or a service account's.

    \b
    Examples:
      export KUBECONFIG=$(python -m devcluster kubeconfig)
      python -m devcluster kubeconfig --user alice --group acme-admins
      python -m devcluster kubeconfig --service-account acme-dev/deployer
    """  # noqa: D301
    cluster = DevCluster.attach(stay.FOLDER)
    if service_account:
        namespace, slash, name = service_account.partition("/")
        if not slash:
            raise click.BadParameter("give NAMESPACE/NAME", param_hint="--service-account")
        path = cluster.service_account_kubeconfig(namespace, name)
    elif user:
        path = cluster.kubeconfig_for(user, groups)
    else:
        path = cluster.kubeconfig
    click.echo(path)


def say(text: str) -> None:
    """Tell the person something on standard error."""
    err.print(text, markup=False, soft_wrap=True)


@contextlib.contextmanager
def working(on: str) -> Iterator[None]:
    """Show a spinner on a terminal, and nothing elsewhere."""
    with err.status(on) if err.is_terminal else contextlib.nullcontext():
        yield


def memory_and_age(pid: int) -> tuple[str, str]:
    """Give a process's resident memory and its age, for a table."""
    process = psutil.Process(pid)
    born = dt.datetime.fromtimestamp(process.create_time(), dt.UTC)
    age = dt.datetime.now(dt.UTC) - born
    return f"{process.memory_info().rss / MIB:.0f} MiB", str(age).partition(".")[0]


def how_to_use(cluster: DevCluster) -> str:
    """Give the commands that a developer needs next, as they are typed in this directory."""
    path = os.path.relpath(cluster.kubeconfig)
    return f"""
  API server   {cluster.url}
  kubeconfig   {path}   (administrator)
  logs         {os.path.relpath(cluster.directory / "logs")}/

  [bold]Use it[/]
    export KUBECONFIG=$PWD/{path}
    export PATH=$PWD/.venv/bin:$PATH      # kubectl for {KUBERNETES}
    kubectl get nodes

  [bold]Develop Tenantry against it[/]
    kubectl apply --server-side -f crds/
    .venv/bin/tenantry run --kubeconfig {path}

  [bold]Act as someone else[/]
    export PYTHONPATH=tools
    kubectl --kubeconfig $(python -m devcluster kubeconfig --user alice) auth whoami

  [bold]Stop it[/]
    make cluster-down"""
