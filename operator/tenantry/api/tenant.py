"""The Tenant: who owns a share of the cluster, how large it is, and what it costs whom.

This is what a platform team writes. A Tenant with a name and one owner is already isolated,
limited and least privileged: every default here is the closed one.
"""

from typing import Annotated, Any, Literal, Self

from pydantic import Field

from tenantry.api.access import RoleBindings, Subject, Subjects
from tenantry.api.admission import Allowed, Policy
from tenantry.api.base import LabelSelectorValues, LabelValue, Manifest, Model
from tenantry.api.budgets import TenantBudget, spent
from tenantry.api.limits import LimitRangeSpec
from tenantry.api.markers import list_atomic, list_map, rule, rules
from tenantry.api.namespaces import NamespaceOptions, Namespaces, PodSecurityLevel
from tenantry.api.network import Network
from tenantry.api.quota import Quota
from tenantry.api.tenant_status import TenantStatus

DeletionPolicy = Literal["Retain", "Orphan", "Delete"]


class Contact(Model):
    """Somebody to talk to."""

    name: Annotated[str, Field(max_length=128)] = ""
    """A person, team or channel."""
    email: Annotated[str, Field(max_length=254, pattern=r"^([^@[:space:]]+@[^@[:space:]]+)?$")] = ""
    """Where to write."""
    url: Annotated[str, Field(max_length=512, pattern=r"^(https?://[^[:space:]]+)?$")] = ""
    """A page about them."""


class PodSecurity(Model):
    """Pod Security admission: https://kubernetes.io/docs/concepts/security/pod-security-admission/."""

    level: PodSecurityLevel = "restricted"
    """The level that is enforced, warned about and audited."""
    version: Annotated[str, Field(max_length=16, pattern=r"^(latest|v1\.[0-9]{1,3})$")] = "latest"
    """The Kubernetes version whose rules count."""


class Cost(Model):
    """Whom the cost is allocated to."""

    cost_center: LabelValue = ""
    """Label ``tenantry.io/cost-center`` of all that the tenant has."""
    department: LabelValue = ""
    """Label ``tenantry.io/department``."""
    environment: LabelValue = ""
    """Label ``tenantry.io/environment``, unless a namespace has its own."""
    budget: TenantBudget | None = None
    """What a month may cost; needs the cost meter."""
    charge_by: Literal["Consumption", "Reservation"] = "Consumption"
    """Consumption charges what is asked for or used; Reservation what ``spec.quota.hard`` sets
    aside (requests of CPU, memory and ephemeral storage), or consumption where that is more."""


class TenantSpec(Model):
    """What the platform team wants for the tenant."""

    model_config = Model.model_config | {
        "json_schema_extra": rules(
            rule(
                "size(self.namespaces) <= self.namespaceOptions.max",
                "more namespaces are listed than the tenant may have: raise "
                "spec.namespaceOptions.max or remove some",
            ),
            rule(
                "self.roleBindings.all(b, b.namespaces.all(n, "
                "self.namespaces.exists(o, o.name == n)))",
                "roleBindings[].namespaces must be short names listed in spec.namespaces",
            ),
        )
    }

    display_name: Annotated[str, Field(max_length=128)] = ""
    """What people call the tenant."""
    description: Annotated[str, Field(max_length=1024)] = ""
    """What it is for."""
    contacts: Annotated[list[Contact], Field(max_length=16, json_schema_extra=list_atomic())] = (
        Field(default=[])
    )
    """Whom to talk to about it."""
    owners: Annotated[
        list[Subject],
        Field(min_length=1, max_length=64, json_schema_extra=list_map("kind", "name", "namespace")),
    ]
    """Hold the ClusterRole ``admin`` in every namespace."""
    editors: Subjects = Field(default=[])
    """Hold the ClusterRole ``edit`` in every namespace."""
    viewers: Subjects = Field(default=[])
    """Hold the ClusterRole ``view`` in every namespace."""
    role_bindings: RoleBindings = Field(default=[])
    """Further ClusterRoles."""
    namespaces: Namespaces = Field(default=[])
    """The namespaces that the operator makes."""
    namespace_options: NamespaceOptions = Field(default=NamespaceOptions())
    """What holds for all of them."""
    quota: Quota = Field(default=Quota())
    """How much the tenant may use."""
    limit_range: LimitRangeSpec = Field(default=LimitRangeSpec())
    """Bounds and defaults of containers, pods and volume claims."""
    network: Network = Field(default=Network())
    """The network floor: denied both ways, but for what is opened here."""
    pod_security: PodSecurity = Field(default=PodSecurity())
    """What pods may do to their node."""
    node_selector: LabelSelectorValues = Field(default={})
    """Nodes for the tenant's pods (needs the PodNodeSelector admission plugin)."""
    allowed: Allowed = Field(default=Allowed())
    """What workloads may use."""
    policy: Policy = Field(default=Policy())
    """How strictly that is taken."""
    cost: Cost = Field(default=Cost())
    """Whom the cost is allocated to."""
    suspend: bool = False
    """Takes write access away; what runs goes on, and everybody may still look."""
    deletion_policy: DeletionPolicy = "Retain"
    """What becomes of a namespace that the Tenant no longer lists, or of all of them when the
    Tenant is deleted: Retain keeps workloads, quota and isolation and takes the access; Orphan
    takes the operator's labels and objects out; Delete deletes it with all that is in it."""
    deletion_protection: bool = False
    """While true, deleting the Tenant changes nothing in its namespaces and waits."""


class Metadata(Model):
    """What of an object's metadata matters here."""

    name: str
    uid: str = ""
    generation: int = 0
    resource_version: str = ""
    creation_timestamp: str = ""
    deletion_timestamp: str | None = None
    finalizers: list[str] = Field(default=[])


class Tenant(Model):
    """A Tenant as the API server has it."""

    metadata: Metadata
    spec: TenantSpec
    status: TenantStatus = Field(default=TenantStatus())

    @classmethod
    def parse(cls, manifest: Manifest) -> Self:
        """Read a manifest that the API server has admitted, or that a person wrote.

        Raises:
            pydantic.ValidationError: it is not a Tenant; each error has the field's path.
        """
        return cls.model_validate(manifest)

    @property
    def name(self) -> str:
        """The Tenant's name."""
        return self.metadata.name

    @property
    def prefix(self) -> str:
        """What its namespaces' names begin with."""
        return self.spec.namespace_options.prefix or f"{self.name}-"

    @property
    def is_over_budget(self) -> bool:
        """Whether nothing new may start, for the month has cost more than it may."""
        budget = self.spec.cost.budget
        if budget is None or budget.when_exceeded != "SuspendNewWorkloads":
            return False
        part = spent(budget, self.status.cost)
        return part is not None and part >= 1

    @property
    def is_being_deleted(self) -> bool:
        """Whether somebody has asked the API server to delete it."""
        return self.metadata.deletion_timestamp is not None


ROOT_RULES: tuple[dict[str, Any], ...] = (
    rule(
        "self.metadata.name.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?$')",
        "a Tenant's name must be a DNS label: lower-case letters, digits and hyphens, for it is "
        "part of namespace names and a label's value",
    ),
    rule(
        "size(self.metadata.name) <= 40",
        "a Tenant's name must have at most 40 characters, to leave room for namespace names",
    ),
    rule(
        "self.spec.namespaces.all(n, size(n.name) + (has(self.spec.namespaceOptions.prefix) ? "
        "size(self.spec.namespaceOptions.prefix) : size(self.metadata.name) + 1) <= 63)",
        "prefix and namespace name must have at most 63 characters together",
    ),
    rule(
        "!(has(self.spec.namespaceOptions.prefix) ? self.spec.namespaceOptions.prefix : "
        "self.metadata.name + '-').matches('^(kube|openshift)-')",
        "namespaces that begin with kube- or openshift- belong to the system: choose another "
        "name or prefix",
    ),
)
"""Rules on the whole object, where CEL may read ``metadata.name``."""
