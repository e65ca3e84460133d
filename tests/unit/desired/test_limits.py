from typing import Any

import pytest

from rendering import tenant, the

Parts = dict[str, dict[str, str]]


def items(*given: dict[str, Any], quota: dict[str, Any] | None = None) -> list[Parts]:
    made = the(
        "LimitRange",
        tenant(limitRange={"limits": list(given)}, quota={"perNamespace": quota or {}}),
    )
    limits: list[Parts] = made["spec"]["limits"]
    return limits


def cpu(*given: dict[str, Any], **quota: str) -> dict[str, str]:
    """What the container item says of CPU."""
    keys = {key.replace("_", "."): value for key, value in quota.items()}
    parts = items(*given, quota=keys)[0]
    return {part: values["cpu"] for part, values in parts.items() if "cpu" in values}


def container(**parts: str) -> dict[str, Any]:
    return {"type": "Container"} | {part: {"cpu": value} for part, value in parts.items()}


def test_a_container_that_states_nothing_gets_the_standard() -> None:
    assert items() == [
        {
            "type": "Container",
            "default": {"cpu": "500m", "ephemeral-storage": "1Gi", "memory": "512Mi"},
            "defaultRequest": {"cpu": "100m", "ephemeral-storage": "256Mi", "memory": "128Mi"},
            "min": {"cpu": "1m", "ephemeral-storage": "1Mi", "memory": "1Mi"},
        }
    ]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        pytest.param(
            container(default="250m"),
            {"min": "1m", "defaultRequest": "100m", "default": "250m"},
            id="a default replaces the standard",
        ),
        pytest.param(
            container(default="50m"),
            {"min": "1m", "defaultRequest": "50m", "default": "50m"},
            id="a low default takes the request down with it",
        ),
        pytest.param(
            container(defaultRequest="2"),
            {"min": "1m", "defaultRequest": "2", "default": "2"},
            id="a high request takes the default up with it",
        ),
        pytest.param(
            container(max="200m"),
            {"min": "1m", "defaultRequest": "100m", "default": "200m", "max": "200m"},
            id="no default is above the most",
        ),
        pytest.param(
            container(max="0.5m"),
            {"min": "1m", "defaultRequest": "1m", "default": "1m", "max": "1m"},
            id="nor is the least",
        ),
        pytest.param(
            container(min="1"),
            {"min": "1", "defaultRequest": "1", "default": "1"},
            id="no default is below the least",
        ),
        pytest.param(
            container(default="0"),
            {"min": "0", "defaultRequest": "0", "default": "0"},
            id="a limit of nothing is given, so it stands",
        ),
        pytest.param(
            container(maxLimitRequestRatio="2"),
            {"min": "1m", "defaultRequest": "250m", "default": "500m", "maxLimitRequestRatio": "2"},
            id="a ratio takes the request up",
        ),
        pytest.param(
            container(maxLimitRequestRatio="3"),
            {"min": "1m", "defaultRequest": "167m", "default": "500m", "maxLimitRequestRatio": "3"},
            id="and rounds it up, to stay within the ratio",
        ),
        pytest.param(
            container(maxLimitRequestRatio="2", defaultRequest="100m"),
            {"min": "1m", "defaultRequest": "100m", "default": "200m", "maxLimitRequestRatio": "2"},
            id="a ratio of a given request takes the default down",
        ),
        pytest.param(
            container(maxLimitRequestRatio="10", max="5m"),
            {
                "min": "0",
                "defaultRequest": "5m",
                "default": "5m",
                "max": "5m",
                "maxLimitRequestRatio": "10",
            },
            id="a ratio is no more than max by min",
        ),
        pytest.param(
            container(maxLimitRequestRatio="2", default="1e40"),
            {
                "min": "1m",
                "defaultRequest": "4",
                "default": "10e39",
                "maxLimitRequestRatio": "2",
            },
            id="absurd amounts are none to stumble over",
        ),
    ],
)
def test_the_standard_bends_around_what_is_given(
    given: dict[str, Any], expected: dict[str, str]
) -> None:
    assert cpu(given) == expected


@pytest.mark.parametrize(
    ("given", "quota", "expected"),
    [
        pytest.param(
            container(), {"limits_cpu": "200m"}, ("100m", "200m"), id="the quota's limits"
        ),
        pytest.param(
            container(), {"requests_cpu": "50m"}, ("50m", "500m"), id="the quota's requests"
        ),
        pytest.param(container(), {"cpu": "50m"}, ("50m", "500m"), id="by their other name"),
        pytest.param(
            container(), {"limits_cpu": "0"}, ("100m", "500m"), id="none, for 0 is no limit"
        ),
        pytest.param(
            container(maxLimitRequestRatio="2"),
            {"requests_cpu": "100m"},
            ("100m", "200m"),
            id="requests, and the ratio with them",
        ),
        pytest.param(
            container(default="1"), {"limits_cpu": "200m"}, ("100m", "1"), id="what is given stands"
        ),
    ],
)
def test_the_standard_stays_within_the_quota(
    given: dict[str, Any], quota: dict[str, str], expected: tuple[str, str]
) -> None:
    made = cpu(given, **quota)

    assert (made["defaultRequest"], made["default"]) == expected


def test_other_resources_are_filled_in_as_the_api_server_would() -> None:
    [made] = items(
        {
            "type": "Container",
            "max": {"nvidia.com/gpu": 2},
            "default": {"hugepages-2Mi": "4Mi"},
            "min": {"example.com/x": "1"},
        }
    )

    assert made["default"].items() >= {"nvidia.com/gpu": "2", "hugepages-2Mi": "4Mi"}.items()
    assert (
        made["defaultRequest"].items()
        >= {"nvidia.com/gpu": "2", "hugepages-2Mi": "4Mi", "example.com/x": "1"}.items()
    )


def test_pods_and_volume_claims_are_as_given() -> None:
    [_, claims, pods] = items(
        {"type": "Pod", "max": {"cpu": "4000m"}},
        {"type": "PersistentVolumeClaim", "min": {"storage": "1024Mi"}},
    )

    assert claims == {"type": "PersistentVolumeClaim", "min": {"storage": "1Gi"}}
    assert pods == {"type": "Pod", "max": {"cpu": "4"}}


def test_a_namespaces_own_limits_stand_instead_of_the_tenants() -> None:
    made = the(
        "LimitRange",
        tenant(
            limitRange={"limits": [container(default="1")]},
            namespaces=[{"name": "prod", "limitRange": {"limits": []}}],
        ),
    )

    assert made["spec"]["limits"][0]["default"]["cpu"] == "500m"


def test_a_namespaces_own_quota_bounds_its_own_defaults() -> None:
    own = {"name": "prod", "quota": {"hard": {"limits.memory": "256Mi"}}}
    roomy, tight = (
        the("LimitRange", tenant(namespaces=[own, {"name": "dev"}]), namespace)
        for namespace in ("acme-dev", "acme-prod")
    )

    assert roomy["spec"]["limits"][0]["default"]["memory"] == "512Mi"
    assert tight["spec"]["limits"][0]["default"]["memory"] == "256Mi"
