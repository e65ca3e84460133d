"""Which RateCard holds in which hour, and what it says of a resource: all cards as one book.

Where two cards name the same hour, the older object has it, as with names and hosts of
Applications: whoever comes later can never rewrite what was charged already. Hours of no card have
no price, and are told; a cluster that has no card at all is priced by OpenCost's defaults.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from itertools import pairwise
from typing import Final

from tenantry.api.prices import NodeClass
from tenantry.api.rate_card import RateCard, RateCardSpec
from tenantry.api.tenant import Metadata
from tenantry.api.times import moment

DEFAULT: Final = RateCard(
    metadata=Metadata(name="opencost-defaults"),
    spec=RateCardSpec(currency="USD", valid_from="0001-01-01T00:00:00Z"),
)
"""What holds in a cluster without any RateCard."""
GIBIBYTE: Final = Decimal(2**30)
HOUR: Final = Decimal(3600)
"""Seconds."""

_STORAGE: Final = "storage/"
_NETWORK: Final = "network/"
_IN_BYTES: Final = ("memory", "ephemeral-storage")
END: Final = datetime.max.replace(tzinfo=UTC)
"""Of what has no end."""


@dataclass(frozen=True, slots=True)
class Period:
    """Some hours, and the card that holds in all of them; None where there is none."""

    start: datetime
    end: datetime
    card: RateCard | None


def valid_from(card: RateCard) -> datetime:
    """The first moment that a card names."""
    return moment(card.spec.valid_from)


def valid_to(card: RateCard) -> datetime:
    """The first moment that it names no more; the end of time if it has no end."""
    return moment(card.spec.valid_to) if card.spec.valid_to else END


def seniority(card: RateCard) -> tuple[str, str]:
    """What the cards of an hour are ordered by: the first one has it."""
    return card.metadata.creation_timestamp, card.name


class PriceBook:
    """All cards of a cluster.

    Args:
        cards: in any order; none for OpenCost's default prices.
    """

    def __init__(self, cards: Iterable[RateCard]) -> None:
        self._cards = sorted(cards, key=seniority) or [DEFAULT]

    @property
    def is_default(self) -> bool:
        """Whether nobody has written a card."""
        return self._cards == [DEFAULT]

    @property
    def fingerprint(self) -> tuple[str, ...]:
        """What is another whenever a price may be."""
        return tuple(f"{one.name} {one.spec.model_dump_json()}" for one in self._cards)

    def card_at(self, when: datetime) -> RateCard | None:
        """The card that holds at a moment."""
        return next((c for c in self._cards if valid_from(c) <= when < valid_to(c)), None)

    def class_of(self, labels: Mapping[str, str], when: datetime) -> str:
        """The class of a node at a moment, by its labels; empty for none, or without a card."""
        card = self.card_at(when)
        return node_class_of(card.spec.node_classes, labels) if card else ""

    def periods(self, start: datetime, end: datetime) -> list[Period]:
        """The periods that a time falls into, in order, each as long as one card holds.

        Args:
            start: on a full hour, in UTC.
            end: the first hour that does not belong to it.
        """
        edges = {edge for card in self._cards for edge in (valid_from(card), valid_to(card))}
        cuts = sorted({start, end} | {edge for edge in edges if start < edge < end})
        found: list[Period] = []
        for begins, ends in pairwise(cuts):
            card = self.card_at(begins)
            if found and found[-1].card is card:
                found[-1] = Period(found[-1].start, ends, card)
            else:
                found.append(Period(begins, ends, card))
        return found


def node_class_of(classes: Sequence[NodeClass], labels: Mapping[str, str]) -> str:
    """The class of a node by its labels: the first that fits, or ``""`` for none."""
    for one in classes:
        for selector in one.node_selectors:
            if selector.items() <= labels.items():
                return one.name
    return ""


class Tariff:
    """The prices of one card, discounts taken off."""

    def __init__(self, spec: RateCardSpec) -> None:
        self._spec = spec
        self._classes = {one.name: one for one in spec.node_classes}
        self._known: dict[tuple[str, str], Decimal | None] = {}

    def unit_price(self, resource: str, node_class: str = "") -> Decimal | None:
        """What a unit costs that people speak of, after discounts, in the card's currency.

        The units are a core-hour, a GiB-hour, a device-hour, an hour of a load balancer and, of
        traffic, a GiB.

        Args:
            resource: as in a ``Bucket``; ``network/zone``, ``/region``, ``/internet`` for traffic.
            node_class: of the node; one that the card does not name costs what none costs.

        Returns:
            None if the card has no price for it.
        """
        key = (resource, node_class)
        if key not in self._known:
            listed = self._listed(resource, self._classes.get(node_class))
            self._known[key] = None if listed is None else listed * self._left(resource, node_class)
        return self._known[key]

    def list_price(self, resource: str, node_class: str = "") -> Decimal | None:
        """The same before discounts."""
        return self._listed(resource, self._classes.get(node_class))

    def _listed(self, resource: str, own: NodeClass | None) -> Decimal | None:
        spec = self._spec
        text: str | None
        if resource.startswith(_STORAGE):
            text = spec.storage.classes.get(resource.removeprefix(_STORAGE), spec.storage.price)
        elif resource.startswith(_NETWORK):
            text = getattr(spec.network, resource.removeprefix(_NETWORK), None)
        elif resource == "load-balancer":
            text = spec.load_balancer
        else:
            text = _of_node(spec, resource, own)
        return None if text is None else Decimal(text)

    def _left(self, resource: str, node_class: str) -> Decimal:
        """What discounts leave of a price, as a fraction."""
        left, kind = Decimal(1), _kind(resource)
        for one in self._spec.discounts:
            fits = not one.resources or kind in one.resources or resource in one.resources
            if fits and (not one.node_classes or node_class in one.node_classes):
                left *= 1 - Decimal(one.percent) / 100
        return left


def _of_node(spec: RateCardSpec, resource: str, own: NodeClass | None) -> str | None:
    field = resource.replace("-", "_")
    if field in ("cpu", "memory", "ephemeral_storage"):
        given: str | None = getattr(own, field, None)
        return given if given is not None else str(getattr(spec.prices, field))
    if own is not None and resource in own.extended:
        return own.extended[resource]
    return spec.prices.extended.get(resource)


def _kind(resource: str) -> str:
    """What a discount names a resource by."""
    return "storage" if resource.startswith(_STORAGE) else resource


def unit_of(resource: str) -> tuple[str, Decimal]:
    """The unit that prices of a resource are for, and how much of a Bucket's unit it is.

    The names are those that FOCUS recommends
    (https://focus.finops.org/focus-specification/v1-2/, PricingUnit).
    """
    if resource.startswith(_NETWORK):
        return "GiB", GIBIBYTE
    if resource in _IN_BYTES or resource.startswith(_STORAGE):
        return "GiB-Hours", GIBIBYTE * HOUR
    return ("Core-Hours" if resource == "cpu" else "Hours"), HOUR
