from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import strategies  # noqa: F401  loads the profile
from bookinfo import (
    GATEWAY_API,
    MESH,
    application,
    bookinfo,
    bookinfo_components,
    component,
    surroundings,
)
from reachability import Cluster, Pod
from tenantry.api.application import Application
from tenantry.desired.applications.agreements import graph
from tenantry.desired.applications.labels import version_labels
from tenantry.desired.applications.network import network_policies
from tenantry.desired.applications.parts import parts
from tenantry.desired.applications.surroundings import Surroundings
from tenantry.desired.floor import default_policy

EDGE, PROMETHEUS = Pod("ingress-nginx", {}), Pod("monitoring", {})
ISTIOD = Pod("istio-system", {"app": "istiod"})


def pods(made: Application, around: Surroundings) -> dict[tuple[str, str], Pod]:
    """By component and version."""
    return {
        (part.name, version.name): Pod(made.namespace, version_labels(part, version.name))
        for part in parts(made, around.facts)
        for version in part.versions
    }


def cluster(made: Application, around: Surroundings) -> Cluster:
    own = network_policies(made, around).manifests
    return Cluster([default_policy(made.namespace, {}), *own])


def opened(network: dict[str, Any], **page: Any) -> tuple[Cluster, Pod, set[str]]:
    """Bookinfo with a platform around it, its front, and what of it stays closed."""
    made, around = bookinfo(productpage=page), surroundings(network=network)
    front = pods(made, around)["productpage", "v1"]
    closed = {one.knob for one in network_policies(made, around).unhonoured}
    return cluster(made, around), front, closed


@pytest.mark.parametrize(
    ("ports", "is_open"),
    [
        ([], True),
        ([{"port": 9080}], True),
        ([{"port": 9000, "endPort": 9100}], True),
        ([{"port": "http"}], True),
        ([{"port": 8080}], False),
        ([{"port": 9080, "protocol": "UDP"}], False),
    ],
)
@pytest.mark.parametrize(
    ("field", "source", "knob"),
    [("ingressControllers", EDGE, "expose"), ("monitoring", PROMETHEUS, "metrics")],
)
def test_the_platform_comes_in_on_the_components_port_if_the_floor_has_it(
    field: str, source: Pod, knob: str, ports: list[dict[str, Any]], *, is_open: bool
) -> None:
    network, front, closed = opened({field: [{"namespace": source.namespace, "ports": ports}]})
    assert network.lets(source, front, 9080) is is_open
    assert not network.lets(source, front, 9081)
    assert (knob in closed) is not is_open


def test_addresses_that_the_floor_lets_in_reach_what_is_exposed() -> None:
    rule = {"from": [{"ipBlock": {"cidr": "192.0.2.0/24", "except": ["192.0.2.9/32"]}}]}
    made, around = bookinfo(), surroundings(network={"ingress": [rule]})
    (front,) = (
        one
        for one in network_policies(made, around).manifests
        if one["metadata"]["name"] == "tenantry.productpage"
    )
    assert front["spec"]["ingress"] == [
        {
            "from": [{"ipBlock": {"cidr": "192.0.2.0/24", "except": ["192.0.2.9/32"]}}],
            "ports": [{"protocol": "TCP", "port": 9080}],
        }
    ]


@pytest.mark.parametrize(
    ("exposure", "served", "is_open"),
    [
        pytest.param({"className": "a"}, GATEWAY_API, True, id="one that is made"),
        pytest.param({}, GATEWAY_API, False, id="none for want of a class"),
        pytest.param({"gateway": {"name": "own"}}, GATEWAY_API, True, id="one that exists nearby"),
        pytest.param(
            {"gateway": {"namespace": "edge", "name": "a"}}, GATEWAY_API, False, id="one elsewhere"
        ),
        pytest.param({}, (), False, id="none"),
    ],
)
def test_pods_of_a_gateway_in_the_namespace_reach_what_is_exposed(
    exposure: dict[str, Any], served: tuple[str, ...], *, is_open: bool
) -> None:
    made = bookinfo(productpage={"expose": [{"host": "a.example.com", **exposure}]})
    around = surroundings(served=served)
    network = cluster(made, around)
    labels = {"gateway.networking.k8s.io/gateway-name": "a"}
    # Its own way out is the floor's to say; here it is a pod that no policy selects.
    gateway = Pod(made.namespace, labels)
    for (name, _), pod in pods(made, around).items():
        assert network.lets(gateway, pod, 9080) is (is_open and name == "productpage")
        assert not network.lets(Pod(made.namespace, {}), pod, 9080)


def test_pods_in_a_mesh_reach_its_control_plane_and_tell_its_metrics() -> None:
    made, around = bookinfo(), surroundings(served=MESH)
    network = cluster(made, around)
    for (name, _), pod in pods(made, around).items():
        assert network.lets(pod, ISTIOD, 15012)
        assert not network.lets(pod, ISTIOD, 15017)
        assert network.lets(PROMETHEUS, pod, 15020) is (name == "productpage")
    plain = surroundings()
    assert not cluster(made, plain).lets(pods(made, plain)["details", "v1"], ISTIOD, 15012)


def test_a_floor_without_dns_gives_none() -> None:
    made, around = bookinfo(), surroundings(network={"dns": {"enabled": False}})
    dns = Pod("kube-system", {"k8s-app": "kube-dns"})
    front = pods(made, around)["productpage", "v1"]
    assert not cluster(made, around).lets(front, dns, 53, "UDP")


def test_edges_are_opened_on_the_ports_of_pods() -> None:
    ports = [
        {"name": "http", "port": 80, "targetPort": 8080},
        {"name": "admin", "port": 81, "targetPort": 8081},
        {"name": "dns", "port": 53, "protocol": "UDP"},
    ]
    web = component("web", dependsOn=[{"component": "api", "ports": ["http", "dns"]}])
    made, around = application([web, component("api", ports=ports)]), surroundings()
    network, both = cluster(made, around), pods(made, around)
    source, target = both["web", "v1"], both["api", "v1"]
    reached = [port for port in (80, 81, 8080, 8081, 53) if network.lets(source, target, port)]
    assert reached == [8080]
    assert network.lets(source, target, 53, "UDP")


def test_each_version_that_may_do_more_has_a_policy_of_its_own() -> None:
    names = [
        one["metadata"]["name"] for one in network_policies(bookinfo(), surroundings()).manifests
    ]
    assert names == [
        "tenantry.productpage",
        "tenantry.details",
        "tenantry.reviews",
        "tenantry.reviews.v2",
        "tenantry.reviews.v3",
        "tenantry.ratings",
    ]


@pytest.mark.parametrize(
    "callee",
    [
        pytest.param(None, id="not there"),
        pytest.param([], id="accepting nobody"),
    ],
)
def test_why_another_application_cannot_be_called_does_not_tell_whether_it_is_there(
    callee: list[dict[str, str]] | None,
) -> None:
    there = {"namespace": "globex-prod", "application": "bookinfo", "component": "ratings"}
    made = application([component("web", dependsOn=[{"external": there}])])
    others = [] if callee is None else [bookinfo("globex-prod", ratings={"accepts": callee})]
    around = surroundings(*others)
    (told,) = graph(made, around.neighbours)
    assert (told.from_, told.to, told.allowed) == ("web", "globex-prod/bookinfo/ratings", False)
    assert told.message == (
        "globex-prod/bookinfo/ratings does not exist, or does not accept "
        "acme-prod/bookinfo/web on these ports"
    )
    (refused,) = network_policies(made, around).unhonoured
    assert (refused.component, refused.knob) == ("web", "dependsOn")
    assert refused.reason == told.message


@pytest.mark.parametrize(("ports", "is_told"), [([9080], True), ([9080, 15020], False)])
def test_monitoring_that_does_not_get_to_the_sidecar_is_told(
    ports: list[int], *, is_told: bool
) -> None:
    sources = [{"namespace": "monitoring", "ports": [{"port": one} for one in ports]}]
    made = bookinfo(productpage={"metrics": {}})
    network = {"monitoring": sources, "ingressControllers": [{"namespace": "edge"}]}
    said = network_policies(made, surroundings(network=network, served=MESH)).unhonoured
    assert [one.knob for one in said] == (["metrics"] if is_told else [])
    assert not network_policies(made, surroundings(network=network)).unhonoured


@pytest.mark.parametrize(("percent", "goes_out"), [(1, True), (0, False)])
def test_traces_go_to_the_collector_of_the_tenant_where_there_are_any(
    percent: int, *, goes_out: bool
) -> None:
    collectors = [{"namespace": "otel", "podLabels": {"app": "c"}, "ports": [{"port": 4317}]}]
    made = application(
        bookinfo_components().values(), observability={"tracing": {"samplingPercent": percent}}
    )
    around = surroundings(network={"tracing": collectors})
    network, collector = cluster(made, around), Pod("otel", {"app": "c"})
    for pod in pods(made, around).values():
        assert network.lets(pod, collector, 4317) is goes_out
        assert not network.lets(pod, collector, 80)
        assert not network.lets(pod, Pod("otel", {}), 4317)
    knobs = [
        {one.knob for one in network_policies(made, surroundings(network=network)).unhonoured}
        for network in ({"tracing": collectors}, {})
    ]
    assert ["observability.tracing" in those for those in knobs] == [False, goes_out]


def test_the_graph_has_every_dependency() -> None:
    edges = [(one.from_, one.to) for one in graph(bookinfo(), {}) if one.allowed]
    assert edges == [
        ("productpage", "details"),
        ("productpage", "reviews"),
        ("productpage", "ratings"),
        ("reviews", "ratings"),
    ]


NAMES, VERSIONS = ("a", "b", "c", "d"), ("v1", "v2")
_edges = st.sets(
    st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES), st.sampled_from(["", *VERSIONS])),
    max_size=8,
)


@given(edges=_edges)
def test_in_any_graph_a_pod_reaches_just_what_its_version_declares(
    edges: set[tuple[str, str, str]],
) -> None:
    made = application(
        component(
            name,
            *VERSIONS,
            dependsOn=[
                {"component": callee} | ({"versions": [version]} if version else {})
                for caller, callee, version in sorted(edges)
                if caller == name
            ],
        )
        for name in NAMES
    )
    around = surroundings(network={})
    network, every = cluster(made, around), pods(made, around)
    for ((caller, version), one), ((callee, _), other) in product(every.items(), repeat=2):
        is_declared = bool({(caller, callee, ""), (caller, callee, version)} & edges)
        assert network.lets(one, other, 9080) is is_declared
