"""What is spoken on a port, as far as routes must know it."""

from typing import Final, Literal

from tenantry.api.exposure import ServicePort
from tenantry.desired.applications.parts import Part
from tenantry.desired.applications.services import app_protocol

Spoken = Literal["HTTP", "GRPC", "TLS", "TCP", ""]

_HTTP: Final = frozenset({"http", "http2", "grpc-web", "kubernetes.io/h2c", "kubernetes.io/ws"})
_ENCRYPTED: Final = frozenset({"https", "tls", "kubernetes.io/wss"})


def spoken(port: ServicePort) -> Spoken:
    """The protocol family of a port; empty for what no route carries.

    A port that says nothing is taken for HTTP, as Istio finds out by looking:
    https://istio.io/latest/docs/ops/configuration/traffic-management/protocol-selection/.
    """
    if port.protocol != "TCP":
        return ""
    protocol = app_protocol(port)
    if protocol == "grpc":
        return "GRPC"
    if protocol is None or protocol in _HTTP:
        return "HTTP"
    return "TLS" if protocol in _ENCRYPTED else "TCP"


def ports_with(part: Part, *those: Spoken) -> list[ServicePort]:
    """The ports of a component on which one of these is spoken."""
    return [port for port in part.ports if spoken(port) in those]
