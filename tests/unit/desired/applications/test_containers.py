from typing import Any

import pytest

from applications import component, container, pod
from restricted import violations


def test_an_ordinary_container_is_as_the_api_server_stores_it() -> None:
    assert container(component()) == {
        "name": "web",
        "image": "ghcr.io/acme/web:1.0",
        "imagePullPolicy": "IfNotPresent",
        "ports": [{"containerPort": 8080, "name": "http", "protocol": "TCP"}],
        "readinessProbe": {
            "failureThreshold": 3,
            "periodSeconds": 10,
            "successThreshold": 1,
            "tcpSocket": {"port": 8080},
            "timeoutSeconds": 1,
        },
        "resources": {},
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
            "readOnlyRootFilesystem": True,
        },
        "terminationMessagePath": "/dev/termination-log",
        "terminationMessagePolicy": "FallbackToLogsOnError",
    }


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        ("web:1", "r.io/acme/web:1"),
        ("team/web:1", "r.io/acme/team/web:1"),
        ("ghcr.io/team/web:1", "ghcr.io/team/web:1"),
        ("registry:5000/web:1", "registry:5000/web:1"),
        ("localhost/web:1", "localhost/web:1"),
        ("web.old:1", "r.io/acme/web.old:1"),
    ],
)
def test_an_image_without_a_registry_comes_from_that_of_the_defaults(
    image: str, expected: str
) -> None:
    web = component(image=image)

    assert container(web, defaults={"imageRegistry": "r.io/acme"})["image"] == expected
    assert container(web)["image"] == image


@pytest.mark.parametrize(
    ("image", "given", "expected"),
    [
        ("web:1", {}, "IfNotPresent"),
        ("web:latest", {}, "Always"),
        ("web", {}, "Always"),
        ("registry:5000/web", {}, "Always"),
        (f"web@sha256:{'0' * 64}", {}, "IfNotPresent"),
        (f"web:latest@sha256:{'0' * 64}", {}, "Always"),
        ("web", {"imagePullPolicy": "Never"}, "Never"),
    ],
)
def test_what_a_tag_means_tomorrow_is_pulled_anew(
    image: str, given: dict[str, str], expected: str
) -> None:
    assert container(component(image=image, **given))["imagePullPolicy"] == expected


def test_variables_come_from_where_they_are_said_to() -> None:
    env = [
        {"name": "EMPTY", "value": ""},
        {"name": "KEY", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k", "optional": True}}},
        {"name": "CFG", "valueFrom": {"configMapKeyRef": {"name": "c", "key": "k"}}},
        {"name": "POD", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}},
    ]

    assert container(component(env=env))["env"] == [
        {"name": "EMPTY"},
        {"name": "KEY", "valueFrom": {"secretKeyRef": {"key": "k", "name": "s", "optional": True}}},
        {"name": "CFG", "valueFrom": {"configMapKeyRef": {"key": "k", "name": "c"}}},
        {
            "name": "POD",
            "valueFrom": {"fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.name"}},
        },
    ]


def test_two_ports_of_a_service_may_lead_to_one_of_the_container() -> None:
    ports = [
        {"name": "http", "port": 80, "targetPort": 8080},
        {"name": "http-alt", "port": 8080},
        {"name": "dns", "port": 8080, "protocol": "UDP"},
    ]

    assert container(component(ports=ports))["ports"] == [
        {"containerPort": 8080, "name": "http", "protocol": "TCP"},
        {"containerPort": 8080, "name": "dns", "protocol": "UDP"},
    ]


@pytest.mark.parametrize(
    ("given", "refused"),
    [
        ({"readOnlyRootFilesystem": False}, []),
        ({"capabilities": {"add": ["NET_BIND_SERVICE"]}}, []),
        ({"runAsUser": 1000, "runAsGroup": 1000, "fsGroup": 1000}, []),
        ({"runAsNonRoot": False}, ["runAsNonRoot"]),
        ({"runAsUser": 0}, ["runAsUser"]),
        ({"allowPrivilegeEscalation": True}, ["allowPrivilegeEscalation"]),
        ({"capabilities": {"add": ["SYS_TIME"]}}, ["capabilities.add"]),
    ],
)
def test_only_what_is_overridden_is_less_strict(given: Any, refused: list[str]) -> None:
    assert violations(pod(component(securityContext=given))) == refused


def test_a_security_context_says_what_it_was_given() -> None:
    given = {"runAsUser": 7, "runAsGroup": 8, "fsGroup": 9, "capabilities": {"add": ["SYS_TIME"]}}
    made = pod(component(securityContext=given))

    assert made["securityContext"] == {
        "fsGroup": 9,
        "fsGroupChangePolicy": "OnRootMismatch",
        "runAsNonRoot": True,
        "seccompProfile": {"type": "RuntimeDefault"},
    }
    assert made["containers"][0]["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "capabilities": {"add": ["SYS_TIME"], "drop": ["ALL"]},
        "readOnlyRootFilesystem": True,
        "runAsGroup": 8,
        "runAsUser": 7,
    }
