"""``tenantry cost``: what tenants, applications and components cost, for people and for programs.

It reads what a meter has written and the cluster's RateCards, and reckons by itself: by the same
code as the meter, so that it says the same as the status of Tenants.
"""

import asyncio
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import get_terminal_size
from typing import TYPE_CHECKING, Any, Final

import click

from tenantry.cli.layout import PageCommand

if TYPE_CHECKING:
    from tenantry.cost.billing import Bill, Terms
    from tenantry.cost.buckets import Store
    from tenantry.cost.sources import Source
    from tenantry.cost.store.reading import Extent
    from tenantry.cost.windows import Window

EXAMPLES = """
tenantry cost --database sqlite:////var/lib/tenantry/meter.db
tenantry cost acme --window 2026-10 --by application,component
tenantry cost --window 7d --share-idle weighted --format csv > costs.csv
tenantry cost --window last-month --format focus --account prod-eu > focus.csv
"""

EPILOG = """Windows are in UTC: month, last-month, today, 7d, 24h, 2026-10, 2026-10-31,
2026-10-01..2026-10-15. Rows can be by tenant, namespace, application, component, workload,
node-class, resource, kind and day."""

_FORMATS: Final = ("table", "json", "csv", "focus")
_SHARINGS: Final = {one.lower(): one for one in ("Separate", "Even", "Weighted", "Fixed")}
_BASES: Final = {one.lower(): one for one in ("Request", "Usage", "Max")}


@click.command(cls=PageCommand, examples=EXAMPLES, epilog=EPILOG)
@click.argument("tenant", default="")
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
    from tenantry.cost.sources import BadSourceError  # noqa: PLC0415
    from tenantry.cost.store import StoreError  # noqa: PLC0415

    is_terminal = sys.stdout.isatty()
    form = options["form"] or ("table" if is_terminal else "json")
    asked = _Asked.of(options, datetime.now(UTC))
    try:
        text = _text(asked, form, options, is_terminal=is_terminal)
    except (ApiError, BadSourceError, ConnectionFailed, SeveralCurrenciesError, StoreError) as why:
        raise click.ClickException(str(why)) from why
    click.echo(text, nl=False)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is asked for, once it is known to make sense."""

    tenant: str
    window: "Window"
    by: tuple[str, ...]

    @classmethod
    def of(cls, options: Mapping[str, Any], now: datetime) -> "_Asked":
        """Read the options.

        Raises:
            click.BadParameter: one of them says nothing that can be asked for.
        """
        from tenantry.cost.report import DIMENSIONS  # noqa: PLC0415
        from tenantry.cost.windows import BadWindowError, window  # noqa: PLC0415

        usual = "application" if options["tenant"] else "tenant"
        by = tuple(one.strip() for one in (options["by"] or usual).split(","))
        for one in by:
            if one not in DIMENSIONS:
                known = ", ".join(DIMENSIONS)
                raise click.BadParameter(f"{one!r} is none of {known}", param_hint="--by")
        try:
            return cls(options["tenant"], window(options["window"], now), by)
        except BadWindowError as problem:
            raise click.BadParameter(str(problem), param_hint="--window") from problem


def _text(asked: _Asked, form: str, options: Mapping[str, Any], *, is_terminal: bool) -> str:
    """The report in one of the formats."""
    from tenantry.cost.billing import bill  # noqa: PLC0415 - models are slow
    from tenantry.cost.consumption import PARTS  # noqa: PLC0415
    from tenantry.cost.focus import Issuer  # noqa: PLC0415
    from tenantry.cost.formats import to_csv, to_focus, to_json  # noqa: PLC0415
    from tenantry.cost.report import report  # noqa: PLC0415
    from tenantry.cost.store import Reader, open_database  # noqa: PLC0415

    source = _source(options)
    terms = _terms(options, source, PARTS if form == "focus" else asked.by)
    database = open_database(options["database"], is_migrated=False)
    try:
        store, start, end = Reader(database), asked.window.start, asked.window.end
        now = bill(store, source.book, start, end, terms)
        now = replace(now, notes=[*_of_extent(store.extent(), asked.window), *now.notes])
        if form == "focus":
            return to_focus(now, Issuer(account=options["account"]), asked.tenant)
        before = _before(store, source, asked.window, terms, now.currency)
    finally:
        database.close()
    made = report(now, before, asked.by, asked.tenant)
    if form == "table":
        from tenantry.cli.cost_table import table  # noqa: PLC0415

        width = get_terminal_size().columns
        return table(made, width=width, is_terminal=is_terminal)
    return {"json": to_json, "csv": to_csv}[form](made)


def _of_extent(extent: "Extent | None", window: "Window") -> Iterator[str]:
    """What of a window the meter has nothing about."""
    if extent is None:
        yield "No meter has written to this database yet."
    elif extent.since > window.start:
        yield f"Nothing was metered before {extent.since:%Y-%m-%d %H:%M}."
    if extent is not None and extent.until + timedelta(hours=1) < window.end:
        yield f"What was metered ends at {extent.until:%Y-%m-%d %H:%M}."


def _before(
    store: "Store", source: "Source", window: "Window", terms: "Terms", currency: str
) -> "Bill | None":
    """The period before; None where it had another currency, so that there is no comparison."""
    from tenantry.cost.billing import SeveralCurrenciesError, bill  # noqa: PLC0415

    before = window.previous()
    try:
        found = bill(store, source.book, before.start, before.end, terms)
    except SeveralCurrenciesError:
        return None
    return found if found.currency == currency and found.charges else None


def _terms(options: Mapping[str, Any], source: "Source", by: tuple[str, ...]) -> "Terms":
    from tenantry.cost.billing import Terms  # noqa: PLC0415
    from tenantry.cost.consumption import PARTS  # noqa: PLC0415
    from tenantry.cost.outlook import reservations  # noqa: PLC0415

    return Terms(
        basis=_BASES[options["basis"]],
        parts=tuple(one for one in by if one in PARTS),
        idle=_SHARINGS[options["share_idle"]] if options["share_idle"] else None,
        reservations=reservations(source.tenants),
    )


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
