"""A tenant's quota that moves between namespaces: how soon, and how much of it is in use.

Waves first: one namespace after the other wants most of the quota, while the others want nothing
any more. From the first refusal that the ReplicaSet controller tells of, it is measured how long it
takes until all that was wanted is there. Then the same under the hammer: meanwhile, pods come and
go in all other namespaces as fast as the API server answers. Then all namespaces want twice as much
as there is, and it is measured how much of it is in use.

Beside the leases stand shares that do not move, and the formula of Capsule
(``hard = total - used by all + used here``, in every namespace), applied by a loop that is faster
than any operator. Those show what the alternatives cost: shares leave most of the quota unused, and
the formula allows more than there is.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from statistics import mean, median
from typing import TYPE_CHECKING, Any, Final

import orjson

from bench.api import Write
from bench.demand import QUOTA, Demand
from bench.hammer import Hammer
from bench.observer import observing
from bench.operator_process import operator
from bench.result import Bench, Measure, Result
from bench.script import posted, tenant
from bench.testbed import Testbed, TimedOut, testbed

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

MERGE: Final = "application/merge-patch+json"
NAMESPACES: Final = 8
TOTAL: Final = 80
"""Pods of the tenant."""
WAVE: Final = 60
"""Pods that one namespace wants while the others want none."""
PAUSE: Final = 1.0
"""Seconds between two waves, after the last pod of the one before is gone."""
LOOK: Final = 0.1
"""Seconds between two looks at how much is in use."""
HOPELESS: Final = 8.0
"""Seconds until shares that do not move have shown what they will ever admit."""


@dataclass
class Run:
    """What came of one way of sharing.

    Attributes:
        waits: seconds from the first refusal until all is there, a wave each.
        hammered: the same, while pods come and go in the other namespaces.
        came: pods that came meanwhile, a second.
        overtaken: pods that were refused meanwhile, in percent of those that were asked for.
        in_use: share of the quota, in percent, when all want it.
        allowed: the most that was allowed at any time, in percent of the quota.
        alive: the most pods that there were, likewise.
    """

    waits: list[float] = field(default_factory=list)
    hammered: list[float] = field(default_factory=list)
    came: float = 0
    overtaken: float = 0
    in_use: float = 0
    allowed: float = 0
    alive: float = 0


async def measure(bench: Bench) -> Result:
    """Leases, then the two that they are compared with, all on one control plane."""
    async with testbed() as bed, operator(bed, bench.flags):
        leases = await _with_operator(bench, bed, "Dynamic", bench.scale.waves)
        shares = await _with_operator(bench, bed, "Static", 0)
        formula = await _with_formula(bench, bed)
    return _result({"leases": leases, "shares": shares, "formula": formula})


async def _with_operator(bench: Bench, bed: Testbed, distribution: str, waves: int) -> Run:
    bench.say(f"quota, {distribution}")
    name = distribution.lower()
    manifest = tenant(name, NAMESPACES)
    manifest["spec"]["quota"] = {"hard": {"pods": TOTAL}, "distribution": distribution}
    demand = Demand(bed.admin, [f"{name}-n{number}" for number in range(NAMESPACES)], TOTAL)
    async with demand.followed(), observing(bed.admin) as seen:
        await bed.admin.send(posted(manifest))
        await seen.all_ready([name])
        return await _run(demand, waves, bench.scale.crowding)


async def _with_formula(bench: Bench, bed: Testbed) -> Run:
    bench.say("quota, Capsule's formula")
    demand = Demand(bed.admin, [f"formula-n{number}" for number in range(NAMESPACES)], TOTAL)
    async with demand.followed(), _formula(demand):
        return await _run(demand, 0, bench.scale.crowding)


async def _run(demand: Demand, waves: int, crowding: float) -> Run:
    run = Run()
    for number in range(waves):
        run.waits.append(await _wave(demand, demand.namespaces[number % NAMESPACES]))
    if waves:
        await _hammered(demand, waves, run)
    run.in_use = await _crowd(demand, crowding)
    run.allowed = 100 * demand.most_allowed / demand.total
    run.alive = 100 * demand.most_alive / demand.total
    return run


async def _hammered(demand: Demand, waves: int, run: Run) -> None:
    """The same waves, while pods come and go in all other namespaces."""
    began = time.monotonic()
    async with Hammer(demand.admin, demand.namespaces).striking() as hammer:
        for number in range(waves):
            hammer.spared = demand.namespaces[number % NAMESPACES]
            await demand.until(lambda: not demand.alive[hammer.spared])
            run.hammered.append(await _wave(demand, hammer.spared))
        run.came = hammer.made / (time.monotonic() - began)
        run.overtaken = 100 * hammer.refused / (hammer.made + hammer.refused)
    await demand.until(lambda: not demand.there)


async def _wave(demand: Demand, namespace: str) -> float:
    """One namespace wants most of the quota; gives how long it had to wait for what it got."""
    demand.refused.clear()
    began = await demand.want(namespace, WAVE)
    there = await demand.until(lambda: len(demand.alive[namespace]) >= WAVE)
    await demand.relent(namespace)
    await asyncio.sleep(PAUSE)
    return there - demand.refused.get(namespace, began)


async def _crowd(demand: Demand, seconds: float) -> float:
    """All want twice as much as there is; gives the percentage that is in use after a while."""
    for namespace in demand.namespaces:
        await demand.want(namespace, 2 * demand.total // len(demand.namespaces))
    with suppress(TimedOut):
        await demand.until(lambda: demand.there >= demand.total, HOPELESS)
    await asyncio.sleep(seconds)
    looks = []
    for _ in range(round(seconds / LOOK)):
        looks.append(100 * demand.there / demand.total)
        await asyncio.sleep(LOOK)
    return mean(looks)


@asynccontextmanager
async def _formula(demand: Demand) -> AsyncIterator[None]:
    """Namespaces of nobody's, whose ResourceQuotas follow the formula while the block lasts."""
    for name in demand.namespaces:
        await demand.admin.post("/api/v1/namespaces", {"metadata": {"name": name}})
        await demand.admin.post(f"/api/v1/namespaces/{name}/resourcequotas", _quota(demand.total))
    await demand.until(lambda: len(demand.allows) == len(demand.namespaces))
    applying = asyncio.create_task(_apply(demand))
    try:
        yield
    finally:
        applying.cancel()
        with suppress(asyncio.CancelledError):
            await applying


async def _apply(demand: Demand) -> None:
    written: dict[str, int] = {}
    while True:
        left = demand.total - sum(demand.used.values())
        wanted = {name: max(0, left + used) for name, used in demand.used.items()}
        changes = {name: pods for name, pods in wanted.items() if written.get(name) != pods}
        await asyncio.gather(*(_write(demand, *change) for change in changes.items()))
        written |= changes
        await asyncio.sleep(0.01)


async def _write(demand: Demand, namespace: str, pods: int) -> None:
    path = f"/api/v1/namespaces/{namespace}/resourcequotas/{QUOTA}"
    await demand.admin.send(Write("PATCH", path, MERGE, orjson.dumps(_quota(pods))))


def _quota(pods: int) -> dict[str, Any]:
    return {"metadata": {"name": QUOTA}, "spec": {"hard": {"pods": str(pods)}}}


def _result(runs: dict[str, Run]) -> Result:
    leases, shares, formula = runs["leases"], runs["shares"], runs["formula"]
    waits, hammered = sorted(leases.waits), sorted(leases.hammered)
    wanted = f"{WAVE} of {TOTAL} pods, wanted by one of {NAMESPACES} namespaces"
    others = "fixed shares {:.0f}%, Capsule's formula {:.0f}%"
    measures = [
        Measure(
            "quota-wait", "Quota: from refused to all admitted, median", median(waits), "s", 2,
            "at most", low=waits[0], high=waits[-1], detail=wanted,
        ),
        Measure(
            "quota-wait-most", "The same, at most", waits[-1], "s", 5, "at most",
            detail=f"{len(waits)} times",
        ),
        Measure(
            "quota-hammer", "The same under the hammer, median", median(hammered), "s", 2,
            "at most", low=hammered[0], high=hammered[-1], detail="meanwhile, in the other "
            f"namespaces, {leases.came:.0f} pods a second came and went; {leases.overtaken:.1f}% "
            "of them were refused first",
        ),
        Measure(
            "quota-hammer-most", "The same under the hammer, at most", hammered[-1], "s", 5,
            "at most", detail=f"{len(hammered)} times",
        ),
        Measure(
            "quota-in-use", "Quota in use when twice as much is wanted", leases.in_use, "%", 95,
            "at least", detail=others.format(shares.in_use, formula.in_use),
        ),
        Measure(
            "quota-allowed", "The most that was allowed at any time", leases.allowed, "%", 100,
            "at most", detail=others.format(shares.allowed, formula.allowed)
            + f"; pods: {leases.alive:.0f}%, {shares.alive:.0f}%, {formula.alive:.0f}%",
        ),
    ]  # fmt: skip
    return Result(measures, {"quota": {name: vars(run) for name, run in runs.items()}})
