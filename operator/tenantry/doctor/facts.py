"""What is known of a cluster before anything is judged: manifests and numbers, as they were read.

A fact that could not be read is ``Unseen``, with the reason: that somebody may not list Leases says
nothing about the Lease.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from tenantry.api.base import Manifest


@dataclass(frozen=True, slots=True)
class Unseen:
    """It could not be read."""

    why: str


@dataclass(frozen=True, slots=True, order=True)
class Right:
    """Something that the operator must be allowed to do, as RBAC has it.

    Attributes:
        group: API group, empty for core.
        resource: plural, with ``/`` and the subresource where one is meant.
        name: of the one object that is meant, if it is one.
        namespace: where; empty for everywhere.
        is_optional: whether a cluster may do without the kind.
    """

    verb: str
    resource: str
    group: str = ""
    name: str = ""
    namespace: str = ""
    is_optional: bool = False

    def __str__(self) -> str:
        of = f".{self.group}" if self.group else ""
        return f"{self.verb} {self.resource}{of}" + (f" {self.name}" if self.name else "")


@dataclass(frozen=True, slots=True)
class Installation:
    """Where the operator is, and as whom.

    Attributes:
        release: the name of the Helm release.
        deployment: of the operator; empty when it runs some other way.
    """

    namespace: str
    service_account: str
    lease: str
    release: str = "tenantry"
    deployment: str = ""

    @property
    def user(self) -> str:
        """The operator's user name, as the API server knows it."""
        return f"system:serviceaccount:{self.namespace}:{self.service_account}"


@dataclass(frozen=True, slots=True)
class Replica:
    """A pod of the operator, by its metrics page, read through the API server.

    Attributes:
        leads: whether it holds the Lease.
        tenants: Tenants that wait in its queue.
        applications: Applications that do.
        version: of the operator, empty when it does not say.
        unseen: why the page could not be read.
    """

    pod: str
    leads: bool = False
    tenants: int = 0
    applications: int = 0
    version: str = ""
    unseen: Unseen | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What was read.

    Attributes:
        server: the API server's URL.
        version: ``gitVersion``, such as ``v1.37.2``.
        now: the API server's time.
        ahead: seconds by which this machine's clock is ahead of it.
        served: ``group/version`` of what the API server serves besides core.
        crds: what is there of the kinds that this version ships, by name.
        policies: admission policies and bindings that carry Tenantry's label.
        mutates: whether the API server has MutatingAdmissionPolicies.
        workloads: DaemonSets, Deployments and StatefulSets of the whole cluster.
        installation: None when there is nothing of the chart's to be found.
        allowed: what the operator's ServiceAccount may, of the rights that were asked about.
        lease: None when there is none.
        is_renewed: whether the Lease was seen to be renewed meanwhile; only looked at where its
            times do not say so.
        autoscalers: HorizontalPodAutoscalers that Applications have.
        replicas: pods of the operator.
    """

    server: str
    version: str
    now: datetime
    ahead: float
    served: frozenset[str] | Unseen
    crds: Mapping[str, Manifest] | Unseen
    policies: Sequence[Manifest] | Unseen
    mutates: bool = True
    workloads: Sequence[Manifest] | Unseen
    installation: Installation | Unseen | None
    allowed: Mapping[Right, bool] | Unseen = field(default_factory=dict)
    lease: Manifest | Unseen | None = None
    is_renewed: bool = False
    tenants: Sequence[Manifest] | Unseen
    autoscalers: int | Unseen = 0
    replicas: Sequence[Replica] | Unseen = ()
