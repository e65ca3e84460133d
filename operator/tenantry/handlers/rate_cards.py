"""Tells what is so of the RateCards: which holds now, which overlap, where hours have no price.

A card that changes may change what is so of the others, and there are few: so any news has all of
them listed and looked at, and so has each full hour, for then others may hold. It is the operator
that tells: it is there and one of its replicas leads, while a meter need not be there.
"""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Final

from tenantry.api.base import Manifest, manifest_of
from tenantry.api.rate_card import RateCard, RateCardStatus
from tenantry.cluster.cache import Cache
from tenantry.cluster.client import Client
from tenantry.cluster.errors import ApiError
from tenantry.cluster.events import EventRecorder
from tenantry.cluster.listing import list_patiently
from tenantry.cluster.rate_cards import list_rate_cards
from tenantry.cluster.resources import RATE_CARDS
from tenantry.cluster.watching import Watch
from tenantry.cost.rate_card_review import review
from tenantry.telemetry.logging import get_logger

log = get_logger(__name__)

PAUSE: Final = 5.0
"""Seconds after which what failed is tried again."""
_HOUR: Final = timedelta(hours=1)
_IS_GOOD: Final = {"Ready": "True", "Overlapping": "False", "FollowedByGap": "False"}


async def follow_rate_cards(client: Client, recorder: EventRecorder, watches: list[Watch]) -> None:
    """Look whenever something is new, for ever.

    Args:
        client: reads, and writes their status.
        recorder: writes Events.
        watches: the watch is added to them.

    Raises:
        ApiError: the API server keeps refusing to tell what is new.
    """
    news, cache = asyncio.Event(), Cache()

    def found(*_: object) -> None:
        news.set()

    def hear(type_: str, manifest: Manifest) -> None:
        if type_ == "DELETED":
            cache.remove(manifest)
        else:
            cache.upsert(manifest)
        news.set()

    version = await list_patiently(cache, client, RATE_CARDS, found)
    watch = Watch(client, cache, RATE_CARDS, version, hear, found, absence=PAUSE)
    watches.append(watch)
    async with asyncio.TaskGroup() as both:
        both.create_task(watch.run(), name="watch of rate cards")
        both.create_task(_look_at_news(client, recorder, news), name="look at rate cards")


async def _look_at_news(client: Client, recorder: EventRecorder, news: asyncio.Event) -> None:
    while True:
        news.clear()
        now = datetime.now(UTC)
        try:
            await look_at_rate_cards(client, recorder, now)
        except ApiError as problem:
            log.warning("rate cards not looked at", cause=str(problem))
            await asyncio.sleep(PAUSE)
            continue
        hour_is_over = now.replace(minute=0, second=0, microsecond=0) + _HOUR
        try:
            await asyncio.wait_for(news.wait(), (hour_is_over - now).total_seconds())
        except TimeoutError:
            continue  # others may hold now


async def look_at_rate_cards(client: Client, recorder: EventRecorder, now: datetime) -> None:
    """Bring the status of each RateCard up to date.

    Raises:
        ApiError: they could not be listed, or one not be written.
    """
    cards = await list_rate_cards(client)
    told = review(cards, now)
    for card in cards:
        status = told[card.name]
        if status == card.status:
            continue
        patch = {"status": manifest_of(status)}
        await client.patch(
            RATE_CARDS, {"metadata": {"name": card.name}}, patch, subresource="status"
        )
        _tell(recorder, card, status)


def _tell(recorder: EventRecorder, card: RateCard, status: RateCardStatus) -> None:
    before = {one.type: (one.status, one.reason) for one in card.status.conditions}
    for one in status.conditions:
        if before.get(one.type) == (one.status, one.reason) or one.type == "Overlapping":
            continue  # Ready tells of overlaps already
        is_good = one.status == _IS_GOOD[one.type]
        recorder.tell(card, "Normal" if is_good else "Warning", one.reason, one.message)
