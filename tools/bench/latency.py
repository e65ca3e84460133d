"""One Tenant on an idle cluster: from apply to Ready, against the same writes in the same order.

Two control planes run side by side, so that both sides can take turns without disturbing each
other: on one lives the operator, on the other the raw client. Each turn makes one Tenant of three
namespaces; who goes first alternates.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import AsyncExitStack
from statistics import median
from typing import TYPE_CHECKING, Final

from bench.observer import Observer, observing
from bench.operator_process import operator
from bench.raw_process import Raw, raw
from bench.result import TIMES, Bench, Measure, Result
from bench.script import posted, tenant
from bench.testbed import Testbed, testbed

if TYPE_CHECKING:
    from tenantry.api.base import Manifest

WARM_UP: Final = 3
CONCURRENCY: Final = 64
PAUSE: Final = 0.25
"""Seconds in which quota and service account controllers finish with what was made."""


async def measure(bench: Bench) -> Result:
    """Apply to Ready, many times."""
    count = bench.scale.repeats
    tenants = [tenant(f"l{number:04}") for number in range(count + WARM_UP)]
    ours, theirs = list[float](), list[float]()
    async with AsyncExitStack() as stack:
        enter = stack.enter_async_context
        bed, other = await enter(testbed()), await enter(testbed())
        await enter(operator(bed, bench.flags))
        client = await enter(raw(other, "each", tenants, CONCURRENCY))
        seen, other_seen = await enter(observing(bed.admin)), await enter(observing(other.admin))
        for number, manifest in enumerate(tenants):
            bench.say(f"one Tenant, {number + 1} of {len(tenants)}")
            turns = [
                (ours, _operator(bed, seen, manifest)),
                (theirs, _raw(client, other_seen, manifest)),
            ]
            for times, turn in turns if number % 2 == 0 else reversed(turns):
                times.append(await turn)
                await asyncio.sleep(PAUSE)
    return _result(ours[WARM_UP:], theirs[WARM_UP:])


async def _operator(bed: Testbed, seen: Observer, manifest: Manifest) -> float:
    began = time.monotonic()
    await bed.admin.send(posted(manifest))
    return await seen.all_ready([manifest["metadata"]["name"]]) - began


async def _raw(client: Raw, seen: Observer, manifest: Manifest) -> float:
    answer = await client.go()
    return await seen.all_ready([manifest["metadata"]["name"]]) - float(answer["began"])


def _result(ours: list[float], theirs: list[float]) -> Result:
    ratios = sorted(one / other for one, other in zip(ours, theirs, strict=True))
    measured = Measure(
        name="latency",
        title="One Tenant on an idle cluster: apply to Ready",
        value=median(ours) / median(theirs),
        unit=TIMES,
        target=1.5,
        sense="at most",
        low=ratios[len(ratios) // 4],
        high=ratios[-len(ratios) // 4],
        detail=f"{median(ours) * 1000:.0f} ms against {median(theirs) * 1000:.0f} ms",
    )
    return Result([measured], {"latency": {"operator": ours, "raw": theirs}})
