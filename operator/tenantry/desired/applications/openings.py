"""What of the platform reaches a component: the edge if exposed, monitoring if it has metrics.

Both only as far as the Tenant's floor lets them in.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from tenantry.api.base import Manifest
from tenantry.api.exposure import ServicePort
from tenantry.api.network import IPBlock, Port, Source
from tenantry.desired.applications.parts import Part, target_port
from tenantry.desired.applications.pod_ports import metrics_port, metrics_port_name
from tenantry.desired.applications.surroundings import Surroundings
from tenantry.desired.applications.traffic import provider
from tenantry.desired.network import pods_of

MESH_METRICS_PORT: Final = 15020
"""A sidecar's own metrics with those of the application:
https://istio.io/latest/docs/ops/integrations/prometheus/#option-1-metrics-merging."""
_GATEWAY_LABEL: Final = "gateway.networking.k8s.io/gateway-name"
"""On pods that a controller runs for a Gateway, in the Gateway's namespace:
https://gateway-api.sigs.k8s.io/geps/gep-1762/."""


def exposed(part: Part) -> list[ServicePort]:
    """The ports of a component that are reached from outside, each once."""
    first = next((port.name for port in part.ports), None)
    wanted = {one.port or first for one in part.component.expose}
    return [port for port in part.ports if port.name in wanted]


def from_edge(part: Part, surroundings: Surroundings) -> Iterator[Manifest]:
    """What the Tenant opens for ingress controllers, on the ports that are exposed.

    Addresses from which the floor lets anything in count as well: controllers on the network of
    their nodes are no pods to a NetworkPolicy.
    """
    network = surroundings.network
    for source in sorted(network.ingress_controllers, key=lambda one: one.namespace):
        yield from _from_source(source, exposed(part))
    for rule in network.ingress:
        blocks = [peer.ip_block for peer in rule.from_ if peer.ip_block is not None]
        ports = _opened(exposed(part), rule.ports)
        if blocks and ports:
            yield {"from": [{"ipBlock": _block(one)} for one in blocks], "ports": ports}
    if _has_gateway_nearby(part, surroundings):
        expression = {"key": _GATEWAY_LABEL, "operator": "Exists"}
        peer = {"podSelector": {"matchExpressions": [expression]}}
        yield {"from": [peer], "ports": _opened(exposed(part), ())}


def _has_gateway_nearby(part: Part, surroundings: Surroundings) -> bool:
    """Whether there is a Gateway in the component's namespace, and perhaps pods that are it."""
    served, usual = surroundings.facts.served, surroundings.platform.gateway_class
    return bool(exposed(part)) and any(
        provider(one, served, usual) == "GatewayAPI"
        and (one.gateway is None or one.gateway.namespace in {None, part.namespace})
        for one in part.component.expose
    )


def _block(block: IPBlock) -> Manifest:
    excepted = {"except": sorted(block.except_)} if block.except_ else {}
    return {"cidr": block.cidr, **excepted}


def from_monitoring(part: Part, surroundings: Surroundings) -> Iterator[Manifest]:
    """What the Tenant opens for monitoring, on the port with the metrics, if there are any."""
    number = metrics_port(part)
    if number is None:
        return
    scraped = [ServicePort(name=metrics_port_name(part), port=number)]
    if surroundings.has_mesh:
        scraped.append(ServicePort(name="http-envoy-prom", port=MESH_METRICS_PORT))
    for source in sorted(surroundings.network.monitoring, key=lambda one: one.namespace):
        yield from _from_source(source, scraped)


def _from_source(source: Source, ports: Sequence[ServicePort]) -> Iterator[Manifest]:
    if opened := _opened(ports, source.ports):
        yield {"from": [pods_of(source.namespace, source.pod_labels)], "ports": opened}


def _opened(ports: Iterable[ServicePort], floor: Sequence[Port]) -> list[Manifest]:
    """Those ports that are within the floor's; all of them where the floor names none."""
    numbers = sorted(
        {
            (port.protocol, target_port(port))
            for port in ports
            if not floor or any(_covers(one, port) for one in floor)
        }
    )
    return [{"protocol": protocol, "port": number} for protocol, number in numbers]


def _covers(opened: Port, port: ServicePort) -> bool:
    if opened.protocol != port.protocol:
        return False
    if isinstance(opened.port, str):
        return opened.port == port.name
    return opened.port <= target_port(port) <= (opened.end_port or opened.port)
