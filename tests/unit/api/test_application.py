from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import BaseModel

from tenantry.api.application import Application, ApplicationSpec
from tenantry.api.application_status import ApplicationStatus
from tenantry.api.structural import structural_schema
from tenantry.api.times import in_order, moment, span


def application(*components: dict[str, Any], **spec: Any) -> Application:
    return Application.parse(
        {
            "metadata": {"name": "shop", "namespace": "acme-prod"},
            "spec": {"components": [*components], **spec},
        }
    )


@pytest.mark.parametrize("model", [ApplicationSpec, ApplicationStatus])
def test_the_api_server_is_told_all_that_the_models_say(model: type[BaseModel]) -> None:
    assert structural_schema(model)["type"] == "object"


def test_a_name_an_image_and_a_port_are_enough() -> None:
    (web,) = application(
        {"name": "web", "image": "ghcr.io/acme/web:1.0", "port": 8080}
    ).spec.components

    assert (web.kind, web.port) == ("Deployment", 8080)


def test_an_application_is_called_what_its_metadata_say() -> None:
    made = application({"name": "web", "image": "web:1"})

    assert (made.namespace, made.name, made.is_being_deleted) == ("acme-prod", "shop", False)


def test_an_image_alone_is_version_v1() -> None:
    (web,) = application({"name": "web", "image": "web:1"}).spec.components

    assert [(one.name, one.image) for one in web.all_versions] == [("v1", "web:1")]


def test_versions_are_as_they_are_listed() -> None:
    versions = [{"name": "v2", "image": "web:2"}, {"name": "v1", "image": "web:1"}]
    (web,) = application({"name": "web", "versions": versions}).spec.components

    assert [one.name for one in web.all_versions] == ["v2", "v1"]


@pytest.mark.parametrize(
    ("duration", "ordered"),
    [("30s", "30s"), ("90s", "90s"), ("1m1h1s2s", "1h1m3s"), ("5ms1h", "1h5ms"), ("0s", "0s")],
)
def test_a_duration_in_order_has_each_unit_once(duration: str, ordered: str) -> None:
    assert in_order(duration) == ordered
    assert span(ordered) == span(duration)


@pytest.mark.parametrize(
    ("duration", "seconds"),
    [("10s", 10), ("1h30m", 5400), ("500ms", 0.5), ("1m1ms", 60.001), ("0s", 0)],
)
def test_a_duration_is_a_span_of_time(duration: str, seconds: float) -> None:
    assert span(duration) == timedelta(seconds=seconds)


def test_a_timestamp_is_a_moment_in_utc() -> None:
    assert moment("2030-01-31T12:00:00Z") == datetime(2030, 1, 31, 12, tzinfo=UTC)
