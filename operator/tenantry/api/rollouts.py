"""Changes of traffic that end by themselves: a version that is taken up, a fault for a while."""

from typing import Annotated

from pydantic import Field

from tenantry.api.base import Model
from tenantry.api.dependencies import VersionName
from tenantry.api.markers import list_atomic, rule, rules
from tenantry.api.times import Duration, NonzeroDuration, Timestamp


class RolloutStep(Model):
    """A share of the traffic, for a while."""

    weight: Annotated[int, Field(ge=1, le=100)]
    """Percent of the requests that the version gets."""
    pause: Duration = "5m"
    """How long it stays at that before the next step, being healthy."""


class Rollout(Model):
    """A version that is taken up by steps; the others share the rest as ``weights`` says."""

    model_config = Model.model_config | {
        "json_schema_extra": rules(
            rule(
                "self.steps.all(s, self.steps.filter(t, t.weight == s.weight).size() == 1) && "
                "self.steps.map(s, s.weight).isSorted()",
                "the weights of rollout.steps must grow from step to step",
            )
        )
    }

    version: VersionName
    """The version that is taken up."""
    steps: Annotated[
        list[RolloutStep], Field(min_length=1, max_length=16, json_schema_extra=list_atomic())
    ]
    """The steps, in order; after the last one it stays at that weight."""
    paused: bool = False
    """While true, it stays at the step it has reached."""
    automatic_rollback: bool = True
    """Whether the version gets no more requests once its workload is unhealthy; before it has got
    any, it has until the deadline."""
    progress_deadline_seconds: Annotated[int, Field(ge=30, le=86400)] = 600
    """Seconds that the version's workload may take to become ready before it is unhealthy."""


class FaultDelay(Model):
    """Requests that are held back."""

    fixed_delay: NonzeroDuration
    """For how long."""
    percent: Annotated[int, Field(ge=1, le=100)] = 100
    """How many of the requests, in percent."""


class FaultAbort(Model):
    """Requests that are answered with an error."""

    http_status: Annotated[int, Field(ge=200, le=599)]
    """The HTTP status."""
    percent: Annotated[int, Field(ge=1, le=100)] = 100
    """How many of the requests, in percent."""


class Fault(Model):
    """Failures on purpose, to see what the callers make of them."""

    model_config = Model.model_config | {
        "json_schema_extra": rules(
            rule("has(self.delay) || has(self.abort)", "a fault needs a delay or an abort")
        )
    }

    delay: FaultDelay | None = None
    """Requests that are held back."""
    abort: FaultAbort | None = None
    """Requests that are answered with an error."""
    only_match: bool = False
    """Whether only the requests of ``traffic.match`` fail."""
    expires_at: Timestamp
    """When it ends by itself, in UTC: ``2030-01-31T12:00:00Z``."""
    allow_critical: bool = False
    """Must be true where the application's criticality is high or critical."""
