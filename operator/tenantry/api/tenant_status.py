"""What the operator tells about a Tenant, by the kstatus convention.

``Ready`` speaks for the whole; a condition for each concern says where to look. See
https://github.com/kubernetes-sigs/cli-utils/blob/master/pkg/kstatus/README.md.
"""

from typing import Annotated, Final, Literal

from pydantic import Field

from tenantry.api.base import DnsLabel, Model
from tenantry.api.cost_status import CostStatus
from tenantry.api.markers import list_map

ConditionStatus = Literal["True", "False", "Unknown"]
TenantState = Literal["Pending", "Active", "Suspended", "Degraded", "Terminating"]
NamespaceState = Literal[
    "Active", "Parked", "Retained", "Terminating", "NotAdopted", "Conflict", "Failed"
]
ApplicationState = Literal["Pending", "Progressing", "Ready", "Degraded", "Terminating"]
MAX_APPLICATIONS: Final = 256
"""Applications that a Tenant's status names."""


class Condition(Model):
    """One aspect of the object's state, as ``metav1.Condition`` has it."""

    type: Annotated[str, Field(max_length=64)]
    """The aspect."""
    status: ConditionStatus
    """Whether it holds."""
    reason: Annotated[str, Field(min_length=1, max_length=128)]
    """Why, in one CamelCase word."""
    message: Annotated[str, Field(max_length=4096)] = ""
    """Why, for a person, with what to do."""
    last_transition_time: Annotated[str, Field(max_length=32)]
    """When ``status`` last changed (RFC 3339)."""
    observed_generation: Annotated[int, Field(ge=0)] = 0
    """The generation of the spec that it speaks of."""


class NamespaceStatus(Model):
    """One namespace of the tenant."""

    name: DnsLabel
    """Its full name."""
    uid: Annotated[str, Field(max_length=64)] = ""
    """Of the namespace that was made, adopted or joined; what has another uid is not the
    tenant's."""
    joined: bool = False
    """Whether it is the tenant's by its label, and not because the Tenant lists it."""
    state: NamespaceState
    """Where it stands."""
    reason: Annotated[str, Field(max_length=128)] = ""
    """Why, in one word, when it is not Active."""
    message: Annotated[str, Field(max_length=1024)] = ""
    """Why, for a person."""


_Amounts = Annotated[dict[str, Annotated[str, Field(max_length=32)]], Field(max_length=64)]


class Grant(Model):
    """What one namespace has been granted of the tenant's quota."""

    uid: Annotated[str, Field(min_length=1, max_length=64)]
    """Of the namespace: one that is made anew has another."""
    namespace: DnsLabel
    """Its full name."""
    since: Annotated[int, Field(ge=0)] = 0
    """The generation in which the grant last changed; its ResourceQuota carries the same."""
    hard: _Amounts = Field(default={})
    """The grant, by ResourceQuota key."""
    ceilings: _Amounts = Field(default={})
    """The most that may be in force until the ResourceQuota is seen to carry this grant."""


class LedgerStatus(Model):
    """How the amounts of one quota are lent to the tenant's namespaces."""

    scope: Annotated[str, Field(max_length=32)] = ""
    """The name of the scope in ``spec.quota.scopes``; empty for ``spec.quota.hard``."""
    generation: Annotated[int, Field(ge=0)] = 0
    """Counts the changes of this ledger."""
    grants: Annotated[list[Grant], Field(max_length=256, json_schema_extra=list_map("uid"))] = (
        Field(default=[])
    )
    """By namespace."""


class QuotaStatus(Model):
    """Usage against quota, summed over the tenant's namespaces."""

    hard: Annotated[dict[str, Annotated[str, Field(max_length=32)]], Field(max_length=96)] = Field(
        default={}
    )
    """What may be used, by ResourceQuota key."""
    used: Annotated[dict[str, Annotated[str, Field(max_length=32)]], Field(max_length=96)] = Field(
        default={}
    )
    """What is used."""
    ledgers: Annotated[
        list[LedgerStatus], Field(max_length=9, json_schema_extra=list_map("scope"))
    ] = Field(default=[])
    """What is lent to which namespace: written before any ResourceQuota is, and only over the
    ledger that it was decided from. Nobody but the operator should."""


class ApplicationSummary(Model):
    """One Application of the tenant; its own status has more."""

    namespace: DnsLabel
    """The namespace that it is in."""
    name: DnsLabel
    """What it is called."""
    state: ApplicationState = "Pending"
    """The whole of it in one word."""


class ApplicationsStatus(Model):
    """The Applications in the tenant's namespaces."""

    total: Annotated[int, Field(ge=0)] = 0
    """How many there are, those that are being deleted among them."""
    ready: Annotated[int, Field(ge=0)] = 0
    """Those that are as they should be."""
    progressing: Annotated[int, Field(ge=0)] = 0
    """Those that are on their way."""
    degraded: Annotated[int, Field(ge=0)] = 0
    """Those that are kept from it."""
    pending: Annotated[int, Field(ge=0)] = 0
    """Those that wait, and of which nothing is made yet."""
    items: Annotated[
        list[ApplicationSummary],
        Field(max_length=MAX_APPLICATIONS, json_schema_extra=list_map("namespace", "name")),
    ] = Field(default=[])
    """Each of them, those in trouble first; of more than 256, these."""


class Summary(Model):
    """What ``kubectl get tenants`` prints."""

    namespaces: Annotated[str, Field(max_length=16)] = ""
    """Active and listed: ``3/3``."""
    applications: Annotated[str, Field(max_length=16)] = ""
    """Ready and all: ``4/5``."""
    cpu: Annotated[str, Field(max_length=64)] = ""
    """Requested and allowed cores: ``0.6/12``."""
    memory: Annotated[str, Field(max_length=64)] = ""
    """Requested and allowed memory: ``768Mi/24Gi``."""


class TenantStatus(Model):
    """What the operator saw and did."""

    observed_generation: Annotated[int, Field(ge=0)] = 0
    """The generation of the spec that this status speaks of."""
    state: TenantState = "Pending"
    """The whole in one word."""
    conditions: Annotated[
        list[Condition], Field(max_length=16, json_schema_extra=list_map("type"))
    ] = Field(default=[])
    """Each concern, and Ready for all of them."""
    namespaces: Annotated[
        list[NamespaceStatus], Field(max_length=256, json_schema_extra=list_map("name"))
    ] = Field(default=[])
    """Each namespace that is listed or still labelled as the tenant's."""
    applications: ApplicationsStatus = Field(default=ApplicationsStatus())
    """The Applications in these namespaces, told some seconds after they change."""
    quota: QuotaStatus = Field(default=QuotaStatus())
    """Usage against quota."""
    cost: CostStatus | None = None
    """What the tenant costs, and how much of its budget is spent."""
    summary: Summary = Field(default=Summary())
    """The printer columns' values."""

    @property
    def namespace_uids(self) -> frozenset[str]:
        """Of the namespaces that the operator made or adopted for the tenant."""
        return frozenset(one.uid for one in self.namespaces if one.uid)

    @property
    def joined_uids(self) -> frozenset[str]:
        """Of those that became the tenant's by their label."""
        return frozenset(one.uid for one in self.namespaces if one.uid and one.joined)
