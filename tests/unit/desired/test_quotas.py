from typing import Any

import pytest

from rendering import of_kind, spaces, tenant, the
from tenantry.desired.objects import Facts
from tenantry.desired.quotas import STANDARD


def hard(namespaces: list[dict[str, Any]] | None = None, **quota: Any) -> dict[str, str]:
    made = the("ResourceQuota", tenant(quota=quota, namespaces=namespaces or [{"name": "prod"}]))
    given: dict[str, str] = made["spec"]["hard"]
    return given


def test_who_says_nothing_gets_the_standard() -> None:
    assert hard() == STANDARD


def test_the_standard_has_no_node_ports_and_no_load_balancers() -> None:
    assert hard().items() >= {"services.nodeports": "0", "services.loadbalancers": "0"}.items()


THREE = [{"name": "prod"}, {"name": "test"}, {"name": "dev"}]


@pytest.mark.parametrize(
    ("key", "total", "share"),
    [
        pytest.param("requests.cpu", "10", "3333m", id="cores are cut to thousandths"),
        pytest.param("cpu", "3", "1", id="and written whole if they are"),
        pytest.param("pods", "100", "33", id="things are cut to whole ones"),
        pytest.param("pods", "2", "0", id="of too few, each gets none"),
        pytest.param("limits.memory", "16Gi", "5461Mi", id="bytes are cut to what reads well"),
        pytest.param("limits.memory", "12Gi", "4Gi", id="bytes that divide stay as they are"),
        pytest.param("requests.storage", "100Mi", "34133Ki", id="some mebibytes"),
        pytest.param("memory", "1000", "333", id="a few bytes"),
        pytest.param("count/jobs.batch", "3k", "1k", id="counts are decimal"),
        pytest.param(
            "gold.storageclass.storage.k8s.io/requests.storage",
            "10Gi",
            "3413Mi",
            id="storage of a class is bytes",
        ),
        pytest.param(
            "gold.storageclass.storage.k8s.io/persistentvolumeclaims",
            "10",
            "3",
            id="claims of a class are things",
        ),
    ],
)
def test_the_tenants_quota_is_shared_equally(key: str, total: str, share: str) -> None:
    made = spaces(tenant(quota={"hard": {key: total}}, namespaces=THREE))

    assert {
        quota["spec"]["hard"][key]
        for space in made.values()
        for quota in of_kind(space, "ResourceQuota")
    } == {share}


def test_a_namespace_that_is_only_kept_has_its_share_too() -> None:
    facts = Facts(unlisted=frozenset({"acme-old"}))
    made = spaces(tenant(quota={"hard": {"pods": "10"}}), facts)

    shares = [of_kind(space, "ResourceQuota")[0]["spec"]["hard"]["pods"] for space in made.values()]
    assert shares == ["5", "5"]


@pytest.mark.parametrize(
    ("quota", "own", "expected"),
    [
        pytest.param({"perNamespace": {"pods": 7}}, {}, "7", id="per namespace over the standard"),
        pytest.param(
            {"perNamespace": {"pods": 7}}, {"pods": "9"}, "9", id="its own over per namespace"
        ),
        pytest.param(
            {"hard": {"pods": 10}, "perNamespace": {"pods": 7}},
            {},
            "7",
            id="per namespace lowers the share",
        ),
        pytest.param(
            {"hard": {"pods": 10}, "perNamespace": {"pods": 70}},
            {},
            "10",
            id="but never raises it",
        ),
        pytest.param({"hard": {"pods": 10}}, {"pods": 70}, "10", id="nor does its own"),
        pytest.param({"hard": {"pods": 10}}, {"pods": "0"}, "0", id="its own may be nothing"),
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
