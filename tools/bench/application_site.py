"""Where Applications are measured: two control planes side by side, with the same ready Tenants.

On one lives the operator, on the other the raw client, so that the two can take turns. Each
Application gets a namespace that has had none, of a Tenant that was ready before any clock ran.
"""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from bench.application_observer import ApplicationObserver, observing_applications
from bench.application_script import application, owner, requests
from bench.observer import observing
from bench.operator_process import operator
from bench.raw_process import raw
from bench.runs import submitted
from bench.script import posted
from bench.testbed import ACCOUNT, Testbed, testbed

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Sequence

    from bench.result import Bench
    from tenantry.api.base import Manifest

SPACES: Final = 3
"""Namespaces of a Tenant."""
CONCURRENCY: Final = 64
"""Requests of the raw client under way at once, where nothing else is said."""


@dataclass(frozen=True)
class Side:
    """A control plane, and the statuses of the Applications on it."""

    bed: Testbed
    seen: ApplicationObserver


@dataclass(frozen=True)
class Site:
    """Both sides.

    Attributes:
        ours: where the operator is.
        pid: the operator's process.
        theirs: where the raw client works.
        free: Tenants, and namespaces of theirs that have had no Application yet, on both.
    """

    ours: Side
    pid: int
    theirs: Side
    free: Iterator[tuple[Manifest, str]]

    def scripts(self, count: int) -> list[dict[str, Any]]:
        """The requests for so many Applications, each in a namespace that has had none."""
        places = [next(self.free) for _ in range(count)]
        return [requests(application("bookinfo", space), one) for one, space in places]


@asynccontextmanager
async def site(bench: Bench, count: int) -> AsyncIterator[Site]:
    """Two control planes with room for so many Applications, while the block lasts."""
    tenants = [owner(f"a{number:04}", SPACES) for number in range(-(-count // SPACES))]
    free = ((one, f"{one['metadata']['name']}-n{n}") for one in tenants for n in range(SPACES))
    async with AsyncExitStack() as stack:
        enter = stack.enter_async_context
        bed, other = await enter(testbed()), await enter(testbed())
        process = await enter(operator(bed, bench.flags))
        bench.say(f"{len(tenants)} Tenants on two control planes")
        await asyncio.gather(_made(bed, tenants), _made_raw(other, tenants))
        ours = Side(bed, await enter(observing_applications(bed.admin)))
        theirs = Side(other, await enter(observing_applications(other.admin)))
        await quiet(bed, bench.scale.usage_interval + bench.scale.calm)
        yield Site(ours, process.pid, theirs, free)


async def quiet(bed: Testbed, seconds: float) -> None:
    """Wait until the operator has written nothing for so long."""
    place = -1
    while place != bed.audit.writes({ACCOUNT}, 0).total():
        place = bed.audit.writes({ACCOUNT}, 0).total()
        await asyncio.sleep(seconds)


async def _made(bed: Testbed, tenants: Sequence[Manifest]) -> None:
    """Have the operator make Tenants, until all are ready."""
    async with observing(bed.admin) as seen:
        await submitted(bed, [posted(one) for one in tenants])
        await seen.all_ready([one["metadata"]["name"] for one in tenants])


async def _made_raw(bed: Testbed, tenants: Sequence[Manifest]) -> None:
    async with raw(bed, "create", tenants, CONCURRENCY) as client:
        await client.go()
