"""RateCards as tests write them."""

from typing import Any

from tenantry.api.base import Manifest
from tenantry.api.kinds import RATE_CARD
from tenantry.api.rate_card import RateCard


def manifest(name: str, since: str = "2026-01-01T00:00:00Z", **spec: Any) -> Manifest:
    """A card that has nothing but what it must have, and what is given."""
    return {
        "apiVersion": RATE_CARD.api_version,
        "kind": RATE_CARD.kind,
        "metadata": {"name": name},
        "spec": {"currency": "USD", "validFrom": since, **spec},
    }


def card(
    name: str = "prices", since: str = "2026-01-01T00:00:00Z", made: str = "", **spec: Any
) -> RateCard:
    """A card, made at a time (RFC 3339)."""
    written = manifest(name, since, **spec)
    return RateCard.parse(written | {"metadata": {"name": name, "creationTimestamp": made}})
