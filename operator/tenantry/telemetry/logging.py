"""Log lines: JSON for a machine, aligned and coloured text for a person, in one form for all.

The operator's own lines take the short way, from structlog straight to the stream: a line a
change, at hundreds of changes a second, makes the difference of five times between that and the
way through the standard library count. What Kopf, aiohttp and the client log there passes the
same processors, through ``ProcessorFormatter``, so that a reader sees no difference.
"""

import logging
import os
import sys
from collections.abc import Mapping, MutableMapping, Sequence
from functools import partial
from typing import Any, Final, Literal, TextIO

import orjson
import structlog
from structlog.stdlib import ExtraAdder, ProcessorFormatter
from structlog.typing import FilteringBoundLogger, Processor

LogFormat = Literal["auto", "json", "console"]
LogLevel = Literal["debug", "info", "warning", "error"]

FLOORS: Final[Mapping[str, int]] = {
    "aiohttp.access": logging.WARNING,  # a line for every probe
    "asyncio": logging.WARNING,  # which selector it uses
    "kopf.objects": logging.WARNING,  # "succeeded", for every watch event
    "kubernetes": logging.INFO,  # the bodies of all answers
}
"""Loggers of others that stay at this level or above, even when ours is debug."""


class _NamedLogger(structlog.WriteLogger):
    """Writes lines, and knows for which module, as the standard library's loggers do."""

    def __init__(self, stream: TextIO, name: str = "tenantry") -> None:
        super().__init__(stream)
        self.name = name


class _Logger(structlog.make_filtering_bound_logger(logging.DEBUG)):  # type: ignore[misc]
    """The one class of all loggers, so that a level counts for those that are in use already."""


def set_level(log_level: LogLevel) -> None:
    """Log from another level on, at once and everywhere.

    Loggers that were bound before are kept (``cache_logger_on_first_use``), and structlog compiles
    a level into the methods of their class: so it is their class whose methods are exchanged.
    """
    level = logging.getLevelNamesMapping()[log_level.upper()]
    filtering = structlog.make_filtering_bound_logger(level)
    for name, method in vars(filtering).items():
        if not name.startswith("__"):
            setattr(_Logger, name, method)
    logging.getLogger().setLevel(level)
    for name, floor in FLOORS.items():
        logging.getLogger(name).setLevel(max(level, floor))


def configure(log_format: LogFormat, log_level: LogLevel, stream: TextIO | None = None) -> None:
    """Send all log lines of the process to a stream, in one form.

    Args:
        log_format: ``auto`` is console on a terminal and JSON anywhere else.
        log_level: the least severe level that is logged.
        stream: standard error, unless another is given.
    """
    stream = stream or sys.stderr
    is_terminal = stream.isatty()
    is_json = log_format == "json" or (log_format == "auto" and not is_terminal)
    rendering = _as_json() if is_json else _as_text(colors=is_terminal and may_colour())
    common: list[Processor] = [structlog.processors.add_log_level, *rendering]
    structlog.configure(
        processors=[structlog.stdlib.add_logger_name, *common],
        wrapper_class=_Logger,
        logger_factory=partial(_NamedLogger, stream),
        cache_logger_on_first_use=True,
    )
    _configure_others(stream, common)
    set_level(log_level)


def may_colour() -> bool:
    """Whether the user has not asked for plain text (https://no-color.org)."""
    return not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def get_logger(name: str) -> FilteringBoundLogger:
    """A logger for a module; it may be made before ``configure`` is called."""
    logger: FilteringBoundLogger = structlog.get_logger(name)
    return logger


def log_change(
    logger: FilteringBoundLogger,
    verb: str,
    key: tuple[str, str, str],
    *,
    cause: str,
    changed: Sequence[str] = (),
    **whose: str,
) -> None:
    """Write the one line that every write to the cluster gets, for audits.

    Args:
        logger: that of the module that made the change.
        verb: what was done, the line's message.
        key: the object: kind, namespace (empty for cluster-scoped objects) and name.
        cause: why it was done, in a few words.
        changed: the fields that did, where it was not the whole.
        whose: the tenant, and the Application if it is one's.
    """
    kind, namespace, name = key
    where = {"namespace": namespace} if namespace else {}
    what = {"changed": [*changed]} if changed else {}
    logger.info(verb, **whose, **where, object=f"{kind}/{name}", cause=cause, **what)


def _configure_others(stream: TextIO, common: list[Processor]) -> None:
    """Give the records of the standard library's loggers the form of our own."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        ProcessorFormatter(
            # Kopf's records carry its whole configuration besides the reference to the object.
            foreign_pre_chain=[
                structlog.stdlib.add_logger_name,
                ExtraAdder(allow=["k8s_ref"]),
                _name_object,
            ],
            processors=[ProcessorFormatter.remove_processors_meta, *common],
        )
    )
    logging.getLogger().handlers = [handler]
    logging.captureWarnings(capture=True)


def _as_json() -> list[Processor]:
    return [
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        _in_reading_order,
        structlog.processors.JSONRenderer(_dumps),
    ]


def _as_text(*, colors: bool) -> list[Processor]:
    return [
        structlog.processors.TimeStamper(fmt="%H:%M:%S", utc=False),
        structlog.dev.ConsoleRenderer(
            colors=colors,
            sort_keys=False,
            pad_event_to=24,
            exception_formatter=structlog.dev.plain_traceback,
        ),
    ]


def _name_object(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Kopf's reference to an object, in the words of our own lines."""
    reference = event.pop("k8s_ref", None)
    if reference:
        if reference.get("namespace"):
            event["namespace"] = reference["namespace"]
        event["object"] = f"{reference.get('kind')}/{reference.get('name')}"
    return event


def _in_reading_order(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """When, how bad and what before the rest, for lines are also read as they are."""
    first = {key: event.pop(key) for key in ("timestamp", "level")}
    return {**first, "message": event.pop("event"), **event}


def _dumps(line: Any, **_: Any) -> str:
    return orjson.dumps(line, default=str).decode()
