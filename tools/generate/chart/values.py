"""What a platform team may tell the chart: each value with its type, bounds, default and reason.

The one place where they are written: `values.yaml`, `values.schema.json` and the chart's README are
made from these models. What Kubernetes defines (tolerations, environment variables) is left to the
API server to check.
"""

from typing import Annotated, Any, Final, Literal

from pydantic import Field

from generate.chart.base import (
    Objects,
    Port,
    Resources,
    ServiceAccount,
    Switch,
    Text,
    Texts,
    Values,
)
from generate.chart.meter import Meter


class Image(Values):
    """Which image the pods run."""

    registry: Text = ""
    """The registry, with a port and a path where it has them, such as
    registry.example.com:5000/mirror. Empty: the one that your nodes look in first."""
    repository: Annotated[str, Field(min_length=1, max_length=255)] = "tenantry"
    """The image's name in the registry."""
    tag: Annotated[str, Field(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$|^$")] = ""
    """The tag. Empty: the version of the chart."""
    digest: Annotated[str, Field(pattern=r"^sha256:[0-9a-f]{64}$|^$")] = ""
    """The digest, sha256:..., which decides whatever the tag says: nobody can move it."""
    pull_policy: Literal["Always", "IfNotPresent", "Never"] = "IfNotPresent"
    """When nodes pull it."""


class LeaderElection(Values):
    """Which replica works; the others stand by."""

    enabled: bool = True
    """Whether there is an election. Without one there may be one replica at most."""
    lease_name: Annotated[str, Field(min_length=1, max_length=63)] = "tenantry"
    """The Lease, in the release's namespace, that replicas elect their leader by."""


class DisruptionBudget(Values):
    """How many pods of the operator a drain may take away."""

    enabled: bool = True
    """Whether there is a PodDisruptionBudget."""
    max_unavailable: Annotated[int, Field(ge=1)] = 1
    """Pods that may be missing at the same time. Never 0, which would stop every drain."""


class Service(Values):
    """Metrics and probes."""

    port: Port = 8080
    """The port of the pods and of the Service in front of them."""
    annotations: Texts = Field(default={})
    """Annotations of the Service."""


class Monitoring(Values):
    """What the Prometheus operator reads."""

    enabled: Switch = "auto"
    """true, false, or auto: where the cluster has the kind. Rendering without a cluster (helm
    template, some GitOps tools) takes it for missing."""
    labels: Texts = Field(default={})
    """Labels by which your Prometheus selects it."""


class ServiceMonitor(Monitoring):
    """Where Prometheus finds the metrics."""

    interval: Annotated[str, Field(pattern=r"^[0-9]+(ms|s|m)$")] = "30s"
    """How often they are read."""


class Dashboards(Values):
    """Dashboards for Grafana, as ConfigMaps."""

    enabled: bool = True
    """Whether they are installed."""
    labels: Texts = Field(default={"grafana_dashboard": "1"})
    """Labels by which Grafana's sidecar finds them."""
    annotations: Texts = Field(default={})
    """Annotations, such as grafana_folder."""


class Dns(Values):
    """Where names are looked up."""

    namespace: Annotated[str, Field(min_length=1, max_length=63)] = "kube-system"
    """The namespace of the DNS server."""
    pod_labels: Texts = Field(default={"k8s-app": "kube-dns"})
    """Its pods."""


class ApiServer(Values):
    """Where the API server is."""

    cidrs: Annotated[list[str], Field(min_length=1)] = Field(default=["0.0.0.0/0", "::/0"])
    """Addresses that it may have. NetworkPolicies know no name for it: narrow these to yours."""
    ports: Annotated[list[Port], Field(min_length=1)] = Field(default=[443, 6443])
    """Its ports, before and behind the Service kubernetes."""


class NetworkPolicy(Values):
    """Whom the chart's pods may talk to."""

    enabled: bool = True
    """Whether there is a NetworkPolicy."""
    metrics_from: Objects = Field(
        default=[
            {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "monitoring"}}}
        ]
    )
    """Peers that may read metrics, which tell tenants' names and quotas. Empty: nobody. Kubelets,
    who probe, are let in by the network plugin."""
    dns: Dns = Dns()
    """Where names are looked up."""
    api_server: ApiServer = ApiServer()
    """Where the API server is."""


class PriorityAndFairness(Values):
    """A share of the API server for the operator alone, so that neither it nor others starve."""

    enabled: bool = True
    """Whether there are a FlowSchema and a PriorityLevelConfiguration."""
    concurrency_shares: Annotated[int, Field(ge=1, le=1000)] = 40
    """Its share; Kubernetes' own levels have 245 together. Half of it is lent while it is idle."""


class Crds(Values):
    """The kinds Tenant and Application."""

    install: bool = True
    """Whether the chart installs and upgrades their CRDs. If not, apply crds/ before each
    upgrade."""
    keep: bool = True
    """Whether they stay when the release is uninstalled. Without its CRD every Tenant is gone."""


class Policies(Values):
    """The admission policies that guard tenants inside the API server."""

    install: bool = True
    """Whether the chart installs and upgrades them. If not, apply what tenantry policies prints."""
    keep: bool = True
    """Whether they stay when the release is uninstalled, so that the tenants left behind stay
    guarded. One that a later release does without stays as well; the notes after an upgrade name
    it."""
    mutating: Switch = "auto"
    """Whether the cluster has MutatingAdmissionPolicies, as it has from Kubernetes 1.36 on: true,
    false, or auto, which asks the cluster (helm template asks nobody, and takes them for missing).
    They put cost labels on what is written; without them the operator does so itself, a moment
    later."""


class PeoplesRoles(Values):
    """Tenants and Applications in Kubernetes' own ClusterRoles view, edit and admin."""

    create: bool = True
    """Whether Applications may be written by whoever may edit a namespace, and Applications and
    Tenants seen by whoever may view it, or all. Nobody gets to write Tenants by these."""
    keep: bool = True
    """Whether they stay when the release is uninstalled, so that people still reach their
    Applications."""


class Chart(Values):
    """All values of the chart."""

    replicas: Annotated[int, Field(ge=0, le=9)] = 2
    """Pods of the operator. One works, the others stand by. None: nothing is repaired, every guard
    holds."""
    image: Image = Image()
    """Which image the pods run."""
    image_pull_secrets: Annotated[list[str], Field(max_length=16)] = Field(default=[])
    """Names of Secrets in the release's namespace that the image is pulled with."""
    options: dict[str, Any] = Field(default={})
    """Options of tenantry run, by their keys in its configuration file, such as log-level: debug.
    Where to listen, the election and the connection are the chart's own."""
    env: Objects = Field(default=[])
    """Further environment variables of the operator, as a container has them, such as
    HTTPS_PROXY."""
    bindable_cluster_roles: Annotated[
        list[Annotated[str, Field(min_length=1, max_length=253)]], Field(max_length=64)
    ] = Field(default=[])
    """What the operator may hand out. Kubernetes lets nobody grant what they do not hold, unless
    RBAC allows them to bind the role by name. admin, edit and view are always here, for owners,
    editors and viewers; name each further ClusterRole that spec.roleBindings of a Tenant may refer
    to."""
    platform_administrators: Objects = Field(default=[])
    """Subjects, as in a ClusterRoleBinding, who may write Tenants. Admission policies bind none of
    them."""
    service_account: ServiceAccount = ServiceAccount()
    """Who the operator is."""
    leader_election: LeaderElection = LeaderElection()
    """Which replica works; the others stand by."""
    resources: Resources = Resources(
        requests={"cpu": "100m", "memory": "192Mi"}, limits={"memory": "512Mi"}
    )
    """What a pod of the operator may use. 144 MB were measured with 2,001 namespaces, and 0.2 % of
    a core while nothing changes."""
    pod_labels: Texts = Field(default={})
    """Further labels of the pods."""
    pod_annotations: Texts = Field(default={})
    """Further annotations of the pods."""
    node_selector: Texts = Field(default={})
    """Nodes that the pods may run on."""
    tolerations: Objects = Field(default=[])
    """Taints that the pods tolerate."""
    affinity: dict[str, Any] = Field(default={})
    """Affinity of the pods."""
    topology_keys: list[Text] = Field(
        default=["topology.kubernetes.io/zone", "kubernetes.io/hostname"]
    )
    """What the replicas are spread over, as far as it goes."""
    priority_class_name: Annotated[str, Field(max_length=253)] = ""
    """The PriorityClass of the pods, such as system-cluster-critical where the cluster allows it
    outside of kube-system. Empty: none."""
    termination_grace_period_seconds: Annotated[int, Field(ge=5, le=600)] = 30
    """How long a pod may take to end: longer than the option drain-timeout, 20 s, and giving back
    the Lease."""
    pod_disruption_budget: DisruptionBudget = DisruptionBudget()
    """How many pods of the operator a drain may take away."""
    service: Service = Service()
    """Metrics and probes."""
    service_monitor: ServiceMonitor = ServiceMonitor()
    """Where Prometheus finds the metrics, for the Prometheus operator."""
    prometheus_rule: Monitoring = Monitoring()
    """Alerts, for the Prometheus operator."""
    dashboards: Dashboards = Dashboards()
    """Dashboards for Grafana, as ConfigMaps."""
    network_policy: NetworkPolicy = NetworkPolicy()
    """Whom the chart's pods may talk to."""
    priority_and_fairness: PriorityAndFairness = PriorityAndFairness()
    """A share of the API server for the operator alone, so that neither it nor others starve."""
    crds: Crds = Crds()
    """The kinds Tenant and Application."""
    policies: Policies = Policies()
    """The admission policies that guard tenants inside the API server."""
    meter: Meter = Meter()
    """What counts what tenants use, hour by hour."""
    peoples_roles: PeoplesRoles = PeoplesRoles()
    """Tenants and Applications in Kubernetes' own ClusterRoles view, edit and admin."""


TITLE: Final = "Values of the chart tenantry"
