"""Who a tenant's pods may talk to: the network floor, in NetworkPolicy's terms.

Everything is denied both ways first; each field opens one thing. Peers have the three identifiers
of https://kubernetes.io/docs/concepts/services-networking/network-policies/: pods, namespaces and
IP blocks. Within one peer they narrow each other; several peers widen.
"""

from typing import Annotated, Literal

from pydantic import Field

from tenantry.api.base import DnsLabel, LabelSelectorValues, LabelValue, Model
from tenantry.api.markers import list_atomic, list_map, list_set, map_atomic, rule, rules

Cidr = Annotated[
    str,
    Field(
        max_length=43,
        json_schema_extra=rules(
            rule(
                "isCIDR(self)",
                "must be a network in CIDR notation: 203.0.113.0/24 or 2001:db8::/32",
            )
        ),
    ),
]


class IPBlock(Model):
    """A network and what is left out of it."""

    model_config = Model.model_config | {
        "json_schema_extra": rules(
            rule(
                "self.except.all(e, !isCIDR(e) || !isCIDR(self.cidr) || "
                "cidr(self.cidr).containsCIDR(cidr(e)) && "
                "cidr(self.cidr).prefixLength() < cidr(e).prefixLength())",
                "every exception must lie within the cidr and be smaller",
            )
        )
    }

    cidr: Cidr
    """The network, IPv4 or IPv6."""
    except_: Annotated[
        list[Cidr], Field(alias="except", max_length=8, json_schema_extra=list_set())
    ] = Field(default=[])
    """Networks within it that are left out."""


_SEGMENT = "[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_QUALIFIED_NAME = rf"^({_SEGMENT}(\.{_SEGMENT})*/)?[A-Za-z0-9]([-A-Za-z0-9_.]{{0,61}}[A-Za-z0-9])?$"
PORT_NAME = r"^([a-z0-9]+-)*[a-z0-9]*[a-z][a-z0-9]*(-[a-z0-9]+)*$"
"""RFC 6335, 5.1: letters, digits and single hyphens within, one letter at least."""


class LabelSelectorRequirement(Model):
    """One requirement of a label selector."""

    model_config = Model.model_config | {
        "json_schema_extra": rules(
            rule(
                "(self.operator in ['In', 'NotIn']) == (size(self.values) > 0)",
                "In and NotIn need values; Exists and DoesNotExist have none",
            )
        )
    }

    key: Annotated[str, Field(min_length=1, max_length=316, pattern=_QUALIFIED_NAME)]
    """The label."""
    operator: Literal["In", "NotIn", "Exists", "DoesNotExist"]
    """How its value relates to ``values``."""
    values: Annotated[list[LabelValue], Field(max_length=16, json_schema_extra=list_atomic())] = (
        Field(default=[])
    )
    """For In and NotIn; empty otherwise."""


class LabelSelector(Model):
    """A label selector, as in meta/v1; an empty one selects everything."""

    model_config = Model.model_config | {"json_schema_extra": map_atomic()}

    match_labels: LabelSelectorValues = Field(default={})
    """Labels that must all be there with these values."""
    match_expressions: Annotated[
        list[LabelSelectorRequirement], Field(max_length=8, json_schema_extra=list_atomic())
    ] = Field(default=[])
    """Requirements that must all hold."""


class Peer(Model):
    """Pods, namespaces, or an IP block at the other end."""

    model_config = Model.model_config | {
        "json_schema_extra": rules(
            rule(
                "has(self.ipBlock) || has(self.podSelector) || has(self.namespaceSelector) || "
                "size(self.namespaces) > 0",
                "a peer needs an ipBlock, a podSelector, a namespaceSelector or namespaces",
            ),
            rule(
                "!has(self.ipBlock) || !(has(self.podSelector) || has(self.namespaceSelector) || "
                "size(self.namespaces) > 0)",
                "an ipBlock stands alone: write a peer of its own for pods or namespaces",
            ),
            rule(
                "!has(self.namespaceSelector) || size(self.namespaces) == 0",
                "name the namespaces or select them by label, not both",
            ),
        )
    }

    namespaces: Annotated[list[DnsLabel], Field(max_length=32, json_schema_extra=list_set())] = (
        Field(default=[])
    )
    """Namespaces by their full names, which nobody can forge. Preferred to a selector."""
    namespace_selector: LabelSelector | None = None
    """Namespaces by their labels; only as trustworthy as whoever may label namespaces."""
    pod_selector: LabelSelector | None = None
    """Pods, in the namespaces named or selected here, else in the policy's own namespace."""
    ip_block: IPBlock | None = None
    """Addresses outside the cluster. Pod addresses change: select pods by label instead."""


class Port(Model):
    """A port of a pod (not of a Service), as in NetworkPolicyPort."""

    model_config = Model.model_config | {
        "json_schema_extra": rules(
            rule(
                "!has(self.endPort) || (type(self.port) == int && self.endPort >= int(self.port))",
                "endPort needs a numeric port that is not greater",
            )
        )
    }

    port: (
        Annotated[int, Field(ge=1, le=65535)]
        | Annotated[str, Field(max_length=15, pattern=PORT_NAME)]
    )
    """Number or name of the container's port."""
    end_port: Annotated[int, Field(ge=1, le=65535)] | None = None
    """The last port of a range that starts at ``port``."""
    protocol: Literal["TCP", "UDP", "SCTP"] = "TCP"
    """The protocol."""


Ports = Annotated[list[Port], Field(max_length=16, json_schema_extra=list_atomic())]
Peers = Annotated[list[Peer], Field(min_length=1, max_length=8, json_schema_extra=list_atomic())]


class IngressRule(Model):
    """Who may connect to the tenant's pods, and to which ports."""

    from_: Annotated[Peers, Field(alias="from")]
    """The clients."""
    ports: Ports = Field(default=[])
    """Ports of the tenant's pods; all when empty."""


class EgressRule(Model):
    """What the tenant's pods may connect to, and on which ports."""

    to: Peers
    """The servers."""
    ports: Ports = Field(default=[])
    """Ports at the other end; all when empty."""


class Source(Model):
    """A platform service that may connect to the tenant's pods."""

    namespace: DnsLabel
    """The namespace it runs in."""
    pod_labels: LabelSelectorValues = Field(default={})
    """Labels of its pods; all pods of the namespace when empty."""
    ports: Ports = Field(default=[])
    """Ports of the tenant's pods that it may reach; all when empty."""


class Collector(Model):
    """A platform service that the tenant's pods may send to."""

    namespace: DnsLabel
    """The namespace it runs in."""
    pod_labels: LabelSelectorValues = Field(default={})
    """Labels of its pods; all pods of the namespace when empty."""
    ports: Ports = Field(default=[])
    """Ports of its pods; all when empty."""


Collectors = Annotated[
    list[Collector], Field(max_length=16, json_schema_extra=list_map("namespace"))
]
Sources = Annotated[list[Source], Field(max_length=16, json_schema_extra=list_map("namespace"))]


class Dns(Model):
    """Where names are resolved."""

    enabled: bool = True
    """Whether pods may ask the cluster's DNS."""
    namespace: DnsLabel = "kube-system"
    """The namespace of the DNS pods (``openshift-dns`` on OpenShift)."""
    pod_labels: LabelSelectorValues = Field(default={"k8s-app": "kube-dns"})
    """Labels of the DNS pods."""
    port: Annotated[int, Field(ge=1, le=65535)] = 53
    """Port of the DNS pods, UDP and TCP (5353 on OpenShift)."""
    node_local_addresses: Annotated[
        list[
            Annotated[
                str,
                Field(
                    max_length=39,
                    json_schema_extra=rules(rule("isIP(self)", "must be an IP address")),
                ),
            ]
        ],
        Field(max_length=4, json_schema_extra=list_set()),
    ] = Field(default=[])
    """Addresses of a NodeLocal DNSCache, such as 169.254.20.10."""


class InternetEgress(Model):
    """Connections to the world outside, both IP families."""

    enabled: bool = False
    """Whether pods may connect to public addresses."""
    include_private: bool = False
    """Whether private ranges (RFC 1918, RFC 6598, RFC 4193, and blocks reserved for benchmarks and
    the future) count as well. Link-local and cloud metadata addresses never do: name them in an
    egress rule if a tenant really needs them."""
    ports: Ports = Field(default=[])
    """Ports that may be connected to; all when empty."""


class Network(Model):
    """The network floor of a namespace."""

    same_namespace: bool = True
    """Pods of one namespace may talk to each other."""
    same_tenant: bool = False
    """Pods of the tenant's other namespaces may, too."""
    dns: Dns = Field(default=Dns())
    """Name resolution."""
    ingress_controllers: Sources = Field(default=[])
    """Ingress controllers and gateways that may reach the tenant's pods."""
    monitoring: Sources = Field(default=[])
    """Scrapers that may reach the tenant's pods."""
    tracing: Collectors = Field(default=[])
    """Collectors of traces that the tenant's pods may send to; those of an Application where its
    ``observability.tracing`` asks for traces."""
    internet_egress: InternetEgress = Field(default=InternetEgress())
    """The world outside."""
    ingress: Annotated[list[IngressRule], Field(max_length=16, json_schema_extra=list_atomic())] = (
        Field(default=[])
    )
    """Further clients of the tenant's pods."""
    egress: Annotated[list[EgressRule], Field(max_length=16, json_schema_extra=list_atomic())] = (
        Field(default=[])
    )
    """Further servers for the tenant's pods."""
    tenant_policies: Literal["WithinFloor", "None", "Any"] = "WithinFloor"
    """NetworkPolicies of the tenant's own: those that open nothing beyond what is opened here
    (WithinFloor), none at all, or any."""
