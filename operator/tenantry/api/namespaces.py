"""The namespaces of a tenant, as its manifest lists them, and what they are called."""

from typing import Annotated, Final, Literal

from pydantic import Field

from tenantry.api.base import Annotations, DnsLabel, Labels, LabelSelectorValues, LabelValue, Model
from tenantry.api.limits import LimitRangeSpec
from tenantry.api.markers import list_map, rule, rules
from tenantry.api.network import Network
from tenantry.api.quota import NamespaceQuota

PodSecurityLevel = Literal["privileged", "baseline", "restricted"]
AdoptionPolicy = Literal["Never", "IfIdentical", "Always"]

Prefix = Annotated[
    str, Field(min_length=2, max_length=41, pattern=r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?-$")
]


class NamespaceSpec(Model):
    """One namespace, and where it differs from the tenant's others."""

    name: DnsLabel
    """Short name; the namespace is called prefix + name, for example ``acme-prod``."""
    labels: Labels = Field(default={})
    """Labels of this namespace, over ``spec.namespaceOptions.labels``."""
    annotations: Annotations = Field(default={})
    """Annotations of this namespace, over ``spec.namespaceOptions.annotations``."""
    environment: LabelValue = ""
    """Environment of this namespace, instead of ``spec.cost.environment``."""
    pod_security: PodSecurityLevel | None = None
    """Pod Security level of this namespace, instead of ``spec.podSecurity.level``."""
    quota: NamespaceQuota = Field(default=NamespaceQuota())
    """What this namespace may use."""
    limit_range: LimitRangeSpec | None = None
    """Limits of this namespace, instead of ``spec.limitRange``."""
    network: Network | None = None
    """The network floor of this namespace, instead of ``spec.network``."""
    node_selector: LabelSelectorValues | None = None
    """Nodes for the pods of this namespace, instead of ``spec.nodeSelector``."""


UNLISTED: Final = NamespaceSpec(name="unlisted")
"""What a namespace differs in that is not listed, such as one that joined by its label: nothing."""

Namespaces = Annotated[
    list[NamespaceSpec], Field(max_length=64, json_schema_extra=list_map("name"))
]


class NamespaceOptions(Model):
    """What holds for all namespaces of the tenant."""

    model_config = Model.model_config | {
        "json_schema_extra": rules(
            rule(
                "has(self.prefix) == has(oldSelf.prefix) && "
                "(!has(self.prefix) || self.prefix == oldSelf.prefix)",
                "the prefix cannot change, for a namespace cannot be renamed: make a new Tenant "
                "and move the workloads",
            )
        )
    }

    prefix: Prefix | None = None
    """What namespace names begin with; the Tenant's name and a hyphen when left out."""
    max: Annotated[int, Field(ge=0, le=64)] = 10
    """How many namespaces the tenant may have."""
    self_service: bool = False
    """Whether owners may create and delete namespaces of the tenant themselves, with
    ``kubectl create namespace``: labelled ``tenantry.io/tenant``, or by a name that begins with the
    Tenant's name and a hyphen."""
    labels: Labels = Field(default={})
    """Labels of all the namespaces."""
    annotations: Annotations = Field(default={})
    """Annotations of all the namespaces."""
    adoption_policy: AdoptionPolicy = "Never"
    """What happens when a listed namespace exists already and belongs to no tenant: it is left
    alone (Never), taken if nothing in it would be overwritten (IfIdentical), or taken (Always)."""
