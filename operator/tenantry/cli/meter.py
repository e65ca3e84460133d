"""``tenantry meter``: what runs is metered, hour by hour, for whom it runs.

Its options are made from ``MeterSettings``, as those of ``tenantry run`` are from ``Settings``.
"""

from typing import TYPE_CHECKING, Any, ClassVar

import click

from tenantry.cli.run import BadSetting, RunCommand, given_by_flags, stay

if TYPE_CHECKING:
    from tenantry.options import Command

EXAMPLES = """
tenantry meter --kubeconfig ~/.kube/config --database sqlite:///meter.db
TENANTRY_DATABASE=postgresql://meter:secret@db/meter tenantry meter --listen :8081
tenantry meter --keep-hours 840h --keep-days 9600h
"""

EPILOG = """Each option is also an environment variable (--database is TENANTRY_DATABASE) and a key
of the file that --config names (database). Flags win over the environment, and that over the file.
Durations are seconds, or written like 500ms, 90s, 1h30m."""


class MeterCommand(RunCommand):
    """A command with the options of the meter."""

    command: ClassVar["Command"] = "meter"


@click.command(cls=MeterCommand, examples=EXAMPLES, epilog=EPILOG)
def meter(**flags: Any) -> None:
    """Meter what tenants run, until told to stop."""
    from tenantry.meter_settings import MeterSettings  # noqa: PLC0415 - models are slow
    from tenantry.settings import SettingsError, load_into  # noqa: PLC0415

    try:
        settings = load_into(MeterSettings, given_by_flags(flags))
    except SettingsError as problem:
        raise BadSetting(str(problem)) from problem
    from tenantry.meter.process import serve  # noqa: PLC0415 - SQL is slow

    click.get_current_context().exit(stay(settings, serve))
