from typing import Any

import pytest

from applications import component, container, pod, the

ENV = [{"name": "A", "value": "below"}, {"name": "B", "value": "below"}]


def test_what_a_component_leaves_out_is_as_in_the_defaults() -> None:
    made = container(component(), defaults={"resources": {"requests": {"cpu": "1000m"}}})

    assert made["resources"] == {"requests": {"cpu": "1"}}


@pytest.mark.parametrize(
    ("field", "below", "above", "expected"),
    [
        ("terminationGracePeriodSeconds", 60, None, 60),
        ("terminationGracePeriodSeconds", 60, 0, 0),
        ("nodeSelector", {"disk": "ssd"}, None, {"disk": "ssd"}),
        ("nodeSelector", {"disk": "ssd"}, {"gpu": "yes"}, {"gpu": "yes"}),
        ("priorityClassName", "low", "high", "high"),
        ("topologySpread", [{"topologyKey": "rack"}], [], None),
    ],
)
def test_what_a_component_says_replaces_the_defaults(
    field: str, below: Any, above: Any, expected: Any
) -> None:
    own = {} if above is None else {field: above}
    made = pod(component(**own), defaults={field: below})

    assert made.get(field) == expected


def test_variables_are_laid_over_each_other_by_name() -> None:
    version = {"name": "v1", "image": "web:1", "env": [{"name": "C", "value": "version"}]}
    own = [{"name": "C", "value": "own"}, {"name": "B", "value": "own"}]

    made = container(component(env=own, versions=[version]), defaults={"env": ENV})

    assert [(one["name"], one["value"]) for one in made["env"]] == [
        ("A", "below"),
        ("B", "own"),
        ("C", "version"),
    ]


def test_volumes_are_laid_over_each_other_by_name() -> None:
    below = [{"name": "a", "mountPath": "/a", "emptyDir": {}}]
    above = [{"name": "a", "mountPath": "/b", "emptyDir": {}}]

    made = container(component(volumes=above), defaults={"volumes": below})

    assert made["volumeMounts"] == [{"mountPath": "/b", "name": "a"}]


def test_a_version_replaces_what_its_component_runs() -> None:
    version = {
        "name": "v1",
        "image": "web:1",
        "args": ["--fast"],
        "resources": {"limits": {"cpu": 2}},
        "replicas": 4,
    }
    web = component(command=["serve"], args=["--slow"], replicas=2, versions=[version])

    made = container(web)

    assert (made["command"], made["args"]) == (["serve"], ["--fast"])
    assert made["resources"] == {"limits": {"cpu": "2"}}
    assert the("Deployment", web)["spec"]["replicas"] == 4


def test_whole_sources_of_variables_come_after_the_component_s() -> None:
    version = {"name": "v1", "image": "web:1", "envFrom": [{"secretRef": {"name": "own"}}]}
    shared = [{"configMapRef": {"name": "all", "optional": True}, "prefix": "P_"}]

    made = container(component(envFrom=shared, versions=[version]))

    assert made["envFrom"] == [
        {"configMapRef": {"name": "all", "optional": True}, "prefix": "P_"},
        {"secretRef": {"name": "own"}},
    ]


@pytest.mark.parametrize(
    ("kind", "expected"),
    [("Deployment", 9080), ("StatefulSet", 9080), ("DaemonSet", 9080), ("Job", None)],
)
def test_what_runs_on_has_the_port_of_the_defaults(kind: str, expected: int | None) -> None:
    (made,) = pod(component(kind=kind), kind=kind, defaults={"port": 9080})["containers"]

    assert [port["containerPort"] for port in made.get("ports", [])] == [expected] * bool(expected)
