"""``tenantry doctor``: what is wrong with an installation, and the command that mends it."""

import asyncio
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from tenantry.cli.layout import PageCommand

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tenantry.doctor.facts import Facts
    from tenantry.doctor.finding import Finding

EXAMPLES = """
tenantry doctor
tenantry doctor --context staging -o json | jq -r '.findings[] | select(.level == "Error") | .mend'
tenantry doctor --namespace platform --service-account tenantry
tenantry doctor > doctor.json || echo "look at doctor.json"
"""

EPILOG = """It only reads. Exit codes: 0 all is well, or cannot be told from here; 1 there are
warnings; 2 there are errors, or the API server does not answer. It needs rights to list and, for
the operator's permissions, to create SubjectAccessReviews; what one may not read is Unknown."""

_STYLES: Final = {"OK": "green", "Unknown": "dim", "Warning": "yellow", "Error": "bold red"}
FAILED: Final = 2


class Unanswered(click.ClickException):
    """There is no API server to ask."""

    exit_code = FAILED


@click.command(cls=PageCommand, examples=EXAMPLES, epilog=EPILOG)
@click.option(
    "--kubeconfig",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="A kubeconfig file. Without it: the pod's service account, else $KUBECONFIG, else "
    "~/.kube/config.",
)
@click.option("--context", metavar="NAME", help="A context of the kubeconfig.")
@click.option(
    "-n",
    "--namespace",
    metavar="NAME",
    help="The operator's namespace. Without it, found by the labels of the chart.",
)
@click.option("--service-account", metavar="NAME", help="The operator's ServiceAccount, likewise.")
@click.option(
    "--lease-name", metavar="NAME", default="tenantry", show_default=True, help="The Lease's name."
)
@click.option(
    "-o",
    "--output",
    type=click.Choice(["auto", "table", "json"]),
    default="auto",
    show_default=True,
    help="How to print; auto is a table on a terminal, else json.",
)
@click.pass_context
def doctor(
    command: click.Context,
    /,
    *,
    kubeconfig: Path | None,
    context: str | None,
    output: str,
    **place: str | None,
) -> None:
    """Find what is wrong on a cluster, and say how to mend it."""
    from tenantry.doctor import examine, exit_status  # noqa: PLC0415 - models are slow

    facts = asyncio.run(_gather(kubeconfig, context, place))
    findings = [*examine(facts)]
    is_table = output == "table" or (output == "auto" and sys.stdout.isatty())
    (_print_table if is_table else _print_json)(facts, findings)
    command.exit(exit_status(findings))


async def _gather(
    kubeconfig: Path | None, context: str | None, place: dict[str, str | None]
) -> "Facts":
    from tenantry.cluster.connection import ConnectionFailed, connect  # noqa: PLC0415 - slow
    from tenantry.cluster.errors import ApiError  # noqa: PLC0415
    from tenantry.gathering import Gathering  # noqa: PLC0415

    try:
        connection = await connect(kubeconfig, context)
    except ConnectionFailed as problem:
        raise Unanswered(str(problem)) from problem
    try:
        return await Gathering(
            connection,
            namespace=place["namespace"],
            service_account=place["service_account"],
            lease=place["lease_name"] or "tenantry",
        ).facts()
    except ApiError as problem:
        raise Unanswered(f"{connection.server} does not answer: {problem}") from problem
    finally:
        await connection.close()


def _print_json(facts: "Facts", findings: "Sequence[Finding]") -> None:
    keys = ("check", "level", "what", "means", "mend")
    told = [{key: str(getattr(one, key)) for key in keys} for one in findings]
    document = {"server": facts.server, "kubernetes": facts.version, "findings": told}
    click.echo(json.dumps(document, indent=2))


def _print_table(facts: "Facts", findings: "Sequence[Finding]") -> None:
    from rich import box  # noqa: PLC0415 - only for a person
    from rich.console import Console  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    console = Console(highlight=False)
    table = Table(box=box.SIMPLE, pad_edge=False, header_style="bold", title_justify="left")
    for heading in ("LEVEL", "CHECK", f"{facts.server}, Kubernetes {facts.version}"):
        table.add_column(heading, no_wrap=heading in {"LEVEL", "CHECK"}, overflow="fold")
    for one in findings:
        what = Text(one.what)
        if one.means:
            what.append(f"\n{one.means}", "dim")
        table.add_row(Text(one.level, _STYLES[one.level]), one.check, what)
    console.print(table)
    for one in findings:
        if one.mend:  # outside of the table, so that it can be copied whole
            console.print(Text(f"# {one.check}: {one.what}", "dim"), soft_wrap=True)
            console.print(one.mend, soft_wrap=True, markup=False)
