"""What one look at a Tenant came to: the values between ``reconcile`` and ``status``."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Final

from tenantry.api.tenant_status import NamespaceState, NamespaceStatus
from tenantry.guardrails import Guardrails
from tenantry.lending import Lending

OWN_STATES: Final = frozenset({"Active", "Parked", "Retained", "Terminating", "Failed"})
"""States of namespaces that are the tenant's; the others are somebody else's."""


def foreign(spaces: Iterable["NamespaceOutcome | NamespaceStatus"]) -> frozenset[str]:
    """The names of those that are somebody else's."""
    return frozenset(one.name for one in spaces if one.state not in OWN_STATES)


@dataclass(frozen=True, slots=True)
class Failure:
    """Something that is not as it should be.

    Attributes:
        kind: of the object that could not be written.
        is_transient: whether time may heal it; if not, a person must act.
    """

    kind: str
    reason: str
    message: str
    is_transient: bool = True
    retry_after: float = 0.0
    """Seconds that the API server asked to wait."""


@dataclass(frozen=True, slots=True)
class NamespaceOutcome:
    """What became of one namespace."""

    name: str
    state: NamespaceState = "Active"
    is_listed: bool = True
    failures: tuple[Failure, ...] = ()
    reason: str = ""
    """For a state that is no failure: why it is so, in one word."""
    message: str = ""
    """For a state that is no failure: what it means, what it waits for."""
    uid: str = ""
    """Of the namespace, if it is the tenant's."""
    joined: bool = False
    """Whether it is the tenant's by its label."""
    self_served: bool = False
    """Whether the tenant's people made it for themselves."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one look at a Tenant gave."""

    namespaces: tuple[NamespaceOutcome, ...] = ()
    own_failures: tuple[Failure, ...] = ()
    """What failed with the Tenant itself, in no namespace of its own."""
    hard: Mapping[str, Decimal] = field(default_factory=dict)
    used: Mapping[str, Decimal] = field(default_factory=dict)
    lending: Lending = field(default_factory=Lending)
    """What its namespaces have of the tenant's quota."""
    applications: Mapping[tuple[str, str], str] = field(default_factory=dict)
    """The states of the Applications in its namespaces, by namespace and name."""
    deletion_blocked: str = ""
    """Why the Tenant cannot go yet, for a person."""
    guardrails: Guardrails = field(default_factory=Guardrails)
    """What of the admission policies is in place."""

    def blocked(self, waiting: "Sequence[NamespaceOutcome]") -> "Outcome":
        """The same, of a Tenant that waits for some of its namespaces before it can go."""
        reasons = [f"{one.name}: {one.message or 'is still there'}" for one in waiting[:5]]
        return replace(self, deletion_blocked=f"waiting for {'; '.join(reasons)}")

    @property
    def failures(self) -> list[tuple[str, Failure]]:
        """All failures with their namespaces."""
        inside = [(one.name, failure) for one in self.namespaces for failure in one.failures]
        return inside + [("tenant", failure) for failure in self.own_failures]
