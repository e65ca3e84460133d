"""What did not fit into a quota lately, so that it may be lent there.

Admission refuses and forgets. But a controller that cannot make a pod says so in an Event, with
the amounts that were missing; those are remembered for a while, for it tries again. It cannot say
so each time: of Events about one object the controllers' recorder lets 25 through, and then one in
five minutes (``defaultSpamBurst`` and ``defaultSpamQPS`` of
``k8s.io/client-go/tools/record/events_cache.go``). So as long as there is no room for what was
asked, it counts as asked for.
"""

import re
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from math import inf
from time import monotonic
from typing import Final

from tenantry.api.base import Manifest
from tenantry.quota import Amounts, Wanted, to_units

MEMORY: Final = 20.0
"""Seconds that a refusal is remembered once there is room: it is tried again within that."""
LONG_MEMORY: Final = 360.0
"""Seconds that it is remembered while there is none: it may be told again within that."""

SETTLED: Final = 10.0
"""Seconds after usage has gone up, until which Kubernetes' count of it may be too low: by so much
its cache may lag."""
MOMENT: Final = 1.0
"""Seconds within which growth tells of more to come."""
_TWO: Final = 2

Quantities = Mapping[str, str]
"""By key of a ResourceQuota."""

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
    """What did not fit, when that was, and what was used then.

    Attributes:
        until: when it is forgotten, if there is room for it.
        is_full: whether there is still none.
    """

    at: float
    until: float
    amounts: Amounts
    used: Amounts
    is_full: bool = True

    def is_known(self, now: float) -> bool:
        """Whether it is still remembered."""
        return now <= (self.at + LONG_MEMORY if self.is_full else self.until)


@dataclass(frozen=True, slots=True)
class _Level:
    """What is used, when that was heard, and when it last went up."""

    used: Quantities
    at: float
    risen: float


@dataclass(slots=True)
class Refusals:
    """By namespace and ResourceQuota; and who is about to be refused.

    Controllers make pods in batches, each twice as large as the one before, and wait twice as long
    after each refusal. So who has grown a moment ago will grow by as much again, and had better not
    be refused at all.
    """

    clock: Callable[[], float] = monotonic
    _asked: dict[tuple[str, str], _Asked] = field(default_factory=dict)
    _usage: dict[tuple[str, str], deque[tuple[float, Quantities]]] = field(default_factory=dict)
    _levels: dict[tuple[str, str], _Level] = field(default_factory=dict)
    _waiting: set[str] = field(default_factory=set)

    def hear(self, event: Manifest) -> str:
        """Take in an Event; gives the namespace that it concerns, empty if it tells nothing."""
        quota, asked, used = _parts(event.get("message") or event.get("note") or "")
        amounts = dict(_amounts(asked))
        if not amounts or not _QUOTA.fullmatch(quota):
            return ""
        namespace: str = event["metadata"]["namespace"]
        used_then = dict(_amounts(used))
        now = self.clock()
        self._asked[namespace, quota] = _Asked(now, now + MEMORY, amounts, used_then)
        return namespace

    def hear_usage(self, namespace: str, quota: str, hard: Quantities, used: Quantities) -> None:
        """Remember what is used for a moment, and whether there is room for what did not fit.

        That is forgotten where little is used now: else one that has gone idle since would be taken
        for hungry.
        """
        key, now = (namespace, quota), self.clock()
        self._hear_level(key, used, now)
        history = self._usage.setdefault(key, deque())
        history.append((now, used))
        while history[0][0] < now - MOMENT:
            history.popleft()
        asked = self._asked.get(key)
        if asked is None:
            return
        if any(2 * _units(used, name) < value for name, value in asked.used.items()):
            del self._asked[key]
            return
        is_full = any(
            _units(used, name) + more > _units(hard, name) for name, more in asked.amounts.items()
        )
        until = now + MEMORY if asked.is_full else asked.until
        self._asked[key] = replace(asked, is_full=is_full, until=until)

    def of(self, namespaces: Iterable[str]) -> dict[tuple[str, str], Wanted]:
        """What was refused to these namespaces, and how their usage has just moved."""
        now, wanted = self.clock(), {*namespaces}
        self._asked = {key: one for key, one in self._asked.items() if one.is_known(now)}
        self._usage = {key: one for key, one in self._usage.items() if one[-1][0] >= now - MOMENT}
        self._levels = {k: one for k, one in self._levels.items() if one.at >= now - SETTLED}
        keys = [key for key in {**self._asked, **self._levels} if key[0] in wanted]
        found = {key: self._wanted(key, now) for key in keys}
        return {key: one for key, one in found.items() if one != Wanted()}

    def _wanted(self, key: tuple[str, str], now: float) -> Wanted:
        asked, (grown, peak) = self._asked.get(key), self._moved(key, now)
        level = self._levels.get(key)
        return Wanted(
            refused=asked.amounts if asked else {},
            grown=grown,
            peak=peak,
            is_rising=level is not None and level.risen >= now - SETTLED,
        )

    def _hear_level(self, key: tuple[str, str], used: Quantities, now: float) -> None:
        """Remember when usage last went up; of what is not known it may just have."""
        before = self._levels.get(key, _Level({}, now, -inf))
        has_risen = any(_units(used, name) > _units(before.used, name) for name in used)
        self._levels[key] = _Level(used, now, now if has_risen else before.risen)

    def _moved(self, key: tuple[str, str], now: float) -> tuple[Amounts, Amounts]:
        """By how much usage has grown within a moment, and from what peak it has fallen.

        It has grown where it was not as high before: what only comes and goes does not.
        """
        history = [used for at, used in self._usage.get(key, ()) if at >= now - MOMENT]
        if len(history) < _TWO:
            return {}, {}
        *before, last = history
        grown, peak = {}, {}
        for name in last.keys() & before[0].keys():
            levels, value = [_units(used, name) for used in before], _units(last, name)
            if value > max(levels):
                grown[name] = value - levels[0]
            elif value < max(levels):
                peak[name] = max(levels)
        return grown, peak

    def waits(self, tenant: str, *, waits: bool) -> None:
        """Remember whether a tenant waits for amounts to become free."""
        (self._waiting.add if waits else self._waiting.discard)(tenant)

    def is_waiting(self, tenant: str) -> bool:
        """Whether what a ResourceQuota's status says may be what the tenant waits for."""
        return tenant in self._waiting


def _units(quantities: Quantities, key: str) -> int:
    return to_units(key, quantities.get(key, "0"))


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
