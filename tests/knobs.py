"""Components that turn each knob of network, traffic and observability, to its ends.

For tests of what others' schemas say to what is rendered.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any, Final

import orjson

from bookinfo import surroundings
from tenantry.api.application import Application
from tenantry.api.base import Manifest
from tenantry.application_desire import desire
from tenantry.application_plan import owned

Json = dict[str, Any]

VERSIONS: Final = ("v1", "v2", "b" * 24)
HOST: Final = "shop.example.com"
LONG_HOST: Final = ".".join(("a" * 63, "b" * 63, "c" * 63, "d" * 59))
SHORTEST, LONGEST = "1ms", "99999h"
EXPIRY: Final = "2999-01-01T00:00:00Z"
NOW: Final = datetime(2026, 6, 1, tzinfo=UTC)
ISTIO: Final = (
    "VirtualService",
    "DestinationRule",
    "ServiceEntry",
    "Sidecar",
    "IstioGateway",
    "AuthorizationPolicy",
    "PeerAuthentication",
    "Telemetry",
)
GATEWAY_API: Final = ("HTTPRoute", "GRPCRoute", "Gateway")


def component(name: str = "reviews", **more: Any) -> Json:
    """A component of three versions, over HTTP on port 9080 unless ports are given."""
    versions = [{"name": one, "image": f"example.com/{name}:{one}"} for one in VERSIONS]
    ports = {} if "ports" in more else {"ports": [{"name": "http", "port": 9080}]}
    return {"name": name, "versions": versions} | ports | more


def _match(number: int, headers: int) -> Json:
    names = ["end-user", *(f"X-Header-{n}" for n in range(1, headers))]
    return {"headers": dict.fromkeys(names, f"user {number}"), "version": "v2"}


TRAFFIC: Final[dict[str, Json]] = {
    "nothing": {},
    "hash of a cookie of the session": {
        "loadBalancing": {"consistentHash": {"httpCookie": {"name": "user", "ttl": "0s"}}}
    },
    "hash of a short cookie": {
        "loadBalancing": {"consistentHash": {"httpCookie": {"name": "-", "ttl": "1ms"}}}
    },
    "retries of codes": {"retries": {"attempts": 1, "retryOn": "503,429,reset,retriable-4xx"}},
    "weights": {"weights": {"v1": 80, "v2": 19, "b" * 24: 1}},
    "match": {"match": [_match(1, 1)]},
    "most matches": {"match": [_match(n, 8) for n in range(16)]},
    "long header": {"match": [{"headers": {"h" * 64: "v" * 256}, "version": "v2"}]},
    "shortest timeout": {"timeout": SHORTEST},
    "longest timeout": {"timeout": LONGEST},
    "odd timeout": {"timeout": "1m1h1s1ms"},
    "no retries": {"retries": {"attempts": 0, "perTryTimeout": "1s"}},
    "retries": {"retries": {"attempts": 10, "perTryTimeout": SHORTEST}},
    "retries within a timeout": {
        "retries": {"attempts": 1, "perTryTimeout": "2s", "retryOn": "5xx,reset"},
        "timeout": "1s",
    },
    "few connections": {
        "circuitBreaker": {
            "maxConnections": 1,
            "maxPendingRequests": 1,
            "maxRequests": 1,
            "maxRequestsPerConnection": 1,
            "connectTimeout": SHORTEST,
        }
    },
    "many connections": {
        "circuitBreaker": {
            "maxConnections": 1000000,
            "maxPendingRequests": 1000000,
            "maxRequests": 1000000,
            "maxRequestsPerConnection": 1000000,
            "connectTimeout": LONGEST,
        }
    },
    "no limits": {"circuitBreaker": {}},
    "outliers": {"outlierDetection": {}},
    "outliers at once": {
        "outlierDetection": {
            "consecutive5xxErrors": 1,
            "interval": SHORTEST,
            "baseEjectionTime": SHORTEST,
            "maxEjectionPercent": 100,
        }
    },
    **{
        policy: {"loadBalancing": {"policy": policy}}
        for policy in ("RoundRobin", "LeastRequest", "Random", "Passthrough")
    },
    "hash of a header": {"loadBalancing": {"consistentHash": {"httpHeaderName": "x-user"}}},
    "hash of a cookie": {
        "loadBalancing": {"consistentHash": {"httpCookie": {"name": "user", "ttl": "1h"}}}
    },
    "hash of a parameter": {
        "loadBalancing": {"consistentHash": {"httpQueryParameterName": "user"}}
    },
    "hash of an address": {"loadBalancing": {"consistentHash": {"useSourceIp": True}}},
    "failover": {
        "loadBalancing": {
            "policy": "RoundRobin",
            "localityFailover": [{"from": "eu", "to": "us"}, {"from": "us", "to": "eu"}],
        },
        "outlierDetection": {},
    },
    "failover alone": {
        "loadBalancing": {"localityFailover": [{"from": "eu", "to": "us"}]},
        "outlierDetection": {},
    },
    "failover of zones": {
        "loadBalancing": {"localityFailover": [{"from": "eu/a", "to": "eu/b"}]},
        "outlierDetection": {},
    },
    "failover and a hash": {
        "loadBalancing": {
            "consistentHash": {"useSourceIp": True},
            "localityFailover": [{"from": "eu", "to": "us"}],
        },
        "outlierDetection": {},
    },
    "a mirror": {"mirror": {"version": "v2"}},
    "a mirror of a few": {"mirror": {"version": "v2", "percent": 1}},
    "a delay": {"fault": {"delay": {"fixedDelay": SHORTEST, "percent": 1}, "expiresAt": EXPIRY}},
    "an abort": {"fault": {"abort": {"httpStatus": 200}, "expiresAt": EXPIRY}},
    "both for some": {
        "fault": {
            "delay": {"fixedDelay": LONGEST},
            "abort": {"httpStatus": 599, "percent": 1},
            "onlyMatch": True,
            "expiresAt": EXPIRY,
        },
        "match": [_match(1, 1)],
    },
}
"""Of a component's `traffic`."""

PORTS: Final[dict[str, list[Json]]] = {
    "HTTP": [{"name": "http", "port": 80, "targetPort": 9080, "appProtocol": "http"}],
    "gRPC": [{"name": "grpc", "port": 9090}],
    "TCP": [{"name": "mysql", "port": 3306}],
    "TLS": [{"name": "tls", "port": 8443}],
    "several": [
        {"name": "http", "port": 80, "targetPort": 9080},
        {"name": "grpc-by-name", "port": 9090, "appProtocol": "kubernetes.io/h2c"},
        {"name": "mysql", "port": 3306},
        {"name": "dns", "port": 53, "protocol": "UDP"},
    ],
}
"""Of a component, by what is spoken."""

EXPOSURES: Final[dict[str, Json]] = {
    "a host": {},
    "a wildcard": {"host": "*.example.com"},
    "the longest host": {"host": LONG_HOST},
    "paths": {"paths": [{"exact": "/"}, {"prefix": "/"}, {"prefix": "/api/"}, {"exact": "/a"}]},
    "most paths": {"paths": [{"prefix": f"/{n}{'a' * 250}"} for n in range(16)]},
    "odd paths": {"paths": [{"prefix": "/a%20b/~c;d=1,2/@me"}, {"exact": "/a.b/$c&d+e!(f)*'"}]},
    "TLS": {"tls": {"secretName": "certificate"}},
    "TLS beside plain HTTP": {"tls": {"secretName": "c.d", "httpsRedirect": False}},
    "a class": {"className": "special"},
    "a gateway": {"gateway": {"name": "shared"}},
    "a gateway elsewhere": {
        "gateway": {"namespace": "edge", "name": "shared"},
        "paths": [{"prefix": "/api"}],
    },
    "TLS at a gateway that exists": {
        "gateway": {"name": "shared"},
        "tls": {"secretName": "certificate"},
    },
    **{type_: {"type": type_} for type_ in ("Ingress", "HTTPRoute", "IstioGateway")},
}
"""Of a component's `expose`, with a host unless it is given."""

EGRESSES: Final[dict[str, list[Json]]] = {
    "hosts": [{"hosts": ["api.example.org", "*.example.net", "*.org"], "ports": [80, 443]}],
    "the longest host": [{"hosts": [LONG_HOST]}],
    "most ports": [{"hosts": ["a.example.org"], "ports": [*range(1, 17)]}],
    "addresses": [{"cidrs": ["203.0.113.0/24", "2001:db8::/32"], "ports": [5432]}],
    "hosts and addresses": [{"hosts": ["a.example.org"], "cidrs": ["203.0.113.7/32"]}],
    "everything": [{"hosts": ["a.example.org"], "cidrs": ["0.0.0.0/0", "::/0"]}],
    "UDP": [{"hosts": ["time.example.org"], "ports": [123], "protocol": "UDP"}],
}
"""Of a component's `egress`."""

METRICS: Final[dict[str, Json]] = {
    "a port of the Service": {"metrics": {}},
    "a port of its own": {"metrics": {"port": 9100, "path": "/admin/metrics?x=y"}},
    "seldom": {"metrics": {"interval": LONGEST}},
    "an odd interval": {"metrics": {"interval": "1m1h1s1s"}},
    "of a job": {"metrics": {"port": 9100}, "kind": "CronJob", "schedule": "@daily", "ports": []},
}

SCALING: Final[dict[str, Json]] = {
    "CPU": {"autoscaling": {"maxReplicas": 1}},
    "memory": {"autoscaling": {"minReplicas": 1000, "maxReplicas": 1000, "memory": 1000}},
    "metrics": {
        "autoscaling": {
            "maxReplicas": 3,
            "metrics": [
                {"name": "http_requests", "averageValue": "0.5", "selector": {"route": "a"}},
                {"name": "queue", "type": "External", "averageValue": "1500m"},
            ],
        }
    },
    "a StatefulSet": {"autoscaling": {"maxReplicas": 3, "cpu": 50}, "kind": "StatefulSet"},
    "a DaemonSet": {"kind": "DaemonSet"},
}

OBSERVABILITY: Final[dict[str, Json]] = {
    "no traces": {"tracing": {"samplingPercent": 0}},
    "all traces and errors alone": {
        "tracing": {"samplingPercent": 100},
        "accessLog": {"onlyErrors": True},
    },
    "a line for each request": {"accessLog": {}},
    "no lines": {"accessLog": {"enabled": False}},
}


def knobs() -> Iterator[tuple[str, list[Json], Json]]:
    """What a knob does, the components that turn it, and the rest of the spec."""
    for name, traffic in TRAFFIC.items():
        for spoken, ports in PORTS.items():
            yield f"traffic: {name}, {spoken}", [component(traffic=traffic, ports=ports)], {}
        exposed = component(traffic=traffic, expose=[{"host": HOST}])
        yield f"traffic: {name}, exposed", [exposed], {}
    for name, exposure in EXPOSURES.items():
        for spoken in ("HTTP", "gRPC", "several"):
            one = component(expose=[{"host": HOST} | exposure], ports=PORTS[spoken])
            yield f"expose: {name}, {spoken}", [one], {}
    yield from _together()
    for name, egress in EGRESSES.items():
        yield f"egress: {name}", [component(egress=egress)], {}
        yield f"egress of all: {name}", [component(), component("web")], {"egress": egress}
    for name, more in (METRICS | SCALING).items():
        yield name, [component(**more)], {}
    yield from _by_the_spec()


def _by_the_spec() -> Iterator[tuple[str, list[Json], Json]]:
    """What is said for all components at once."""
    for name, observability in OBSERVABILITY.items():
        yield name, [component()], {"observability": observability}
    for mtls in ("Strict", "Permissive", "Disabled"):
        yield f"mtls: {mtls}", [component()], {"policy": {"mtls": mtls}}


def _together() -> Iterator[tuple[str, list[Json], Json]]:
    """What meets in one object."""
    matches = {"match": [_match(n, 8) for n in range(16)]}
    paths = [{"prefix": f"/{n}"} for n in range(16)]
    yield (
        "most paths and most matches",
        [component(traffic=matches, expose=[{"host": HOST, "paths": paths}])],
        {},
    )
    shared = [
        component(name, expose=[{"host": HOST, "paths": [{"prefix": f"/{name}"}]}])
        for name in ("a", "b" * 38)
    ]
    yield "two components of one host", shared, {}
    there = {"namespace": "n" * 63, "application": "a" * 63, "component": "c" * 50}
    calling = component(
        "web",
        dependsOn=[{"component": "reviews", "versions": ["v1"]}, {"external": there}],
        serviceAccount={"name": "own"},
    )
    called = component(
        accepts=[{"namespace": "n" * 63, "application": "a" * 63}],
        expose=[{"host": HOST}],
        metrics={"path": "/metrics"},
    )
    yield "callers", [calling, called], {}


def rendered(applications: Iterable[Application], served: Iterable[str]) -> Iterator[Manifest]:
    """All that Applications become where these optional kinds are served, each object once."""
    seen = set()
    for one in applications:
        around = surroundings(namespace=one.namespace, served=served, gateway_class="shared")
        for manifest in desire(one, around, {}, NOW).manifests:
            made = owned(one, manifest)
            if (text := orjson.dumps(made)) not in seen:
                seen.add(text)
                yield made
