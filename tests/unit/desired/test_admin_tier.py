"""What is denied above everybody's NetworkPolicies, and what is passed on to them."""

from typing import Any

from bookinfo import application, bookinfo, component, surroundings
from rendering import spaces, tenant
from tenantry.api.base import Manifest
from tenantry.desired.admin_tier import admin_tier_policy, floors_of
from tenantry.desired.applications.labels import component_selector
from tenantry.desired.applications.network import network_policies


def _spec(**spec: Any) -> Manifest:
    made = tenant(**spec)
    policy = admin_tier_policy("ClusterNetworkPolicy", made, floors_of(spaces(made).values()))
    found: Manifest = policy["spec"]
    return found


def _named(*names: str) -> Manifest:
    requirement = {"key": "kubernetes.io/metadata.name", "operator": "In", "values": [*names]}
    return {"namespaces": {"matchExpressions": [requirement]}}


DENIED = {
    "namespaces": {
        "matchExpressions": [
            {"key": "tenantry.io/tenant", "operator": "Exists"},
            {"key": "tenantry.io/tenant", "operator": "NotIn", "values": ["acme"]},
        ]
    }
}


def test_other_tenants_are_denied_both_ways() -> None:
    spec = _spec()

    assert spec["tier"] == "Admin"
    assert spec["subject"] == {"namespaces": {"matchLabels": {"tenantry.io/tenant": "acme"}}}
    assert spec["ingress"][-1] == {"action": "Deny", "from": [DENIED]}
    assert spec["egress"][-1] == {"action": "Deny", "to": [DENIED]}


def test_what_the_floor_opens_is_passed_on_first() -> None:
    rule = {"from": [{"namespaces": ["globex-web"]}], "ports": [{"port": 80}]}

    ingress = _spec(network={"ingress": [rule]})["ingress"]

    assert ingress[0] == {"action": "Pass", "from": [_named("globex-web")]}
    assert [one["action"] for one in ingress] == ["Pass", "Deny"]


def test_of_the_floor_only_pods_of_other_namespaces_concern_it() -> None:
    block = {"to": [{"ipBlock": {"cidr": "203.0.113.0/24"}}]}

    egress = _spec(network={"egress": [block], "dns": {"enabled": False}})["egress"]

    assert [one["action"] for one in egress] == ["Deny"]


def test_more_peers_than_a_rule_may_have_are_more_rules() -> None:
    peers = [{"namespaces": [f"n{number}"]} for number in range(8)]
    rules = [{"from": [{"namespaces": [f"r{n}-{i}"]} for i in range(8)]} for n in range(4)]

    ingress = _spec(network={"ingress": [{"from": peers}, *rules]})["ingress"]

    assert [len(one["from"]) for one in ingress] == [25, 15, 1]


def test_the_older_kind_says_the_same_without_a_tier() -> None:
    made = tenant()
    floors = floors_of(spaces(made).values())

    newer = admin_tier_policy("ClusterNetworkPolicy", made, floors)
    older = admin_tier_policy("AdminNetworkPolicy", made, floors)

    assert older["apiVersion"] == "policy.networking.k8s.io/v1alpha1"
    assert older["spec"] | {"tier": "Admin"} == newer["spec"]


def test_what_applications_agree_on_is_passed_on_beside_the_floors() -> None:
    there = {"namespace": "globex-prod", "application": "bookinfo", "component": "ratings"}
    caller = application([component("web", dependsOn=[{"external": there}])], name="shop")
    accepts = [{"namespace": "acme-prod", "application": "shop"}]
    callee = bookinfo("globex-prod", ratings={"accepts": accepts})
    policies = network_policies(caller, surroundings(callee)).manifests

    made = tenant(network={"dns": {"enabled": False}})
    floors = [*floors_of(spaces(made).values()), *policies]
    egress = admin_tier_policy("ClusterNetworkPolicy", made, floors)["spec"]["egress"]

    pods = {
        "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "globex-prod"}},
        "podSelector": {"matchLabels": component_selector("bookinfo", "ratings")},
    }
    assert {"pods": pods} in egress[0]["to"]
    assert [one["action"] for one in egress] == ["Pass", "Deny"]
