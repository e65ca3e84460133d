"""Reads the RateCards: the operator tells which of them hold, meter and reports count by them."""

from pydantic import ValidationError

from tenantry.api.base import Manifest
from tenantry.api.rate_card import RateCard
from tenantry.cluster.client import Client
from tenantry.cluster.errors import NotFound
from tenantry.cluster.resources import RATE_CARDS
from tenantry.telemetry.logging import get_logger

log = get_logger(__name__)


async def list_rate_cards(client: Client) -> list[RateCard]:
    """All there are that can be read; none where the API server does not know the kind.

    Raises:
        ApiError: they could not be listed.
    """
    found: list[Manifest] = []
    try:
        async for page in client.pages(RATE_CARDS):
            found += page.get("items", ())
    except NotFound:
        return []
    return [card for one in found if (card := _read(one))]


def _read(manifest: Manifest) -> RateCard | None:
    try:
        return RateCard.parse(manifest)
    except ValidationError as problem:  # of an API version to come
        log.warning("rate card not understood", cause=str(problem))
        return None
