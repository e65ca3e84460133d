from typing import Any

import pytest

from applications import component, container

PORTS = [
    {"name": "dns", "port": 53, "protocol": "UDP"},
    {"name": "http", "port": 80, "targetPort": 8080},
    {"name": "admin", "port": 9000},
]
NAMES = ("startupProbe", "readinessProbe", "livenessProbe")
ACTIONS = {"exec", "grpc", "httpGet", "tcpSocket"}


def actions(*, kind: str = "Deployment", ports: Any = PORTS, **given: Any) -> dict[str, Any]:
    made = container(component(ports=ports, kind=kind, **given), kind=kind)
    return {
        name: {action: made[name][action] for action in ACTIONS & made[name].keys()}
        for name in NAMES
        if name in made
    }


def test_without_probes_a_connection_must_open_before_there_is_traffic() -> None:
    assert actions() == {"readinessProbe": {"tcpSocket": {"port": 8080}}}


@pytest.mark.parametrize(
    "given", [{"ports": []}, {"ports": PORTS[:1]}, {"probes": {}}, {"kind": "Job"}]
)
def test_where_nothing_can_or_should_be_asked_there_is_no_probe(given: Any) -> None:
    assert actions(**given) == {}


@pytest.mark.parametrize(
    ("short", "action"),
    [
        ({"path": "/health"}, {"httpGet": {"path": "/health", "port": 8080, "scheme": "HTTP"}}),
        (
            {"path": "/", "port": "admin", "scheme": "HTTPS"},
            {"httpGet": {"path": "/", "port": 9000, "scheme": "HTTPS"}},
        ),
        ({"port": 7000}, {"tcpSocket": {"port": 7000}}),
    ],
)
def test_the_short_form_is_all_three_probes(short: Any, action: Any) -> None:
    assert actions(probes=short) == dict.fromkeys(NAMES, action)


def test_the_short_form_gives_five_minutes_to_start() -> None:
    made = container(component(probes={"path": "/health"}))["startupProbe"]

    assert made["periodSeconds"] * made["failureThreshold"] == 300


@pytest.mark.parametrize(
    ("probe", "action"),
    [
        ({}, {"tcpSocket": {"port": 8080}}),
        ({"tcpSocket": {"port": "admin"}}, {"tcpSocket": {"port": 9000}}),
        ({"httpGet": {}}, {"httpGet": {"path": "/", "port": 8080, "scheme": "HTTP"}}),
        ({"grpc": {"service": "shop"}}, {"grpc": {"port": 8080, "service": "shop"}}),
        ({"exec": {"command": ["true"]}}, {"exec": {"command": ["true"]}}),
    ],
)
def test_a_probe_may_be_given_by_itself(probe: Any, action: Any) -> None:
    assert actions(probes={"liveness": probe}) == {"livenessProbe": action}


def test_a_probe_without_an_action_takes_that_of_the_short_form() -> None:
    made = container(
        component(probes={"path": "/health", "readiness": {"initialDelaySeconds": 5}})
    )["readinessProbe"]

    assert (made["httpGet"]["path"], made["initialDelaySeconds"]) == ("/health", 5)
