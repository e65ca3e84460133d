"""What processes use: CPU seconds, from which ratios are explained, and resident memory."""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final, NamedTuple

import psutil

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

MB: Final = 1_000_000
PERIOD: Final = 0.25
"""Seconds between two samples of memory."""


class Sample(NamedTuple):
    """Memory at a moment: monotonic seconds, bytes."""

    at: float
    rss: int


def cpu_seconds(pids: Mapping[str, int]) -> dict[str, float]:
    """User and system time of each process so far."""
    used = {name: psutil.Process(pid).cpu_times() for name, pid in pids.items()}
    return {name: times.user + times.system for name, times in used.items()}


def difference(after: Mapping[str, float], before: Mapping[str, float]) -> dict[str, float]:
    """What was used in between."""
    return {name: round(after[name] - before[name], 3) for name in after}


def rss(pid: int) -> int:
    """Resident bytes."""
    resident: int = psutil.Process(pid).memory_info().rss
    return resident


@asynccontextmanager
async def memory_of(pid: int) -> AsyncIterator[list[Sample]]:
    """Sample a process's memory while the block lasts; the list grows."""
    samples: list[Sample] = []

    async def sample() -> None:
        while True:
            samples.append(Sample(time.monotonic(), rss(pid)))
            await asyncio.sleep(PERIOD)

    task = asyncio.create_task(sample())
    try:
        yield samples
    finally:
        task.cancel()
        samples.append(Sample(time.monotonic(), rss(pid)))
