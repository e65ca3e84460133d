"""What one look at an Application came to: the values between the engine and the status."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from tenantry.application_claims import Collision
from tenantry.application_desire import Rollouts, Told
from tenantry.component_health import Health
from tenantry.desired.applications.traffic import Weights
from tenantry.governance import Violation
from tenantry.outcomes import Failure


@dataclass(frozen=True, slots=True)
class Wait:
    """Why nothing is made yet."""

    reason: str
    message: str


@dataclass(frozen=True, slots=True)
class ApplicationOutcome:
    """What one look at an Application gave.

    Attributes:
        tenant: whose namespace it is in, empty if nobody's.
        wait: why nothing is made yet, if so.
        violations: of the Tenant's rules.
        is_held: whether nothing is written because of them.
        failures: what could not be written.
        collisions: names and hosts that are another Application's; what needs them is not made.
        workloads: the state of each, by component and version.
        told: what cannot be done of what is asked for, and by whom the rest is.
        rollouts: how far new versions are taken up; what was remembered stays where there is none.
        weights: percent of the requests by component and version, where these do not say it.
    """

    tenant: str = ""
    wait: Wait | None = None
    violations: tuple[Violation, ...] = ()
    is_held: bool = False
    failures: tuple[Failure, ...] = ()
    collisions: tuple[Collision, ...] = ()
    workloads: Mapping[tuple[str, str], Health] = field(default_factory=dict)
    told: Told = field(default_factory=Told)
    rollouts: Rollouts = field(default_factory=dict)
    weights: Mapping[str, Weights] = field(default_factory=dict)

    @property
    def troubles(self) -> tuple[Failure, ...]:
        """What is not there although it should be: what could not be written, or may not be."""
        refused = (
            Failure("", one.reason, one.message, is_transient=False) for one in self.collisions
        )
        return (*self.failures, *refused)

    @property
    def refused_components(self) -> dict[str, Collision]:
        """The components that are not made, and why."""
        named = [one for one in self.collisions if one.claim.kind != "Host"]
        return {name: one for one in reversed(named) for name in one.components}

    @property
    def refused_hosts(self) -> frozenset[str]:
        """The hosts that are not exposed."""
        return frozenset(one.claim.name for one in self.collisions if one.claim.kind == "Host")
