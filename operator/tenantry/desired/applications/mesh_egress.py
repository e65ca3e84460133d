"""Hosts outside the cluster, by name, where a mesh can tell them apart.

NetworkPolicies open the world on the declared ports, as far as the floor does; the mesh narrows it
to the declared hosts. A ServiceEntry makes a host known, and a Sidecar lets a component's pods call
nothing that is not: https://istio.io/latest/docs/reference/config/networking/service-entry/ and
https://istio.io/latest/docs/reference/config/networking/sidecar/.

A host is known by what a client says first: the Host of a request on port 80, the server name of
TLS elsewhere. For other protocols give ``cidrs``. A program that gets around its own sidecar meets
the NetworkPolicies alone.
"""

from collections.abc import Iterator
from typing import Final

from tenantry.api.application import Application
from tenantry.api.base import Manifest
from tenantry.api.dependencies import Egress
from tenantry.desired.applications.agreements import outgoing
from tenantry.desired.applications.istio import API
from tenantry.desired.applications.labels import (
    application_labels,
    component_selector,
    of_component,
)
from tenantry.desired.applications.naming import digest, shortened
from tenantry.desired.applications.parts import Part, parts
from tenantry.desired.applications.surroundings import Surroundings
from tenantry.desired.applications.telemetry import traces
from tenantry.desired.objects import owned

_PLAIN_PORT: Final = 80
_NAME_LENGTH: Final = 54


def mesh_egress(application: Application, surroundings: Surroundings) -> list[Manifest]:
    """What makes hosts known and all others unknown; nothing where no mesh could.

    Args:
        application: as the API server has it.
        surroundings: what is served.
    """
    if not surroundings.knows_hosts or application.spec.policy.network_policy == "Disabled":
        return []
    every = parts(application, surroundings.facts)
    hosts: dict[str, set[int]] = {}
    for part in every:
        for egress in _by_name(application, part):
            for host in egress.hosts:
                hosts.setdefault(host, set()).update(egress.ports)
    return [
        *(
            _service_entry(application, surroundings, host, ports)
            for host, ports in sorted(hosts.items())
        ),
        *(
            _address_entry(part, given)
            for part in every
            if (given := _by_address(application, part))
        ),
        *_sidecars(application, surroundings, every),
    ]


def _given(application: Application, part: Part) -> list[Egress]:
    """What a component calls over TCP; a sidecar does not see the rest."""
    given = [*application.spec.egress, *part.component.egress]
    return [one for one in given if one.protocol == "TCP"]


def _by_name(application: Application, part: Part) -> list[Egress]:
    """What is narrowed to hosts: nothing, where every address is open to the component anyway."""
    given = _given(application, part)
    if any(cidr.endswith("/0") for one in given for cidr in one.cidrs):
        return []
    return [one for one in given if one.hosts]


def _by_address(application: Application, part: Part) -> list[Egress]:
    """What must be made known beside hosts, for a sidecar that narrows narrows it all."""
    given = [one for one in _given(application, part) if one.cidrs]
    return given if _by_name(application, part) else []


def _service_entry(
    application: Application, surroundings: Surroundings, host: str, ports: set[int]
) -> Manifest:
    readable = f"{application.name}-{host.replace('*', 'any').replace('.', '-')}"
    name = f"{shortened(readable, _NAME_LENGTH)}-{digest(f'{application.name}/{host}')}"
    labels = application_labels(application.name, surroundings.facts.labels)
    spec = {
        "exportTo": ["."],
        "hosts": [host],
        "location": "MESH_EXTERNAL",
        "ports": [_port(port) for port in sorted(ports)],
        # The addresses of a wildcard cannot be asked for: connections go where clients send them.
        "resolution": "NONE" if host.startswith("*") else "DNS",
    }
    made = owned(API, "ServiceEntry", application.namespace, labels, name=name)
    return made | {"spec": spec}


def _address_entry(part: Part, given: list[Egress]) -> Manifest:
    ports = sorted({port for one in given for port in one.ports})
    spec = {
        "addresses": sorted({cidr for one in given for cidr in one.cidrs}),
        "exportTo": ["."],
        "hosts": [_addresses_host(part)],
        "location": "MESH_EXTERNAL",
        "ports": [{"name": f"tcp-{port}", "number": port, "protocol": "TCP"} for port in ports],
        "resolution": "NONE",
    }
    name = f"{part.name}.addresses"
    return of_component(API, "ServiceEntry", part, name=name) | {"spec": spec}


def _addresses_host(part: Part) -> str:
    """A name that nobody resolves; every ServiceEntry must have one."""
    return f"{part.name}.{part.namespace}.addresses.internal"


def _port(number: int) -> Manifest:
    protocol = "HTTP" if number == _PLAIN_PORT else "TLS"
    return {"name": f"{protocol.lower()}-{number}", "number": number, "protocol": protocol}


def _sidecars(
    application: Application, surroundings: Surroundings, every: list[Part]
) -> Iterator[Manifest]:
    edges, _ = outgoing(application, surroundings.neighbours)
    for part in every:
        outside = {host for one in _by_name(application, part) for host in one.hosts}
        if not outside:
            continue
        called = {
            edge.callee.application.namespace
            for edge in edges
            if edge.caller.component.name == part.name
        }
        if traces(application):
            called |= {one.namespace for one in surroundings.network.tracing}
        hosts = [
            *(
                f"{name}/*.{name}.svc.{surroundings.platform.cluster_domain}"
                for name in sorted(called)
            ),
            f"{surroundings.platform.mesh_namespace}/*",
            *(f"./{host}" for host in sorted(outside)),
        ]
        if _by_address(application, part):
            hosts.append(f"./{_addresses_host(part)}")
        spec = {
            "egress": [{"hosts": hosts}],
            "outboundTrafficPolicy": {"mode": "REGISTRY_ONLY"},
            "workloadSelector": {"labels": component_selector(part.application, part.name)},
        }
        yield of_component(API, "Sidecar", part) | {"spec": spec}
