"""Log lines: JSON for a machine, aligned and coloured text for a person, in one form for all.

The operator's own lines take the short way, from structlog straight to the stream: a line a
change, at hundreds of changes a second, makes the difference of five times between that and the
way through the standard library count. What Kopf, aiohttp and the client log there passes the
same processors, through ``ProcessorFormatter``, so that a reader sees no difference.
"""

import logging
import os
import sys
from collections.abc import Mapping, MutableMapping
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


def configure(log_format: LogFormat, log_level: LogLevel, stream: TextIO | None = None) -> None:
    """Send all log lines of the process to a stream, in one form.

    Args:
        log_format: ``auto`` is console on a terminal and JSON anywhere else.
        log_level: the least severe level that is logged.
        stream: standard error, unless another is given.
    """
    stream = stream or sys.stderr
    level = logging.getLevelNamesMapping()[log_level.upper()]
    is_terminal = stream.isatty()
    is_json = log_format == "json" or (log_format == "auto" and not is_terminal)
    rendering = _as_json() if is_json else _as_text(colors=is_terminal and may_colour())
    common: list[Processor] = [structlog.processors.add_log_level, *rendering]
    structlog.configure(
        processors=[structlog.stdlib.add_logger_name, *common],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=partial(_NamedLogger, stream),
        cache_logger_on_first_use=True,
    )
    _configure_others(level, stream, common)


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
    tenant: str = "",
    application: str = "",
    cause: str,
) -> None:
    """Write the one line that every change of the cluster gets.

    Args:
        logger: that of the module that made the change.
        verb: what was done, the line's message.
        key: the object: kind, namespace (empty for cluster-scoped objects) and name.
        tenant: whose object it is.
        application: or which Application's.
        cause: why it was done, in a few words.
    """
    kind, namespace, name = key
    where = {"namespace": namespace} if namespace else {}
    owner = {"application": application} if application else {"tenant": tenant}
    logger.info(verb, **owner, **where, object=f"{kind}/{name}", cause=cause)


def _configure_others(level: int, stream: TextIO, common: list[Processor]) -> None:
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
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for name, floor in FLOORS.items():
        logging.getLogger(name).setLevel(max(level, floor))
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
