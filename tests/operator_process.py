"""The operator as users run it: ``tenantry run`` in a process of its own, least privileged."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, Final, Self

from waiting import eventually

PROGRAM: Final = Path(sys.executable).with_name("tenantry")
OPTIONS: Final[Mapping[str, str]] = {
    "listen": "127.0.0.1:0",
    "log-format": "json",
    # Tests wait for what a person would wait minutes for.
    "backoff-max": "1s",
    "usage-interval": "100ms",
}
ENDING: Final = 30.0
"""Seconds that it may take to end; its own limit is 20."""


class OperatorProcess:
    """One process; started ready, and stopped or killed by whoever started it."""

    command: ClassVar[str] = "run"
    usual: ClassVar[Mapping[str, str]] = OPTIONS
    ready: ClassVar[str] = "cache complete"

    def __init__(self, process: subprocess.Popen[bytes], log: Path) -> None:
        self._process = process
        self.log = log

    @classmethod
    def launch(cls, kubeconfig: Path, log: Path, **options: str) -> Self:
        """Start one and wait for nothing.

        Args:
            kubeconfig: whose identity it has.
            log: the file that its output is appended to.
            options: of ``tenantry run``, such as ``resync_interval="1s"``; a switch is "true".
        """
        given = {name.replace("_", "-"): value for name, value in options.items()}
        all_options = {"kubeconfig": str(kubeconfig), **cls.usual, **given}
        return cls(_spawn(cls.command, all_options, log), log)

    @classmethod
    async def start(cls, kubeconfig: Path, log: Path, **options: str) -> Self:
        """Start one, as ``launch``, and wait until it knows the cluster."""
        operator = cls.launch(kubeconfig, log, **options)
        try:
            await operator.logged(cls.ready)
        except BaseException:
            operator.kill()
            raise
        return operator

    @property
    def code(self) -> int | None:
        """Its exit code (negative: the signal that killed it); None while it runs."""
        return self._process.poll()

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    def records(self) -> list[dict[str, Any]]:
        """All that it has logged so far, a record a line."""
        lines = self.log.read_bytes().splitlines(keepends=True)
        return [json.loads(line) for line in lines if line.endswith(b"\n")]

    async def logged(self, message: str, **fields: Any) -> dict[str, Any]:
        """Wait for a record with this message and these fields; gives the first one.

        Raises:
            AssertionError: it has ended, or says no such thing in time.
        """

        async def look() -> list[dict[str, Any]]:
            wanted = {"message": message, **fields}
            found = [one for one in self.records() if wanted.items() <= one.items()]
            if not found and self._process.poll() is not None:
                raise AssertionError(f"the operator has ended:\n{self.tail()}")
            return found

        return (await eventually(look))[0]

    def defects(self) -> list[str]:
        """What it logged as errors: the message, and what was raised.

        That Kopf tries a request again is no defect: the API server is what failed.
        """
        errors = [
            one
            for one in self.records()
            if one["level"] in {"error", "critical"}
            and not one["message"].startswith("Request attempt #")
        ]
        return [f"{one['message']}: {one.get('exception', '')[-400:]}" for one in errors[:5]]

    def tail(self, lines: int = 20) -> str:
        """The last lines of its log."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])

    async def ended(self) -> int:
        """Wait until it ends by itself; gives its exit code."""
        return await asyncio.to_thread(self._process.wait, ENDING)

    async def stop(self) -> int:
        """Ask it to end (SIGTERM); gives its exit code."""
        self._process.terminate()
        return await asyncio.to_thread(self._process.wait, ENDING)

    def kill(self) -> None:
        """End it with SIGKILL, as a crash would."""
        self._process.kill()
        self._process.wait(ENDING)


class MeterProcess(OperatorProcess):
    """``tenantry meter``, likewise."""

    command: ClassVar[str] = "meter"
    usual: ClassVar[Mapping[str, str]] = {
        "listen": "127.0.0.1:0",
        "log-format": "json",
        "log-level": "debug",
        "flush-interval": "300ms",
        "discovery-interval": "1s",
        "metrics-interval": "1s",
    }
    ready: ClassVar[str] = "metering"


def _spawn(command: str, options: Mapping[str, str], log: Path) -> subprocess.Popen[bytes]:
    flags = [
        f"--{name}" if value == "true" else f"--{name}={value}" for name, value in options.items()
    ]
    with log.open("ab") as output:
        return subprocess.Popen(
            [PROGRAM, command, *flags],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={k: v for k, v in os.environ.items() if not k.startswith("TENANTRY_")},
        )
