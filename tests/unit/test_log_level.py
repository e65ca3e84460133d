"""The log level that changes while the operator runs: from the file, at its pace or by a signal."""

import io
import json
import logging
import os
import signal
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import structlog

from tenantry.handlers import log_level
from tenantry.handlers.log_level import log_level_followed
from tenantry.settings import load
from tenantry.telemetry.logging import configure, get_logger
from waiting import eventually

SOON, NEVER = 0.01, 3600.0


class Log:
    """What is logged, and a file of options that says from which level on."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.config = folder, folder / "tenantry.yaml"
        self.stream = io.StringIO()
        self.write("log-level: info")

    def write(self, text: str) -> None:
        """Exchange the file behind a link, as the kubelet does."""
        version = self.folder / f"v{len([*self.folder.iterdir()])}"
        version.write_text(text)
        link = self.folder / "link"
        link.symlink_to(version)
        link.replace(self.config)

    def records(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.stream.getvalue().splitlines()]

    async def reread(self, times: int = 1) -> dict[str, Any]:
        """Wait until the options were read again; gives what was said last."""

        async def look() -> list[dict[str, Any]]:
            return [one for one in self.records() if "read again" in one["message"]]

        return (await eventually(look, lambda seen: len(seen) >= times))[-1]


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Log]:
    made = Log(tmp_path)
    root, before = logging.getLogger(), logging.getLogger().handlers[:]
    monkeypatch.setattr(log_level, "log", get_logger("tenantry.fresh"))
    configure("json", "info", made.stream)
    yield made
    logging.captureWarnings(capture=False)
    root.handlers = before
    structlog.reset_defaults()


async def test_a_file_that_changes_changes_the_level_and_says_what_else_waits_for_a_restart(
    log: Log,
) -> None:
    reload = partial(load, {"config": log.config})
    ours = get_logger("ours")
    ours.debug("too early")

    async with log_level_followed(reload(), reload, period=SOON):
        log.write("log-level: debug\nworkers: 3\n")
        told = await log.reread()
        ours.debug("in time")

    assert (told["log_level"], told["after_a_restart"]) == ("debug", ["workers"])
    assert [one["message"] for one in log.records() if one["logger"] == "ours"] == ["in time"]


async def test_a_signal_has_it_read_at_once(log: Log) -> None:
    reload = partial(load, {"config": log.config})

    async with log_level_followed(reload(), reload, period=NEVER):
        log.write("log-level: error")
        os.kill(os.getpid(), signal.SIGHUP)

        async def taken() -> bool:
            return not logging.getLogger().isEnabledFor(logging.WARNING)

        await eventually(taken)


async def test_a_file_that_cannot_be_read_changes_nothing_and_is_told(log: Log) -> None:
    reload = partial(load, {"config": log.config})

    async with log_level_followed(reload(), reload, period=SOON):
        log.write("log-level: loud")
        told = await log.reread()
        log.config.unlink()
        log.write("log-level: warning")
        assert (await log.reread(2))["log_level"] == "warning"

    assert "--log-level: input should be" in told["cause"]


async def test_a_flag_goes_on_winning_over_the_file(log: Log) -> None:
    reload = partial(load, {"config": log.config, "log_level": "info"})

    async with log_level_followed(reload(), reload, period=SOON):
        log.write("log-level: debug")
        os.kill(os.getpid(), signal.SIGHUP)
        assert (await log.reread())["log_level"] == "info"


async def test_without_a_file_the_signal_ends_nothing(log: Log) -> None:
    reload = partial(load, {})

    async with log_level_followed(reload(), reload, period=SOON):
        os.kill(os.getpid(), signal.SIGHUP)
        assert (await log.reread())["after_a_restart"] == []
