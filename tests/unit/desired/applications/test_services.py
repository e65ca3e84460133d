from typing import Any

import pytest

from applications import application, component, facts, of_kind
from tenantry.api.base import Manifest
from tenantry.desired.applications.parts import parts
from tenantry.desired.applications.services import number_of_services, services

VERSIONS = [{"name": "v1", "image": "web:1"}, {"name": "v2", "image": "web:2"}]


def test_there_is_a_service_for_the_component_and_one_for_each_version() -> None:
    made = of_kind("Service", component(port=80, versions=VERSIONS))

    assert {name: one["spec"]["selector"] for name, one in made.items()} == {
        "web": {"app": "web", "tenantry.io/application": "shop"},
        "web-v1": {"app": "web", "tenantry.io/application": "shop", "version": "v1"},
        "web-v2": {"app": "web", "tenantry.io/application": "shop", "version": "v2"},
    }


def test_a_service_is_as_the_api_server_stores_it_but_for_addresses() -> None:
    ports = [{"name": "http", "port": 80, "targetPort": 8080}]

    assert of_kind("Service", component(ports=ports))["web"]["spec"] == {
        "internalTrafficPolicy": "Cluster",
        "ports": [
            {
                "appProtocol": "http",
                "name": "http",
                "port": 80,
                "protocol": "TCP",
                "targetPort": 8080,
            }
        ],
        "selector": {"app": "web", "tenantry.io/application": "shop"},
        "sessionAffinity": "None",
        "type": "ClusterIP",
    }


@pytest.mark.parametrize(
    ("port", "expected"),
    [
        ({"name": "http"}, "http"),
        ({"name": "http2-api"}, "http2"),
        ({"name": "grpc-web-ui"}, "grpc-web"),
        ({"name": "grpc-api"}, "grpc"),
        ({"name": "httpd"}, None),
        ({"name": "web"}, None),
        ({"name": "http", "protocol": "UDP"}, None),
        ({"name": "web", "appProtocol": "kubernetes.io/h2c"}, "kubernetes.io/h2c"),
        ({"name": "http", "appProtocol": "tcp"}, "tcp"),
    ],
)
def test_what_a_port_speaks_is_given_or_what_its_name_begins_with(
    port: Any, expected: str | None
) -> None:
    made = of_kind("Service", component(ports=[{"port": 80} | port]))["web"]

    assert made["spec"]["ports"][0].get("appProtocol") == expected


@pytest.mark.parametrize(
    "given",
    [{"ports": []}, {"kind": "Job", "port": 80}, {"kind": "CronJob", "schedule": "@daily"}],
)
def test_what_nobody_calls_has_no_service(given: Any) -> None:
    assert of_kind("Service", component(**given)) == {}


@pytest.mark.parametrize(("port", "names"), [({"port": 80}, {"db", "db-v1"}), ({}, {"db-v1"})])
def test_pods_of_a_stateful_set_are_named_by_the_service_of_their_version(
    port: dict[str, int], names: set[str]
) -> None:
    db = component("db", kind="StatefulSet", **port)

    made = of_kind("Service", db)

    assert made.keys() == names
    assert made["db-v1"]["spec"]["clusterIP"] == "None"
    assert made["db-v1"]["spec"]["publishNotReadyAddresses"] is True
    assert of_kind("StatefulSet", db)["db-v1"]["spec"]["serviceName"] == "db-v1"


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"versions": VERSIONS},
        {"port": None},
        {"kind": "StatefulSet"},
        {"kind": "StatefulSet", "port": 80},
        {"kind": "Job", "port": 80},
    ],
)
def test_services_are_counted_as_they_are_made(fields: Manifest) -> None:
    given = {key: value for key, value in component(**fields).items() if value is not None}

    (part,) = parts(application(given), facts())

    assert number_of_services(part) == len(services(part))
