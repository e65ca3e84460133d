"""Requests between pods by Istio's API: a VirtualService says where they go, a DestinationRule how.

https://istio.io/latest/docs/reference/config/networking/virtual-service/ and
https://istio.io/latest/docs/reference/config/networking/destination-rule/.

Hosts are short names, which Istio completes with the namespace of the object they are in.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from tenantry.api.base import Manifest
from tenantry.api.exposure import ServicePort
from tenantry.api.traffic import CircuitBreaker, ConsistentHash, LoadBalancing, Retries
from tenantry.desired.applications.knobs import (
    LOCALITY_FAILOVER,
    not_spoken,
    of_absent_versions,
)
from tenantry.desired.applications.labels import VERSION_LABEL, of_component
from tenantry.desired.applications.protocols import ports_with
from tenantry.desired.applications.traffic import Route, is_directed
from tenantry.desired.applications.unhonoured import Rendered, Unhonoured

API: Final = "networking.istio.io/v1"
_SIMPLE: Final = {
    "RoundRobin": "ROUND_ROBIN",
    "LeastRequest": "LEAST_REQUEST",
    "Random": "RANDOM",
    "Passthrough": "PASSTHROUGH",
}


def istio_traffic(route: Route) -> Rendered:
    """How requests to a component are treated; nothing where there is nothing to say."""
    if not is_directed(route.part):
        return Rendered()
    made = [_destination_rule(route)]
    if spec := _virtual_service(route):
        made.append(of_component(API, "VirtualService", route.part) | {"spec": spec})
    said = (*not_spoken(route), *of_absent_versions(route), *_no_regions(route))
    return Rendered(tuple(made), said)


def http_entries(
    route: Route, port: ServicePort, where: Sequence[Manifest] = ()
) -> Iterator[Manifest]:
    """The entries of ``http`` for one port of a component, the more special ones first.

    Args:
        route: the component and its traffic.
        port: of its Service.
        where: conditions, of which one must hold in addition; none where empty.
    """
    names = {version.name for version in route.part.versions}
    for match in route.traffic.match:
        if match.version in names:
            # Istio knows headers by their names in lower case.
            headers = {key.lower(): {"exact": value} for key, value in match.headers.items()}
            entry: Manifest = {
                "match": [{**one, "headers": headers} for one in where or ({},)],
                "route": [{"destination": _destination(route, port, match.version)}],
            }
            yield entry | _treatment(route, port, is_match=True)
    entry = {"match": [*where]} if where else {}
    yield entry | {"route": _shares(route, port)} | _treatment(route, port, is_match=False)


def _virtual_service(route: Route) -> Manifest:
    part = route.part
    is_only = len(part.ports) == 1
    made: Manifest = {
        "http": [
            entry
            for port in ports_with(part, "HTTP", "GRPC")
            for entry in http_entries(route, port, () if is_only else ({"port": port.port},))
        ],
        "tcp": [
            {"match": [{"port": port.port}], "route": _shares(route, port)}
            for port in ports_with(part, "TCP")
        ],
    }
    made = {name: entries for name, entries in made.items() if entries}
    return {"hosts": [part.name], **made} if made else {}


def _destination(route: Route, port: ServicePort, version: str) -> Manifest:
    made: Manifest = {"host": route.part.name, "port": {"number": port.port}}
    return made | ({"subset": version} if is_directed(route.part) else {})


def _shares(route: Route, port: ServicePort) -> list[Manifest]:
    return [
        {"destination": _destination(route, port, version), "weight": share}
        for version, share in route.weights.items()
    ]


def _treatment(route: Route, port: ServicePort, *, is_match: bool) -> Manifest:
    """What becomes of a request beside where it goes."""
    traffic, made = route.traffic, Manifest()
    if traffic.timeout is not None:
        made["timeout"] = traffic.timeout
    if traffic.retries is not None:
        made["retries"] = _retries(traffic.retries)
    mirror = traffic.mirror
    if mirror and mirror.version in {version.name for version in route.part.versions}:
        made["mirror"] = _destination(route, port, mirror.version)
        made["mirrorPercentage"] = {"value": mirror.percent}
    if route.fault and (is_match or not route.fault.only_match):
        made["fault"] = _fault(route)
    return made


def _retries(retries: Retries) -> Manifest:
    if not retries.attempts:
        return {"attempts": 0}  # with anything beside it, Istio refuses it
    made: Manifest = {"attempts": retries.attempts, "retryOn": retries.retry_on}
    if retries.per_try_timeout is not None:
        made["perTryTimeout"] = retries.per_try_timeout
    return made


def _fault(route: Route) -> Manifest:
    fault, made = route.fault, Manifest()
    if fault and fault.delay:
        percentage = {"value": fault.delay.percent}
        made["delay"] = {"fixedDelay": fault.delay.fixed_delay, "percentage": percentage}
    if fault and fault.abort:
        percentage = {"value": fault.abort.percent}
        made["abort"] = {"httpStatus": fault.abort.http_status, "percentage": percentage}
    return made


def _destination_rule(route: Route) -> Manifest:
    part, traffic = route.part, route.traffic
    policy: Manifest = {}
    # An empty one is refused.
    if traffic.circuit_breaker is not None and (pool := _connection_pool(traffic.circuit_breaker)):
        policy["connectionPool"] = pool
    if traffic.outlier_detection is not None:
        policy["outlierDetection"] = traffic.outlier_detection.model_dump(by_alias=True)
    if traffic.load_balancing is not None and (made := _load_balancer(traffic.load_balancing)):
        policy["loadBalancer"] = made
    subsets = [{"name": one.name, "labels": {VERSION_LABEL: one.name}} for one in part.versions]
    spec: Manifest = {"host": part.name, "subsets": subsets}
    if policy:
        spec["trafficPolicy"] = policy
    return of_component(API, "DestinationRule", part) | {"spec": spec}


def _connection_pool(breaker: CircuitBreaker) -> Manifest:
    parts: dict[str, Manifest] = {
        "tcp": {
            "maxConnections": breaker.max_connections,
            "connectTimeout": breaker.connect_timeout,
        },
        "http": {
            "http1MaxPendingRequests": breaker.max_pending_requests,
            "http2MaxRequests": breaker.max_requests,
            "maxRequestsPerConnection": breaker.max_requests_per_connection,
        },
    }
    given = {
        layer: {name: value for name, value in those.items() if value is not None}
        for layer, those in parts.items()
    }
    return {layer: those for layer, those in given.items() if those}


def _load_balancer(balancing: LoadBalancing) -> Manifest:
    made: Manifest = {}
    if balancing.policy is not None:
        made["simple"] = _SIMPLE[balancing.policy]
    if balancing.consistent_hash is not None:
        made["consistentHash"] = _consistent_hash(balancing.consistent_hash)
    failover = [
        {"from": one.from_, "to": one.to}
        for one in balancing.locality_failover
        if _is_region(one.from_) and _is_region(one.to) and one.from_ != one.to
    ]
    if failover:
        made["localityLbSetting"] = {"enabled": True, "failover": failover}
    return made


def _consistent_hash(given: ConsistentHash) -> Manifest:
    return given.model_dump(by_alias=True, exclude_none=True, exclude_defaults=True)


def _is_region(locality: str) -> bool:
    return "/" not in locality and "*" not in locality


def _no_regions(route: Route) -> Iterator[Unhonoured]:
    """Failovers that Istio's validation would refuse."""
    balancing = route.traffic.load_balancing
    for one in balancing.locality_failover if balancing else ():
        if not (_is_region(one.from_) and _is_region(one.to)):
            reason = f"{one.from_} to {one.to}: Istio fails over between whole regions only"
            yield Unhonoured(route.part.name, LOCALITY_FAILOVER, reason)
        elif one.from_ == one.to:
            reason = f"{one.from_} cannot step in for itself"
            yield Unhonoured(route.part.name, LOCALITY_FAILOVER, reason)
