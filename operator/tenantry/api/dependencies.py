"""Whom a component calls, and who may call it: what the network is opened for, and nothing else."""

from typing import Annotated, Literal

from pydantic import Field

from tenantry.api.base import DnsLabel, Model
from tenantry.api.markers import list_atomic, list_set, rule, rules
from tenantry.api.names import COMPONENT_NAME
from tenantry.api.network import Cidr
from tenantry.api.probes import PortName, PortNumber

ComponentName = Annotated[str, Field(min_length=1, max_length=50, pattern=COMPONENT_NAME)]
"""RFC 1035 label, for it is the name of a Service."""
VersionName = Annotated[str, Field(min_length=1, max_length=24, pattern=r"^[a-z0-9]+$")]
"""What a version is called: the value of label ``version``, and what follows the last hyphen in its
workload's name, which is why it has none itself."""
VersionNames = Annotated[list[VersionName], Field(max_length=8, json_schema_extra=list_set())]
PortNames = Annotated[list[PortName], Field(max_length=8, json_schema_extra=list_set())]
Hostname = Annotated[
    str,
    Field(
        min_length=1,
        max_length=253,
        pattern=r"^(\*\.)?[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$",
    ),
]
"""``app.example.com``, or ``*.example.com`` for all hosts below."""


class ExternalComponent(Model):
    """A component of another Application; that one must list the caller in its ``accepts``."""

    namespace: DnsLabel | None = None
    """Namespace of the other Application; the caller's own when left out."""
    application: DnsLabel
    """Name of the other Application."""
    component: ComponentName
    """Name of the component in it."""


class Dependency(Model):
    """A component that this one calls."""

    model_config = Model.model_config | {
        "json_schema_extra": rules(
            rule(
                "has(self.component) != has(self.external)",
                "a dependency is a component of this application or an external one: give exactly "
                "one of component and external",
            )
        )
    }

    component: ComponentName | None = None
    """A component of the same Application."""
    external: ExternalComponent | None = None
    """A component of another Application."""
    versions: VersionNames = Field(default=[])
    """Versions of the caller that call it; all when empty."""
    ports: PortNames = Field(default=[])
    """Names of the callee's ports; all when empty."""


Dependencies = Annotated[list[Dependency], Field(max_length=32, json_schema_extra=list_atomic())]


class Egress(Model):
    """Servers outside the cluster that may be called."""

    model_config = Model.model_config | {
        "json_schema_extra": rules(
            rule(
                "size(self.hosts) + size(self.cidrs) > 0",
                "an egress needs hosts or cidrs: 0.0.0.0/0 and ::/0 are every address",
            ),
            rule(
                "self.hosts.all(h, h.contains('.'))",
                "hosts outside the cluster are written with their domain, such as api.example.com",
            ),
        )
    }

    hosts: Annotated[list[Hostname], Field(max_length=16, json_schema_extra=list_set())] = Field(
        default=[]
    )
    """Host names. NetworkPolicies know none: without a mesh, nothing is opened beyond ``cidrs``."""
    cidrs: Annotated[list[Cidr], Field(max_length=16, json_schema_extra=list_set())] = Field(
        default=[]
    )
    """Networks, IPv4 or IPv6."""
    ports: Annotated[
        list[PortNumber], Field(min_length=1, max_length=16, json_schema_extra=list_set())
    ] = Field(default=[443])
    """Port numbers at the other end."""
    protocol: Literal["TCP", "UDP"] = "TCP"
    """Protocol of the ports."""
    versions: VersionNames = Field(default=[])
    """Versions of the caller that call them; all when empty."""


Egresses = Annotated[list[Egress], Field(max_length=8, json_schema_extra=list_atomic())]


class Caller(Model):
    """Another Application that may call this component; it must declare that in ``dependsOn``."""

    namespace: DnsLabel | None = None
    """Namespace of the other Application; the callee's own when left out."""
    application: DnsLabel
    """Name of the other Application."""
    component: ComponentName | None = None
    """The component of it that may call; all of them when left out."""
    ports: PortNames = Field(default=[])
    """Names of the ports that it may call; all when empty."""


Callers = Annotated[list[Caller], Field(max_length=32, json_schema_extra=list_atomic())]
