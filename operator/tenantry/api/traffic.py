"""How requests to a component are spread over its versions and pods, and what becomes of failures.

The terms are Istio's, whose API has them all; what another provider cannot honour is said in the
condition TrafficManaged: https://istio.io/latest/docs/reference/config/networking/.
"""

from typing import Annotated, Final, Literal

from pydantic import Field

from tenantry.api.base import Model
from tenantry.api.dependencies import VersionName
from tenantry.api.markers import list_atomic, list_map, map_atomic, rule, rules
from tenantry.api.rollouts import Fault, Rollout
from tenantry.api.scaling import Percent
from tenantry.api.times import Duration, NonzeroDuration

_RETRIED: Final = (
    "5xx|gateway-error|reset|reset-before-request|connect-failure|retriable-4xx|refused-stream"
    "|retriable-status-codes|retriable-headers|envoy-ratelimited|http3-post-connect-failure"
    "|cancelled|deadline-exceeded|internal|resource-exhausted|unavailable"
    "|4(0[0-9]|1[0-8]|2[1-689]|31|51)|5(0[0-8]|1[01])"
)
RetryOn = Annotated[
    str, Field(min_length=1, max_length=256, pattern=rf"^({_RETRIED})(,({_RETRIED}))*$")
]
"""Envoy's words for what is tried again, and status codes: all that Istio admits."""

HeaderValue = Annotated[str, Field(min_length=1, max_length=256)]
HeaderName = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[-A-Za-z0-9]+$")]

Weights = Annotated[
    dict[str, Percent],
    Field(
        max_length=8,
        json_schema_extra=map_atomic(
            rule(
                "size(self) == 0 || self.map(v, self[v]).sum() == 100",
                "weights must sum to 100; a version that is not named gets none",
            )
        ),
    ),
]
"""Percent of the requests by the name of the version."""

Headers = Annotated[
    dict[str, HeaderValue],
    Field(
        min_length=1,
        max_length=8,
        json_schema_extra=map_atomic(
            rule(
                "self.all(k, k.matches('^[-A-Za-z0-9]{1,64}$'))",
                "header names have letters, digits and hyphens, at most 64",
            )
        ),
    ),
]
"""Values that headers must have exactly, by their names."""


class TrafficMatch(Model):
    """Requests that go to one version, whatever the weights."""

    headers: Headers
    """Headers that a request must all have."""
    version: VersionName
    """Where they go."""


class Retries(Model):
    """Requests that are tried again."""

    attempts: Annotated[int, Field(ge=0, le=10)]
    """How many times; 0 turns off what the mesh does by itself."""
    per_try_timeout: NonzeroDuration | None = None
    """How long each try may take; what the timeout leaves when left out."""
    retry_on: RetryOn = "connect-failure,refused-stream,unavailable,cancelled"
    """What is tried again, in Envoy's words, with commas: ``5xx,reset,connect-failure``."""


class CircuitBreaker(Model):
    """The most that is sent to a component at a time; what is beyond it fails at once with 503."""

    max_connections: Annotated[int, Field(ge=1, le=1000000)] | None = None
    """TCP connections."""
    max_pending_requests: Annotated[int, Field(ge=1, le=1000000)] | None = None
    """Requests that wait for a connection."""
    max_requests: Annotated[int, Field(ge=1, le=1000000)] | None = None
    """Requests on their way (HTTP/2)."""
    max_requests_per_connection: Annotated[int, Field(ge=1, le=1000000)] | None = None
    """Requests after which a connection is closed."""
    connect_timeout: NonzeroDuration | None = None
    """How long a TCP connection may take to open."""


class OutlierDetection(Model):
    """Pods that fail too often get no requests for a while."""

    consecutive5xx_errors: Annotated[int, Field(alias="consecutive5xxErrors", ge=1, le=1000)] = 5
    """Failures in a row."""
    interval: NonzeroDuration = "10s"
    """How often pods are looked at."""
    base_ejection_time: NonzeroDuration = "30s"
    """How long a pod is left out the first time; longer each time."""
    max_ejection_percent: Annotated[int, Field(ge=1, le=100)] = 50
    """The most of the pods that are left out."""


class HttpCookie(Model):
    """A cookie that the proxy sets and goes by."""

    name: HeaderName
    """What it is called."""
    ttl: Duration
    """How long it lives."""


class ConsistentHash(Model):
    """Requests that are alike go to the same pod."""

    model_config = Model.model_config | {
        "json_schema_extra": rules(
            rule(
                "[has(self.httpHeaderName), has(self.httpCookie), has(self.httpQueryParameterName),"
                " self.useSourceIp].exists_one(given, given)",
                "consistentHash needs exactly one of httpHeaderName, httpCookie, "
                "httpQueryParameterName and useSourceIp",
            )
        )
    }

    http_header_name: HeaderName | None = None
    """By the value of a header."""
    http_cookie: HttpCookie | None = None
    """By a cookie."""
    http_query_parameter_name: HeaderName | None = None
    """By the value of a query parameter."""
    use_source_ip: bool = False
    """By the address of the client."""


Locality = Annotated[str, Field(min_length=1, max_length=128, pattern=r"^[-A-Za-z0-9._/*]+$")]
"""Region, or region/zone, as nodes are labelled."""


class LocalityFailover(Model):
    """Where requests go when a region has no healthy pods."""

    from_: Annotated[Locality, Field(alias="from")]
    """The region without."""
    to: Locality
    """The region that steps in."""


class LoadBalancing(Model):
    """How a pod is chosen for a request."""

    model_config = Model.model_config | {
        "json_schema_extra": rules(
            rule(
                "!(has(self.policy) && has(self.consistentHash))",
                "loadBalancing has a policy or a consistentHash, not both",
            )
        )
    }

    policy: Literal["RoundRobin", "LeastRequest", "Random", "Passthrough"] | None = None
    """The algorithm; the mesh's own when left out."""
    consistent_hash: ConsistentHash | None = None
    """The same pod for requests that are alike."""
    locality_failover: Annotated[
        list[LocalityFailover], Field(max_length=8, json_schema_extra=list_map("from"))
    ] = Field(default=[])
    """Regions that step in for others; needs outlierDetection, which finds pods unhealthy."""


class Mirror(Model):
    """A copy of requests, whose answers nobody waits for."""

    version: VersionName
    """Where the copies go."""
    percent: Annotated[int, Field(ge=1, le=100)] = 100
    """How many of the requests are copied, in percent."""


class Traffic(Model):
    """How requests to the component are treated."""

    model_config = Model.model_config | {
        "json_schema_extra": rules(
            rule(
                "!has(self.loadBalancing) || size(self.loadBalancing.localityFailover) == 0 || "
                "has(self.outlierDetection)",
                "localityFailover needs outlierDetection, which finds out that pods are unhealthy",
            ),
            rule(
                "!has(self.fault) || !self.fault.onlyMatch || size(self.match) > 0",
                "fault.onlyMatch needs a match: the requests that it is about",
            ),
        )
    }

    weights: Weights = Field(default={})
    """Percent by version, together 100; a version that is not named gets none. When empty, the
    first version has everything."""
    match: Annotated[list[TrafficMatch], Field(max_length=16, json_schema_extra=list_atomic())] = (
        Field(default=[])
    )
    """Requests that go to one version, the first match first."""
    timeout: NonzeroDuration | None = None
    """How long a request may take, tries included."""
    retries: Retries | None = None
    """Requests that are tried again; what the mesh does by itself when left out."""
    circuit_breaker: CircuitBreaker | None = None
    """The most that is sent at a time."""
    outlier_detection: OutlierDetection | None = None
    """Leaving out pods that fail."""
    load_balancing: LoadBalancing | None = None
    """Which pod gets a request."""
    mirror: Mirror | None = None
    """A copy of requests for another version."""
    fault: Fault | None = None
    """Failures on purpose, to test the callers."""
    rollout: Rollout | None = None
    """Taking a version up by steps."""
