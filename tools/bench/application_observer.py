"""Who watches Applications' statuses: the same eyes for both sides, as ``observer`` for Tenants."""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Final

from bench.application_script import key
from bench.testbed import TimedOut
from tenantry.cluster.resources import APPLICATIONS

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable

    from bench.api import Api

PATIENCE: Final = 60.0
"""Seconds that one Application may take."""
PATIENCE_WITH_ALL: Final = 600.0
WRITTEN: Final = frozenset({"Progressing", "Ready"})
"""States of an Application of which everything is written."""


def is_ready(status: dict[str, Any]) -> bool:
    """Whether an Application's status says that all of it runs."""
    return status.get("state") == "Ready"


class ApplicationObserver:
    """Sees Applications' statuses.

    Attributes:
        written: key -> monotonic seconds when a status first said that all is written.
    """

    def __init__(self) -> None:
        self.written: dict[str, float] = {}
        self._seen: dict[str, tuple[float, dict[str, Any]]] = {}
        self._changed = asyncio.Condition()

    async def all_written(self, keys: Iterable[str]) -> list[float]:
        """Wait until everything of all these is written; gives when that was, for each.

        Raises:
            TimedOut: of some it is not.
        """
        wanted = [*keys]
        patience = PATIENCE if len(wanted) == 1 else PATIENCE_WITH_ALL
        await self._until(lambda: self.written.keys() >= {*wanted}, wanted, patience)
        return [self.written[one] for one in wanted]

    async def until(self, one: str, what: Callable[[dict[str, Any]], bool]) -> float:
        """Wait until an Application's status says something; gives when that was seen.

        Raises:
            TimedOut: it does not.
        """
        await self._until(lambda: one in self._seen and what(self._seen[one][1]), [one], PATIENCE)
        return self._seen[one][0]

    async def see(self, event: dict[str, Any]) -> None:
        """Take in one watch event."""
        seen, now = event["object"], time.monotonic()
        one, status = key(seen), seen.get("status", {})
        is_current = status.get("observedGeneration") == seen["metadata"]["generation"]
        async with self._changed:
            self._seen[one] = now, status if is_current else {}
            if is_current and status.get("state") in WRITTEN:
                self.written.setdefault(one, now)
            self._changed.notify_all()

    async def _until(self, what: Callable[[], bool], keys: Iterable[str], patience: float) -> None:
        try:
            async with asyncio.timeout(patience), self._changed:
                await self._changed.wait_for(what)
        except TimeoutError:
            last = {one: self._seen.get(one, (0, {}))[1].get("conditions") for one in keys}
            one = next((one for one in last if one not in self.written), [*last][-1])
            raise TimedOut(f"within {patience:g} s the Application {one}: {last[one]}") from None


@asynccontextmanager
async def observing_applications(api: Api) -> AsyncIterator[ApplicationObserver]:
    """Watch all Applications while the block lasts."""
    observer = ApplicationObserver()
    listed = await api.get(f"{APPLICATIONS.path()}?limit=1")

    async def watch() -> None:
        version = listed["metadata"]["resourceVersion"]
        async for event in api.watch(APPLICATIONS.path(), version):
            await observer.see(event)

    async with asyncio.TaskGroup() as group:
        task = group.create_task(watch())  # if the watch breaks, so does the block
        yield observer
        task.cancel()
