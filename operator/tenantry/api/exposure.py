"""How a component is reached: its ports inside the cluster, its hosts from outside."""

from typing import Annotated, Final, Literal

from pydantic import Field

from tenantry.api.base import DnsLabel, Model
from tenantry.api.containers import ObjectName
from tenantry.api.dependencies import Hostname
from tenantry.api.markers import list_atomic, list_map, rule, rules
from tenantry.api.probes import PortName, PortNumber

AppProtocol = Literal[
    "http",
    "http2",
    "https",
    "grpc",
    "grpc-web",
    "tcp",
    "tls",
    "mongo",
    "mysql",
    "redis",
    "kubernetes.io/h2c",
    "kubernetes.io/ws",
    "kubernetes.io/wss",
]
"""https://kubernetes.io/docs/concepts/services-networking/service/#application-protocol and
https://istio.io/latest/docs/ops/configuration/traffic-management/protocol-selection/."""
ExposureType = Literal["Auto", "Ingress", "HTTPRoute", "IstioGateway"]


class ServicePort(Model):
    """A port of the component's Services."""

    name: PortName
    """What it is called; by it others refer to it."""
    port: PortNumber
    """Where the Service listens."""
    target_port: PortNumber | None = None
    """Where the container listens; the same when left out."""
    protocol: Literal["TCP", "UDP", "SCTP"] = "TCP"
    """The transport."""
    app_protocol: AppProtocol | None = None
    """What is spoken on it; for TCP, what the name begins with (http, grpc, ...) when left out."""


ServicePorts = Annotated[
    list[ServicePort],
    Field(
        max_length=8,
        json_schema_extra=list_map(
            "name",
            validations=(
                rule(
                    "self.all(p, self.exists_one(q, q.port == p.port && q.protocol == p.protocol))",
                    "a port number can be had once for each protocol: remove one or renumber it",
                ),
            ),
        ),
    ),
]


_CHARACTER: Final = r"([-A-Za-z0-9_~!$&'()*+,;=:@]|%([013-9A-Fa-f][0-9A-Fa-f]|2[0-9A-Ea-e]))"
_SEGMENT: Final = rf"(\.{{0,2}}{_CHARACTER}({_CHARACTER}|\.)*|\.{{3,}})"
RoutePath = Annotated[str, Field(max_length=256, pattern=rf"^(/|(/{_SEGMENT})+/?)$")]
"""What Ingress and the Gateway API take for a path: no ``//``, ``/./``, ``/../`` or ``%2F``."""


class PathMatch(Model):
    """Paths of requests."""

    model_config = Model.model_config | {
        "json_schema_extra": rules(
            rule(
                "has(self.exact) != has(self.prefix)",
                "a path is matched by exactly one of exact and prefix",
            )
        )
    }

    exact: RoutePath | None = None
    """This path and no other."""
    prefix: RoutePath | None = None
    """This path and all below it, by whole segments."""


class ExposureTls(Model):
    """Encryption at the edge."""

    secret_name: ObjectName
    """Secret of type kubernetes.io/tls with certificate and key, in the application's namespace
    (for IstioGateway: in the gateway's)."""
    https_redirect: bool | None = None
    """Whether plain HTTP is answered with a redirect to HTTPS; left out: where the provider can."""


class GatewayReference(Model):
    """A Gateway that exists, of the Gateway API or of Istio."""

    namespace: DnsLabel | None = None
    """Its namespace; the application's own when left out."""
    name: ObjectName
    """What it is called."""


class Exposure(Model):
    """A host by which a component is reached from outside."""

    model_config = Model.model_config | {
        "json_schema_extra": rules(
            rule(
                "!has(self.gateway) || self.type != 'Ingress'",
                "an Ingress has no gateway: use className, or another type",
            ),
            rule(
                "!(has(self.gateway) && has(self.className))",
                "className is for a Gateway that is made: give it or a gateway that exists",
            ),
        )
    }

    host: Hostname
    """The host name; one that the Tenant allows."""
    type: ExposureType = "Auto"
    """What is made for it: what the cluster has (Auto: Istio, else the Gateway API if a Gateway or
    a class of one is named here or by the platform, else Ingress), or this."""
    class_name: ObjectName | None = None
    """IngressClass, or GatewayClass of a Gateway that is made for it; the cluster's default
    IngressClass or the platform's GatewayClass when left out. Give ``type`` with it: Auto may take
    it for the other kind of class when the Gateway API is installed."""
    gateway: GatewayReference | None = None
    """A Gateway that exists to attach to, instead of one that is made."""
    port: PortName | None = None
    """Name of the component's port; its first when left out."""
    paths: Annotated[list[PathMatch], Field(max_length=16, json_schema_extra=list_atomic())] = (
        Field(default=[])
    )
    """Paths that are reached; all when empty."""
    tls: ExposureTls | None = None
    """Encryption; plain HTTP when left out."""


Exposures = Annotated[list[Exposure], Field(max_length=8, json_schema_extra=list_map("host"))]
