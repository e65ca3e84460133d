"""The ports of a component's container: what its Services point at, and where it tells metrics."""

from typing import Final

from tenantry.api.base import Manifest
from tenantry.desired.applications.parts import Part, target_port

_METRICS_NAMES: Final = ("metrics", *(f"metrics-{number}" for number in range(2, 10)))
"""What a port for metrics is called that no Service has: the first of these that is not taken, for
a component has at most eight ports."""


def container_ports(part: Part) -> list[Manifest]:
    """``ports`` of the container, each number once for each protocol.

    Several ports of a Service may lead to one of the container. The API server merges ports by
    number and protocol, so no two entries may have the same.
    """
    named: dict[tuple[int, str], str] = {}
    for port in part.ports:
        named.setdefault((target_port(port), port.protocol), port.name)
    number = metrics_port(part)
    if number is not None and (number, "TCP") not in named:
        taken = set(named.values())
        named[number, "TCP"] = next(name for name in _METRICS_NAMES if name not in taken)
    return [
        {"containerPort": number, "name": name, "protocol": protocol}
        for (number, protocol), name in named.items()
    ]


def metrics_port(part: Part) -> int | None:
    """Number of the container's port that tells metrics; None if the component tells none."""
    metrics = part.component.metrics
    return None if metrics is None else part.pod_port(metrics.port)


def metrics_port_name(part: Part) -> str:
    """What that port is called in the container; empty if the component tells no metrics."""
    number = metrics_port(part)
    for port in container_ports(part):
        if port["containerPort"] == number and port["protocol"] == "TCP":
            return str(port["name"])
    return ""
