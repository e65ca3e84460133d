"""What did not fit into a quota lately, so that it may be lent there.

Admission refuses and forgets. But a controller that cannot make a pod says so in an Event, with
the amounts that were missing; those are remembered for a while, for it tries again.
"""

import re
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from time import monotonic
from typing import Final

from tenantry.api.base import Manifest
from tenantry.quota import Amounts, to_units

MEMORY: Final = 20.0
"""Seconds that a refusal is remembered: a controller tries again within that, or says so again."""

MOMENT: Final = 1.0
"""Seconds within which growth tells of more to come."""
_TWO: Final = 2

_MARKS: Final = "exceeded quota: ", ", requested: ", ", used: ", ", limited: "
"""What stands before the parts of a refusal and after the last, as the API server's admission has
it: ``staging/src/k8s.io/apiserver/pkg/admission/plugin/resourcequota/controller.go``,
``CheckRequest``. Only what is exceeded is named."""
_QUOTA: Final = re.compile(r"tenantry(-[-a-z0-9]+)?")
_QUANTITY: Final = re.compile(r"[0-9]{1,19}([.][0-9]{1,9})?([KMGTPE]i|[numkMGTPE]|e[0-9]{1,2})?")
"""As the API server writes what is asked for and used. Tenants write Events, too: one that said
``1e999999999`` would keep the operator busy for ever."""
_LONGEST: Final = 16_384
"""Characters of a message that tells of 64 keys, and of more of it there is no need."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """What did not fit, until when it is remembered, and what was used then."""

    until: float
    amounts: Amounts
    used: Amounts


@dataclass(slots=True)
class Refusals:
    """By namespace and ResourceQuota; and who is about to be refused.

    Controllers make pods in batches, each twice as large as the one before, and wait twice as long
    after each refusal. So who has grown a moment ago will grow by as much again, and had better not
    be refused at all.
    """

    clock: Callable[[], float] = monotonic
    _asked: dict[tuple[str, str], _Asked] = field(default_factory=dict)
    _usage: dict[tuple[str, str], deque[tuple[float, Mapping[str, str]]]] = field(
        default_factory=dict
    )
    _waiting: set[str] = field(default_factory=set)

    def hear(self, event: Manifest) -> str:
        """Take in an Event; gives the namespace that it concerns, empty if it tells nothing."""
        quota, asked, used = _parts(event.get("message") or event.get("note") or "")
        amounts = dict(_amounts(asked))
        if not amounts or not _QUOTA.fullmatch(quota):
            return ""
        namespace: str = event["metadata"]["namespace"]
        used_then = dict(_amounts(used))
        self._asked[namespace, quota] = _Asked(self.clock() + MEMORY, amounts, used_then)
        return namespace

    def hear_usage(self, namespace: str, quota: str, used: Mapping[str, str]) -> None:
        """Remember what is used for a moment; and forget what did not fit where little is used now.

        Else one that has gone idle since would be taken for hungry.
        """
        key, now = (namespace, quota), self.clock()
        history = self._usage.setdefault(key, deque())
        history.append((now, used))
        while history[0][0] < now - MOMENT:
            history.popleft()
        asked = self._asked.get(key)
        if asked is not None and any(
            2 * to_units(name, used.get(name, "0")) < value for name, value in asked.used.items()
        ):
            del self._asked[key]

    def of(self, namespaces: Iterable[str]) -> dict[tuple[str, str], Amounts]:
        """What was refused to these namespaces, or by how much they have just grown."""
        now, wanted = self.clock(), {*namespaces}
        self._asked = {key: one for key, one in self._asked.items() if one.until >= now}
        self._usage = {key: one for key, one in self._usage.items() if one[-1][0] >= now - MOMENT}
        keys = [key for key in {**self._asked, **self._usage} if key[0] in wanted]
        found = {key: self._more(key, now) for key in keys}
        return {key: more for key, more in found.items() if more}

    def _more(self, key: tuple[str, str], now: float) -> Amounts:
        """What one is likely to want soon: the larger of what was refused and what has grown."""
        asked, grown = self._asked.get(key), self._grown(key, now)
        refused = asked.amounts if asked else {}
        return grown | {name: max(one, grown.get(name, 0)) for name, one in refused.items()}

    def _grown(self, key: tuple[str, str], now: float) -> dict[str, int]:
        """By how much usage has grown within a moment."""
        history = [used for at, used in self._usage.get(key, ()) if at >= now - MOMENT]
        if len(history) < _TWO:
            return {}
        first, last = history[0], history[-1]
        grown = {
            name: to_units(name, value) - to_units(name, first[name])
            for name, value in last.items()
            if name in first
        }
        return {name: value for name, value in grown.items() if value > 0}

    def waits(self, tenant: str, *, waits: bool) -> None:
        """Remember whether a tenant waits for amounts to become free."""
        (self._waiting.add if waits else self._waiting.discard)(tenant)

    def is_waiting(self, tenant: str) -> bool:
        """Whether what a ResourceQuota's status says may be what the tenant waits for."""
        return tenant in self._waiting


def _parts(message: str) -> list[str]:
    """The quota, what was asked for and what is used; empty where the message tells nothing.

    Tenants write Events, too, so this takes no longer than the message is long.
    """
    parts, rest = [], message[:_LONGEST]
    for mark in _MARKS:
        part, found, rest = rest.partition(mark)
        if not found:
            return ["", "", ""]
        parts.append(part)
    return parts[1:]


def _amounts(text: str) -> Iterable[tuple[str, int]]:
    """``limits.cpu=500m,pods=1``, less what is no amount."""
    for one in text.split(","):
        key, _, quantity = one.strip().partition("=")
        if _QUANTITY.fullmatch(quantity):
            yield key, to_units(key, quantity)
