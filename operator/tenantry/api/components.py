"""The components of an Application: workloads with their versions, and what they share."""

from typing import Annotated, Literal

from pydantic import Field

from tenantry.api.base import LabelSelectorValues, LabelValue, Model
from tenantry.api.component_rules import COMPONENT_RULES
from tenantry.api.containers import (
    Env,
    EnvFrom,
    Image,
    ImagePullPolicy,
    ImagePullSecrets,
    ObjectName,
    ResourceRequirements,
    SecurityContext,
    ServiceAccountSettings,
    Words,
)
from tenantry.api.dependencies import Callers, ComponentName, Dependencies, Egresses, VersionName
from tenantry.api.exposure import Exposures, ServicePorts
from tenantry.api.jobs import JobSettings, Schedule
from tenantry.api.markers import list_map, map_atomic, rule, rules
from tenantry.api.probes import HttpPath, PortNumber, PortReference, Probes
from tenantry.api.scaling import (
    Autoscaling,
    DisruptionBudget,
    Replicas,
    Tolerations,
    TopologySpread,
)
from tenantry.api.times import Duration
from tenantry.api.traffic import Traffic
from tenantry.api.volumes import Files, VolumeClaimTemplates, Volumes

WorkloadKind = Literal["Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob"]

CostLabels = Annotated[
    dict[str, LabelValue],
    Field(
        max_length=16,
        json_schema_extra=map_atomic(
            rule(
                "self.all(k, !format.qualifiedName().validate(k).hasValue())",
                "keys must be qualified names: an optional DNS prefix and '/', then at most 63 "
                "characters",
            ),
            rule(
                "self.all(k, !k.matches('(^|[.])(tenantry|kubernetes|k8s)[.]io/') && "
                "!(k in ['app', 'version']))",
                "labels under tenantry.io/, kubernetes.io/ and k8s.io/, app and version are set by "
                "the operator: use another key",
            ),
        ),
    ),
]
"""Labels by which costs are allocated, on pods and what else costs."""


class Metrics(Model):
    """Where pods tell their metrics, for Prometheus."""

    path: HttpPath = "/metrics"
    """The path to scrape."""
    port: PortReference | None = None
    """The port; the component's first when left out."""
    interval: Duration = "30s"
    """How often."""


class PodSettings(Model):
    """What components and ``spec.defaults`` can both say.

    Of a component, what is left out is as in the defaults; lists of named items (env, volumes) are
    laid over the defaults' by name, and anything else replaces theirs.
    """

    replicas: Replicas | None = None
    """Pods of each version, of Deployments and StatefulSets; 1 when left out everywhere. Where
    there is ``autoscaling``, that decides instead."""
    image_pull_policy: ImagePullPolicy | None = None
    """When nodes pull the image; for a tag IfNotPresent, for ``latest`` Always when left out."""
    image_pull_secrets: ImagePullSecrets = Field(default=[])
    """Secrets with registries' credentials."""
    env: Env = Field(default=[])
    """Variables of the environment."""
    env_from: EnvFrom = Field(default=[])
    """ConfigMaps and Secrets as variables."""
    resources: ResourceRequirements | None = None
    """CPU and memory; the namespace's LimitRange decides when left out."""
    probes: Probes | None = None
    """Whether containers are healthy; when left out, pods are ready once their first port, if they
    have one, can be connected to."""
    volumes: Volumes = Field(default=[])
    """Volumes and where they are mounted."""
    security_context: SecurityContext | None = None
    """Where containers differ from Pod Security's level restricted."""
    autoscaling: Autoscaling | None = None
    """Pods by load; for Deployments and StatefulSets."""
    disruption_budget: DisruptionBudget | None = None
    """Pods that may be evicted at once; one when left out and there is more than one."""
    topology_spread: TopologySpread | None = None
    """How pods are spread; evenly over zones and nodes, where possible, when left out."""
    metrics: Metrics | None = None
    """Metrics to scrape; none when left out."""
    node_selector: LabelSelectorValues = Field(default={})
    """Labels of nodes that pods run on."""
    tolerations: Tolerations = Field(default=[])
    """Taints that pods put up with; those that the Tenant allows."""
    priority_class_name: ObjectName | None = None
    """PriorityClass of the pods; one that the Tenant allows."""
    termination_grace_period_seconds: Annotated[int, Field(ge=0, le=3600)] | None = None
    """Seconds that pods have to end; 30 when left out."""


class ComponentDefaults(PodSettings):
    """What holds for all components that do not say otherwise."""

    port: PortNumber | None = None
    """Port of Deployments, StatefulSets and DaemonSets that have neither ``port`` nor ``ports``."""
    image_registry: (
        Annotated[
            str,
            Field(
                min_length=1,
                max_length=255,
                pattern=r"^[a-z0-9]([-a-z0-9.]*[a-z0-9])?(:[0-9]{1,5})?(/[-a-z0-9._]+)*$",
            ),
        ]
        | None
    ) = None
    """Registry, and repositories below it, of images that are written without a registry, such as
    ``registry.istio.io/release``. A registry is a first part with a dot or colon, or localhost."""


class Version(Model):
    """One version of a component: a workload and a Service of its own."""

    name: VersionName
    """What it is called: ``v1``; the workload is called component, hyphen, version."""
    image: Image
    """Its image."""
    replicas: Replicas | None = None
    """Its pods, instead of the component's."""
    command: Words | None = None
    """Its command, instead of the component's."""
    args: Words | None = None
    """Its arguments, instead of the component's."""
    env: Env = Field(default=[])
    """Variables, laid over the component's by name."""
    env_from: EnvFrom = Field(default=[])
    """ConfigMaps and Secrets as variables, after the component's."""
    resources: ResourceRequirements | None = None
    """Its CPU and memory, instead of the component's."""


class Workload(Model):
    """What a component runs."""

    name: ComponentName
    """What it is called; so is its Service, by which others reach it."""
    kind: WorkloadKind = "Deployment"
    """The kind of workload; DaemonSet where the Tenant allows it."""
    image: Image | None = None
    """The image, where there is one version: it is called ``v1``."""
    versions: Annotated[list[Version], Field(max_length=8, json_schema_extra=list_map("name"))] = (
        Field(default=[])
    )
    """The versions that run side by side, instead of ``image``; the first has the traffic unless
    ``traffic`` says otherwise."""
    port: PortNumber | None = None
    """Short form of ``ports``: one, called ``http``, over TCP."""
    ports: ServicePorts = Field(default=[])
    """The ports that others may reach."""
    command: Words | None = None
    """The command, instead of the image's entry point."""
    args: Words | None = None
    """The arguments, instead of the image's."""
    files: Files = Field(default={})
    """Files by path, with their contents; pods are replaced when they change."""


class Component(PodSettings, Workload):
    """A part of the application that runs, scales and is reached by itself."""

    model_config = Model.model_config | {"json_schema_extra": rules(*COMPONENT_RULES)}

    service_account: ServiceAccountSettings = Field(default=ServiceAccountSettings())
    """Whom its pods are to the cluster."""
    volume_claim_templates: VolumeClaimTemplates = Field(default=[])
    """Volumes that each pod of a StatefulSet has for itself."""
    schedule: Schedule | None = None
    """When a CronJob runs."""
    job: JobSettings | None = None
    """How a Job or CronJob runs."""
    depends_on: Dependencies = Field(default=[])
    """Components that it calls; nothing else can be reached from it."""
    egress: Egresses = Field(default=[])
    """Servers outside the cluster that it calls."""
    accepts: Callers = Field(default=[])
    """Other Applications that may call it."""
    expose: Exposures = Field(default=[])
    """Hosts by which it is reached from outside."""
    traffic: Traffic | None = None
    """How requests to it are spread and treated."""
    cost_labels: CostLabels = Field(default={})
    """Labels for cost reports, over ``spec.cost.labels``."""

    @property
    def all_versions(self) -> tuple[Version, ...]:
        """Its versions; ``v1`` where there is but an image."""
        if self.image is not None:
            return (Version(name="v1", image=self.image), *self.versions)
        return tuple(self.versions)
