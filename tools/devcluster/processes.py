"""Running programs, and knowing them again.

A process is known by its pid and the time it started: pids are used again, so nothing here signals
a process whose start time differs from the recorded one. Programs are started with posix_spawn,
which needs no fork of a Python process that may have threads.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import psutil

from devcluster.source import PACKAGES

if TYPE_CHECKING:
    from collections.abc import Iterable

TOLERANCE: Final = 2.0
"""Seconds by which two readings of one start time may differ: it is computed from the clock and the
boot time."""
PATIENCE: Final = 10.0
"""Seconds after SIGKILL: longer only in uninterruptible sleep."""


@dataclass(frozen=True)
class Running:
    """A process that was started.

    Args:
        name: The program's name.
        pid: Its process id.
        started: When it started, in seconds since the epoch.
    """

    name: str
    pid: int
    started: float

    def find(self) -> psutil.Process | None:
        """Give the process if it is still this one and has not ended."""
        try:
            process = psutil.Process(self.pid)
            same = abs(process.create_time() - self.started) < TOLERANCE
            return process if same and process.status() != psutil.STATUS_ZOMBIE else None
        except psutil.NoSuchProcess:
            return None


def spawn(name: str, argv: tuple[str, ...], log: Path, group: int | None) -> Running:
    """Start a program with standard output and error appended to a log.

    Args:
        name: What to call it.
        argv: The program's file and its arguments.
        log: The log's file.
        group: The process group to put it in; None starts a session of its own, which the end of a
            terminal or a session does not touch.
    """
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
    actions = [
        (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
        (os.POSIX_SPAWN_OPEN, 1, str(log), flags, 0o600),
        (os.POSIX_SPAWN_DUP2, 1, 2),
    ]
    defaults = (signal.SIGPIPE, signal.SIGINT)
    if group is None:
        pid = os.posix_spawn(
            argv[0], argv, os.environ, file_actions=actions, setsid=True, setsigdef=defaults
        )
    else:
        pid = os.posix_spawn(
            argv[0], argv, os.environ, file_actions=actions, setpgroup=group, setsigdef=defaults
        )
    return Running(name, pid, psutil.Process(pid).create_time())


def of_folder(root: Path) -> list[Running]:
    """Find the control plane's programs whose command line names files below a folder.

    This finds what was started right before a crash and never recorded. Other users' processes are
    not seen.
    """
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            argv = process.cmdline()
            name = Path(argv[0]).name if argv else ""
            if name in PACKAGES and any(f"{root}{os.sep}" in argument for argument in argv):
                found.append(Running(name, process.pid, process.create_time()))
    return found


def kill(running: Iterable[Running]) -> None:
    """Kill processes and wait until they are gone; those that have ended already are fine."""
    found = [process for one in running if (process := one.find())]
    for process in found:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(found, timeout=PATIENCE)


def terminate(running: Running, patience: float) -> None:
    """Ask a process to end; kill it if it has not after `patience` seconds."""
    process = running.find()
    if process is None:
        return
    process.terminate()
    try:
        process.wait(patience)
    except psutil.TimeoutExpired:
        kill([running])


@dataclass(frozen=True)
class Supervisor:
    """The process that ends the cluster if this one is killed; leads the cluster's process group.

    Args:
        running: The supervising process.
    """

    running: Running
    _lifeline: int

    @classmethod
    def start(cls, log: Path, remove: Path | None) -> Supervisor:
        """Start one.

        Args:
            log: Where its errors go.
            remove: A folder to remove when it has to act.
        """
        program = str(Path(__file__).with_name("supervisor.py"))
        argv = [sys.executable, "-I", program, *([str(remove)] if remove else [])]
        ours, lifeline = os.pipe()
        actions = [
            (os.POSIX_SPAWN_DUP2, ours, 0),
            (os.POSIX_SPAWN_OPEN, 1, str(log), os.O_WRONLY | os.O_CREAT, 0o600),
            (os.POSIX_SPAWN_DUP2, 1, 2),
        ]
        pid = os.posix_spawn(argv[0], argv, os.environ, file_actions=actions, setpgroup=0)
        os.close(ours)
        return cls(Running("supervisor", pid, psutil.Process(pid).create_time()), lifeline)

    def dismiss(self) -> None:
        """End it; nothing is left for it to do."""
        kill([self.running])
        os.close(self._lifeline)
