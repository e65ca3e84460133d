"""What prices and reservations are read from, beside what was metered: RateCards and Tenants."""

from collections.abc import Sequence
from dataclasses import dataclass

import yaml
from pydantic import ValidationError

from tenantry.api.application import Application
from tenantry.api.kinds import RATE_CARD, TENANT
from tenantry.api.rate_card import RateCard
from tenantry.api.tenant import Tenant
from tenantry.cost.price_book import PriceBook


class BadSourceError(ValueError):
    """A file has something else in it; the message says what."""


@dataclass(frozen=True, slots=True)
class Source:
    """What costs are reckoned by.

    Attributes:
        cards: all RateCards; none for OpenCost's default prices.
        tenants: those of which it matters how they are charged.
        applications: those whose budgets are told.
    """

    cards: Sequence[RateCard] = ()
    tenants: Sequence[Tenant] = ()
    applications: Sequence[Application] = ()

    @property
    def book(self) -> PriceBook:
        """The cards, to look prices up in."""
        return PriceBook(self.cards)


def read_source(text: str) -> Source:
    """RateCards and Tenants of YAML documents.

    Raises:
        BadSourceError: it is no YAML, or a document is neither a RateCard nor a Tenant.
    """
    try:
        documents = [one for one in yaml.safe_load_all(text) if one is not None]
    except yaml.YAMLError as problem:
        raise BadSourceError(f"no YAML: {problem}") from problem
    cards, tenants = [], []
    for at, document in enumerate(documents, 1):
        kind = document.get("kind") if isinstance(document, dict) else None
        try:
            if kind == RATE_CARD.kind:
                cards.append(RateCard.parse(document))
            elif kind == TENANT.kind:
                tenants.append(Tenant.parse(document))
            else:
                raise BadSourceError(
                    f"document {at} is of kind {kind}: write RateCards and Tenants only"
                )
        except ValidationError as problem:
            first = problem.errors()[0]
            where = ".".join(map(str, first["loc"]))
            raise BadSourceError(f"document {at}, {where}: {first['msg']}") from problem
    return Source(cards, tenants)
