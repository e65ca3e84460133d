"""An owned object is deleted: how long until it is there again, in round trips of one write.

Measured from the moment the deletion is sent, so that it includes a round trip of its own, to the
watch event of the new object. First on an idle cluster, then while many Tenants are being made;
the unit is the same for both: what one write takes on the idle cluster.
"""

from __future__ import annotations

import asyncio
import itertools
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from statistics import median
from typing import TYPE_CHECKING, Any, Final

from bench.api import JSON, Api, Refused, Write
from bench.observer import observing
from bench.operator_process import operator
from bench.result import Bench, Measure, Result
from bench.script import posted, tenant
from bench.testbed import Testbed, TimedOut, testbed
from bench.throughput import submit
from tenantry.cluster.resources import (
    LIMIT_RANGES,
    NETWORK_POLICIES,
    RESOURCE_QUOTAS,
    ROLE_BINDINGS,
    Resource,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

VICTIM: Final = "victim"
NAMESPACE: Final = "victim-n0"
SCRATCH: Final = f"{VICTIM}-n1"
OBJECTS: Final = (
    (RESOURCE_QUOTAS, "tenantry"),
    (LIMIT_RANGES, "tenantry"),
    (NETWORK_POLICIES, "tenantry"),
    (ROLE_BINDINGS, "tenantry-editors"),
)
"""What is deleted, in turns."""
PATIENCE: Final = 30.0
PAUSE: Final = 0.1


@dataclass
class _Sightings:
    """When each object was first seen with its present uid."""

    seen: dict[tuple[str, str], tuple[str, float]] = field(default_factory=dict)
    news: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def take(self, plural: str, event: dict[str, Any]) -> None:
        """Take in one watch event."""
        metadata, now = event["object"]["metadata"], time.monotonic()
        key = plural, metadata["name"]
        if event["type"] == "ADDED":
            async with self.news:
                self.seen[key] = metadata["uid"], now
                self.news.notify_all()

    async def another(self, plural: str, name: str, uid: str) -> float:
        """When the object's successor was seen."""
        key = plural, name
        try:
            async with asyncio.timeout(PATIENCE), self.news:
                await self.news.wait_for(lambda: self.seen[key][0] != uid)
        except TimeoutError:
            raise TimedOut(f"{plural} {name} was not restored within {PATIENCE:g} s") from None
        return self.seen[key][1]


async def measure(bench: Bench) -> Result:
    """Deletions on an idle cluster, then under load."""
    async with testbed() as bed, operator(bed, bench.flags), observing(bed.admin) as seen:
        await bed.admin.send(posted(tenant(VICTIM, namespaces=2)))
        await seen.all_ready([VICTIM])
        async with Api(bed.identity) as identity, _watching(bed) as sightings:
            idle, trips = list[float](), list[float]()
            for number in range(bench.scale.repairs):
                bench.say(f"repair, {number + 1} of {bench.scale.repairs}")
                trips.append(await _round_trip(identity, f"idle-{number}"))
                idle.append(await _repair(bed, sightings, number))
                await asyncio.sleep(PAUSE)
            bench.say(f"repair while {bench.scale.tenants} Tenants are made")
            names = [f"t{number:04}" for number in range(bench.scale.tenants)]
            making = asyncio.create_task(submit(bed, [tenant(name) for name in names]))
            busy = await _meanwhile(bed, sightings, asyncio.create_task(seen.all_ready(names)))
            await making
    return _result(idle, busy, trips)


async def _meanwhile(
    bed: Testbed, sightings: _Sightings, making: asyncio.Task[float]
) -> list[float]:
    """Delete again and again until all Tenants are Ready; only repairs that ended before count."""
    times: list[float] = []
    for number in itertools.count():
        seconds = await _repair(bed, sightings, number)
        if making.done():
            break
        times.append(seconds)
        await asyncio.sleep(PAUSE)
    await making
    return times


async def _repair(bed: Testbed, sightings: _Sightings, number: int) -> float:
    resource, name = OBJECTS[number % len(OBJECTS)]
    uid, _ = sightings.seen[resource.plural, name]
    path = resource.path(NAMESPACE, name)
    began = time.monotonic()
    await bed.admin.send(Write("DELETE", path, JSON, b""))
    return await sightings.another(resource.plural, name, uid) - began


async def _round_trip(identity: Api, name: str) -> float:
    """One write: a LimitRange without labels, of which no watch of the operator hears."""
    manifest = {
        "apiVersion": LIMIT_RANGES.api_version,
        "kind": LIMIT_RANGES.kind,
        "metadata": {"name": name},
        "spec": {"limits": [{"type": "Container", "default": {"cpu": "500m", "memory": "512Mi"}}]},
    }
    began = time.monotonic()
    await identity.post(LIMIT_RANGES.path(SCRATCH), manifest)
    return time.monotonic() - began


@asynccontextmanager
async def _watching(bed: Testbed) -> AsyncIterator[_Sightings]:
    """Watch what is deleted, in the victim's namespace alone."""
    sightings = _Sightings()
    resources = dict.fromkeys(resource for resource, _ in OBJECTS)
    versions = {one: await _first_look(bed, sightings, one) for one in resources}

    async def watch(resource: Resource) -> None:
        async for event in bed.admin.watch(resource.path(NAMESPACE), versions[resource]):
            await sightings.take(resource.plural, event)

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(watch(resource)) for resource in resources]
        yield sightings
        for task in tasks:
            task.cancel()


async def _first_look(bed: Testbed, sightings: _Sightings, resource: Resource) -> str:
    found = await bed.admin.get(resource.path(NAMESPACE))
    if not found["items"]:
        raise Refused(f"there are no {resource.plural} in {NAMESPACE}")
    for item in found["items"]:
        await sightings.take(resource.plural, {"type": "ADDED", "object": item})
    version: str = found["metadata"]["resourceVersion"]
    return version


def _result(idle: list[float], busy: list[float], trips: list[float]) -> Result:
    trip = median(trips)
    measures = [
        _measured("repair", "An owned object deleted: restored, idle", idle, trip, 10),
        _measured("repair-busy", "The same while many Tenants are made", busy, trip, 30),
    ]
    return Result(measures, {"repair": {"idle": idle, "busy": busy, "round trips": trips}})


def _measured(name: str, title: str, times: list[float], trip: float, most: float) -> Measure:
    ordered = sorted(seconds / trip for seconds in times)
    return Measure(
        name=name,
        title=title,
        value=median(ordered),
        unit="round trips",
        target=most,
        sense="at most",
        low=ordered[len(ordered) // 4],
        high=ordered[-len(ordered) // 4],
        detail=f"{median(times) * 1000:.0f} ms; one write takes {trip * 1000:.1f} ms",
    )
