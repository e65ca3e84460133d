from typing import Any

import pytest

from bookinfo import MESH, application, bookinfo, component, surroundings
from tenantry.api.application import Application
from tenantry.api.base import Manifest
from tenantry.desired.applications.authorization import authorization


def policies(made: Application, *neighbours: Application, **around: Any) -> dict[str, Manifest]:
    rendered = authorization(made, surroundings(*neighbours, served=MESH, **around))
    assert not rendered.unhonoured
    return {
        one["metadata"]["name"]: one["spec"]
        for one in rendered.manifests
        if one["kind"] == "AuthorizationPolicy"
    }


def admitted(spec: Manifest) -> set[tuple[str, str]]:
    """Who may call which port."""
    return {
        (who.rpartition("/")[2], port)
        for rule in spec.get("rules", [])
        for source in rule["from"]
        for who in [
            *source["source"].get("principals", []),
            *source["source"].get("namespaces", []),
        ]
        for operation in rule["to"]
        for port in operation["operation"]["ports"]
    }


def test_each_component_admits_the_identities_of_its_callers_and_nobody_else() -> None:
    made = {name: admitted(spec) for name, spec in policies(bookinfo()).items()}
    assert made == {
        "productpage": {("ingress-nginx", "9080"), ("monitoring", "9080")},
        "details": {("bookinfo-productpage", "9080")},
        "reviews": {("bookinfo-productpage", "9080")},
        "ratings": {("bookinfo-productpage", "9080"), ("bookinfo-reviews", "9080")},
    }


def test_a_component_that_nobody_calls_admits_nobody() -> None:
    spec = policies(application([component("job")]))["job"]
    assert spec["action"] == "ALLOW"
    assert "rules" not in spec


def test_identities_are_of_the_meshs_own_trust_domain_and_have_the_account_that_is_named() -> None:
    made = bookinfo(productpage={"serviceAccount": {"name": "front"}})
    (rule,) = policies(made)["details"]["rules"]
    assert rule["from"][0]["source"] == {"principals": ["cluster.local/ns/acme-prod/sa/front"]}


def test_monitoring_may_read_the_metrics_and_no_other_path() -> None:
    *_, rule = policies(bookinfo())["productpage"]["rules"]
    (operation,) = [each["operation"] for each in rule["to"]]
    assert operation == {"methods": ["GET"], "paths": ["/metrics"], "ports": ["9080"]}


def test_ports_are_those_of_pods() -> None:
    ports = [{"name": "http", "port": 80, "targetPort": 8080}]
    spec = policies(bookinfo(details={"ports": ports}))["details"]
    assert admitted(spec) == {("bookinfo-productpage", "8080")}


def test_a_caller_of_another_tenant_is_admitted_where_both_sides_agree() -> None:
    there = {"namespace": "acme-prod", "application": "bookinfo", "component": "ratings"}
    caller = application(
        [component("web", dependsOn=[{"external": there}])], name="shop", namespace="globex-prod"
    )
    accepts = [{"namespace": "globex-prod", "application": "shop"}]
    agreed = policies(bookinfo(ratings={"accepts": accepts}), caller)["ratings"]
    assert ("shop-web", "9080") in admitted(agreed)
    assert ("shop-web", "9080") not in admitted(policies(bookinfo(), caller)["ratings"])


@pytest.mark.parametrize(
    ("policy", "mode"),
    [({}, "STRICT"), ({"mtls": "Permissive"}, "PERMISSIVE"), ({"mtls": "Disabled"}, None)],
)
def test_connections_are_mutually_authenticated_as_the_policy_says(
    policy: dict[str, str], mode: str | None
) -> None:
    made = authorization(application(policy=policy), surroundings(served=MESH)).manifests
    found = [one["spec"] for one in made if one["kind"] == "PeerAuthentication"]
    assert [one["mtls"]["mode"] for one in found] == ([mode] if mode else [])
    for one in found:
        assert one["selector"] == {"matchLabels": {"tenantry.io/application": "bookinfo"}}


def test_without_a_mesh_both_are_told_unless_they_are_turned_off() -> None:
    told = authorization(application(), surroundings())
    assert not told.manifests
    assert {one.knob for one in told.unhonoured} == {"policy.mtls", "policy.authorization"}
    off = application(policy={"mtls": "Disabled", "authorization": False})
    assert not authorization(off, surroundings()).unhonoured
