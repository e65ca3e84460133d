"""Pure: what is to be told of each RateCard, which no rule of its CRD can know.

A rule sees one object and no clock. Whether two cards name the same hour, whether hours are left
without a price, and which hours have passed is told here, as conditions.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Final

from tenantry.api.rate_card import RateCard, RateCardStatus
from tenantry.conditions import Aspect, dated
from tenantry.cost.price_book import END, Period, PriceBook, valid_from, valid_to

_FORMAT: Final = "%Y-%m-%dT%H:%M:%SZ"


def review(cards: Sequence[RateCard], now: datetime) -> dict[str, RateCardStatus]:
    """The status that each card should have.

    Args:
        cards: all there are.
        now: in UTC.

    Returns:
        By the card's name.
    """
    book = PriceBook(cards)
    return {card.name: _status(card, cards, book, now) for card in cards}


def _status(
    card: RateCard, cards: Sequence[RateCard], book: PriceBook, now: datetime
) -> RateCardStatus:
    generation = card.metadata.generation
    told = [*_aspects(card, cards, book, now)]
    return RateCardStatus(
        observed_generation=generation,
        conditions=[
            dated(one, card.status.conditions, generation, now.strftime(_FORMAT)) for one in told
        ],
        priced_until=_priced_until(card, now),
    )


def _priced_until(card: RateCard, now: datetime) -> str:
    """The end of the hours that have passed at its prices; it never goes back."""
    passed = min(now.replace(minute=0, second=0, microsecond=0), valid_to(card))
    reached = passed.strftime(_FORMAT) if passed > valid_from(card) else ""
    return max(reached, card.status.priced_until)


def _aspects(
    card: RateCard, cards: Sequence[RateCard], book: PriceBook, now: datetime
) -> Iterator[Aspect]:
    lost = [
        period
        for period in book.periods(valid_from(card), valid_to(card))
        if period.card is not None and period.card.name != card.name
    ]
    if lost:
        message = _overlap(card, lost)
        yield Aspect("Ready", "False", "Overlaps", message)
        yield Aspect("Overlapping", "True", "OlderRateCardHolds", message)
    elif now < valid_from(card):
        yield Aspect("Ready", "True", "Scheduled", f"holds from {card.spec.valid_from} on")
    elif now >= valid_to(card):
        yield Aspect("Ready", "True", "Ended", f"held until {card.spec.valid_to}")
    else:
        yield Aspect("Ready", "True", "InForce", "costs are counted at its prices")
    if gap := _gap(card, cards, book):
        yield Aspect("FollowedByGap", "True", "NoRateCard", gap)


def _overlap(card: RateCard, lost: Sequence[Period]) -> str:
    spans = "; ".join(f"{_name(one)} from {_of(one.start)}{_until(one.end)}" for one in lost[:3])
    ends = next(
        (one.card for one in lost if one.card and valid_from(one.card) < valid_from(card)), None
    )
    advice = (
        f"end {ends.name} with spec.validTo: {card.spec.valid_from}, if that is still to come, or "
        "write this card for other hours"
        if ends and not ends.spec.valid_to
        else "write this card for other hours"
    )
    return f"older RateCards hold in hours that it names: {spans}; {advice}"


def _gap(card: RateCard, cards: Sequence[RateCard], book: PriceBook) -> str:
    """What is without a price from where the card ends; empty if nothing is."""
    if not card.spec.valid_to or book.card_at(valid_to(card)):
        return ""
    later = [valid_from(one) for one in cards if valid_from(one) > valid_to(card)]
    return (
        f"no RateCard holds from {card.spec.valid_to}"
        f"{_until(min(later)) if later else ' on'}: what runs then has no price; write one that "
        f"has spec.validFrom: {card.spec.valid_to}"
    )


def _name(period: Period) -> str:
    return period.card.name if period.card else ""


def _of(when: datetime) -> str:
    return when.astimezone(UTC).strftime(_FORMAT)


def _until(end: datetime) -> str:
    return " on" if end == END else f" to {_of(end)}"
