"""Traces and access logs, as the mesh is told of them."""

from typing import Any

import pytest

from bookinfo import application, surroundings
from tenantry.desired.applications.telemetry import telemetry

SERVED = ("Telemetry",)


@pytest.mark.parametrize(
    ("asked", "spec"),
    [
        ({"tracing": {}}, {"tracing": [{"randomSamplingPercentage": 1}]}),
        (
            {"tracing": {"samplingPercent": 0}},
            {"tracing": [{"randomSamplingPercentage": 0}]},
        ),
        ({"accessLog": {}}, {"accessLogging": [{"disabled": False}]}),
        ({"accessLog": {"enabled": False}}, {"accessLogging": [{"disabled": True}]}),
        (
            {"accessLog": {"onlyErrors": True}},
            {"accessLogging": [{"filter": {"expression": "response.code >= 400"}}]},
        ),
    ],
)
def test_all_pods_of_the_application_are_told_of(asked: Any, spec: Any) -> None:
    made = telemetry(application(observability=asked), surroundings(served=SERVED))

    (manifest,) = made.manifests
    selector = {"matchLabels": {"tenantry.io/application": "bookinfo"}}
    assert manifest["spec"] == {"selector": selector, **spec}
    assert made.unhonoured == ()


def test_nothing_is_asked_for_nothing_is_made() -> None:
    made = telemetry(application(), surroundings(served=SERVED))

    assert (made.manifests, made.unhonoured) == ((), ())


def test_without_a_mesh_it_is_said_that_nobody_tells() -> None:
    made = telemetry(application(observability={"tracing": {}, "accessLog": {}}), surroundings())

    assert made.manifests == ()
    assert [one.knob for one in made.unhonoured] == [
        "observability.tracing",
        "observability.accessLog",
    ]
