"""How many pods a component has, what may take them away, and where they run."""

from typing import Annotated, Literal

from pydantic import Field

from tenantry.api.base import LabelSelectorValues, Model
from tenantry.api.markers import list_map, rule, rules
from tenantry.api.quantities import Quantity

Replicas = Annotated[int, Field(ge=0, le=1000)]
Percent = Annotated[int, Field(ge=0, le=100)]

CountOrPercent = (
    Annotated[int, Field(ge=0, le=1000)]
    | Annotated[str, Field(max_length=4, pattern=r"^(100|[1-9]?[0-9])%$")]
)
"""A number of pods, or a share of them: ``1``, ``"25%"``."""


class CustomMetric(Model):
    """A metric of the custom or external metrics API to scale by."""

    name: Annotated[str, Field(min_length=1, max_length=253, pattern=r"^[^[:space:][:cntrl:]]+$")]
    """The metric, such as ``http_requests_per_second``."""
    type: Literal["Pods", "External"] = "Pods"
    """Whether it is measured at each pod, or somewhere outside, such as the length of a queue."""
    average_value: Quantity
    """What each pod should have of it."""
    selector: LabelSelectorValues = Field(default={})
    """Labels of the metric's series."""


class Autoscaling(Model):
    """Pods by load, as a HorizontalPodAutoscaler has it; for each version by itself."""

    model_config = Model.model_config | {
        "json_schema_extra": rules(
            rule(
                "self.minReplicas <= self.maxReplicas",
                "minReplicas must not be more than maxReplicas",
            )
        )
    }

    min_replicas: Annotated[int, Field(ge=1, le=1000)] = 1
    """The fewest pods."""
    max_replicas: Annotated[int, Field(ge=1, le=1000)]
    """The most pods."""
    cpu: Annotated[int, Field(ge=1, le=1000)] | None = None
    """CPU to aim at, in percent of the requests; 80 when nothing else is given to scale by."""
    memory: Annotated[int, Field(ge=1, le=1000)] | None = None
    """Memory to aim at, in percent of the requests."""
    metrics: Annotated[
        list[CustomMetric], Field(max_length=8, json_schema_extra=list_map("name"))
    ] = Field(default=[])
    """Further metrics; the one that asks for the most pods counts."""


class DisruptionBudget(Model):
    """How many pods may be evicted at once, as a PodDisruptionBudget has it."""

    model_config = Model.model_config | {
        "json_schema_extra": rules(
            rule(
                "has(self.minAvailable) != has(self.maxUnavailable)",
                "disruptionBudget needs exactly one of minAvailable and maxUnavailable",
            ),
            rule(
                "(!has(self.minAvailable) || self.minAvailable != '100%') && "
                "(!has(self.maxUnavailable) || "
                "self.maxUnavailable != 0 && self.maxUnavailable != '0%')",
                "a budget that lets no pod go blocks the drain of nodes for good: let one go, with "
                "maxUnavailable: 1",
            ),
        )
    }

    min_available: CountOrPercent | None = None
    """Pods that stay; always fewer than there are, so that nodes can be drained."""
    max_unavailable: CountOrPercent | None = None
    """Pods that may go; one at least, so that nodes can be drained."""


class TopologySpreadConstraint(Model):
    """A kind of place over which pods are spread evenly."""

    topology_key: Annotated[
        str,
        Field(min_length=1, max_length=316, pattern=r"^[A-Za-z0-9]([-A-Za-z0-9_./]*[A-Za-z0-9])?$"),
    ]
    """The node label, such as ``topology.kubernetes.io/zone``."""
    max_skew: Annotated[int, Field(ge=1, le=100)] = 1
    """How many pods more one place may have than another."""
    when_unsatisfiable: Literal["ScheduleAnyway", "DoNotSchedule"] = "ScheduleAnyway"
    """Whether a pod that would be uneven runs nevertheless."""


TopologySpread = Annotated[
    list[TopologySpreadConstraint], Field(max_length=4, json_schema_extra=list_map("topologyKey"))
]


class Toleration(Model):
    """A taint of nodes that pods put up with."""

    model_config = Model.model_config | {
        "json_schema_extra": rules(
            rule(
                "self.operator == 'Equal' || size(self.value) == 0",
                "a toleration with operator Exists has no value",
            )
        )
    }

    key: Annotated[
        str,
        Field(min_length=1, max_length=316, pattern=r"^[A-Za-z0-9]([-A-Za-z0-9_./]*[A-Za-z0-9])?$"),
    ]
    """The taint's key."""
    operator: Literal["Equal", "Exists"] = "Equal"
    """Whether its value counts."""
    value: Annotated[
        str, Field(max_length=63, pattern=r"^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$")
    ] = ""
    """The taint's value."""
    effect: Literal["", "NoSchedule", "PreferNoSchedule", "NoExecute"] = ""
    """The taint's effect; every effect when empty."""


Tolerations = Annotated[
    list[Toleration], Field(max_length=8, json_schema_extra=list_map("key", "effect"))
]
