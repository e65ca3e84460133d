from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import pytest

from bookinfo import GATEWAY_API, MESH, application, bookinfo, component, surroundings
from tenantry.api.base import Manifest
from tenantry.api.exposure import Exposure
from tenantry.desired.applications.directing import traffic
from tenantry.desired.applications.traffic import (
    mesh_provider,
    next_expiry,
    only_version,
    provider,
    weights,
)
from tenantry.desired.applications.unhonoured import Rendered

NOW = datetime(2026, 6, 1, tzinfo=UTC)
JASON = {"headers": {"end-user": "jason"}, "version": "v2"}
FAULT = {"delay": {"fixedDelay": "7s"}, "expiresAt": "2026-06-01T00:00:01Z"}
EVERYTHING: dict[str, Any] = {
    "weights": {"v1": 80, "v2": 20, "v3": 0},
    "match": [JASON],
    "timeout": "10s",
    "retries": {"attempts": 2, "perTryTimeout": "2s", "retryOn": "5xx,reset"},
    "circuitBreaker": {"maxConnections": 100, "maxPendingRequests": 50, "connectTimeout": "1s"},
    "outlierDetection": {"consecutive5xxErrors": 3},
    "loadBalancing": {"policy": "LeastRequest", "localityFailover": [{"from": "eu", "to": "us"}]},
    "mirror": {"version": "v3", "percent": 5},
    "fault": FAULT,
}


def rendered(served: Iterable[str] = (), now: datetime = NOW, **said: Any) -> Rendered:
    around = surroundings(served=served, gateway_class="shared")
    return traffic(bookinfo(reviews={"traffic": said}), around, now)


def one(those: Rendered, kind: str, name: str = "reviews") -> Manifest:
    found = [m for m in those.manifests if m["kind"] == kind and m["metadata"]["name"] == name]
    assert len(found) == 1
    spec: Manifest = found[0]["spec"]
    return spec


def knobs(those: Rendered, component: str = "reviews") -> set[str]:
    return {each.knob for each in those.unhonoured if each.component == component}


@pytest.mark.parametrize(
    ("served", "asked", "chosen"),
    [
        pytest.param((), {}, "Ingress", id="nothing but Ingress"),
        pytest.param(GATEWAY_API, {}, "GatewayAPI", id="the Gateway API"),
        pytest.param((*MESH, *GATEWAY_API), {}, "Istio", id="both"),
        pytest.param(["VirtualService"], {}, "Ingress", id="half of Istio"),
        pytest.param(
            (*MESH, *GATEWAY_API), {"type": "HTTPRoute"}, "GatewayAPI", id="both, but asked for"
        ),
        pytest.param(MESH, {"type": "Ingress"}, "Ingress", id="Ingress asked for"),
        pytest.param((), {"type": "IstioGateway"}, "", id="asked for what is not there"),
        pytest.param((), {"type": "HTTPRoute"}, "", id="asked for routes that are not there"),
    ],
)
def test_the_provider_is_what_is_asked_for_else_the_most_able_that_is_there(
    served: Iterable[str], asked: Any, chosen: str
) -> None:
    exposure = Exposure.model_validate({"host": "shop.example.com"} | asked)
    assert provider(exposure, frozenset(served), "shared") == chosen


@pytest.mark.parametrize(
    ("asked", "chosen"),
    [
        ({}, "Ingress"),
        ({"className": "shared"}, "GatewayAPI"),
        ({"gateway": {"name": "shared"}}, "GatewayAPI"),
        ({"type": "HTTPRoute"}, "GatewayAPI"),
    ],
)
def test_a_host_stays_with_ingress_while_there_is_no_gateway_for_it(
    asked: Any, chosen: str
) -> None:
    exposure = Exposure.model_validate({"host": "shop.example.com"} | asked)
    assert provider(exposure, frozenset(GATEWAY_API), "") == chosen


def test_an_ingress_directs_nothing_between_pods() -> None:
    assert mesh_provider(frozenset()) == ""


@pytest.mark.parametrize(
    ("said", "shares"),
    [
        pytest.param({}, {"v1": 100, "v2": 0, "v3": 0}, id="the first has all"),
        pytest.param({"v3": 100}, {"v1": 0, "v2": 0, "v3": 100}, id="as said"),
        pytest.param({"gone": 100}, {"v1": 100, "v2": 0, "v3": 0}, id="one that is not there"),
    ],
)
def test_weights_are_as_said_or_the_first_version_has_everything(
    said: dict[str, int], shares: dict[str, int]
) -> None:
    reviews = bookinfo(reviews={"traffic": {"weights": said}}).spec.components[2]
    assert weights(reviews) == shares


def test_a_version_alone_is_one_that_has_everything() -> None:
    assert only_version({"v1": 0, "v2": 100}) == "v2"
    assert only_version({"v1": 50, "v2": 50}) is None


def test_istio_honours_every_knob() -> None:
    made = rendered(MESH, **EVERYTHING)
    assert made.unhonoured == ()
    port = {"number": 9080}
    common = {
        "timeout": "10s",
        "retries": {"attempts": 2, "perTryTimeout": "2s", "retryOn": "5xx,reset"},
        "mirror": {"host": "reviews", "port": port, "subset": "v3"},
        "mirrorPercentage": {"value": 5},
        "fault": {"delay": {"fixedDelay": "7s", "percentage": {"value": 100}}},
    }
    assert one(made, "VirtualService") == {
        "hosts": ["reviews"],
        "http": [
            {
                "match": [{"headers": {"end-user": {"exact": "jason"}}}],
                "route": [{"destination": {"host": "reviews", "port": port, "subset": "v2"}}],
                **common,
            },
            {
                "route": [
                    {
                        "destination": {"host": "reviews", "port": port, "subset": version},
                        "weight": share,
                    }
                    for version, share in (("v1", 80), ("v2", 20))
                ],
                **common,
            },
        ],
    }
    assert one(made, "DestinationRule") == {
        "host": "reviews",
        "subsets": [{"name": v, "labels": {"version": v}} for v in ("v1", "v2", "v3")],
        "trafficPolicy": {
            "connectionPool": {
                "tcp": {"maxConnections": 100, "connectTimeout": "1s"},
                "http": {"http1MaxPendingRequests": 50},
            },
            "outlierDetection": {
                "consecutive5xxErrors": 3,
                "interval": "10s",
                "baseEjectionTime": "30s",
                "maxEjectionPercent": 50,
            },
            "loadBalancer": {
                "simple": "LEAST_REQUEST",
                "localityLbSetting": {"enabled": True, "failover": [{"from": "eu", "to": "us"}]},
            },
        },
    }


def test_the_gateway_api_directs_by_services_of_versions_and_tells_the_rest() -> None:
    made = rendered(GATEWAY_API, **EVERYTHING)
    assert knobs(made) == {
        "traffic.retries",
        "traffic.circuitBreaker",
        "traffic.outlierDetection",
        "traffic.loadBalancing",
        "traffic.loadBalancing.localityFailover",
        "traffic.fault",
    }
    service = {"group": "", "kind": "Service", "port": 9080}
    path = {"type": "PathPrefix", "value": "/"}
    headers = [{"name": "end-user", "type": "Exact", "value": "jason"}]
    copied = {"backendRef": {**service, "name": "reviews-v3"}, "percent": 5}
    common = {
        "timeouts": {"request": "10s", "backendRequest": "2s"},
        "filters": [{"type": "RequestMirror", "requestMirror": copied}],
    }
    assert one(made, "HTTPRoute") == {
        "parentRefs": [{**service, "name": "reviews"}],
        "rules": [
            {
                "matches": [{"path": path, "headers": headers}],
                "backendRefs": [{**service, "name": "reviews-v2", "weight": 1}],
                **common,
            },
            {
                "matches": [{"path": path}],
                "backendRefs": [
                    {**service, "name": "reviews-v1", "weight": 80},
                    {**service, "name": "reviews-v2", "weight": 20},
                ],
                **common,
            },
        ],
    }


def test_without_a_provider_every_knob_is_told_and_none_is_rendered() -> None:
    made = rendered((), **EVERYTHING)
    assert knobs(made) == {
        "traffic.weights",
        "traffic.match",
        "traffic.timeout",
        "traffic.retries",
        "traffic.circuitBreaker",
        "traffic.outlierDetection",
        "traffic.loadBalancing",
        "traffic.loadBalancing.localityFailover",
        "traffic.mirror",
        "traffic.fault",
    }
    assert {each["kind"] for each in made.manifests} == {"Ingress"}
    assert all(each.reason for each in made.unhonoured)


@pytest.mark.parametrize("served", [MESH, GATEWAY_API, (*MESH, *GATEWAY_API), ()])
@pytest.mark.parametrize("knob", sorted(EVERYTHING))
def test_a_knob_is_rendered_or_told_whatever_is_served(served: Iterable[str], knob: str) -> None:
    said = {name: EVERYTHING[name] for name in ("weights", "outlierDetection")}
    without = rendered(served, **{name: value for name, value in said.items() if name != knob})
    with_it = rendered(served, **said | {knob: EVERYTHING[knob]})
    told = any(each.startswith(f"traffic.{knob}") for each in knobs(with_it))
    assert told or with_it.manifests != without.manifests


@pytest.mark.parametrize("served", [MESH, GATEWAY_API, ()])
def test_a_fault_that_has_ended_is_neither_rendered_nor_told(served: Iterable[str]) -> None:
    after = datetime(2026, 6, 1, 0, 0, 1, tzinfo=UTC)
    assert rendered(served, after, fault=FAULT, timeout="1s") == rendered(served, timeout="1s")


def test_the_next_end_of_a_fault_is_known_until_it_has_come() -> None:
    made = bookinfo(reviews={"traffic": {"fault": FAULT}})
    end = datetime(2026, 6, 1, 0, 0, 1, tzinfo=UTC)
    assert next_expiry(made, NOW) == end
    assert next_expiry(made, end) is None


def test_a_fault_may_be_for_matched_requests_only() -> None:
    made = rendered(MESH, match=[JASON], fault=FAULT | {"onlyMatch": True})
    assert ["fault" in entry for entry in one(made, "VirtualService")["http"]] == [True, False]


def test_a_circuit_breaker_without_a_limit_is_not_written() -> None:
    assert "trafficPolicy" not in one(rendered(MESH, circuitBreaker={}), "DestinationRule")


def test_no_retries_are_written_without_anything_beside_them() -> None:
    retries = {"attempts": 0, "perTryTimeout": "1s"}
    entries = one(rendered(MESH, retries=retries), "VirtualService")["http"]
    assert entries[0]["retries"] == {"attempts": 0}


@pytest.mark.parametrize(
    ("given", "written"),
    [
        ({"httpHeaderName": "x-user"}, {"httpHeaderName": "x-user"}),
        ({"httpCookie": {"name": "a", "ttl": "1h"}}, {"httpCookie": {"name": "a", "ttl": "1h"}}),
        ({"httpQueryParameterName": "user"}, {"httpQueryParameterName": "user"}),
        ({"useSourceIp": True}, {"useSourceIp": True}),
    ],
)
def test_requests_that_are_alike_go_to_the_same_pod(
    given: dict[str, Any], written: dict[str, Any]
) -> None:
    made = rendered(MESH, loadBalancing={"consistentHash": given})
    rule = one(made, "DestinationRule")["trafficPolicy"]
    assert rule == {"loadBalancer": {"consistentHash": written}}


@pytest.mark.parametrize(
    "failover",
    [{"from": "eu/a", "to": "us"}, {"from": "eu", "to": "*"}, {"from": "eu", "to": "eu"}],
)
def test_a_failover_that_istio_would_refuse_is_told(failover: dict[str, str]) -> None:
    made = rendered(MESH, loadBalancing={"localityFailover": [failover]}, outlierDetection={})
    assert knobs(made) == {"traffic.loadBalancing.localityFailover"}
    assert "loadBalancer" not in one(made, "DestinationRule")["trafficPolicy"]


def test_connections_without_http_are_shared_by_weight_and_the_rest_is_told() -> None:
    said = {"weights": {"v1": 50, "v2": 50}, "timeout": "1s", "match": [JASON]}
    made = traffic(
        bookinfo(reviews={"traffic": said, "ports": [{"name": "mysql", "port": 3306}]}),
        surroundings(served=MESH),
        NOW,
    )
    spec = one(made, "VirtualService")
    assert "http" not in spec
    assert [each["weight"] for each in spec["tcp"][0]["route"]] == [50, 50]
    assert knobs(made) == {"traffic.timeout", "traffic.match"}


def test_routes_of_two_components_are_never_called_the_same() -> None:
    ports = [{"name": "http", "port": 80}, {"name": "http-admin", "port": 81}]
    said = {"traffic": {"timeout": "1s"}}
    shop = application([component("a", ports=ports, **said), component("a-http-admin", **said)])
    made = traffic(shop, surroundings(served=GATEWAY_API), NOW).manifests
    assert {each["metadata"]["name"] for each in made} == {"a.http", "a.http-admin", "a-http-admin"}
    assert len(made) == 3


@pytest.mark.parametrize(
    "ports",
    [
        [{"name": "mysql", "port": 3306}],
        [{"name": "http", "port": 80}, {"name": "tcp-admin", "port": 81}],
    ],
)
@pytest.mark.parametrize(
    "said",
    [
        {"weights": {"v1": 50, "v2": 50}},
        {"rollout": {"version": "v2", "steps": [{"weight": 10}]}},
    ],
)
def test_connections_that_no_route_of_the_gateway_api_shares_are_told(
    said: Manifest, ports: list[Manifest]
) -> None:
    made = traffic(
        bookinfo(reviews={"traffic": said, "ports": ports}),
        surroundings(served=GATEWAY_API, gateway_class="shared"),
        NOW,
    )
    (told,) = [each for each in made.unhonoured if each.knob == "traffic.weights"]
    assert f"connections to {ports[-1]['name']} go to all versions" in told.reason


@pytest.mark.parametrize("served", [MESH, GATEWAY_API])
def test_a_version_that_is_not_there_is_told_and_never_sent_to(served: Iterable[str]) -> None:
    said = {"match": [JASON | {"version": "v9"}], "mirror": {"version": "v9"}}
    made = rendered(served, **said)
    assert knobs(made) == {"traffic.match", "traffic.mirror"}
    assert "v9" not in str(made.manifests)


def test_grpc_has_routes_of_its_own_which_know_no_timeouts() -> None:
    ports = [{"name": "grpc", "port": 9080}]
    made = traffic(
        bookinfo(reviews={"traffic": {"timeout": "1s", "match": [JASON]}, "ports": ports}),
        surroundings(served=GATEWAY_API, gateway_class="shared"),
        NOW,
    )
    spec = one(made, "GRPCRoute")
    assert [sorted(rule) for rule in spec["rules"]] == [["backendRefs", "matches"], ["backendRefs"]]
    assert knobs(made) == {"traffic.timeout"}


def test_matches_beyond_what_a_route_holds_and_in_another_order_are_told() -> None:
    many = [{"headers": {"user": str(n)}, "version": "v2"} for n in range(16)]
    made = rendered(GATEWAY_API, match=many)
    assert len(one(made, "HTTPRoute")["rules"]) == 16
    assert knobs(made) == {"traffic.match"}
    special = JASON | {"headers": {"end-user": "jason", "x": "y"}}
    assert knobs(rendered(GATEWAY_API, match=[JASON, special])) == {"traffic.match"}
    assert not knobs(rendered(GATEWAY_API, match=[special, JASON]))


def test_a_route_has_as_many_matches_as_its_paths_leave_room_for_and_the_rest_is_told() -> None:
    said = {"match": [{"headers": {"user": str(n)}, "version": "v2"} for n in range(9)]}
    paths = [{"prefix": f"/{n}"} for n in range(16)]
    exposed = {"traffic": said, "expose": [{"host": "shop.example.com", "paths": paths}]}
    around = surroundings(served=GATEWAY_API, gateway_class="shared")
    made = traffic(bookinfo(reviews=exposed), around, NOW)
    rules = [
        each["spec"]["rules"]
        for each in made.manifests
        if each["kind"] == "HTTPRoute" and "shop.example.com" in each["spec"].get("hostnames", ())
    ]
    assert [sum(len(rule["matches"]) for rule in each) for each in rules] == [128]
    assert knobs(made) == {"traffic.match"}
    assert len(one(made, "HTTPRoute")["rules"]) == 10


def test_components_of_which_nothing_is_said_have_nothing() -> None:
    made = rendered(MESH, timeout="1s")
    named = {each["metadata"]["name"] for each in made.manifests if each["kind"] != "Gateway"}
    assert named.isdisjoint({"details", "ratings", "productpage"})


def test_what_a_rollout_says_goes_before_the_weights_of_the_spec() -> None:
    around = surroundings(served=MESH)
    made = traffic(bookinfo(), around, NOW, {"reviews": {"v1": 90, "v2": 10, "v3": 0}})
    (entry,) = one(made, "VirtualService")["http"]
    assert [each["weight"] for each in entry["route"]] == [90, 10]
