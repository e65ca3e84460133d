"""What a tenant's workloads may use, and how strictly that is taken.

Each list of ``Allowed`` is one of three: left out, which stands for the standard written beside
it; the entries that are allowed, and nothing else; or everything, ``["*"]``, which somebody then
has written down. The standards are the closed ones wherever an open one would reach past the
tenant. ``desired.admission`` writes the entries on the tenant's namespaces, where admission
policies read them.
"""

from typing import Annotated, Final, Literal

from pydantic import Field

from tenantry.api.access import Subjects
from tenantry.api.base import Model
from tenantry.api.markers import list_atomic, rule

PolicyMode = Literal["Enforce", "Warn", "Audit"]
ServiceType = Literal["ClusterIP", "NodePort", "LoadBalancer", "ExternalName"]
WorkloadKind = Literal["Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob", "*"]
PullPolicy = Literal["Always", "IfNotPresent", "Never", "*"]

Entry = Annotated[str, Field(min_length=1, max_length=128, pattern=r"^[^[:cntrl:][:space:]]+$")]
_REGULAR: Final = rule(
    "self.all(e, !e.startsWith('~') || ''.matches(e.substring(1)) in [true, false])",
    "an entry that begins with ~ must be a regular expression (RE2)",
)
Names = Annotated[list[Entry], Field(max_length=64, json_schema_extra=list_atomic(_REGULAR))]
"""``name`` exactly, ``prefix*``, ``~pattern`` (RE2, matched in full), or ``*`` for everything."""

_REGULAR_TAG: Final = rule(
    "self.map(e, e.startsWith('!') ? e.substring(1) : e).all(e, !e.startsWith('~') || "
    "''.matches(e.substring(1)) in [true, false])",
    "an entry that begins with ~, or with !~, must be a regular expression (RE2)",
)
_FROM_SOMETHING: Final = rule(
    "size(self) == 0 || self.exists(e, !e.startsWith('!'))",
    "entries that begin with ! only take tags away from what the others allow: begin with '*', as "
    "in ['*', '!latest']",
)
Tags = Annotated[
    list[Entry],
    Field(max_length=16, json_schema_extra=list_atomic(_REGULAR_TAG, _FROM_SOMETHING)),
]
"""As ``Names``; an entry after ``!`` takes away what it matches, whatever the others allow."""

_HOST: Final = rule(
    "self.all(e, e == '*' || e.matches('^([*][.])?[a-z0-9]([-a-z0-9]*[a-z0-9])?([.][a-z0-9]"
    "([-a-z0-9]*[a-z0-9])?)*$'))",
    "hosts are written like app.example.com, *.acme.example.com for everything below, or * for "
    "every host, and no host at all",
)
Hosts = Annotated[list[Entry], Field(max_length=64, json_schema_extra=list_atomic(_HOST))]
"""``app.example.com`` exactly, ``*.example.com`` for all below, or ``*`` for everything."""

_CIDR: Final = rule(
    "self.all(e, e == '*' || isCIDR(e))",
    "must be a network in CIDR notation: 203.0.113.0/24 or 2001:db8::/32",
)
Cidrs = Annotated[list[Entry], Field(max_length=64, json_schema_extra=list_atomic(_CIDR))]
"""Networks in CIDR notation, or ``*`` for everything."""

_NODE_SELECTOR: Final = rule(
    "self.all(e, e == '*' || e.matches('^[^=]+=.+$'))",
    "node selectors are written key=value, or key=* for any value, or * for everything",
)
NodeSelectors = Annotated[
    list[Entry], Field(max_length=64, json_schema_extra=list_atomic(_NODE_SELECTOR))
]
"""``key=value``, ``key=*``, or ``*`` for everything."""

_SUBJECT: Final = rule(
    "self.all(e, e == '*' || e.matches('^(User|Group):.+$|^ServiceAccount:[^/]+/.+$'))",
    "subjects are written User:name, Group:name, ServiceAccount:namespace/name, or * for everybody",
)
SubjectNames = Annotated[
    list[Annotated[str, Field(min_length=1, max_length=128, pattern=r"^[^[:cntrl:]]+$")]],
    Field(max_length=64, json_schema_extra=list_atomic(_SUBJECT)),
]
"""``User:name``, ``Group:prefix*``, ``ServiceAccount:namespace/name``, or ``*`` for everybody."""


class Allowed(Model):
    """What workloads may use: left out, the standard; else the entries; ``*`` is everything."""

    registries: Names | None = None
    """Image registries and the repositories below them, such as ``registry.k8s.io`` or
    ``ghcr.io/acme``, or ``~pattern`` for the whole name without tag. Standard: everything."""
    image_tags: Tags | None = None
    """Tags that images may have, where they are not named by digest, which they always may be; an
    image without a tag has ``latest``. ``["*", "!latest"]`` is all but that one, and ``[]`` demands
    digests. Standard: everything."""
    image_pull_policies: (
        Annotated[list[PullPolicy], Field(max_length=4, json_schema_extra=list_atomic())] | None
    ) = None
    """How images may be pulled. Standard: everything."""
    priority_classes: Names | None = None
    """PriorityClasses that pods may name; those of the system only if named exactly. Standard:
    none, so that nobody's pods are evicted for a tenant's."""
    runtime_classes: Names | None = None
    """RuntimeClasses that pods may name. Standard: none."""
    storage_classes: Names | None = None
    """StorageClasses of volume claims. Standard: everything; the quota counts the bytes."""
    persistent_volumes: Names | None = None
    """PersistentVolumes that claims may name, and so take with all that is on them. Standard:
    none."""
    ingress_classes: Names | None = None
    """Classes of Ingresses. Standard: everything."""
    gateway_classes: Names | None = None
    """Classes of Gateways. Standard: everything."""
    hosts: Hosts | None = None
    """Host names of Ingresses, of Gateways' listeners and of routes. Standard: none."""
    service_types: (
        Annotated[
            list[Literal["ClusterIP", "NodePort", "LoadBalancer", "ExternalName", "*"]],
            Field(max_length=5, json_schema_extra=list_atomic()),
        ]
        | None
    ) = None
    """Types of Services. Standard: all but ExternalName; how many NodePorts and LoadBalancers is
    up to the quota, and without one it is none."""
    external_ips: Annotated[Cidrs | None, Field(alias="externalIPs")] = None
    """Networks of a Service's ``externalIPs``. Standard: none."""
    external_names: Hosts | None = None
    """Hosts that a Service of type ExternalName may stand for. Standard: none."""
    load_balancer_source_ranges: Cidrs | None = None
    """Networks that a load balancer may be open to; with a list, it must be limited to some of
    them. Standard: everything."""
    node_selectors: NodeSelectors | None = None
    """Node labels that pods may ask for, by nodeSelector or required affinity. Standard:
    everything."""
    tolerations: Names | None = None
    """Keys of taints that pods may tolerate, beyond those under ``node.kubernetes.io/``. Standard:
    none, which keeps pods off the nodes of others."""
    workload_kinds: (
        Annotated[list[WorkloadKind], Field(max_length=6, json_schema_extra=list_atomic())] | None
    ) = None
    """Kinds of workload that Applications may have. Standard: all but DaemonSet, for that takes
    something of every node."""
    tenants: Names | None = None
    """Tenants whose Applications may meet this one's, where both Tenants allow it and both
    Applications agree. Standard: none."""
    subjects: SubjectNames | None = None
    """Whom owners may let in by RoleBindings of their own, beyond the Tenant's subjects and the
    ServiceAccounts of its namespaces. Standard: nobody."""


class Policy(Model):
    """How strictly what is allowed is taken."""

    mode: PolicyMode = "Enforce"
    """Whether what is not allowed is refused (Enforce), admitted with a warning to whoever asked
    and a note in the audit log (Warn), or admitted with the note alone (Audit). What a tenant is,
    and the operator's own objects, are guarded in every mode."""
    exemptions: Subjects = Field(default=[])
    """Subjects that are not bound by it, such as a platform team's own deployer."""
