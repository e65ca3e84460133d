"""Reports in the meter's process: one at a time, in a thread, so that metering never waits for one.

Prices and Tenants are read from the API server for a report, and not again for the ones that come
within seconds of it.
"""

import asyncio
import time
from collections.abc import Callable
from typing import Final, TypeVar

from cachetools import TTLCache

from tenantry.charging import source_of
from tenantry.cluster.client import Client
from tenantry.cost.sources import Source
from tenantry.cost.store import Database, Reader

_FRESH: Final = 10.0
"""Seconds for which prices and Tenants are as they were read."""
_WAITING: Final = 16
"""Reports that may wait for their turn; a year's takes seconds, and nobody waits minutes."""

Answer = TypeVar("Answer")


class TooBusyError(Exception):
    """Too many reports wait already."""


class Reports:
    """Makes reports.

    Args:
        client: reads RateCards and Tenants.
        database: what was metered.
    """

    def __init__(self, client: Client, database: Database) -> None:
        self._client, self._reader = client, Reader(database)
        self._sources: TTLCache[str, Source] = TTLCache(1, _FRESH, time.monotonic)
        self._turn, self._waiting = asyncio.Lock(), 0

    async def make(self, what: Callable[[Reader, Source], Answer]) -> Answer:
        """Have something reckoned.

        Args:
            what: gives it; called in a thread.

        Raises:
            TooBusyError: too many wait already.
            ApiError: RateCards or Tenants could not be listed.
            StoreError: the database cannot be read.
            SeveralCurrenciesError: RateCards of different currencies hold in the window.
        """
        if self._waiting >= _WAITING:
            raise TooBusyError("too many reports are being made: ask again in a few seconds")
        self._waiting += 1
        try:
            async with self._turn:
                source = self._sources.get("source")
                if source is None:
                    source = self._sources["source"] = await source_of(self._client)
                return await asyncio.to_thread(what, self._reader, source)
        finally:
            self._waiting -= 1
