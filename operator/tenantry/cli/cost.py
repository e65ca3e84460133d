"""``tenantry cost``: what tenants, applications and components cost, for people and for programs.

It reads what a meter has written and the cluster's RateCards, and reckons by itself: by the same
code as the meter, so that it says the same as the status of Tenants.
"""

import asyncio
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from shutil import get_terminal_size
from typing import TYPE_CHECKING, Any, Final

import click

from tenantry.cli.layout import PageCommand

if TYPE_CHECKING:
    from tenantry.cost.inquiry import Inquiry
    from tenantry.cost.sources import Source

EXAMPLES = """
tenantry cost --database sqlite:////var/lib/tenantry/meter.db
tenantry cost acme --window 2026-10 --by application,component
tenantry cost --window 7d --share-idle weighted --format csv > costs.csv
tenantry cost --window last-month --format focus --account prod-eu > focus.csv
tenantry cost --window last-month --format html > costs.html
"""

EPILOG = """Windows are in UTC: month, last-month, today, 7d, 24h, 2026-10, 2026-10-31,
2026-10-01..2026-10-15. Rows can be by tenant, namespace, application, component, workload,
node-class, resource, kind and day."""

_FORMATS: Final = ("table", "json", "csv", "focus", "html")
_SHARINGS: Final = {one.lower(): one for one in ("Separate", "Even", "Weighted", "Fixed")}
_BASES: Final = {one.lower(): one for one in ("Request", "Usage", "Max")}


@click.command(cls=PageCommand, examples=EXAMPLES, epilog=EPILOG)
@click.argument("tenant", default="")
@click.option("--application", default="", help="Of TENANT, the Application that it is about.")
@click.option("--window", default="month", show_default=True, help="Which time.")
@click.option(
    "--by", default="", help="What to tell apart, with commas.  [default: tenant; application]"
)
@click.option(
    "--basis",
    type=click.Choice(list(_BASES)),
    default="max",
    show_default=True,
    help="What is charged: requests, usage, or the larger of the two in each hour.",
)
@click.option(
    "--share-idle",
    type=click.Choice(list(_SHARINGS)),
    help="How idle cost is shared.  [default: as the RateCard says]",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(_FORMATS),
    help="How to print it.  [default: table on a terminal, else json]",
)
@click.option(
    "--database",
    envvar="TENANTRY_DATABASE",
    required=True,
    metavar="URL",
    help="Where the meter writes: sqlite:////path/to/file.db or postgresql://...",
)
@click.option(
    "--prices",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A YAML file with RateCards, and Tenants that reserve, instead of the cluster's.",
)
@click.option("--account", default="cluster", show_default=True, help="BillingAccountId of FOCUS.")
@click.option("--kubeconfig", type=click.Path(dir_okay=False, path_type=Path), help="The cluster.")
@click.option("--context", help="A context of the kubeconfig.")
def cost(**options: Any) -> None:
    """Print what things cost, and what they cost in the period before.

    TENANT limits it to one; its share of shared costs is among its costs.
    """
    from tenantry.cluster.connection import ConnectionFailed  # noqa: PLC0415 - models are slow
    from tenantry.cluster.errors import ApiError  # noqa: PLC0415
    from tenantry.cost.billing import SeveralCurrenciesError  # noqa: PLC0415
    from tenantry.cost.inquiry import BadInquiryError  # noqa: PLC0415
    from tenantry.cost.sources import BadSourceError  # noqa: PLC0415
    from tenantry.cost.store import StoreError  # noqa: PLC0415

    is_terminal = sys.stdout.isatty()
    form = options["form"] or ("table" if is_terminal else "json")
    try:
        text = _text(_inquiry(options), form, options, is_terminal=is_terminal)
    except BadInquiryError as problem:
        raise click.BadParameter(str(problem), param_hint=f"--{problem.word}") from problem
    except (ApiError, BadSourceError, ConnectionFailed, SeveralCurrenciesError, StoreError) as why:
        raise click.ClickException(str(why)) from why
    click.echo(text, nl=False)


def _inquiry(options: Mapping[str, Any]) -> "Inquiry":
    """Read the options.

    Raises:
        BadInquiryError: one of them says nothing that can be asked for.
    """
    from tenantry.cost.inquiry import Inquiry  # noqa: PLC0415 - models are slow

    words = {name.replace("_", "-"): value for name, value in options.items()}
    return Inquiry.of(words, datetime.now(UTC))


def _text(asked: "Inquiry", form: str, options: Mapping[str, Any], *, is_terminal: bool) -> str:
    """The report in one of the formats."""
    from tenantry.cost.focus import Issuer  # noqa: PLC0415 - models are slow
    from tenantry.cost.formats import to_csv, to_json  # noqa: PLC0415
    from tenantry.cost.inquiry import answer, data_set  # noqa: PLC0415
    from tenantry.cost.store import Reader, open_database  # noqa: PLC0415

    source = _source(options)
    database = open_database(options["database"], is_migrated=False)
    try:
        store = Reader(database)
        if form == "focus":
            return data_set(asked, store, source, Issuer(account=options["account"]))
        made = answer(asked, store, source)
    finally:
        database.close()
    if form == "html":
        from tenantry.cost.page import costs_page  # noqa: PLC0415 - charts are slow

        return costs_page(made, asked, source).html
    if form == "table":
        from tenantry.cli.cost_table import table  # noqa: PLC0415

        width = get_terminal_size().columns
        return table(made, width=width, is_terminal=is_terminal)
    return {"json": to_json, "csv": to_csv}[form](made)


def _source(options: Mapping[str, Any]) -> "Source":
    """RateCards and Tenants, from a file or from the cluster."""
    from tenantry.cost.sources import read_source  # noqa: PLC0415 - models are slow

    if options["prices"]:
        return read_source(options["prices"].read_text(encoding="utf-8"))
    from tenantry.charging import source_of  # noqa: PLC0415 - the client is slow
    from tenantry.cluster.client import Client  # noqa: PLC0415
    from tenantry.cluster.connection import connect  # noqa: PLC0415

    async def ask() -> "Source":
        connection = await connect(options["kubeconfig"], options["context"])
        try:
            return await source_of(Client(connection))
        finally:
            await connection.close()

    return asyncio.run(ask())
