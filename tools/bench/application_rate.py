"""Many Applications at once: the operator's rate against the raw client's.

Their pods would be thousands, and measure the controllers instead: so the controller manager of
both sides is killed before, and nobody makes pods of the workloads. The clock runs from the first
Application's request to when the last one's status says that all of it is written.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

from bench.application_site import CONCURRENCY, Side, Site, quiet
from bench.raw_process import playing
from bench.result import Bench, Result
from bench.runs import Run, Task, plain, ratio, sides, submitted, timed
from bench.script import counted

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

CONTROLLERS: Final = "kube-controller-manager"
Scripts = list[dict[str, Any]]


def room(bench: Bench) -> int:
    """How many Applications are made here, on either side."""
    scale = bench.scale
    return scale.applications * scale.application_rounds + _few(bench) * len(_swept(bench))


async def measure(bench: Bench, site: Site) -> Result:
    """Rounds of all at once, of one side and then of the other."""
    for one in (site.ours, site.theirs):
        one.bed.cluster.kill(CONTROLLERS)
    await quiet(site.ours.bed, bench.scale.usage_interval + bench.scale.calm)
    concurrency, swept = await _best_concurrency(bench, site)
    count, rounds = bench.scale.applications, bench.scale.application_rounds
    runs = []
    for number in range(rounds):
        scripts = site.scripts(count)
        for side in sides(number):
            bench.say(f"{count} Applications, round {number + 1} of {rounds}: {side}")
            if side == "raw":
                runs.append(await _run_raw(site.theirs, scripts, concurrency))
            else:
                runs.append(await _run_operator(site, scripts))
    title = f"{count} Applications of {objects(scripts)} objects: rate"
    kept = {"applications": plain(runs), "applications sweep": swept}
    return Result([ratio("applications-rate", title, runs)], kept)


def objects(scripts: Scripts) -> int:
    """How many objects an Application is made into."""
    return sum(len(stage) for stage in scripts[0]["stages"])


async def _best_concurrency(bench: Bench, site: Site) -> tuple[int, dict[str, float]]:
    """The number of requests under way with which the raw client is fastest, and all rates.

    The operator makes as many Applications meanwhile, so that both go on from the same.
    """
    rates = dict[int, float]()
    for number in _swept(bench):
        scripts = site.scripts(_few(bench))
        bench.say(f"raw client, {number} requests at once")
        rates[number] = (await _run_raw(site.theirs, scripts, number)).rate
        await _run_operator(site, scripts)
    best = max(rates, key=lambda number: rates[number])
    return best, {str(number): round(rate, 1) for number, rate in rates.items()}


def _swept(bench: Bench) -> list[int]:
    """Numbers of requests at once; of more, Services time out while they wait for addresses."""
    return [one for one in bench.scale.sweep if one <= CONCURRENCY]


def _few(bench: Bench) -> int:
    return max(2, bench.scale.applications // 20)


async def _run_raw(side: Side, scripts: Scripts, concurrency: int) -> Run:
    async with playing(side.bed, "create", scripts, concurrency, of="applications") as client:
        return await timed(side.bed, _task(side, "raw", client.pid, scripts, client.go))


async def _run_operator(site: Site, scripts: Scripts) -> Run:
    side, applied = site.ours, [one["application"] for one in scripts]
    task = _task(side, "operator", site.pid, scripts, lambda: submitted(side.bed, applied))
    return await timed(side.bed, task)


def _task(
    side: Side, name: str, pid: int, scripts: Scripts, play: Callable[[], Awaitable[Any]]
) -> Task:
    alive, keys = side.bed.cluster.alive(), [one["name"] for one in scripts]
    pids = {program: one for program, one in side.bed.pids.items() if alive[program]}
    seen = partial(side.seen.all_written, keys)
    return Task(name, pid, pids, counted(scripts), play, seen)
