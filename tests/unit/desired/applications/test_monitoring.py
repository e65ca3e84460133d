import re
from typing import Any

import pytest

from applications import (
    application,
    component,
    container,
    facts,
    objects,
    of_kind,
    template_of,
    the,
)
from bookinfo import MESH
from tenantry.desired.applications import not_honoured

BOTH = ("ServiceMonitor", "PodMonitor")
OUTSIDE = {"port": 9090, "path": "/stats", "interval": "1m"}


def monitors(metrics: Any, *served: str, **more: Any) -> set[str]:
    made = objects(application(component(metrics=metrics, **more)), *served)
    return {one["kind"] for one in made if one["kind"].endswith("Monitor")}


def annotations(metrics: Any, *served: str) -> dict[str, str]:
    workload = the("Deployment", component(metrics=metrics), served=served)
    given = template_of(workload)["metadata"]["annotations"]
    return {name: value for name, value in given.items() if name.startswith("prometheus.io/")}


@pytest.mark.parametrize(
    ("metrics", "served", "expected"),
    [
        ({}, BOTH, "ServiceMonitor"),
        ({"port": "http"}, ("ServiceMonitor",), "ServiceMonitor"),
        ({}, ("PodMonitor",), "PodMonitor"),
        (OUTSIDE, BOTH, "PodMonitor"),
    ],
)
def test_the_prometheus_operator_is_told_where_it_is_there(
    metrics: Any, served: tuple[str, ...], expected: str
) -> None:
    assert monitors(metrics, *served) == {expected}
    assert annotations(metrics, *served) == {}


@pytest.mark.parametrize(("metrics", "served"), [({}, ()), (OUTSIDE, ("ServiceMonitor",))])
def test_elsewhere_annotations_tell_prometheus(metrics: Any, served: tuple[str, ...]) -> None:
    assert monitors(metrics, *served) == set()
    assert annotations(metrics, *served) == {
        "prometheus.io/path": metrics.get("path", "/metrics"),
        "prometheus.io/port": str(metrics.get("port", 8080)),
        "prometheus.io/scrape": "true",
    }


@pytest.mark.parametrize(
    ("metrics", "kind", "endpoints"),
    [({}, "ServiceMonitor", "endpoints"), (OUTSIDE, "PodMonitor", "podMetricsEndpoints")],
)
def test_in_a_mesh_monitors_follow_the_annotations_that_its_sidecar_changes(
    metrics: Any, kind: str, endpoints: str
) -> None:
    ((endpoint),) = the(kind, component(metrics=metrics), served=(*BOTH, *MESH))["spec"][endpoints]
    pods = annotations(metrics, *BOTH, *MESH)
    seen = {
        "__address__": "10.0.0.1:8080",
        "__meta_kubernetes_pod_annotation_prometheus_io_path": "/stats/prometheus",
        "__meta_kubernetes_pod_annotation_prometheus_io_port": "15020",
    }

    assert pods["prometheus.io/scrape"] == "true"
    assert relabelled(seen, endpoint)["__address__"] == "10.0.0.1:15020"
    assert relabelled(seen, endpoint)["__metrics_path__"] == "/stats/prometheus"
    six = seen | {"__address__": "[fd00::1]:8080"}
    assert relabelled(six, endpoint)["__address__"] == "[fd00::1]:15020"


def relabelled(labels: dict[str, str], endpoint: Any) -> dict[str, str]:
    """What Prometheus makes of a target's labels."""
    for one in endpoint["relabelings"]:
        joined = ";".join(labels[name] for name in one["sourceLabels"])
        if found := re.fullmatch(one["regex"], joined):
            template = one.get("replacement", "$1")
            value = re.sub(r"\$(\d)", lambda at, found=found: found[int(at[1])], template)
            labels = labels | {one["targetLabel"]: value}
    return labels


def test_a_component_that_tells_no_metrics_is_not_asked() -> None:
    assert annotations(None) == {}
    assert monitors(None, *BOTH) == set()
    assert monitors({}, *BOTH, ports=[]) == set()


@pytest.mark.parametrize(
    ("metrics", "served", "knobs"),
    [
        ({"interval": "10s"}, (), {"metrics.interval"}),
        ({"interval": "10s"}, BOTH, set()),
        ({}, (), set()),
        ({"port": "admin"}, (), {"metrics.port"}),
    ],
)
def test_what_nobody_is_told_of_metrics_is_said(
    metrics: Any, served: tuple[str, ...], knobs: set[str]
) -> None:
    said = not_honoured(application(component(metrics=metrics)), facts(*served))
    assert {one.knob for one in said} == knobs


def test_pods_are_counted_once_and_not_again_by_version() -> None:
    made = the("ServiceMonitor", component(metrics={}), served=BOTH)
    selector = made["spec"]["selector"]
    services = of_kind("Service", component())

    selected = [
        name
        for name, one in services.items()
        if one["metadata"]["labels"].items() >= selector["matchLabels"].items()
        and "version" not in one["metadata"]["labels"]
    ]

    assert selected == ["web"]
    assert selector["matchExpressions"] == [{"key": "version", "operator": "DoesNotExist"}]
    assert made["spec"]["endpoints"] == [{"interval": "30s", "path": "/metrics", "port": "http"}]


def test_a_port_that_no_service_has_is_one_of_the_container() -> None:
    web = component(metrics=OUTSIDE)

    made = the("PodMonitor", web, served=BOTH)

    assert container(web)["ports"][-1] == {
        "containerPort": 9090,
        "name": "metrics",
        "protocol": "TCP",
    }
    assert made["spec"]["podMetricsEndpoints"] == [
        {"interval": "1m", "path": "/stats", "port": "metrics"}
    ]


def test_its_name_is_another_where_a_service_has_it() -> None:
    ports = [{"name": "metrics", "port": 80}]

    made = container(component(ports=ports, metrics={"port": 9090}))

    assert [port["name"] for port in made["ports"]] == ["metrics", "metrics-2"]
