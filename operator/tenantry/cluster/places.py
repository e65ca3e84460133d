"""How many writes may wait for the API server at the same time.

The more there are, the less each costs: the API server, etcd and the operator then do several at a
turn of their loops (docs/performance.md). And the more there are, the longer a repair waits among
them. So there are many as long as nothing is repaired; and once something is, few, until it has
been quiet for a while. Repairs have places of their own.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

FEW: Final = 8
"""Places, at most, while something is being repaired, or was until a moment ago."""
CALM: Final = 2.0
"""Seconds after a repair until there are many places again."""


class Places:
    """Places for writes.

    Args:
        many: for writes that are no repairs, while nothing is repaired.
        urgent: for repairs.
    """

    def __init__(self, many: int, urgent: int) -> None:
        self._places, self._urgent = asyncio.Semaphore(many), asyncio.Semaphore(urgent)
        self._most_kept = max(0, many - FEW)
        self._kept = 0
        self._calming: asyncio.TimerHandle | None = None

    @asynccontextmanager
    async def one(self, *, urgent: bool) -> AsyncIterator[None]:
        """A place, while the block lasts."""
        if urgent:
            self._give_way()
            async with self._urgent:
                yield
            return
        await self._places.acquire()
        try:
            yield
        finally:
            if self._calming and self._kept < self._most_kept:
                self._kept += 1
            else:
                self._places.release()

    def _give_way(self) -> None:
        """From now on places that become free are kept back, until few are left."""
        if self._calming:
            self._calming.cancel()
        self._calming = asyncio.get_running_loop().call_later(CALM, self._calm)

    def _calm(self) -> None:
        self._calming = None
        while self._kept:
            self._kept -= 1
            self._places.release()
