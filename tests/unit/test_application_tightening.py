"""What is taken back of an Application of which nothing else is written."""

from datetime import UTC, datetime
from typing import Any, Final

import pytest

from bookinfo import application, component, surroundings
from stored import stored
from tenantry.api.base import Manifest
from tenantry.application_desire import taken_back
from tenantry.application_tightening import tightened
from tenantry.component_health import Health
from tenantry.observed import key_of, observe

NOW: Final = datetime(2026, 1, 1, 12, tzinfo=UTC)
HTTPS: Final = [{"protocol": "TCP", "port": 443}]


def _block(cidr: str, *excepted: str) -> Manifest:
    return {"ipBlock": {"cidr": cidr} | ({"except": [*excepted]} if excepted else {})}


def _pods(namespace: str) -> Manifest:
    return {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": namespace}}}


def _left(direction: str, rules: list[Manifest], network: Manifest, **around: Any) -> Any:
    """What is left of a policy's rules where the Tenant's network is this."""
    manifest = {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": "tenantry.web", "namespace": "acme-prod"},
        "spec": {"podSelector": {}, direction: rules},
    }
    observed = {key_of(manifest): observe(stored(manifest))}
    floor = surroundings(network=network, **around)
    changes = [*tightened(application([component("web")]), observed, {}, NOW, floor)]
    return changes[0].removals["spec"][direction] if changes else rules


@pytest.mark.parametrize(
    ("block", "opened", "left"),
    [
        pytest.param("0.0.0.0/0", "0.0.0.0/0", _block("0.0.0.0/0"), id="as it was"),
        pytest.param("0.0.0.0/0", "192.0.2.0/24", _block("192.0.2.0/24"), id="less is open"),
        pytest.param("192.0.2.0/28", "192.0.2.0/24", _block("192.0.2.0/28"), id="more is open"),
        pytest.param("192.0.2.0/24", "198.51.100.0/24", None, id="something else is open"),
    ],
)
def test_of_addresses_what_the_tenant_opens_as_well_is_left(
    block: str, opened: str, left: Manifest | None
) -> None:
    network = {"egress": [{"to": [{"ipBlock": {"cidr": opened}}]}]}
    rules = [{"to": [_block(block)], "ports": HTTPS}]

    assert _left("egress", rules, network) == ([{"to": [left], "ports": HTTPS}] if left else None)


def test_what_was_left_out_of_a_block_stays_left_out() -> None:
    network = {"egress": [{"to": [{"ipBlock": {"cidr": "10.0.0.0/8", "except": ["10.1.0.0/16"]}}]}]}
    rules = [{"to": [_block("0.0.0.0/0", "10.2.0.0/16", "192.168.0.0/16")], "ports": HTTPS}]

    (rule,) = _left("egress", rules, network)

    assert rule["to"] == [_block("10.0.0.0/8", "10.1.0.0/16", "10.2.0.0/16")]


def test_ports_that_the_tenant_does_not_open_are_closed() -> None:
    network = {
        "egress": [
            {"to": [{"ipBlock": {"cidr": "192.0.2.0/24"}}], "ports": [{"port": 80, "endPort": 90}]}
        ]
    }
    ports = [*HTTPS, {"protocol": "TCP", "port": 85}]

    (rule,) = _left("egress", [{"to": [_block("192.0.2.0/24")], "ports": ports}], network)

    assert rule["ports"] == ports[1:]


@pytest.mark.parametrize("direction", ["ingress", "egress"])
def test_pods_of_namespaces_that_it_may_no_longer_meet_are_taken_out(direction: str) -> None:
    peers = "from" if direction == "ingress" else "to"
    met = application([component("web")], name="shop", namespace="globex-prod")
    near = {"podSelector": {"matchLabels": {"app": "db"}}}
    rules = [{peers: [near, _pods("acme-other"), _pods("globex-prod")], "ports": HTTPS}]
    around: dict[str, Any] = {"of_tenant": ("acme-other", "acme-prod")}

    assert _left(direction, rules, {}, **around) == [
        {peers: [near, _pods("acme-other")], "ports": HTTPS}
    ]
    floor = surroundings(met, network={}, **around)
    assert [*tightened(met, {}, {}, NOW, floor)] == []


def test_a_selector_of_any_namespace_is_taken_out() -> None:
    rules = [{"from": [{"namespaceSelector": {}}]}]

    assert _left("ingress", rules, {}) is None


def test_a_route_of_the_gateway_api_gives_a_version_that_is_ill_nothing_more() -> None:
    steps = [{"weight": 10}, {"weight": 100}]
    web = component("web", "v1", "v2", traffic={"rollout": {"version": "v2", "steps": steps}})
    rollout = {"version": "v2", "state": "Progressing", "step": 1, "weight": 100}
    shop = application([web]).model_dump(mode="json", by_alias=True)
    shop["status"] = {"components": [{"name": "web", "kind": "Deployment", "rollout": rollout}]}
    parsed = type(application([web])).parse(shop)
    backends = [{"group": "", "kind": "Service", "name": "web-v2", "port": 9080, "weight": 100}]
    matched = {"matches": [{"headers": [{"name": "a", "value": "b"}]}], "backendRefs": backends}
    manifest = {
        "apiVersion": "gateway.networking.k8s.io/v1",
        "kind": "HTTPRoute",
        "metadata": {"name": "web", "namespace": "acme-prod"},
        "spec": {"rules": [matched, {"backendRefs": backends}]},
    }
    ill = Health(1, phase="Failed", reason="CrashLoopBackOff", message="exit code 3")
    health = {("web", "v1"): Health(1, 1, 1, 1, "Current"), ("web", "v2"): ill}
    observed = {key_of(manifest): observe(stored(manifest))}

    back = taken_back(parsed, health, NOW)
    (change,) = tightened(parsed, observed, back, NOW, None)

    special, rest = change.removals["spec"]["rules"]
    assert special == matched
    assert rest["backendRefs"] == [backends[0] | {"name": "web-v1", "weight": 100}]
