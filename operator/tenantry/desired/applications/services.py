"""How components are found: a Service for each, and one for each of its versions.

The component's leads to all versions; those of versions are what traffic is split over where routes
know Services and not labels (https://gateway-api.sigs.k8s.io/guides/user-guides/traffic-splitting/).
The Service of a StatefulSet's version has no address of its own: it gives each pod a name.
"""

from typing import Final

from tenantry.api.base import Manifest
from tenantry.api.components import Version
from tenantry.api.exposure import AppProtocol, ServicePort
from tenantry.desired.applications.labels import (
    component_selector,
    of_component,
    of_version,
    version_selector,
)
from tenantry.desired.applications.naming import workload_name
from tenantry.desired.applications.parts import Part, target_port

_SPOKEN: Final[tuple[AppProtocol, ...]] = (
    "grpc-web",
    "grpc",
    "http2",
    "https",
    "http",
    "mongo",
    "mysql",
    "redis",
    "tcp",
    "tls",
)
"""Protocols that a port's name may begin with, the longer first."""
_NO_ADDRESS: Final = {"clusterIP": "None", "publishNotReadyAddresses": True}
"""Peers of a StatefulSet must find each other before they can become ready."""


def services(part: Part) -> list[Manifest]:
    """The Services of a component; without ports it is called by nobody and has none.

    A StatefulSet's pods are named by the Service of their version, with ports or without.
    """
    if not part.is_server:
        return []
    is_stateful = part.component.kind == "StatefulSet"
    of_versions = [_of_version(part, each) for each in part.versions if part.ports or is_stateful]
    if not part.ports:
        return of_versions
    selector = component_selector(part.application, part.name)
    return [of_component("v1", "Service", part) | {"spec": _spec(part, selector)}, *of_versions]


def number_of_services(part: Part) -> int:
    """How many Services a component has: as many as ``services`` gives, without rendering them."""
    if not part.is_server or not (part.ports or part.component.kind == "StatefulSet"):
        return 0
    return len(part.versions) + (1 if part.ports else 0)


def app_protocol(port: ServicePort) -> AppProtocol | None:
    """What is spoken on a port: as given, or what its name begins with; None if that says nothing.

    https://istio.io/latest/docs/ops/configuration/traffic-management/protocol-selection/.
    """
    if port.app_protocol is not None or port.protocol != "TCP":
        return port.app_protocol
    for protocol in _SPOKEN:
        if port.name == protocol or port.name.startswith(f"{protocol}-"):
            return protocol
    return None


def _of_version(part: Part, version: Version) -> Manifest:
    name = workload_name(part.name, version.name)
    selector = version_selector(part.application, part.name, version.name)
    spec = _spec(part, selector)
    if part.component.kind == "StatefulSet":
        spec |= _NO_ADDRESS
    return of_version("v1", "Service", part, version.name, name=name) | {"spec": spec}


def _spec(part: Part, selector: dict[str, str]) -> Manifest:
    """Less what the API server adds: addresses and their families."""
    made: Manifest = {
        "internalTrafficPolicy": "Cluster",
        "selector": selector,
        "sessionAffinity": "None",
        "type": "ClusterIP",
    }
    return made | ({"ports": [_port(port) for port in part.ports]} if part.ports else {})


def _port(port: ServicePort) -> Manifest:
    protocol = app_protocol(port)
    made: Manifest = {
        "name": port.name,
        "port": port.port,
        "protocol": port.protocol,
        "targetPort": target_port(port),
    }
    return made | ({} if protocol is None else {"appProtocol": protocol})
