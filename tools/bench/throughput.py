"""Many Tenants at once: the operator's rate against the raw client's.

Each run has a control plane of its own, warmed up by two Tenants. Runs come in pairs whose order
alternates (operator, raw, raw, operator, ...), so that neither side always gets the colder
machine. The clock runs from the first Tenant's request to when an observer, the same on both
sides, has seen the last one Ready.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING, Any, Final

from bench import usage
from bench.observer import Observer, observing
from bench.operator_process import operator
from bench.raw_process import raw
from bench.result import TIMES, Bench, Measure, Result
from bench.script import counted, posted, requests, tenant
from bench.testbed import ACCOUNT, Testbed, testbed

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from tenantry.api.base import Manifest

ADMIN: Final = "kubernetes-admin"
SUBMITTERS: Final = 16
"""Tenants that are submitted to the operator's API server at the same time."""
WARM_UP: Final = ("warm-0", "warm-1")


@dataclass(frozen=True)
class Run:
    """One side, once.

    Attributes:
        side: ``operator`` or ``raw``.
        writes: of those that the Tenants need, how many were done when the last was Ready.
        seconds: until then.
        extra: writes that were done and not needed, by verb and kind.
        refused: writes that the API server did not accept.
        cpu: seconds by program; the side itself under its own name.
        peak: bytes of memory that the side had at most.
        ready: when each Tenant was Ready, seconds from the beginning, ascending.
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


async def measure(bench: Bench) -> Result:
    """200 Tenants, then enough for 2,000 namespaces; where both are as many, they are one run."""
    concurrency, swept = await best_concurrency(bench)
    scale = bench.scale
    large = small = await _pairs(bench, scale.tenants, scale.rounds, concurrency)
    if scale.many != scale.tenants:
        large = await _pairs(bench, scale.many, scale.large_rounds, concurrency)
    result = Result(runs={"sweep": swept, "rate": _plain(small), "rate large": _plain(large)})
    result.measures += [
        _ratio("rate", bench.scale.tenants, small),
        _ratio("rate-large", bench.scale.many, large),
        _memory(bench.scale.many, large),
    ]
    return result


async def best_concurrency(bench: Bench) -> tuple[int, dict[str, float]]:
    """The number of requests under way with which the raw client is fastest, and all rates."""
    scale, rates = bench.scale, dict[int, float]()
    if len(scale.sweep) == 1:
        return scale.sweep[0], {}
    async with testbed() as bed:
        for turn in range(2):
            for number in scale.sweep:
                bench.say(f"raw client, {number} requests at once")
                names = [f"s{turn}-{number}-{i}" for i in range(max(2, scale.tenants // 5))]
                run = await _run_raw(bed, [tenant(name) for name in names], number)
                rates[number] = max(rates.get(number, 0), run.rate)
    best = max(rates, key=lambda number: rates[number])
    return best, {str(number): round(rate, 1) for number, rate in rates.items()}


async def _pairs(bench: Bench, count: int, rounds: int, concurrency: int) -> list[Run]:
    tenants = [tenant(f"t{number:04}") for number in range(count)]
    runs = []
    for number in range(rounds):
        sides = ("operator", "raw") if number % 2 == 0 else ("raw", "operator")
        for side in sides:
            bench.say(f"{count} Tenants, round {number + 1} of {rounds}: {side}")
            async with testbed() as bed:
                if side == "raw":
                    await _run_raw(bed, [tenant(name) for name in WARM_UP], concurrency)
                    runs.append(await _run_raw(bed, tenants, concurrency))
                else:
                    runs.append(await _run_operator(bed, bench, tenants))
    return runs


async def _run_raw(bed: Testbed, tenants: Sequence[Manifest], concurrency: int) -> Run:
    async with raw(bed, "create", tenants, concurrency) as client, observing(bed.admin) as seen:
        return await _timed(bed, seen, tenants, ("raw", client.pid), client.go)


async def _run_operator(bed: Testbed, bench: Bench, tenants: Sequence[Manifest]) -> Run:
    async with AsyncExitStack() as stack:
        process = await stack.enter_async_context(operator(bed, bench.flags))
        seen = await stack.enter_async_context(observing(bed.admin))
        await submit(bed, [tenant(name) for name in WARM_UP])
        await seen.all_ready(WARM_UP)
        return await _timed(
            bed, seen, tenants, ("operator", process.pid), lambda: submit(bed, tenants)
        )


async def submit(bed: Testbed, tenants: Sequence[Manifest]) -> None:
    """Post Tenants as somebody would who has many: several at a time."""
    places = asyncio.Semaphore(SUBMITTERS)

    async def post(manifest: Manifest) -> None:
        async with places:
            await bed.admin.send(posted(manifest))

    await asyncio.gather(*(post(manifest) for manifest in tenants))


async def _timed(
    bed: Testbed,
    seen: Observer,
    tenants: Sequence[Manifest],
    who: tuple[str, int],
    play: Callable[[], Awaitable[Any]],
) -> Run:
    """Let one side make the Tenants, and measure."""
    side, pid = who
    names = [one["metadata"]["name"] for one in tenants]
    pids = {**bed.pids, side: pid}
    begin, before = bed.audit.now(), usage.cpu_seconds(pids)
    async with usage.memory_of(pid) as memory:
        began = time.monotonic()
        playing = asyncio.ensure_future(play())
        ended = await seen.all_ready(names)
        after, end = usage.cpu_seconds(pids), bed.audit.now()
    await playing
    done = bed.audit.writes({ACCOUNT, ADMIN}, begin, end)
    needed = counted([requests(one) for one in tenants])
    return Run(
        side=side,
        writes=(done & needed).total(),
        seconds=ended - began,
        extra=dict(done - needed),
        refused=dict(bed.audit.refused({ACCOUNT, ADMIN}, begin, end)),
        cpu=usage.difference(after, before),
        peak=max(sample.rss for sample in memory),
        ready=sorted(seen.ready[name] - began for name in names),
        memory=[(sample.at - began, sample.rss) for sample in memory],
    )


def _ratio(name: str, count: int, runs: Sequence[Run]) -> Measure:
    ours = [run.rate for run in runs if run.side == "operator"]
    theirs = [run.rate for run in runs if run.side == "raw"]
    ratios = [one / other for one, other in zip(ours, theirs, strict=True)]
    return Measure(
        name=name,
        title=f"{count} Tenants, {count * 3:,} namespaces: rate",
        value=median(ratios),
        unit=TIMES,
        target=0.85,
        sense="at least",
        low=min(ratios),
        high=max(ratios),
        detail=f"{median(ours):.0f} against {median(theirs):.0f} writes/s; CPU of all programs for "
        f"each {_each(runs, 'operator'):.1f} against {_each(runs, 'raw'):.1f} ms",
    )


def _each(runs: Sequence[Run], side: str) -> float:
    """Milliseconds of CPU, of all programs, for each write: a busy machine changes it less."""
    return median(1000 * sum(run.cpu.values()) / run.writes for run in runs if run.side == side)


def _memory(count: int, runs: Sequence[Run]) -> Measure:
    peaks = [run.peak / usage.MB for run in runs if run.side == "operator"]
    return Measure(
        name="memory",
        title=f"{count * 3:,} namespaces: the operator's memory at most",
        value=max(peaks),
        unit="MB",
        target=250,
        sense="at most",
        low=min(peaks),
        high=max(peaks),
    )


def _plain(runs: Sequence[Run]) -> list[dict[str, Any]]:
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
