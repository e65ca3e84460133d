"""One Application on an idle cluster: from apply to all written, against the same writes in order.

Each turn makes one Application; who goes first alternates, and the next turn waits until the pods
of this one run. In the end what the operator has made is read back and compared with what the raw
client was given: it must be the same.
"""

from __future__ import annotations

import asyncio
import time
from statistics import median
from typing import TYPE_CHECKING, Any, Final

import orjson

from bench.application_observer import is_ready
from bench.application_site import CONCURRENCY, Side, Site
from bench.raw_process import Raw, playing
from bench.result import TIMES, Bench, Measure, Result
from bench.script import UID
from bench.testbed import Testbed, TimedOut
from tenantry.api.names import APPLIED_ANNOTATION
from tenantry.application_plan import compare_owned
from tenantry.observed import key_of, observe

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.api import Write

WARM_UP: Final = 2
"""Applications at the most that are made before any counts."""
PATIENCE: Final = 60.0
POLL: Final = 0.05
"""Seconds between two looks at whether pods run."""

Script = dict[str, Any]


class Unequal(Exception):  # noqa: N818 - reads as what happened
    """The operator wrote something else than the raw client: the comparison would not be one."""


def warm_up(bench: Bench) -> int:
    """How many Applications are made before any counts."""
    return min(WARM_UP, bench.scale.application_repeats)


async def measure(bench: Bench, site: Site, scripts: Sequence[Script]) -> Result:
    """Apply to written, many times.

    Args:
        bench: says how it goes.
        site: with nothing going on.
        scripts: of the Applications, the first of which only warm up.
    """
    ours, theirs = list[float](), list[float]()
    concurrency = CONCURRENCY
    async with playing(site.theirs.bed, "each", scripts, concurrency, of="applications") as client:
        for number, script in enumerate(scripts):
            bench.say(f"one Application, {number + 1} of {len(scripts)}")
            turns = [
                (ours, site.ours, _operator(site.ours, script)),
                (theirs, site.theirs, _raw(site.theirs, client, script)),
            ]
            for times, side, turn in turns if number % 2 == 0 else reversed(turns):
                times.append(await turn)
                await _running(side.bed, script)
            await site.ours.seen.until(script["name"], is_ready)
    await _compare(site.ours.bed, scripts[-1])
    first = warm_up(bench)
    return _result(ours[first:], theirs[first:])


async def _operator(side: Side, script: Script) -> float:
    began = time.monotonic()
    await side.bed.admin.send(script["application"])
    return max(await side.seen.all_written([script["name"]])) - began


async def _raw(side: Side, client: Raw, script: Script) -> float:
    answer = await client.go()
    return max(await side.seen.all_written([script["name"]])) - float(answer["began"])


async def _running(bed: Testbed, script: Script) -> None:
    """Wait until all pods of an Application run, so that the next turn has an idle cluster.

    Raises:
        TimedOut: they do not.
    """
    namespace, deadline = script["name"].partition("/")[0], time.monotonic() + PATIENCE
    path = f"/apis/apps/v1/namespaces/{namespace}/deployments"
    while time.monotonic() < deadline:
        made = (await bed.admin.get(path))["items"]
        if made and all(_is_running(one) for one in made):
            return
        await asyncio.sleep(POLL)
    raise TimedOut(f"the pods in {namespace} did not run within {PATIENCE:g} s")


def _is_running(deployment: dict[str, Any]) -> bool:
    status, wanted = deployment.get("status", {}), deployment["spec"]["replicas"]
    counts = (status.get(one) for one in ("replicas", "updatedReplicas", "availableReplicas"))
    return all(count == wanted for count in counts)


async def _compare(bed: Testbed, script: Script) -> None:
    """Compare what the operator has made with what the raw client was given.

    The digest of what was applied aside: see ``application_script``.

    Raises:
        Unequal: something is missing, or is another.
    """
    own = _place(script["application"], script["name"].rpartition("/")[2])
    uid: str = (await bed.admin.get(own))["metadata"]["uid"]
    for write in (one for stage in script["stages"] for one in stage):
        wanted = orjson.loads(write.body.replace(UID.encode(), uid.encode()))
        del wanted["metadata"]["annotations"][APPLIED_ANNOTATION]
        stored = await bed.admin.get(_place(write, wanted["metadata"]["name"]))
        if change := compare_owned(wanted, observe(stored)):
            raise Unequal(f"{key_of(wanted)} of the operator's differs in {change.differs}")


def _place(write: Write, name: str) -> str:
    return f"{write.path.partition('?')[0]}/{name}"


def _result(ours: list[float], theirs: list[float]) -> Result:
    ratios = sorted(one / other for one, other in zip(ours, theirs, strict=True))
    measured = Measure(
        name="applications-latency",
        title="One Application on an idle cluster: apply to all written",
        value=median(ours) / median(theirs),
        unit=TIMES,
        target=1.5,
        sense="at most",
        low=ratios[len(ratios) // 4],
        high=ratios[-len(ratios) // 4],
        detail=f"{median(ours) * 1000:.0f} ms against {median(theirs) * 1000:.0f} ms",
    )
    return Result([measured], {"applications latency": {"operator": ours, "raw": theirs}})
