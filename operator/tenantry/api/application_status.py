"""What the operator tells about an Application, by the kstatus convention.

``Ready`` speaks for the whole; a condition for each concern says where to look, with a reason that
names the cause: an image that cannot be pulled, a crash and its exit code, a quota and its key.
"""

from typing import Annotated, Literal

from pydantic import Field

from tenantry.api.base import Model
from tenantry.api.components import WorkloadKind
from tenantry.api.cost_status import CostStatus
from tenantry.api.dependencies import ComponentName, VersionName
from tenantry.api.markers import list_atomic, list_map, list_set
from tenantry.api.tenant_status import ApplicationState, Condition

RolloutState = Literal["Progressing", "Paused", "Completed", "RolledBack"]
TrafficProvider = Literal["", "Istio", "GatewayAPI", "Ingress"]

_Count = Annotated[int, Field(ge=0)]
_Time = Annotated[str, Field(max_length=32)]


class VersionStatus(Model):
    """One version of a component, as its workload and its traffic are."""

    name: VersionName
    """What it is called."""
    desired: _Count = 0
    """Pods there should be; of a Job, completions."""
    ready: _Count = 0
    """Pods that are ready; of a Job, those that succeeded."""
    updated: _Count = 0
    """Pods that are as the spec says now."""
    image: Annotated[str, Field(max_length=1024)] = ""
    """The image, with its registry."""
    weight: Annotated[int, Field(ge=0, le=100)] | None = None
    """Percent of the requests that it gets; none where nobody calls the component."""
    reason: Annotated[str, Field(max_length=128)] = ""
    """Why it is not ready, in one word: ``ImagePullBackOff``."""
    message: Annotated[str, Field(max_length=1024)] = ""
    """Why, for a person."""


class RolloutStatus(Model):
    """How far a version has been taken up."""

    version: VersionName
    """The version."""
    state: RolloutState
    """Whether it goes on."""
    step: _Count = 0
    """The step it is at, counted from 0."""
    weight: Annotated[int, Field(ge=0, le=100)] = 0
    """Percent of the requests that it gets."""
    steps_hash: Annotated[str, Field(max_length=64)] = ""
    """Of the version, what it runs and the steps: another one starts anew."""
    step_started_at: _Time = ""
    """When the step began (RFC 3339)."""
    message: Annotated[str, Field(max_length=1024)] = ""
    """What it waits for, or why it was rolled back."""


class ComponentStatus(Model):
    """One component."""

    name: ComponentName
    """What it is called."""
    kind: WorkloadKind
    """The kind of its workloads."""
    ready: bool = False
    """Whether all of its versions are as they should be."""
    versions: Annotated[
        list[VersionStatus], Field(max_length=16, json_schema_extra=list_map("name"))
    ] = Field(default=[])
    """Its versions, and those of before that are on their way out."""
    rollout: RolloutStatus | None = None
    """The version that is being taken up."""
    reason: Annotated[str, Field(max_length=128)] = ""
    """Why it is not ready, in one word."""
    message: Annotated[str, Field(max_length=1024)] = ""
    """Why, for a person, with what to do."""


class DependencyStatus(Model):
    """An edge of the graph: who calls whom, and whether that is possible."""

    from_: Annotated[ComponentName, Field(alias="from")]
    """The caller."""
    to: Annotated[str, Field(min_length=1, max_length=253)]
    """The callee: a component, or ``namespace/application/component``."""
    allowed: bool = True
    """Whether both sides agree."""
    message: Annotated[str, Field(max_length=512)] = ""
    """Why not."""


class ApplicationStatus(Model):
    """What the operator saw and did."""

    observed_generation: _Count = 0
    """The generation of the spec that this status speaks of."""
    tenant: Annotated[str, Field(max_length=63)] = ""
    """The Tenant that the namespace belongs to."""
    state: ApplicationState = "Pending"
    """The whole in one word."""
    conditions: Annotated[
        list[Condition], Field(max_length=16, json_schema_extra=list_map("type"))
    ] = Field(default=[])
    """Each concern, and Ready for all of them."""
    components: Annotated[
        list[ComponentStatus], Field(max_length=64, json_schema_extra=list_map("name"))
    ] = Field(default=[])
    """Each component of the spec."""
    components_ready: Annotated[str, Field(max_length=16)] = ""
    """Ready and listed components: ``4/4``."""
    dependencies: Annotated[
        list[DependencyStatus], Field(max_length=1024, json_schema_extra=list_atomic())
    ] = Field(default=[])
    """Who calls whom."""
    traffic_provider: TrafficProvider = ""
    """Whose API the traffic is rendered for; empty where there is none."""
    hosts: Annotated[str, Field(max_length=1024)] = ""
    """Exposed hosts with commas, for ``kubectl get``."""
    urls: Annotated[
        list[Annotated[str, Field(max_length=1024)]],
        Field(max_length=256, json_schema_extra=list_set()),
    ] = Field(default=[])
    """Where it is reached from outside; as many as components can expose."""
    cost: CostStatus | None = None
    """What it costs."""
