"""Requests between pods by the Gateway API: routes whose parent is the component's Service (GAMMA).

https://gateway-api.sigs.k8s.io/mesh/ and https://gateway-api.sigs.k8s.io/reference/spec/. Versions
are told apart by Services, one for each. Defaults are written out as the CRDs have them.

Of several matches that hold, the Gateway API takes the one with the most headers, and only of those
that have the same number the first.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from tenantry.api.base import Manifest
from tenantry.api.exposure import ServicePort
from tenantry.api.times import span
from tenantry.api.traffic import TrafficMatch
from tenantry.desired.applications.knobs import (
    CIRCUIT_BREAKER,
    FAULT,
    LOAD_BALANCING,
    LOCALITY_FAILOVER,
    MATCH,
    OUTLIER_DETECTION,
    RETRIES,
    TIMEOUT,
    WEIGHTS,
    not_spoken,
    of_absent_versions,
    without_effect,
)
from tenantry.desired.applications.labels import of_component
from tenantry.desired.applications.naming import workload_name
from tenantry.desired.applications.protocols import ports_with, spoken
from tenantry.desired.applications.traffic import Route, is_directed
from tenantry.desired.applications.unhonoured import Rendered, Unhonoured

API: Final = "gateway.networking.k8s.io/v1"
_MOST_RULES: Final = 16
_MOST_MATCHES: Final = 128
"""Of a route and of all its rules, by its schema."""
_UNKNOWN: Final = "the Gateway API has no such thing; Istio has"
_REASONS: Final = {
    RETRIES: "retries of the Gateway API are experimental and not in its standard channel",
    CIRCUIT_BREAKER: _UNKNOWN,
    OUTLIER_DETECTION: _UNKNOWN,
    LOAD_BALANCING: _UNKNOWN,
    LOCALITY_FAILOVER: _UNKNOWN,
    FAULT: _UNKNOWN,
}


def gateway_api_traffic(route: Route, served: frozenset[str]) -> Rendered:
    """How requests to a component are treated; nothing where there is nothing to say.

    Args:
        route: the component and its traffic.
        served: optional kinds that the API server has.
    """
    part = route.part
    if not is_directed(part):
        return Rendered()
    made = []
    for port in ports_with(part, "HTTP", "GRPC"):
        parent = {"group": "", "kind": "Service", "name": part.name, "port": port.port}
        kind = route_kind(port, served)
        rules = rules_for(route, port, kind)
        # No component's name has a dot, so this is no other component's.
        name = part.name if len(part.ports) == 1 else f"{part.name}.{port.name}"
        spec = {"parentRefs": [parent], "rules": rules}
        made.append(of_component(API, kind, part, name=name) | {"spec": spec})
    return Rendered(tuple(made), tuple(unhonoured(route, served)))


def route_kind(port: ServicePort, served: frozenset[str]) -> str:
    """The kind of a route to a port; gRPC is HTTP, too, where its own kind is missing."""
    return "GRPCRoute" if spoken(port) == "GRPC" and "GRPCRoute" in served else "HTTPRoute"


def rules_for(
    route: Route, port: ServicePort, kind: str, paths: Sequence[Manifest] = ()
) -> list[Manifest]:
    """The rules of a route to one port of a component.

    Args:
        route: the component and its traffic.
        port: of its Service.
        kind: HTTPRoute or GRPCRoute; the second knows no paths and no timeouts.
        paths: conditions on the path, of which one must hold; every path where empty.
    """
    where = [*paths] if paths or kind == "GRPCRoute" else [_path("PathPrefix", "/")]
    common: Manifest = {}
    if kind == "HTTPRoute" and (timeouts := _timeouts(route)):
        common["timeouts"] = timeouts
    if filters := _filters(route, port):
        common["filters"] = filters
    made = [
        common
        | {
            "backendRefs": [backend(route, port, match.version, 1)],
            "matches": [{**one, "headers": _headers(match)} for one in where or ({},)],
        }
        for match in _fitting(route, len(where))
    ]
    shares = [backend(route, port, version, share) for version, share in route.weights.items()]
    if not is_directed(route.part):
        shares = [service(route.part.name, port) | {"weight": 1}]
    last = common | {"backendRefs": shares}
    return [*made, last | {"matches": where} if where else last]


def path_match(kind: str, path: str) -> Manifest:
    """The condition that a path is the one given, or is below it by whole segments."""
    return _path("Exact" if kind == "exact" else "PathPrefix", path)


def service(name: str, port: ServicePort) -> Manifest:
    """A Service to send requests to."""
    return {"group": "", "kind": "Service", "name": name, "port": port.port}


def backend(route: Route, port: ServicePort, version: str, weight: int) -> Manifest:
    """The Service of a version, with its share."""
    return service(workload_name(route.part.name, version), port) | {"weight": weight}


def unhonoured(route: Route, served: frozenset[str], paths: int = 1) -> Iterator[Unhonoured]:
    """What of a component's traffic these routes cannot do.

    Args:
        route: the component and its traffic.
        served: optional kinds that the API server has.
        paths: how many of them a route tells apart.
    """
    yield from without_effect(route, _REASONS)
    yield from not_spoken(route)
    yield from of_absent_versions(route)
    yield from _unshared(route)
    name = route.part.name
    kinds = {route_kind(port, served) for port in ports_with(route.part, "HTTP", "GRPC")}
    if "GRPCRoute" in kinds:
        yield from without_effect(route, {TIMEOUT: "a GRPCRoute has no timeouts"})
    fitting = _fitting(route, paths)
    if len(fitting) < len(_existing(route)):
        reason = (
            f"a route has {_MOST_RULES} rules, one of them for the rest, and {_MOST_MATCHES} "
            "conditions, each path being one in each rule: leave matches or paths out"
        )
        yield Unhonoured(name, MATCH, reason)
    counts = [len(match.headers) for match in fitting]
    if counts != sorted(counts, reverse=True):
        reason = "of matches that hold, the Gateway API takes the one with the most headers first"
        yield Unhonoured(name, MATCH, f"{reason}: list those first")


def _unshared(route: Route) -> Iterator[Unhonoured]:
    """Connections are not shared: the standard channel of the Gateway API has no TCPRoute."""
    if plain := ", ".join(port.name for port in ports_with(route.part, "TCP")):
        reason = f"connections to {plain} go to all versions: the Gateway API has routes for HTTP"
        yield from without_effect(route, {WEIGHTS: f"{reason} and gRPC only; Istio shares them"})


def _path(kind: str, path: str) -> Manifest:
    return {"path": {"type": kind, "value": path}}


def _existing(route: Route) -> list[TrafficMatch]:
    names = {version.name for version in route.part.versions}
    return [match for match in route.traffic.match if match.version in names]


def _fitting(route: Route, paths: int) -> list[TrafficMatch]:
    """The matches that a route holds beside the rule for the rest."""
    rules = min(_MOST_RULES, _MOST_MATCHES // max(paths, 1))
    return _existing(route)[: rules - 1]


def _headers(match: TrafficMatch) -> list[Manifest]:
    return [
        {"name": name, "type": "Exact", "value": value}
        for name, value in sorted(match.headers.items())
    ]


def _timeouts(route: Route) -> Manifest:
    """For the whole, and for each try; the second must not be the longer one."""
    traffic, made = route.traffic, Manifest()
    if traffic.timeout is not None:
        made["request"] = traffic.timeout
    each = traffic.retries.per_try_timeout if traffic.retries else None
    if each and (traffic.timeout is None or span(each) <= span(traffic.timeout)):
        made["backendRequest"] = each
    return made


def _filters(route: Route, port: ServicePort) -> list[Manifest]:
    mirror = route.traffic.mirror
    if mirror is None or mirror.version not in {one.name for one in route.part.versions}:
        return []
    copied: Manifest = {"backendRef": service(workload_name(route.part.name, mirror.version), port)}
    if mirror.percent < 100:  # noqa: PLR2004  all of them
        copied["percent"] = mirror.percent
    return [{"requestMirror": copied, "type": "RequestMirror"}]
