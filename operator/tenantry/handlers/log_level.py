"""Takes another log level while the operator runs, from the file that ``--config`` names.

In a pod that file is a ConfigMap's. The kubelet exchanges it behind a symbolic link within a minute
of its change (https://kubernetes.io/docs/concepts/configuration/configmap/#mounted-configmaps-are-updated-automatically),
so its time is looked at again and again; SIGHUP has it read at once. That needs neither a right nor
a page that others could call, works with a read-only root, and every replica follows. An
environment variable or a flag goes on winning over the file, as when the operator started.
"""

import asyncio
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Final

from tenantry.settings import Settings, SettingsError
from tenantry.telemetry.logging import get_logger, set_level

log = get_logger(__name__)

PERIOD: Final = 5.0
"""Seconds between two looks at the file."""


@asynccontextmanager
async def log_level_followed(
    settings: Settings, reload: Callable[[], Settings], *, period: float = PERIOD
) -> AsyncIterator[None]:
    """Follow the file's log level while the block lasts.

    Args:
        settings: as the operator was started.
        reload: reads flags, environment and file again.
        period: seconds between two looks at the file.
    """
    hangup = asyncio.Event()
    loop = asyncio.get_running_loop()
    # Without a file there is nothing to read; but the signal would end the process.
    loop.add_signal_handler(signal.SIGHUP, hangup.set)
    task = asyncio.create_task(_follow(settings, reload, hangup, period), name="log level")
    try:
        yield
    finally:
        loop.remove_signal_handler(signal.SIGHUP)
        task.cancel()
        await asyncio.wait([task])


async def _follow(
    settings: Settings, reload: Callable[[], Settings], hangup: asyncio.Event, period: float
) -> None:
    # At first nothing has been seen: the file may have changed since the operator read it.
    current, seen = settings, None
    while True:
        is_expected = True
        try:
            await asyncio.wait_for(hangup.wait(), period)
        except TimeoutError:
            if (stamp := _stamp(settings)) == seen:
                continue
            is_expected, seen = seen is not None, stamp
        hangup.clear()
        current = _reloaded(current, reload, is_expected=is_expected)


def _stamp(settings: Settings) -> tuple[int, int] | None:
    """What tells one version of the file from the next; None while there is none."""
    if settings.config is None:
        return None
    try:
        found = settings.config.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_ino


def _reloaded(current: Settings, reload: Callable[[], Settings], *, is_expected: bool) -> Settings:
    """Take the new level; gives the settings that the next ones are compared with.

    Args:
        current: the settings of before.
        reload: reads them again.
        is_expected: whether somebody waits to be told, though nothing be new.
    """
    try:
        new = reload()
    except SettingsError as problem:
        log.warning("options not read again", cause=str(problem))
        return current
    names = [name for name in Settings.model_fields if getattr(new, name) != getattr(current, name)]
    if "log_level" in names:
        set_level(new.log_level)
    if not names and not is_expected:
        return new
    # A warning, so that it is told on most levels: whoever changes one wants to see that it came.
    log.warning(
        "options read again",
        log_level=new.log_level,
        after_a_restart=[name.replace("_", "-") for name in names if name != "log_level"],
    )
    return new
