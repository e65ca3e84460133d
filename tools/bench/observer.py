"""Who watches Tenants become Ready: the same eyes for both sides, in a process of their own.

Its watch costs the API server as much on either side, and its clock is the one that counts.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Final

from bench.testbed import TimedOut
from tenantry.cluster.resources import TENANTS

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable

    from bench.api import Api

PATIENCE: Final = 600.0


class Observer:
    """Sees Tenants become Ready.

    Attributes:
        ready: name -> monotonic seconds when it was first seen Ready as its spec now is.
    """

    def __init__(self) -> None:
        self.ready: dict[str, float] = {}
        self._changed = asyncio.Condition()

    async def all_ready(self, names: Iterable[str], patience: float = PATIENCE) -> float:
        """Wait until all these are Ready; gives when the last of them was.

        Raises:
            TimedOut: some are not.
        """
        wanted = set(names)
        try:
            async with asyncio.timeout(patience), self._changed:
                await self._changed.wait_for(lambda: wanted <= self.ready.keys())
        except TimeoutError:
            missing = sorted(wanted - self.ready.keys())
            raise TimedOut(
                f"{len(missing)} Tenants were not Ready within {patience:g} s, {missing[0]} for one"
            ) from None
        return max(self.ready[name] for name in wanted)

    async def see(self, event: dict[str, Any]) -> None:
        """Take in one watch event."""
        metadata, status = event["object"]["metadata"], event["object"].get("status", {})
        name = metadata.get("name", "")
        if name not in self.ready and _is_ready(status, metadata.get("generation", 0)):
            async with self._changed:
                self.ready[name] = time.monotonic()
                self._changed.notify_all()


@asynccontextmanager
async def observing(api: Api) -> AsyncIterator[Observer]:
    """Watch all Tenants while the block lasts."""
    observer = Observer()
    version = (await api.get(f"{TENANTS.path()}?limit=1"))["metadata"]["resourceVersion"]

    async def watch() -> None:
        async for event in api.watch(TENANTS.path(), version):
            await observer.see(event)

    async with asyncio.TaskGroup() as group:
        task = group.create_task(watch())  # if the watch breaks, so does the block
        yield observer
        task.cancel()


def _is_ready(status: dict[str, Any], generation: int) -> bool:
    return any(
        one["type"] == "Ready"
        and one["status"] == "True"
        and one.get("observedGeneration") == generation
        for one in status.get("conditions", ())
    )
