"""Tells what is so of the RateCards: which holds now, which overlap, where hours have no price.

There are few cards and they hardly ever change, so they are listed from time to time rather than
watched, like the admission policies. It is the operator that tells, for it is there and is the only
one of its replicas that writes; a meter need not be.
"""

import asyncio
from datetime import UTC, datetime
from typing import Final

from tenantry.api.base import manifest_of
from tenantry.api.rate_card import RateCard, RateCardStatus
from tenantry.cluster.client import Client
from tenantry.cluster.errors import ApiError
from tenantry.cluster.events import EventRecorder
from tenantry.cluster.rate_cards import list_rate_cards
from tenantry.cluster.resources import RATE_CARDS
from tenantry.cost.rate_card_review import review
from tenantry.telemetry.logging import get_logger

log = get_logger(__name__)

INTERVAL: Final = 5.0
"""Seconds between two looks."""
_IS_GOOD: Final = {"Ready": "True", "Overlapping": "False", "FollowedByGap": "False"}


async def follow_rate_cards(client: Client, recorder: EventRecorder) -> None:
    """Look again and again, and write what is new."""
    while True:
        try:
            await look_at_rate_cards(client, recorder, datetime.now(UTC))
        except ApiError as problem:
            log.warning("rate cards not looked at", cause=str(problem))
        await asyncio.sleep(INTERVAL)


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
