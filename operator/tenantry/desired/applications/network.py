"""NetworkPolicies of an Application: what is declared is open, and nothing else.

An edge is opened at both ends, for a NetworkPolicy says what its own pods may do: ingress at the
callee, egress at the caller, by the caller's versions, on ports of pods (targets), not of Services:
https://kubernetes.io/docs/concepts/services-networking/network-policies/.

That nothing else is open is what ``floor`` sees to.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from tenantry.api.application import Application
from tenantry.api.base import Manifest
from tenantry.api.dependencies import Egress
from tenantry.api.names import FIELD_MANAGER
from tenantry.desired.applications.agreements import Edge, End, incoming, outgoing
from tenantry.desired.applications.egress import beyond_floor, egress_rules, floor_rules
from tenantry.desired.applications.floor import floor_again
from tenantry.desired.applications.labels import (
    component_selector,
    of_component,
    of_version,
    version_selector,
)
from tenantry.desired.applications.openings import (
    MESH_METRICS_PORT,
    exposed,
    from_edge,
    from_monitoring,
)
from tenantry.desired.applications.parts import Part, parts, target_port
from tenantry.desired.applications.surroundings import Surroundings
from tenantry.desired.applications.telemetry import traces
from tenantry.desired.applications.unhonoured import Rendered, Unhonoured
from tenantry.desired.network import collector_rules, dns_rules, pods_of, policy_spec

_API: Final = "networking.k8s.io/v1"
_KIND: Final = "NetworkPolicy"
_MESH_CONFIGURATION_PORT: Final = 15012
"""XDS and certificates: https://istio.io/latest/docs/ops/deployment/application-requirements/."""


def network_policies(application: Application, surroundings: Surroundings) -> Rendered:
    """The NetworkPolicies of an Application, and what of its declarations stays closed.

    Args:
        application: as the API server has it.
        surroundings: its namespace's floor and the other Applications.
    """
    if application.spec.policy.network_policy == "Disabled":
        return Rendered((floor_again(application, surroundings),))
    calls, refused = outgoing(application, surroundings.neighbours)
    edges = [*calls, *incoming(application, surroundings.neighbours)]
    every = parts(application, surroundings.facts)
    rooms = [_Room(application, part, surroundings, edges) for part in every]
    made = [policy for room in rooms for policy in _of_part(room)]
    closed = [one for room in rooms for one in _closed(room)]
    if traces(application) and not surroundings.network.tracing:
        reason = "the Tenant's network lets no traces out (network.tracing)"
        closed.append(Unhonoured("", "observability.tracing", reason))
    return Rendered(tuple(made), tuple(dict.fromkeys([*refused, *closed])))


@dataclass(frozen=True, slots=True)
class _Room:
    """A component, and all that is to be known to open its network."""

    application: Application
    part: Part
    surroundings: Surroundings
    edges: Sequence[Edge]

    @property
    def has_mesh(self) -> bool:
        return self.surroundings.has_mesh

    @property
    def callers(self) -> list[Edge]:
        return [edge for edge in self.edges if self._is(edge.callee)]

    @property
    def calls(self) -> list[Edge]:
        return [edge for edge in self.edges if self._is(edge.caller)]

    def _is(self, end: End) -> bool:
        return end.place == (self.application.namespace, self.application.name, self.part.name)

    @property
    def egress(self) -> list[Egress]:
        return [*self.application.spec.egress, *self.part.component.egress]

    @property
    def floor(self) -> list[Manifest] | None:
        network = self.surroundings.network
        if network.tenant_policies == "Any":
            return None
        return floor_rules(self.part.namespace, network)


def _of_part(room: _Room) -> Iterator[Manifest]:
    """The policy of a component's pods, and one for each version that may do more."""
    part = room.part
    selector: Manifest = {"matchLabels": component_selector(part.application, part.name)}
    ingress = [
        *_from_callers(room),
        *from_edge(room.part, room.surroundings),
        *from_monitoring(room.part, room.surroundings),
    ]
    egress = _egress(room, None)
    if ingress or egress:
        made = of_component(_API, _KIND, part, name=f"{FIELD_MANAGER}.{part.name}")
        yield made | {"spec": policy_spec(selector, ingress, egress)}
    for version in part.versions:
        if further := _egress(room, version.name):
            labels = version_selector(part.application, part.name, version.name)
            name = f"{FIELD_MANAGER}.{part.name}.{version.name}"
            made = of_version(_API, _KIND, part, version.name, name=name)
            yield made | {
                "spec": policy_spec({"matchLabels": labels}, (), further)
                | {"policyTypes": ["Egress"]}
            }


def _from_callers(room: _Room) -> Iterator[Manifest]:
    for ports, edges in _by_ports(room.callers):
        peers = [
            _peer(room, edge.caller, labels)
            for edge in edges
            for labels in _selectors(edge.caller, edge.versions)
        ]
        yield {"from": _each_once(peers), "ports": ports}


def _selectors(end: End, versions: Sequence[str]) -> Iterator[Mapping[str, str]]:
    name, component = end.application.name, end.component.name
    if not versions:
        yield component_selector(name, component)
    for version in sorted(versions):
        yield version_selector(name, component, version)


def _peer(room: _Room, end: End, labels: Mapping[str, str]) -> Manifest:
    """Pods with these labels; of a pod in another namespace, only the namespace is certain."""
    if end.application.namespace == room.part.namespace:
        return {"podSelector": {"matchLabels": labels}}
    return pods_of(end.application.namespace, labels)


def _by_ports(edges: Iterable[Edge]) -> Iterator[tuple[list[Manifest], list[Edge]]]:
    """Edges with their ports in common, so that they are one rule."""
    groups: dict[tuple[tuple[str, int], ...], list[Edge]] = {}
    for edge in edges:
        ports = sorted({(port.protocol, target_port(port)) for port in edge.ports})
        groups.setdefault(tuple(ports), []).append(edge)
    for group, those in sorted(groups.items()):
        yield [{"protocol": protocol, "port": port} for protocol, port in group], those


def _egress(room: _Room, version: str | None) -> list[Manifest]:
    """What all versions of a component may call, or what one may beyond that."""
    calls = [edge for edge in room.calls if _is_of(edge.versions, version)]
    made: list[Manifest] = [
        {
            "to": _each_once(
                _peer(room, edge.callee, labels)
                for edge in edges
                for labels in _selectors(edge.callee, ())
            ),
            "ports": ports,
        }
        for ports, edges in _by_ports(calls)
    ]
    for given in room.egress:
        if _is_of(given.versions, version):
            made += egress_rules(given, room.floor, knows_hosts=room.surroundings.knows_hosts)
    if version is None and traces(room.application):
        made += collector_rules(room.surroundings.network)
    if version is None and room.has_mesh:
        peer = pods_of(room.surroundings.platform.mesh_namespace, {"app": "istiod"})
        made.append(
            {"to": [peer], "ports": [{"protocol": "TCP", "port": _MESH_CONFIGURATION_PORT}]}
        )
    dns = room.surroundings.network.dns
    return [*made, *dns_rules(dns)] if made and dns.enabled else made


def _is_of(versions: Sequence[str], version: str | None) -> bool:
    return not versions if version is None else version in versions


def _each_once(peers: Iterable[Manifest]) -> list[Manifest]:
    kept: list[Manifest] = []
    for peer in peers:
        if peer not in kept:
            kept.append(peer)
    return kept


def _closed(room: _Room) -> Iterator[Unhonoured]:
    """What is declared and stays closed."""
    name = room.part.name
    for given in room.egress:
        yield from beyond_floor(name, given, room.floor, knows_hosts=room.surroundings.knows_hosts)
    if exposed(room.part) and not [*from_edge(room.part, room.surroundings)]:
        reason = "the Tenant's network lets no ingress controller in (network.ingressControllers)"
        yield Unhonoured(name, "expose", reason)
    if room.part.component.metrics:
        rules = from_monitoring(room.part, room.surroundings)
        scraped = {port["port"] for rule in rules for port in rule["ports"]}
        if not scraped:
            reason = "the Tenant's network lets no monitoring in (network.monitoring)"
            yield Unhonoured(name, "metrics", reason)
        elif room.has_mesh and MESH_METRICS_PORT not in scraped:
            reason = (
                f"in the mesh they are told on the sidecar's port {MESH_METRICS_PORT}, which the "
                "Tenant's network opens to no monitoring (network.monitoring)"
            )
            yield Unhonoured(name, "metrics", reason)
