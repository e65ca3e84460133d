"""``tenantry run``: the operator itself.

Its options are not written here: they are made from ``Settings`` when the command is called for.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, Final, TypeVar

import click
from click.core import ParameterSource

from tenantry.cli.layout import PageCommand

if TYPE_CHECKING:
    from tenantry.options import Command, Option
    from tenantry.settings import ProcessSettings

Staying = TypeVar("Staying", bound="ProcessSettings")

EXAMPLES = """
tenantry run --kubeconfig ~/.kube/config --context staging
tenantry run --leader-elect --listen :8080
TENANTRY_LOG_LEVEL=debug tenantry run --config tenantry.yaml
"""

EPILOG = """Each option is also an environment variable (--log-level is TENANTRY_LOG_LEVEL) and a
key of the file that --config names (log-level). Flags win over the environment, and that over the
file. Durations are seconds, or written like 500ms, 90s, 1h30m."""

FAILED: Final = 1
MISUSED: Final = 2
INTERRUPTED: Final = 130
"""By the shells' convention: 128 and the number of SIGINT."""


class BadSetting(click.ClickException):
    """An option that cannot be used, told in one line."""

    exit_code = MISUSED


class Suggestions(click.Choice[str]):
    """Choices that a shell completes and that the settings check."""

    def convert(
        self,
        value: Any,
        param: click.Parameter | None,  # noqa: ARG002 - click's signature
        ctx: click.Context | None,  # noqa: ARG002
    ) -> str:
        """Leave it as it is."""
        return str(value)


class SettingOption(click.Option):
    """One option of the settings. Checks are left to the settings, whatever the source."""

    def __init__(self, option: "Option") -> None:
        flag = f"{option.flag}/--no-{option.key}" if option.is_switch else option.flag
        default = f"  [default: {option.default}]" if option.default else ""
        super().__init__(
            [flag, option.name],
            type=_type_of(option),
            metavar=option.metavar or None,
            help=option.description + default,
            default=None,
        )
        self.group = option.group


class RunCommand(PageCommand):
    """A command whose options come from the settings, once somebody asks for them."""

    command: ClassVar["Command"] = "run"

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """All options, and ``--help``."""
        if not self.params:
            from tenantry.options import options  # noqa: PLC0415 - models are slow

            self.params = [SettingOption(option) for option in options(self.command)]
        return super().get_params(ctx)

    def sections_of(self, context: click.Context) -> Mapping[str, Sequence[click.Parameter]]:
        """The options as the settings group them."""
        sections = defaultdict(list)
        for parameter in self.get_params(context):
            group = parameter.group if isinstance(parameter, SettingOption) else "Help"
            sections[group].append(parameter)
        return sections


@click.command(cls=RunCommand, examples=EXAMPLES, epilog=EPILOG)
def run(**flags: Any) -> None:
    """Run the operator until it is told to stop."""
    from tenantry.settings import SettingsError, load  # noqa: PLC0415 - models are slow

    try:
        given = given_by_flags(flags)
        settings = load(given)
    except SettingsError as problem:
        raise BadSetting(str(problem)) from problem
    from tenantry.handlers.operator import serve  # noqa: PLC0415 - Kopf is slow

    click.get_current_context().exit(stay(settings, partial(serve, reload=partial(load, given))))


def given_by_flags(flags: Mapping[str, Any]) -> dict[str, Any]:
    """What the command line says, of all that it could say."""
    source = click.get_current_context().get_parameter_source
    return {
        name: value for name, value in flags.items() if source(name) is ParameterSource.COMMANDLINE
    }


def stay(settings: Staying, serve: Callable[[Staying], Coroutine[Any, Any, None]]) -> int:
    """Run a process until it ends; gives its exit code."""
    from tenantry.telemetry import logging  # noqa: PLC0415

    logging.configure(settings.log_format, settings.log_level)
    log = logging.get_logger("tenantry")
    try:
        asyncio.run(serve(settings))
    except KeyboardInterrupt:
        return INTERRUPTED
    except Exception as problem:
        is_debug = settings.log_level == "debug"
        for cause in _causes(problem):
            name = type(cause).__name__
            log.error(  # noqa: TRY400 - the traceback is for those who ask for it
                str(cause) or name, error=name, exc_info=cause if is_debug else None
            )
        return FAILED
    return 0


def _causes(problem: BaseException) -> Iterator[BaseException]:
    """What went wrong, without the groups that task groups wrap it in."""
    if isinstance(problem, BaseExceptionGroup):
        for one in problem.exceptions:
            yield from _causes(one)
    else:
        yield problem


def _type_of(option: "Option") -> click.ParamType[Any] | None:
    if option.choices:
        return Suggestions(option.choices)
    if option.metavar == "FILE":
        return click.Path(dir_okay=False)
    return None if option.is_switch else click.STRING
