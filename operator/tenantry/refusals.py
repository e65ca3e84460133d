"""What did not fit into a quota lately, so that it may be lent there.

Admission refuses and forgets. But a controller that cannot make a pod says so in an Event, with
the amounts that were missing; those are remembered for a while, for it tries again.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from time import monotonic
from typing import Final

from tenantry.api.base import Manifest
from tenantry.quota import Amounts, to_units

MEMORY: Final = 20.0
"""Seconds that a refusal is remembered: a controller tries again within that, or says so again."""

_EXCEEDED: Final = re.compile(
    r"exceeded quota: (?P<quota>tenantry(?:-[-a-z0-9]+)?), requested: (?P<asked>.*?), used: "
)
"""As the API server's admission has it: ``staging/src/k8s.io/apiserver/pkg/admission/plugin/
resourcequota/controller.go``, ``CheckRequest``. Only what is exceeded is named."""


@dataclass(slots=True)
class Refusals:
    """By namespace and ResourceQuota."""

    clock: Callable[[], float] = monotonic
    _asked: dict[tuple[str, str], tuple[float, Amounts]] = field(default_factory=dict)
    _waiting: set[str] = field(default_factory=set)

    def hear(self, event: Manifest) -> str:
        """Take in an Event; gives the namespace that it concerns, empty if it tells nothing."""
        found = _EXCEEDED.search(event.get("message") or event.get("note") or "")
        if found is None:
            return ""
        namespace: str = event["metadata"]["namespace"]
        key = namespace, found["quota"]
        self._asked[key] = self.clock() + MEMORY, dict(_amounts(found["asked"]))
        return namespace

    def of(self, namespaces: Iterable[str]) -> dict[tuple[str, str], Amounts]:
        """What is remembered of these namespaces."""
        now, wanted = self.clock(), {*namespaces}
        for key in [key for key, (until, _) in self._asked.items() if until < now]:
            del self._asked[key]
        return {key: asked for key, (_, asked) in self._asked.items() if key[0] in wanted}

    def waits(self, tenant: str, *, waits: bool) -> None:
        """Remember whether a tenant waits for amounts to become free."""
        (self._waiting.add if waits else self._waiting.discard)(tenant)

    def is_waiting(self, tenant: str) -> bool:
        """Whether what a ResourceQuota's status says may be what the tenant waits for."""
        return tenant in self._waiting


def _amounts(text: str) -> Iterable[tuple[str, int]]:
    """``limits.cpu=500m,pods=1``."""
    for one in text.split(","):
        key, separator, quantity = one.strip().partition("=")
        if separator:
            yield key, to_units(key, quantity)
