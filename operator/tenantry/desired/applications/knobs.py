"""The knobs of ``component.traffic`` that are in use, by the paths of their fields."""

from collections.abc import Iterator, Mapping
from typing import Final

from tenantry.desired.applications.protocols import ports_with
from tenantry.desired.applications.traffic import Route
from tenantry.desired.applications.unhonoured import Unhonoured

WEIGHTS: Final = "traffic.weights"
MATCH: Final = "traffic.match"
TIMEOUT: Final = "traffic.timeout"
RETRIES: Final = "traffic.retries"
CIRCUIT_BREAKER: Final = "traffic.circuitBreaker"
OUTLIER_DETECTION: Final = "traffic.outlierDetection"
LOAD_BALANCING: Final = "traffic.loadBalancing"
LOCALITY_FAILOVER: Final = "traffic.loadBalancing.localityFailover"
MIRROR: Final = "traffic.mirror"
FAULT: Final = "traffic.fault"
OF_REQUESTS: Final = (MATCH, TIMEOUT, RETRIES, MIRROR, FAULT)
"""What is about requests of HTTP, not about connections."""


def in_use(route: Route) -> list[str]:
    """The knobs that are turned, in a fixed order; a fault that has ended is none."""
    traffic = route.traffic
    balancing = traffic.load_balancing
    turned: Mapping[str, bool] = {
        WEIGHTS: len(route.part.versions) > 1,
        MATCH: bool(traffic.match),
        TIMEOUT: traffic.timeout is not None,
        RETRIES: traffic.retries is not None,
        CIRCUIT_BREAKER: traffic.circuit_breaker is not None,
        OUTLIER_DETECTION: traffic.outlier_detection is not None,
        LOAD_BALANCING: bool(balancing and (balancing.policy or balancing.consistent_hash)),
        LOCALITY_FAILOVER: bool(balancing and balancing.locality_failover),
        MIRROR: traffic.mirror is not None,
        FAULT: route.fault is not None,
    }
    return [knob for knob, is_turned in turned.items() if is_turned]


def without_effect(route: Route, reasons: Mapping[str, str]) -> Iterator[Unhonoured]:
    """The knobs in use for which there is a reason why they do nothing."""
    for knob in in_use(route):
        if knob in reasons:
            yield Unhonoured(route.part.name, knob, reasons[knob])


def not_spoken(route: Route) -> Iterator[Unhonoured]:
    """The knobs that need a protocol which none, or not each, of the component's ports speaks."""
    part = route.part
    if not ports_with(part, "HTTP", "GRPC"):
        yield from without_effect(route, dict.fromkeys(OF_REQUESTS, "no port speaks HTTP"))
    closed = [
        port.name for port in part.ports if port not in ports_with(part, "HTTP", "GRPC", "TCP")
    ]
    if closed:
        names = ", ".join(closed)
        reason = f"connections to {names} go to all versions: they are encrypted, or not over TCP"
        yield from without_effect(route, {WEIGHTS: reason})


def of_absent_versions(route: Route) -> Iterator[Unhonoured]:
    """What names a version that the component does not have."""
    names = {version.name for version in route.part.versions}
    for match in route.traffic.match:
        if match.version not in names:
            yield Unhonoured(route.part.name, MATCH, f"there is no version {match.version}")
    mirror = route.traffic.mirror
    if mirror and mirror.version not in names:
        yield Unhonoured(route.part.name, MIRROR, f"there is no version {mirror.version}")
