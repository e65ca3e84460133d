"""A restart with nothing changed, and idleness: how soon it serves, and that it leaves all alone.

The cluster is filled by the raw client, so the operator's first look is also the proof that the
two write the same: of all that it owns, it finds nothing to write (only the usage in the Tenants'
status is news to it). Then it is restarted again and again, in turns with a raw client that lists
the same objects; both are new processes each time.
"""

from __future__ import annotations

import asyncio
import time
from datetime import datetime
from statistics import median
from typing import TYPE_CHECKING, Any, Final

import orjson

from bench import usage
from bench.observer import Observer, observing
from bench.operator_process import Operator, operator
from bench.raw_process import listed, raw
from bench.result import TIMES, Bench, Measure, Result
from bench.script import posted, tenant
from bench.testbed import ACCOUNT, Testbed, testbed
from tenantry.cluster.resources import OWNED, TENANTS

if TYPE_CHECKING:
    from collections.abc import Mapping

CONCURRENCY: Final = 32


class Unequal(Exception):  # noqa: N818 - reads as what happened
    """The operator changed what the raw client had made: the comparison would not be one."""


async def measure(bench: Bench) -> Result:
    """Restarts, then rest."""
    async with testbed() as bed, observing(bed.admin) as seen:
        bench.say(f"restart: filling a cluster with {bench.scale.many} Tenants")
        tenants = [tenant(f"t{number:04}") for number in range(bench.scale.many)]
        async with raw(bed, "create", tenants, CONCURRENCY) as client:
            await client.go()
        await _settle(bed, bench)
        starts, lists = [], []
        for number in range(bench.scale.restarts):
            bench.say(f"restart, {number + 1} of {bench.scale.restarts}")
            lists.append(await listed(bed, _collections()))
            starts.append(await _restart(bed, bench, seen, f"r{number}"))
        await _calm(bed, bench)
        rest = await _rest(bed, bench)
    return _result(starts, lists, rest)


async def _settle(bed: Testbed, bench: Bench) -> None:
    """The first look at what the raw client has made.

    Raises:
        Unequal: something was not as the operator would have made it.
    """
    begin = bed.audit.now()
    await _calm(bed, bench)
    writes = bed.audit.writes({ACCOUNT}, begin)
    del writes["patch tenants/status"]
    if writes:
        raise Unequal(f"the operator wrote {dict(writes)} on what the raw client had made")


async def _calm(bed: Testbed, bench: Bench) -> None:
    """Run the operator until it has nothing to do any more."""
    async with operator(bed, bench.flags):
        place = -1
        while place != bed.audit.writes({ACCOUNT}, 0).total():
            place = bed.audit.writes({ACCOUNT}, 0).total()
            await asyncio.sleep(bench.scale.usage_interval + bench.scale.calm)


async def _restart(bed: Testbed, bench: Bench, seen: Observer, name: str) -> dict[str, float]:
    """Start the operator; gives seconds.

    Returns:
        ``whole``: from the start of the process until it serves; ``seconds``: of it, without the
        start of the process; ``tenant``: until a Tenant that is applied right then is Ready.
    """
    manifest = tenant(name, namespaces=1)
    async with operator(bed, bench.flags) as process:
        await bed.admin.send(posted(manifest))
        ready = await seen.all_ready([name])
        return {
            "whole": process.serving - process.began,
            "seconds": _since_listening(process),
            "tenant": ready - process.began,
        }


def _since_listening(process: Operator) -> float:
    """From when the operator listened to when its cache was complete, by its own log."""
    records = [orjson.loads(line) for line in process.log.read_bytes().splitlines()]
    last = {record["message"]: record["timestamp"] for record in records}
    began, ended = (
        datetime.fromisoformat(last[message]) for message in ("listening", "cache complete")
    )
    return (ended - began).total_seconds()


async def _rest(bed: Testbed, bench: Bench) -> dict[str, Any]:
    """Restart with nothing changed, and count what is written; then rest, and see what it costs."""
    begin = bed.audit.now()
    async with operator(bed, bench.flags) as process:
        await asyncio.sleep(bench.scale.usage_interval + bench.scale.calm)
        restart = bed.audit.writes({ACCOUNT}, begin)
        bench.say(f"idle for {bench.scale.idle:g} s")
        begin, began = bed.audit.now(), time.monotonic()
        before = usage.cpu_seconds({**bed.pids, "operator": process.pid})
        await asyncio.sleep(bench.scale.idle)
        after = usage.cpu_seconds({**bed.pids, "operator": process.pid})
        return {
            "writes after restart": dict(restart),
            "writes when idle": dict(bed.audit.writes({ACCOUNT}, begin)),
            "cpu": usage.difference(after, before),
            "seconds": time.monotonic() - began,
            "rss": usage.rss(process.pid),
        }


def _collections() -> list[str]:
    """What the operator lists when it starts."""
    return [
        resource.path() + (f"?labelSelector={resource.selector}" if resource.selector else "")
        for resource in (TENANTS, *OWNED)
    ]


def _result(
    starts: list[dict[str, float]], lists: list[dict[str, Any]], rest: Mapping[str, Any]
) -> Result:
    ours = median(one["whole"] for one in starts)
    theirs = median(one["whole"] for one in lists)
    bare = median(one["seconds"] for one in starts) / median(one["seconds"] for one in lists)
    ratios = [one["whole"] / other["whole"] for one, other in zip(starts, lists, strict=True)]
    restarted = Measure(
        name="restart",
        title=f"Restart with {lists[0]['objects']:,} objects: serving",
        value=ours / theirs,
        unit=TIMES,
        target=3,
        sense="at most",
        low=min(ratios),
        high=max(ratios),
        detail=f"{ours:.2f} s against {theirs:.2f} s; {bare:.1f} {TIMES} once started; "
        f"a Tenant applied then is Ready at {median(one['tenant'] for one in starts):.2f} s",
    )
    runs = {"restart": {"operator": starts, "raw": lists}, "rest": dict(rest)}
    return Result([restarted, *_resting(rest)], runs)


def _resting(rest: Mapping[str, Any]) -> list[Measure]:
    share = 100 * rest["cpu"]["operator"] / rest["seconds"]
    counts = {
        "restart-writes": ("Restart with nothing changed: writes", "writes after restart"),
        "idle-writes": (f"Idle for {rest['seconds']:.0f} s: writes", "writes when idle"),
    }
    measures = [
        Measure(name, title, sum(rest[key].values()), "writes", 0, "at most")
        for name, (title, key) in counts.items()
    ]
    return [*measures, Measure("idle-cpu", "Idle: share of a core", share, "%", 1, "at most")]
