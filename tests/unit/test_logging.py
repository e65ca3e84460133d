"""One form for all lines, whoever wrote them."""

import io
import json
import logging
import warnings
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from tenantry.handlers.events import kopf_settings
from tenantry.telemetry.logging import FLOORS, configure, get_logger, log_change, set_level


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def logging_as_it_was(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("NO_COLOR", "TERM"):
        monkeypatch.delenv(name, raising=False)
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    levels = {name: logging.getLogger(name).level for name in FLOORS}
    yield
    logging.captureWarnings(capture=False)
    root.handlers = handlers
    root.setLevel(level)
    for name, before in levels.items():
        logging.getLogger(name).setLevel(before)
    structlog.reset_defaults()


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_change_is_one_line_with_tenant_namespace_object_and_cause() -> None:
    stream = io.StringIO()
    configure("json", "info", stream)

    log_change(
        get_logger("tenantry.here"),
        "created",
        ("ResourceQuota", "acme-dev", "default"),
        tenant="acme",
        cause="absent",
    )

    (line,) = lines(stream)
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "level": "info",
        "message": "created",
        "tenant": "acme",
        "namespace": "acme-dev",
        "object": "ResourceQuota/default",
        "cause": "absent",
        "logger": "tenantry.here",
    }


def test_a_change_of_a_cluster_scoped_object_has_no_namespace() -> None:
    stream = io.StringIO()
    configure("json", "info", stream)

    log_change(get_logger("x"), "created", ("Namespace", "", "acme-dev"), tenant="acme", cause="c")

    assert lines(stream)[0]["object"] == "Namespace/acme-dev"
    assert "namespace" not in lines(stream)[0]


def test_a_change_of_an_application_s_object_names_both_and_what_changed() -> None:
    stream = io.StringIO()
    configure("json", "info", stream)

    log_change(
        get_logger("x"),
        "apply",
        ("Service", "acme-dev", "web"),
        tenant="acme",
        application="acme-dev/shop",
        cause="differs in spec.ports",
        changed=("spec.ports",),
    )

    line = lines(stream)[0]
    assert (line["tenant"], line["application"]) == ("acme", "acme-dev/shop")
    assert line["changed"] == ["spec.ports"]


def test_another_level_counts_at_once_for_loggers_that_are_in_use() -> None:
    stream = io.StringIO()
    configure("json", "info", stream)
    ours, theirs, loud = (
        get_logger("ours"),
        logging.getLogger("theirs"),
        logging.getLogger("asyncio"),
    )

    for level in ("info", "debug", "error", "info"):
        set_level(level)  # type: ignore[arg-type]
        for logger in (ours, theirs, loud):
            logger.debug("fine")
            logger.warning("bad")

    told = [(one["logger"], one["message"]) for one in lines(stream)]
    on_info = [("ours", "bad"), ("theirs", "bad"), ("asyncio", "bad")]
    on_debug = [
        *(("ours", "fine"), ("ours", "bad")),
        *(("theirs", "fine"), ("theirs", "bad")),
        ("asyncio", "bad"),
    ]
    assert told == on_info + on_debug + on_info


def test_time_level_and_message_come_first() -> None:
    stream = io.StringIO()
    configure("json", "info", stream)

    get_logger("x").info("hello", alpha=1)

    assert list(lines(stream)[0]) == ["timestamp", "level", "message", "alpha", "logger"]


def test_records_of_others_have_the_same_form_and_none_of_their_baggage() -> None:
    stream = io.StringIO()
    configure("json", "info", stream)
    reference = {"kind": "Tenant", "name": "acme", "namespace": None, "uid": "1"}

    logging.getLogger("kopf.objects").warning(
        "Handler %r failed",
        "x",
        extra={"k8s_ref": reference, "settings": kopf_settings(), "k8s_skip": True},
    )

    (line,) = lines(stream)
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "level": "warning",
        "message": "Handler 'x' failed",
        "object": "Tenant/acme",
        "logger": "kopf.objects",
    }


def test_a_traceback_stays_within_its_line() -> None:
    stream = io.StringIO()
    configure("json", "info", stream)

    for logger in (get_logger("ours"), logging.getLogger("theirs")):
        try:
            next(iter(()))
        except StopIteration:
            logger.exception("failed")

    ours, theirs = lines(stream)
    assert ours["exception"].endswith("StopIteration")
    assert theirs["exception"].endswith("StopIteration")


def test_a_value_that_json_does_not_know_is_written_as_text() -> None:
    stream = io.StringIO()
    configure("json", "info", stream)

    get_logger("x").info("hello", problem=ValueError("no"))

    assert lines(stream)[0]["problem"] == "no"


@pytest.mark.parametrize(
    ("name", "level"),
    [
        ("kopf.objects", logging.INFO),
        ("aiohttp.access", logging.INFO),
        ("asyncio", logging.INFO),
        ("kubernetes.aio.client.rest", logging.DEBUG),
    ],
)
def test_what_others_say_too_often_is_left_out_even_when_debugging(name: str, level: int) -> None:
    stream = io.StringIO()
    configure("json", "debug", stream)

    logging.getLogger(name).log(level, "chatter")
    logging.getLogger(name).error("trouble")

    assert [line["message"] for line in lines(stream)] == ["trouble"]


def test_the_level_counts_for_own_lines_and_those_of_others() -> None:
    stream = io.StringIO()
    configure("json", "warning", stream)

    get_logger("x").info("no")
    logging.getLogger("kopf").info("no")
    get_logger("x").warning("yes")

    assert [line["message"] for line in lines(stream)] == ["yes"]


def test_python_warnings_are_log_lines() -> None:
    stream = io.StringIO()
    configure("json", "info", stream)

    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(capture=True)
        warnings.warn("old", UserWarning, stacklevel=1)
        logging.captureWarnings(capture=False)

    assert "UserWarning: old" in lines(stream)[0]["message"]


def test_auto_is_colours_on_a_terminal_and_json_elsewhere() -> None:
    terminal, file = Terminal(), io.StringIO()

    configure("auto", "info", terminal)
    get_logger("x").info("hello", alpha=1)
    configure("auto", "info", file)
    get_logger("x").info("hello", alpha=1)

    assert "\x1b[" in terminal.getvalue()
    assert lines(file)[0]["alpha"] == 1


@pytest.mark.parametrize(("variable", "value"), [("NO_COLOR", "1"), ("TERM", "dumb")])
def test_colours_vanish_when_nobody_wants_them(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    monkeypatch.setenv(variable, value)
    terminal = Terminal()
    configure("auto", "info", terminal)

    get_logger("x").info("hello", alpha=1)

    assert "\x1b[" not in terminal.getvalue()
    assert "hello" in terminal.getvalue()
    assert "alpha=1" in terminal.getvalue()


def test_text_in_a_file_has_no_colours() -> None:
    file = io.StringIO()
    configure("console", "info", file)

    get_logger("x").info("hello")

    assert "\x1b[" not in file.getvalue()
    assert "hello" in file.getvalue()
