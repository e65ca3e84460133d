"""Prices in the meter's process: which class a node is of, and what Tenants and Applications cost.

The class of a node is part of what is metered, so the RateCards are read before anything is; the
cost of a month is told when an hour is over, for that is what costs are counted by, and once at the
start. What fails is tried again: metering never waits for it.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from tenantry.api.names import METER
from tenantry.charging import charge
from tenantry.cluster.client import Client
from tenantry.cluster.errors import ApiError
from tenantry.cluster.rate_cards import list_rate_cards
from tenantry.cost.billing import SeveralCurrenciesError, Terms
from tenantry.cost.daily import DailyCosts
from tenantry.cost.price_book import PriceBook
from tenantry.cost.store import Database, Reader, StoreError
from tenantry.telemetry.logging import get_logger

log = get_logger(__name__)

RETRY: Final = 60.0
"""Seconds after which what failed is tried again."""
_HOUR: Final = timedelta(hours=1)
_SETTLED: Final = timedelta(minutes=2)
"""After an hour, until what it used has been written, which happens every minute."""


@dataclass(slots=True)
class Costs:
    """What the meter knows of prices, and tells of costs.

    Args:
        client: reads RateCards, Tenants and Applications, and writes their ``status.cost``.
        database: what was metered.
    """

    client: Client
    database: Database
    _daily: DailyCosts = field(default_factory=DailyCosts)
    _book: PriceBook = field(default_factory=lambda: PriceBook([]))

    def __post_init__(self) -> None:
        self.client.field_manager = METER

    def class_of(self, labels: Mapping[str, str]) -> str:
        """The class of a node by its labels, as the RateCard that holds now says."""
        return self._book.class_of(labels, datetime.now(UTC))

    async def read(self) -> None:
        """Read the RateCards.

        Raises:
            ApiError: they could not be listed.
        """
        self._book = PriceBook(await list_rate_cards(self.client))

    async def run(self) -> None:
        """Tell what the month costs, after each hour, for ever."""
        while True:
            now = datetime.now(UTC)
            pause = RETRY
            try:
                await self.read()
                written = await charge(
                    self.client, Reader(self.database), now, Terms(), self._daily
                )
            except (ApiError, StoreError) as problem:
                log.warning("costs not told, will be tried again", cause=str(problem))
            except SeveralCurrenciesError as problem:
                log.warning("costs not told this hour", cause=str(problem))
                pause = _until_next_hour(now)
            else:
                log.info("costs told", written=written)
                pause = _until_next_hour(now)
            await asyncio.sleep(pause)


def _until_next_hour(now: datetime) -> float:
    """Seconds until the hour that goes on is over and written."""
    hour = (now - _SETTLED).replace(minute=0, second=0, microsecond=0)
    return (hour + _HOUR + _SETTLED - now).total_seconds()
