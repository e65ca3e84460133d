from typing import Any

import pytest

from rendering import of_kind, spaces, tenant, the
from tenantry.desired.objects import Facts, Lease
from tenantry.desired.quotas import STANDARD


def hard(namespaces: list[dict[str, Any]] | None = None, **quota: Any) -> dict[str, str]:
    made = the("ResourceQuota", tenant(quota=quota, namespaces=namespaces or [{"name": "prod"}]))
    given: dict[str, str] = made["spec"]["hard"]
    return given


def test_who_says_nothing_gets_the_standard() -> None:
    assert hard() == STANDARD


def test_the_standard_has_no_node_ports_and_no_load_balancers() -> None:
    assert hard().items() >= {"services.nodeports": "0", "services.loadbalancers": "0"}.items()


LEASED = {
    ("acme-prod", ""): Lease(7, {"pods": "6"}),
    ("acme-prod", "urgent"): Lease(3, {"pods": "1"}),
}
URGENT = {"name": "urgent", "priorityClasses": ["now", "asap"], "hard": {"pods": 4, "cpu": "2"}}


def quotas(**quota: Any) -> dict[str, Any]:
    made = spaces(tenant(quota=quota), Facts(leases=LEASED))["acme-prod"]
    return {one["metadata"]["name"]: one for one in of_kind(made, "ResourceQuota")}


def test_of_the_tenants_whole_a_namespace_has_what_it_was_lent() -> None:
    made = quotas(hard={"pods": "10", "requests.cpu": "8"})["tenantry"]

    assert made["metadata"]["annotations"] == {"tenantry.io/lease": "7"}
    assert made["spec"]["hard"]["pods"] == "6"
    assert made["spec"]["hard"]["requests.cpu"] == "0"
    assert made["spec"]["hard"]["services"] == STANDARD["services"]


def test_before_anything_is_lent_there_is_nothing() -> None:
    made = the("ResourceQuota", tenant(quota={"hard": {"pods": "10"}}))

    assert made["metadata"]["annotations"] == {"tenantry.io/lease": "0"}
    assert made["spec"]["hard"]["pods"] == "0"


def test_without_a_whole_there_are_no_leases() -> None:
    assert "annotations" not in the("ResourceQuota", tenant())["metadata"]


def test_a_scope_has_a_quota_of_its_own() -> None:
    made = quotas(scopes=[URGENT])["tenantry-urgent"]

    assert made["metadata"]["annotations"] == {"tenantry.io/lease": "3"}
    assert made["spec"] == {
        "hard": {"cpu": "0", "pods": "1"},
        "scopeSelector": {
            "matchExpressions": [
                {"scopeName": "PriorityClass", "operator": "In", "values": ["asap", "now"]}
            ]
        },
    }


def test_defaults_of_containers_fit_into_what_may_be_lent_and_not_into_what_is() -> None:
    limits = the("LimitRange", tenant(quota={"hard": {"limits.cpu": "250m"}}))

    assert limits["spec"]["limits"][0]["default"]["cpu"] == "250m"


@pytest.mark.parametrize(
    ("quota", "own", "expected"),
    [
        pytest.param({"perNamespace": {"pods": 7}}, {}, "7", id="per namespace over the standard"),
        pytest.param(
            {"perNamespace": {"pods": 7}}, {"pods": "9"}, "9", id="its own over per namespace"
        ),
        pytest.param({}, {"pods": "0"}, "0", id="its own may be nothing"),
    ],
)
def test_layers_replace_each_other(
    quota: dict[str, Any], own: dict[str, Any], expected: str
) -> None:
    assert hard([{"name": "prod", "quota": {"hard": own}}], **quota)["pods"] == expected


@pytest.mark.parametrize(
    ("given", "replaced"),
    [
        ("cpu", "requests.cpu"),
        ("memory", "requests.memory"),
        ("ephemeral-storage", "requests.ephemeral-storage"),
        ("count/pods", "pods"),
        ("count/secrets", "secrets"),
    ],
)
def test_a_key_by_another_name_replaces_the_standard(given: str, replaced: str) -> None:
    made = hard(perNamespace={given: "3"})

    assert made[given] == "3"
    assert replaced not in made


def test_both_names_of_a_key_stay_when_both_are_given() -> None:
    made = hard(perNamespace={"cpu": "3", "requests.cpu": "2"})

    assert (made["cpu"], made["requests.cpu"]) == ("3", "2")


def test_amounts_are_written_as_the_api_server_writes_them() -> None:
    made = hard(perNamespace={"requests.cpu": "2000m", "requests.memory": "1.5Gi", "pods": 1000})

    assert (made["requests.cpu"], made["requests.memory"], made["pods"]) == ("2", "1536Mi", "1k")
