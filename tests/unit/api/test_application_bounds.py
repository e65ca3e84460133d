"""What the models take and refuse by themselves: names, times, places. CEL is the API server's."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from bad_applications import BAD_APPLICATIONS, application
from generate import examples
from tenantry.api.application import Application
from tenantry.api.base import manifest_of
from tenantry.api.containers import Image, ObjectFieldSelector
from tenantry.api.dependencies import ComponentName, Hostname, VersionName
from tenantry.api.exposure import RoutePath
from tenantry.api.jobs import Schedule
from tenantry.api.kinds import APPLICATION
from tenantry.api.rollouts import Fault
from tenantry.api.scaling import CountOrPercent
from tenantry.api.times import Duration, Timestamp, span
from tenantry.api.traffic import RetryOn
from tenantry.api.volumes import MountPath, SubPath

GOOD: dict[str, tuple[Any, list[Any]]] = {
    "images": (
        Image,
        ["web", "web:1.0", "localhost:5000/a/b:1_0", "ghcr.io/a/b@sha256:" + "0" * 64, "A:b"],
    ),
    "components": (ComponentName, ["a", "web-2", "w" * 50]),
    "versions": (VersionName, ["v1", "1", "20240131", "canary"]),
    "hosts": (Hostname, ["a", "a.example.com", "*.example.com"]),
    "schedules": (Schedule, ["30 2 * * *", "*/5 8-18 * * MON-FRI", "@daily", "@every 1h30m"]),
    "counts": (CountOrPercent, [0, 1, "0%", "25%", "100%"]),
    "durations": (Duration, ["10s", "1h30m", "500ms", "0s"]),
    "timestamps": (Timestamp, ["2030-01-31T12:00:00Z"]),
    "mount paths": (MountPath, ["/a", "/a/b c"]),
    "sub paths": (SubPath, ["", "a", "a/b"]),
    "paths": (RoutePath, ["/", "/a", "/a/", "/a/b.c/...", "/.a/..a/a../a.", "/%20;v=1,2/@me:*$&+"]),
    "retries": (RetryOn, ["5xx", "reset,connect-failure", "503,429,cancelled"]),
}

BAD: dict[str, tuple[Any, list[Any]]] = {
    "images": (
        Image,
        ["", "-a", "a b", "https://a/b@sha256:1", "web@sha256:123", "web:", "a\n", "a" * 513],
    ),
    "components": (ComponentName, ["", "1web", "Web", "web-", "we.b", "w" * 51]),
    "versions": (VersionName, ["", "v1.0", "v1-b", "V1", "v" * 25]),
    "hosts": (Hostname, ["", "a.*.b", "*", "https://a", "a_b", "A.example.com"]),
    "schedules": (Schedule, ["", "daily", "* * * *", "* * * * * *", "TZ=UTC * * * * *", "@never"]),
    "counts": (CountOrPercent, [-1, "5", "101%", "1.5%", "%"]),
    "durations": (Duration, ["", "10", "1.5s", "1d", "-1s", "1h1m1s1ms1h"]),
    "timestamps": (Timestamp, ["2030-01-31", "2030-01-31T12:00:00", "2030-01-31T12:00:00+01:00"]),
    "mount paths": (MountPath, ["/", "tmp", "", "/a:b", "/a\n"]),
    "sub paths": (SubPath, ["/a", "\n"]),
    "paths": (
        RoutePath,
        [
            "",
            "a",
            "//a",
            "/a//b",
            "/a//",
            "/.",
            "/..",
            "/a/../b",
            "/./a",
            "/%2f",
            "/%2F",
            "/%g0",
            "/ü",
        ],
    ),
    "retries": (RetryOn, ["", "5xx,", "often", "499", "5xx reset"]),
}


def _takes(annotation: Any, value: Any) -> bool:
    try:
        TypeAdapter(annotation).validate_python(value, strict=True)
    except ValidationError:
        return False
    return True


@pytest.mark.parametrize("what", GOOD)
def test_what_is_written_right_is_taken(what: str) -> None:
    annotation, values = GOOD[what]

    assert [value for value in values if not _takes(annotation, value)] == []


@pytest.mark.parametrize("what", BAD)
def test_what_is_written_wrong_is_refused(what: str) -> None:
    annotation, values = BAD[what]

    assert [value for value in values if _takes(annotation, value)] == []


@pytest.mark.parametrize("path", ["metadata.name", "metadata.labels['app']", "status.podIP"])
def test_a_variable_can_be_a_field_of_the_pod(path: str) -> None:
    assert ObjectFieldSelector(field_path=path).field_path == path


@pytest.mark.parametrize("path", ["spec.containers", "metadata.labels", "status.phase"])
def test_a_variable_cannot_be_what_the_kubelet_does_not_tell(path: str) -> None:
    with pytest.raises(ValidationError):
        ObjectFieldSelector(field_path=path)


def test_a_fault_without_an_end_is_refused() -> None:
    with pytest.raises(ValidationError, match="expiresAt"):
        Fault.model_validate({"abort": {"httpStatus": 503}})


@given(
    st.lists(st.tuples(st.integers(0, 99999), st.sampled_from(["h", "m", "s", "ms"])), min_size=1)
)
def test_a_duration_of_several_parts_is_as_long_as_all_of_them(
    parts: list[tuple[int, str]],
) -> None:
    written = [f"{number}{unit}" for number, unit in parts]

    assert span("".join(written)).total_seconds() == pytest.approx(
        sum(span(part).total_seconds() for part in written)
    )


def test_the_manifest_with_every_field_is_read_and_written_back() -> None:
    manifest = examples.document(APPLICATION)
    made = Application.parse(manifest)

    assert manifest_of(made.spec) == manifest["spec"]


@pytest.mark.parametrize(
    "what", [what for what, bad in BAD_APPLICATIONS.items() if "Required" not in bad.message]
)
def test_what_the_api_server_s_rules_refuse_is_well_formed_but_for_that(what: str) -> None:
    bad = BAD_APPLICATIONS[what]

    assert Application.parse(application("shop", **bad.spec)).name == "shop"
