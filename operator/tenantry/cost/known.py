"""What the ledger is made of: things, what surrounds them, and how both are written down."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

import orjson

from tenantry.api.base import Manifest
from tenantry.cost.lives import Account, Amounts, Life, Offer, Payer, Span
from tenantry.cost.sightings import Claim, Sighting

Key = tuple[str, str, str]
"""Kind, namespace (empty for cluster-scoped objects), name."""
Facts = tuple[str, ...]

_OF_OFFERS: Final = 2
"""Parts of an Offer; a Claim and an Account have six."""
LINGER: Final = 600
"""Seconds for which a namespace, node or claim that is gone is remembered: news of pods that were
in it may come later, for each kind is watched by itself."""


def key_of(manifest: Manifest) -> Key:
    """The key of an object."""
    metadata = manifest["metadata"]
    return manifest["kind"], metadata.get("namespace", ""), metadata["name"]


def version_of(manifest: Manifest) -> int:
    """The resource version of an object: comparable integers (KEP-5504)."""
    return int(manifest["metadata"]["resourceVersion"])


@dataclass(slots=True)
class Thing:
    """Something that is metered.

    Attributes:
        key: the object that it is.
        sighting: how it was seen last.
        life: what it has been charged for.
        is_recalled: whether the store was asked what it has been charged for.
        pending: how it was seen since it was charged, in order.
        is_over: whether the object is gone.
        ended: when, then.
        version: the object's resource version then.
    """

    key: Key
    sighting: Sighting
    life: Life
    is_recalled: bool = True
    pending: tuple[Sighting, ...] = ()
    is_over: bool = False
    ended: int = 0
    version: int = 0


@dataclass(frozen=True, slots=True)
class Row:
    """A thing as the store has it."""

    name: str
    key: Key
    version: int
    sighting: Sighting
    life: Life
    is_over: bool

    def encoded(self) -> str:
        """Sighting and life as JSON."""
        seen, claim = self.sighting, self.sighting.payer
        payer = (
            [claim.kind, claim.node_class]
            if isinstance(claim, Offer)
            else [
                claim.namespace,
                claim.application,
                claim.component,
                claim.workload,
                claim.node,
                claim.volume_claim,
            ]
        )
        head = [seen.start, seen.end, seen.changed, seen.asked, _texts(seen.amounts), payer]
        spans = [
            [one.start, one.end, _payer_text(one.payer), _texts(one.amounts)] for one in self.life
        ]
        return orjson.dumps([head, spans]).decode()

    @classmethod
    def decoded(
        cls, name: str, key: Key, version: int, text: str, *, is_over: bool = False
    ) -> "Row":
        """The other way round."""
        (start, end, changed, asked, amounts, payer), spans = orjson.loads(text)
        claim = Offer(*payer) if len(payer) == _OF_OFFERS else Claim(*payer)
        sighting = Sighting(name, start, end, changed, asked, _decimals(amounts), claim)
        return cls(name, key, version, sighting, life_of(spans), is_over)


def life_of(spans: list[Any]) -> Life:
    """A life from its JSON."""
    return tuple(
        Span(start, end, _payer_of(payer), _decimals(amounts))
        for start, end, payer, amounts in spans
    )


def _texts(amounts: Amounts) -> list[list[str]]:
    return [[name, str(units)] for name, units in amounts]


def _decimals(amounts: list[list[str]]) -> Amounts:
    return tuple((name, Decimal(units)) for name, units in amounts)


def _payer_text(payer: Payer) -> list[str]:
    if isinstance(payer, Offer):
        return [payer.kind, payer.node_class]
    return [
        payer.tenant,
        payer.namespace,
        payer.application,
        payer.component,
        payer.workload,
        payer.node_class,
    ]


def _payer_of(parts: list[Any]) -> Payer:
    return Offer(*parts) if len(parts) == _OF_OFFERS else Account(*parts)


@dataclass(slots=True)
class Context:
    """What is known of what surrounds things: namespaces, nodes, claims of volumes."""

    _facts: dict[Key, tuple[Facts, int, int]] = field(default_factory=dict)
    _leaving: dict[Key, int] = field(default_factory=dict)

    def put(self, key: Key, version: int, facts: Facts, at: int) -> bool:
        """Take in what is told of one; gives whether that was otherwise before.

        Args:
            key: of the object.
            version: its resource version.
            facts: what is told of it.
            at: since when, if that was otherwise before.
        """
        known = self._facts.get(key)
        if known is not None and version <= known[1]:
            return False
        self._leaving.pop(key, None)
        is_changed = known is not None and known[0] != facts
        since = at if is_changed else known[2] if known else 0
        self._facts[key] = facts, version, since
        return is_changed

    def get(self, key: Key) -> tuple[Facts, int] | None:
        """What is known of one, and since when it is so; None if nothing is."""
        known = self._facts.get(key)
        return None if known is None else (known[0], known[2])

    def keys(self, kind: str) -> list[Key]:
        """All that are there of a kind."""
        return [key for key in self._facts if key[0] == kind and key not in self._leaving]

    def leave(self, key: Key, at: int) -> None:
        """One is gone."""
        if key in self._facts:
            self._leaving[key] = at

    def forget(self, now: int) -> None:
        """Let go of those that have been gone for a while."""
        for key in [key for key, at in self._leaving.items() if at + LINGER < now]:
            del self._leaving[key], self._facts[key]
