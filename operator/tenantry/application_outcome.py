"""What one look at an Application came to: the values between the engine and the status."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from tenantry.application_desire import Rollouts, Told
from tenantry.component_health import Health
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
        workloads: the state of each, by component and version.
        told: what cannot be done of what is asked for, and by whom the rest is.
        rollouts: how far new versions are taken up; what was remembered stays where there is none.
    """

    tenant: str = ""
    wait: Wait | None = None
    violations: tuple[Violation, ...] = ()
    is_held: bool = False
    failures: tuple[Failure, ...] = ()
    workloads: Mapping[tuple[str, str], Health] = field(default_factory=dict)
    told: Told = field(default_factory=Told)
    rollouts: Rollouts = field(default_factory=dict)
