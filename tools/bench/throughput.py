"""Many Tenants at once: the operator's rate against the raw client's.

Each run has a control plane of its own, warmed up by two Tenants. Runs come in pairs whose order
alternates (operator, raw, raw, operator, ...), so that neither side always gets the colder
machine. The clock runs from the first Tenant's request to when an observer, the same on both
sides, has seen the last one Ready.
"""

from __future__ import annotations

from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any, Final

from bench import usage
from bench.observer import Observer, observing
from bench.operator_process import operator
from bench.raw_process import raw
from bench.result import Bench, Measure, Result
from bench.runs import Run, Task, plain, ratio, sides, submitted, timed
from bench.script import counted, posted, requests, tenant
from bench.testbed import Testbed, testbed

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from tenantry.api.base import Manifest

WARM_UP: Final = ("warm-0", "warm-1")


async def measure(bench: Bench) -> Result:
    """200 Tenants, then enough for 2,000 namespaces; where both are as many, they are one run."""
    concurrency, swept = await best_concurrency(bench)
    scale = bench.scale
    large = small = await _pairs(bench, scale.tenants, scale.rounds, concurrency)
    if scale.many != scale.tenants:
        large = await _pairs(bench, scale.many, scale.large_rounds, concurrency)
    result = Result(runs={"sweep": swept, "rate": plain(small), "rate large": plain(large)})
    result.measures += [
        _rate("rate", bench.scale.tenants, small),
        _rate("rate-large", bench.scale.many, large),
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
        for side in sides(number):
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
    await submitted(bed, [posted(manifest) for manifest in tenants])


async def _timed(
    bed: Testbed,
    seen: Observer,
    tenants: Sequence[Manifest],
    who: tuple[str, int],
    play: Callable[[], Awaitable[Any]],
) -> Run:
    """Let one side make the Tenants, and measure."""
    names = [one["metadata"]["name"] for one in tenants]

    async def ready() -> list[float]:
        await seen.all_ready(names)
        return [seen.ready[name] for name in names]

    needed = counted([requests(one) for one in tenants])
    return await timed(bed, Task(*who, bed.pids, needed, play, ready))


def _rate(name: str, count: int, runs: Sequence[Run]) -> Measure:
    return ratio(name, f"{count} Tenants, {count * 3:,} namespaces: rate", runs)


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
