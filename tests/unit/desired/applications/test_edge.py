from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import pytest

from bookinfo import GATEWAY_API, MESH, application, bookinfo, component, surroundings
from tenantry.api.application import Application
from tenantry.api.base import Manifest
from tenantry.desired.applications.directing import traffic
from tenantry.desired.applications.unhonoured import Rendered

NOW = datetime(2026, 6, 1, tzinfo=UTC)
HOST = "bookinfo.example.com"
PATHS = [{"exact": "/productpage"}, {"prefix": "/static"}]
TLS = {"secretName": "bookinfo-tls"}
GATEWAY = {"namespace": "edge", "name": "shared"}


def exposed(**exposure: Any) -> Application:
    return bookinfo(productpage={"expose": [{"host": HOST, **exposure}]})


def rendered(made: Application, served: Iterable[str] = (), **around: Any) -> Rendered:
    return traffic(made, surroundings(served=served, **around), NOW)


def specs(those: Rendered, kind: str) -> list[Manifest]:
    return [each["spec"] for each in those.manifests if each["kind"] == kind]


def at_the_edge(those: Rendered, kind: str) -> list[Manifest]:
    """What is for the host, not for requests between pods."""
    return [each for each in specs(those, kind) if HOST in str(each)]


def said(those: Rendered) -> set[tuple[str, str]]:
    return {
        (each.component, each.knob) for each in those.unhonoured if each.knob.startswith("expose")
    }


def test_an_ingress_has_the_host_its_paths_and_its_certificate() -> None:
    tls = TLS | {"httpsRedirect": False}
    made = rendered(exposed(paths=PATHS, tls=tls, className="nginx"))
    service = {"service": {"name": "productpage", "port": {"number": 9080}}}
    assert specs(made, "Ingress") == [
        {
            "ingressClassName": "nginx",
            "rules": [
                {
                    "host": HOST,
                    "http": {
                        "paths": [
                            {"path": "/productpage", "pathType": "Exact", "backend": service},
                            {"path": "/static", "pathType": "Prefix", "backend": service},
                        ]
                    },
                }
            ],
            "tls": [{"hosts": [HOST], "secretName": "bookinfo-tls"}],
        }
    ]
    assert not said(made)


def test_an_ingress_leads_to_the_one_version_that_has_everything() -> None:
    expose = [{"host": "reviews.example.com"}]
    for weights, name in (({"v2": 100}, "reviews-v2"), ({"v1": 50, "v2": 50}, "reviews")):
        given = {"expose": expose, "traffic": {"weights": weights}}
        made = rendered(bookinfo(productpage={"expose": []}, reviews=given))
        (spec,) = specs(made, "Ingress")
        (path,) = spec["rules"][0]["http"]["paths"]
        assert path["backend"]["service"]["name"] == name


def test_istio_has_a_gateway_for_the_host_alone_and_prefixes_of_whole_segments() -> None:
    made = rendered(exposed(paths=PATHS, tls=TLS), MESH)
    assert specs(made, "Gateway") == [
        {
            "selector": {"istio": "ingressgateway"},
            "servers": [
                {
                    "hosts": [f"./{HOST}"],
                    "port": {"name": "http", "number": 80, "protocol": "HTTP"},
                    "tls": {"httpsRedirect": True},
                },
                {
                    "hosts": [f"./{HOST}"],
                    "port": {"name": "https", "number": 443, "protocol": "HTTPS"},
                    "tls": {"mode": "SIMPLE", "credentialName": "bookinfo-tls"},
                },
            ],
        }
    ]
    (service,) = at_the_edge(made, "VirtualService")
    assert service["http"] == [
        {
            "match": [
                {"uri": {"exact": "/productpage"}},
                {"uri": {"exact": "/static"}},
                {"uri": {"prefix": "/static/"}},
            ],
            "route": [
                {
                    "destination": {"host": "productpage", "port": {"number": 9080}},
                    "weight": 100,
                }
            ],
        }
    ]


def test_at_the_edge_istio_spreads_requests_as_between_pods() -> None:
    match = [{"headers": {"End-User": "jason"}, "version": "v2"}]
    given = {
        "expose": [{"host": "reviews.example.com", "paths": [{"prefix": "/reviews/"}]}],
        "traffic": {"weights": {"v1": 80, "v2": 20}, "match": match, "timeout": "1s"},
    }
    made = rendered(bookinfo(productpage={"expose": []}, reviews=given), MESH)
    (edge,) = [each for each in specs(made, "VirtualService") if "gateways" in each]
    special, rest = edge["http"]
    headers = {"end-user": {"exact": "jason"}}
    assert special["match"] == [
        {"uri": {"exact": "/reviews"}, "headers": headers},
        {"uri": {"prefix": "/reviews/"}, "headers": headers},
    ]
    assert [each["weight"] for each in rest["route"]] == [80, 20]
    assert rest["timeout"] == "1s"


def test_the_gateway_api_has_a_gateway_a_route_and_a_redirect() -> None:
    made = rendered(exposed(paths=PATHS, tls=TLS, className="cilium"), GATEWAY_API)
    (gateway,) = specs(made, "Gateway")
    assert gateway["gatewayClassName"] == "cilium"
    assert [(each["protocol"], each["hostname"]) for each in gateway["listeners"]] == [
        ("HTTP", HOST),
        ("HTTPS", HOST),
    ]
    route, redirect = at_the_edge(made, "HTTPRoute")
    assert [each["sectionName"] for each in route["parentRefs"]] == ["https"]
    assert [each["sectionName"] for each in redirect["parentRefs"]] == ["http"]
    assert route["rules"][0]["matches"] == [
        {"path": {"type": "Exact", "value": "/productpage"}},
        {"path": {"type": "PathPrefix", "value": "/static"}},
    ]
    assert route["rules"][0]["backendRefs"] == [
        {"group": "", "kind": "Service", "name": "productpage", "port": 9080, "weight": 1}
    ]
    filters = redirect["rules"][0]["filters"]
    assert filters[0]["requestRedirect"] == {"scheme": "https", "statusCode": 301}
    assert not said(made)


def test_without_a_redirect_both_listeners_lead_to_the_component() -> None:
    tls = TLS | {"httpsRedirect": False}
    made = rendered(exposed(tls=tls), GATEWAY_API, gateway_class="shared")
    (route,) = at_the_edge(made, "HTTPRoute")
    assert [each["sectionName"] for each in route["parentRefs"]] == ["http", "https"]


def test_the_gateway_api_without_a_class_leaves_a_host_to_ingress() -> None:
    made = rendered(exposed(), GATEWAY_API)
    assert specs(made, "Ingress") == specs(rendered(exposed()), "Ingress")
    assert not specs(made, "Gateway")
    assert not at_the_edge(made, "HTTPRoute")
    assert not said(made)


def test_the_platforms_class_is_that_of_gateways_that_name_none() -> None:
    made = rendered(exposed(), GATEWAY_API, gateway_class="shared")
    (gateway,) = specs(made, "Gateway")
    assert gateway["gatewayClassName"] == "shared"
    assert not specs(made, "Ingress")


def test_istios_gateway_is_the_one_that_the_platform_has() -> None:
    made = rendered(exposed(), MESH, ingress_gateway={"istio": "ingress"})
    (gateway,) = specs(made, "Gateway")
    assert gateway["selector"] == {"istio": "ingress"}


@pytest.mark.parametrize(("served", "kind"), [(MESH, "VirtualService"), (GATEWAY_API, "HTTPRoute")])
def test_a_gateway_that_exists_is_attached_to_and_none_is_made(
    served: Iterable[str], kind: str
) -> None:
    made = rendered(exposed(gateway=GATEWAY, tls=TLS), served)
    assert not specs(made, "Gateway")
    (spec,) = at_the_edge(made, kind)
    if kind == "VirtualService":
        assert spec["gateways"] == ["edge/shared"]
    else:
        parent = {"group": "gateway.networking.k8s.io", "kind": "Gateway"}
        assert spec["parentRefs"] == [parent | GATEWAY]
    assert said(made) == {("productpage", "expose.tls")}


@pytest.mark.parametrize(
    ("exposure", "served", "knob"),
    [
        pytest.param(
            {"type": "HTTPRoute"}, GATEWAY_API, "expose.className", id="a Gateway without a class"
        ),
        pytest.param({"className": "x"}, MESH, "expose.className", id="a class for Istio"),
        pytest.param(
            {"tls": TLS | {"httpsRedirect": True}},
            (),
            "expose.tls.httpsRedirect",
            id="a redirect by Ingress",
        ),
        pytest.param({"gateway": GATEWAY}, (), "expose.gateway", id="a gateway for an Ingress"),
        pytest.param({"type": "IstioGateway"}, (), "expose.type", id="Istio that is not there"),
        pytest.param({"type": "HTTPRoute"}, MESH, "expose.type", id="routes that are not there"),
        pytest.param({"port": "grpc"}, (), "expose.port", id="a port that is not there"),
    ],
)
def test_what_an_exposure_cannot_have_is_told(
    exposure: dict[str, Any], served: Iterable[str], knob: str
) -> None:
    assert said(rendered(exposed(**exposure), served)) == {("productpage", knob)}


@pytest.mark.parametrize(
    ("policy", "is_told"),
    [
        ({}, True),
        ({"mtls": "Permissive"}, True),
        ({"authorization": False}, True),
        ({"mtls": "Permissive", "authorization": False}, False),
    ],
)
def test_an_ingress_whose_controller_the_mesh_may_refuse_is_told(
    policy: dict[str, Any], *, is_told: bool
) -> None:
    page = component("productpage", expose=[{"host": HOST, "type": "Ingress"}])
    made = application([page], policy=policy)
    assert said(rendered(made, MESH)) == ({("productpage", "expose.type")} if is_told else set())
    assert not said(rendered(made))


def shared(**second: Any) -> Application:
    """Two components on one host."""
    return application(
        [
            component("web", expose=[{"host": HOST}]),
            component("api", expose=[{"host": HOST, "paths": [{"prefix": "/api"}], **second}]),
        ]
    )


@pytest.mark.parametrize("served", [MESH, GATEWAY_API, ()])
def test_components_that_share_a_host_share_what_is_made_for_it(served: Iterable[str]) -> None:
    made = rendered(shared(), served, gateway_class="shared")
    assert not said(made)
    assert len(specs(made, "Gateway")) == (1 if served else 0)
    text = str(made.manifests)
    assert text.count("'/api'") == 1
    if served == MESH:
        (service,) = specs(made, "VirtualService")
        hosts = [each["route"][0]["destination"]["host"] for each in service["http"]]
        assert hosts == ["api", "web"]
    elif served:
        assert len(specs(made, "HTTPRoute")) == 2
    else:
        (spec,) = specs(made, "Ingress")
        names = [each["backend"]["service"]["name"] for each in spec["rules"][0]["http"]["paths"]]
        assert names == ["api", "web"]


def test_a_host_has_routes_of_one_kind_for_a_listener_takes_no_others() -> None:
    grpc = component("api", ports=[{"name": "grpc", "port": 9000}], expose=[{"host": HOST}])
    web = component("web", expose=[{"host": HOST, "paths": [{"prefix": "/x"}]}])
    alone = rendered(application([grpc]), GATEWAY_API, gateway_class="shared")
    both = rendered(application([grpc, web]), GATEWAY_API, gateway_class="shared")
    assert len(specs(alone, "GRPCRoute")) == 1
    assert not specs(both, "GRPCRoute")
    assert len(at_the_edge(both, "HTTPRoute")) == 2


def test_what_the_second_component_of_a_host_says_otherwise_is_told() -> None:
    tls = TLS | {"httpsRedirect": False}
    assert said(rendered(shared(tls=tls))) == {("api", "expose.tls")}
    assert said(rendered(shared(paths=[]))) == {("api", "expose.paths")}


def test_names_tell_hosts_and_applications_apart() -> None:
    hosts = ("a-b.example.com", "a.b-example.com", "*.example.com", "any.example.com", "x" * 200)
    names = {
        each["metadata"]["name"]
        for name in ("a", "a-b")
        for host in hosts
        for each in rendered(
            application([component("web", expose=[{"host": host}])], name=name)
        ).manifests
    }
    assert len(names) == 10
    assert all(len(name) <= 48 for name in names)
