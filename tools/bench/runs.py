"""One side, once: what was timed of it, and the ratio of the two sides' rates.

Shared by the parts that compare rates: Tenants (``throughput``) and Applications.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING, Any, Final

from bench import usage
from bench.result import TIMES, Measure
from bench.testbed import ACCOUNT

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from bench.api import Write
    from bench.testbed import Testbed

ADMIN: Final = "kubernetes-admin"
SUBMITTERS: Final = 16
"""Objects that are submitted to the operator's API server at the same time."""


@dataclass(frozen=True)
class Run:
    """One side, once.

    Attributes:
        side: ``operator`` or ``raw``.
        writes: of those that are needed, how many were done when the last object was ready.
        seconds: until then.
        extra: writes that were done and not needed, by verb and kind.
        refused: writes that the API server did not accept.
        cpu: seconds by program; the side itself under its own name.
        peak: bytes of memory that the side had at most.
        ready: when each object was ready, seconds from the beginning, ascending.
        memory: the side's over time: seconds from the beginning, bytes.
    """

    side: str
    writes: int
    seconds: float
    extra: dict[str, int]
    refused: dict[str, int]
    cpu: dict[str, float]
    peak: int
    ready: list[float]
    memory: list[tuple[float, int]]

    @property
    def rate(self) -> float:
        """Needed writes a second."""
        return self.writes / self.seconds


@dataclass(frozen=True)
class Task:
    """What one side is to do.

    Attributes:
        side: ``operator`` or ``raw``.
        pid: its process.
        pids: of the control plane's programs, those that run.
        needed: the writes that it takes, by verb and kind.
        play: lets it begin.
        seen: gives when an observer saw each object ready (monotonic seconds), once all are.
    """

    side: str
    pid: int
    pids: Mapping[str, int]
    needed: Counter[str]
    play: Callable[[], Awaitable[Any]]
    seen: Callable[[], Awaitable[Sequence[float]]]


async def timed(bed: Testbed, task: Task) -> Run:
    """Let one side do its task, and measure."""
    pids = {**task.pids, task.side: task.pid}
    begin, before = bed.audit.now(), usage.cpu_seconds(pids)

    async def seen() -> tuple[list[float], dict[str, float], int]:
        ready = sorted(await task.seen())
        return ready, usage.cpu_seconds(pids), bed.audit.now()

    async with usage.memory_of(task.pid) as memory:
        began = time.monotonic()
        async with asyncio.TaskGroup() as group:  # who fails to play is not waited for
            group.create_task(_played(task))
            seeing = group.create_task(seen())
    ready, after, end = seeing.result()
    done = bed.audit.writes({ACCOUNT, ADMIN}, begin, end)
    return Run(
        side=task.side,
        writes=(done & task.needed).total(),
        seconds=ready[-1] - began,
        extra=dict(done - task.needed),
        refused=dict(bed.audit.refused({ACCOUNT, ADMIN}, begin, end)),
        cpu=usage.difference(after, before),
        peak=max(sample.rss for sample in memory),
        ready=[at - began for at in ready],
        memory=[(sample.at - began, sample.rss) for sample in memory],
    )


async def _played(task: Task) -> None:
    await task.play()


async def submitted(bed: Testbed, writes: Sequence[Write]) -> None:
    """Send a person's requests as somebody would who has many: several at a time."""
    places = asyncio.Semaphore(SUBMITTERS)

    async def send(write: Write) -> None:
        async with places:
            await bed.admin.send(write)

    await asyncio.gather(*(send(one) for one in writes))


def ratio(name: str, title: str, runs: Sequence[Run]) -> Measure:
    """The operator's rate against the raw client's, pair by pair."""
    ours = [run.rate for run in runs if run.side == "operator"]
    theirs = [run.rate for run in runs if run.side == "raw"]
    ratios = [one / other for one, other in zip(ours, theirs, strict=True)]
    return Measure(
        name=name,
        title=title,
        value=median(ratios),
        unit=TIMES,
        target=0.85,
        sense="at least",
        low=min(ratios),
        high=max(ratios),
        detail=f"{median(ours):.0f} against {median(theirs):.0f} writes/s; CPU of all programs for "
        f"each {_each(runs, 'operator'):.1f} against {_each(runs, 'raw'):.1f} ms",
    )


def sides(number: int) -> tuple[str, str]:
    """Who goes first in a round: it alternates, for one gets the colder machine."""
    return ("operator", "raw") if number % 2 == 0 else ("raw", "operator")


def plain(runs: Sequence[Run]) -> list[dict[str, Any]]:
    """Runs for JSON."""
    return [
        vars(run)
        | {
            "rate": round(run.rate, 1),
            "seconds": round(run.seconds, 3),
            "ready": [round(at, 3) for at in run.ready],
            "memory": [[round(at, 2), size] for at, size in run.memory],
        }
        for run in runs
    ]


def _each(runs: Sequence[Run], side: str) -> float:
    """Milliseconds of CPU, of all programs, for each write: a busy machine changes it less."""
    return median(1000 * sum(run.cpu.values()) / run.writes for run in runs if run.side == side)
