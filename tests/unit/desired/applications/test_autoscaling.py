from typing import Any

import pytest

from applications import component, of_kind, the

VERTICAL = "VerticalPodAutoscaler"
HORIZONTAL = "HorizontalPodAutoscaler"


def resource(name: str, percent: int) -> Any:
    target = {"averageUtilization": percent, "type": "Utilization"}
    return {"resource": {"name": name, "target": target}, "type": "Resource"}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, [resource("cpu", 80)]),
        ({"cpu": 70, "memory": 90}, [resource("cpu", 70), resource("memory", 90)]),
        ({"memory": 90}, [resource("memory", 90)]),
        (
            {"metrics": [{"name": "rps", "averageValue": "1000m"}]},
            [
                {
                    "pods": {
                        "metric": {"name": "rps"},
                        "target": {"averageValue": "1", "type": "AverageValue"},
                    },
                    "type": "Pods",
                }
            ],
        ),
        (
            {
                "metrics": [
                    {
                        "name": "queue",
                        "type": "External",
                        "averageValue": 5,
                        "selector": {"queue": "mail"},
                    }
                ]
            },
            [
                {
                    "external": {
                        "metric": {
                            "name": "queue",
                            "selector": {"matchLabels": {"queue": "mail"}},
                        },
                        "target": {"averageValue": "5", "type": "AverageValue"},
                    },
                    "type": "External",
                }
            ],
        ),
    ],
)
def test_pods_are_scaled_by_what_is_given(given: Any, expected: Any) -> None:
    made = the(HORIZONTAL, component(autoscaling={"maxReplicas": 5} | given))

    assert made["spec"]["metrics"] == expected


def test_each_version_is_scaled_by_itself() -> None:
    versions = [{"name": "v1", "image": "web:1"}, {"name": "v2", "image": "web:2"}]
    web = component(versions=versions, autoscaling={"minReplicas": 2, "maxReplicas": 5})

    made = of_kind(HORIZONTAL, web)

    assert made.keys() == {"web-v1", "web-v2"}
    assert made["web-v2"]["spec"] | {"metrics": []} == {
        "maxReplicas": 5,
        "metrics": [],
        "minReplicas": 2,
        "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web-v2"},
    }


@pytest.mark.parametrize("kind", ["DaemonSet", "Job", "CronJob"])
def test_the_default_scales_only_what_has_replicas(kind: str) -> None:
    agent = component(kind=kind)

    assert of_kind(HORIZONTAL, agent, defaults={"autoscaling": {"maxReplicas": 5}}) == {}


def test_where_it_is_served_the_vertical_one_recommends_and_no_more() -> None:
    made = the(VERTICAL, component(), served=(VERTICAL,))

    assert made["spec"] == {
        "targetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web-v1"},
        "updatePolicy": {"updateMode": "Off"},
    }
    assert of_kind(VERTICAL, component()) == {}
