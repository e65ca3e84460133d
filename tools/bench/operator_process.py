"""The operator under test: ``tenantry run`` as the chart runs it, in a process of its own."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import aiohttp

from bench.chart import NAMESPACE
from bench.testbed import Testbed, TimedOut

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

PROGRAM: Final = Path(sys.executable).with_name("tenantry")
ENDING: Final = 30.0
PATIENCE: Final = 60.0
POLL: Final = 0.01
"""Seconds between two looks at ``/readyz``."""


@dataclass(frozen=True)
class Operator:
    """A running operator.

    Attributes:
        began: monotonic seconds when its process was started.
        serving: when ``/readyz`` first said ok.
    """

    process: subprocess.Popen[bytes]
    log: Path
    began: float
    serving: float

    @property
    def pid(self) -> int:
        """Its process id."""
        return self.process.pid


@asynccontextmanager
async def operator(bed: Testbed, options: Mapping[str, str]) -> AsyncIterator[Operator]:
    """Run the operator on a testbed while the block lasts; it serves when the block begins.

    Args:
        bed: where.
        options: further flags of ``tenantry run``, without the dashes.

    Raises:
        TimedOut: it did not come up, or not go down.
    """
    port = _free_port()
    flags = {
        "kubeconfig": str(bed.identity),
        "listen": f"127.0.0.1:{port}",
        "log-format": "json",
        "lease-namespace": NAMESPACE,
        **options,
    }
    log = bed.folder / "operator.log"
    began = time.monotonic()
    with log.open("ab") as output:
        process = subprocess.Popen(  # noqa: ASYNC220 - milliseconds, and what is measured
            [PROGRAM, "run", "--leader-elect", *(f"--{k}={v}" for k, v in flags.items())],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={k: v for k, v in os.environ.items() if not k.startswith("TENANTRY_")},
        )
    try:
        await _serves(process, port, log)
        yield Operator(process, log, began, time.monotonic())
    finally:
        await _end(process)


async def _serves(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    async with aiohttp.ClientSession() as session:
        while time.monotonic() < deadline:
            if process.poll() is not None:
                raise TimedOut(f"the operator has ended:\n{_tail(log)}")
            try:
                async with session.get(f"http://127.0.0.1:{port}/readyz") as answer:
                    if answer.status == 200:  # noqa: PLR2004
                        return
            except aiohttp.ClientConnectionError:
                pass  # it does not listen yet
            await asyncio.sleep(POLL)
    raise TimedOut(f"the operator was not ready within {PATIENCE:g} s")


async def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.terminate()
    try:
        await asyncio.to_thread(process.wait, ENDING)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        raise TimedOut(f"the operator did not end within {ENDING:g} s of SIGTERM") from None


def _tail(log: Path) -> str:
    return log.read_text(errors="replace")[-2000:]


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port
