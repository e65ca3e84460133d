"""Fields that show in the NetworkPolicy."""

from typing import Any

from spec_fields.field import Field, rules, web
from tenantry.api.base import Manifest


def has(what: Any) -> "Containing":
    return Containing(what)


class Containing:
    """Equal to every list that has it as an item."""

    def __init__(self, item: Any) -> None:
        self.item = item

    def __eq__(self, other: object) -> bool:
        return isinstance(other, list) and self.item in other

    def __hash__(self) -> int:
        return hash(repr(self.item))

    def __repr__(self) -> str:
        return f"a list with {self.item}"


class Lacking(Containing):
    """Equal to every list that does not have it as an item."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, list) and self.item not in other

    def __hash__(self) -> int:
        return hash(repr(self.item))


def _named(*names: str) -> Manifest:
    key = "kubernetes.io/metadata.name"
    return {
        "namespaceSelector": {
            "matchExpressions": [{"key": key, "operator": "In", "values": [*names]}]
        }
    }


def _in_namespace(name: str, **labels: str) -> Manifest:
    peer: Manifest = {
        "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": name}},
    }
    return peer | ({"podSelector": {"matchLabels": labels}} if labels else {})


def _dns_rule(port: int = 53, namespace: str = "kube-system", **labels: str) -> Manifest:
    ports = [{"protocol": protocol, "port": port} for protocol in ("UDP", "TCP")]
    return {"to": [_in_namespace(namespace, **(labels or {"k8s-app": "kube-dns"}))], "ports": ports}


def _network(direction: str, shows: Any, **given: Any) -> Field:
    return Field({"network": given}, "NetworkPolicy", rules(direction), shows)


def _is_internet(rule: Manifest) -> bool:
    return any("ipBlock" in peer for peer in rule.get("to", ()))


def _blocks(seen: Manifest) -> list[Manifest]:
    return [peer for rule in seen["spec"]["egress"] if _is_internet(rule) for peer in rule["to"]]


RULE = {"podSelector": {"matchExpressions": [{"key": "app", "operator": "In", "values": ["a"]}]}}
SAME_NAMESPACE: Manifest = {"podSelector": {}}
PORT_443 = {"protocol": "TCP", "port": 443}

NETWORK = {
    "no traffic within a namespace": _network(
        "ingress", Lacking({"from": [SAME_NAMESPACE]}), sameNamespace=False
    ),
    "traffic between the tenant's namespaces": Field(
        {"network": {"sameTenant": True}},
        "NetworkPolicy",
        lambda seen: [list(rule) for rule in seen["spec"]["ingress"]],
        [["from"], ["from"]],
    ),
    "no DNS": _network("egress", Lacking(_dns_rule()), dns={"enabled": False}),
    "another port of DNS": _network("egress", has(_dns_rule(5353)), dns={"port": 5353}),
    "DNS in another namespace": _network(
        "egress", has(_dns_rule(namespace="dns")), dns={"namespace": "dns"}
    ),
    "DNS pods with other labels": _network(
        "egress", has(_dns_rule(app="dns")), dns={"podLabels": {"app": "dns"}}
    ),
    "DNS on each node": _network(
        "egress",
        has(
            {
                "to": [{"ipBlock": {"cidr": "169.254.20.10/32"}}],
                "ports": _dns_rule()["ports"],
            }
        ),
        dns={"nodeLocalAddresses": ["169.254.20.10"]},
    ),
    "ingress controllers": _network(
        "ingress",
        has({"from": [_in_namespace("ingress", app="nginx")], "ports": [PORT_443]}),
        ingressControllers=[
            {"namespace": "ingress", "podLabels": {"app": "nginx"}, "ports": [{"port": 443}]}
        ],
    ),
    "monitoring": _network(
        "ingress",
        has({"from": [_in_namespace("prometheus")]}),
        monitoring=[{"namespace": "prometheus"}],
    ),
    "monitoring of some pods' ports": _network(
        "ingress",
        has(
            {
                "from": [_in_namespace("prometheus", app="p")],
                "ports": [{"protocol": "TCP", "port": "metrics"}],
            }
        ),
        monitoring=[
            {"namespace": "prometheus", "podLabels": {"app": "p"}, "ports": [{"port": "metrics"}]}
        ],
    ),
    "collectors of traces": _network(
        "egress",
        has({"to": [_in_namespace("tracing", app="otel")], "ports": [PORT_443]}),
        tracing=[{"namespace": "tracing", "podLabels": {"app": "otel"}, "ports": [{"port": 443}]}],
    ),
    "the internet": Field(
        {"network": {"internetEgress": {"enabled": True}}},
        "NetworkPolicy",
        lambda seen: [one["ipBlock"]["cidr"] for one in _blocks(seen)],
        ["0.0.0.0/0", "::/0"],
    ),
    "the internet's ports": Field(
        {"network": {"internetEgress": {"enabled": True, "ports": [{"port": 443}]}}},
        "NetworkPolicy",
        lambda seen: [rule.get("ports") for rule in seen["spec"]["egress"] if _is_internet(rule)],
        [[PORT_443]],
    ),
    "private ranges as well": Field(
        {"network": {"internetEgress": {"enabled": True, "includePrivate": True}}},
        "NetworkPolicy",
        lambda seen: "10.0.0.0/8" in _blocks(seen)[0]["ipBlock"]["except"],
        shows=False,
        before={"network": {"internetEgress": {"enabled": True}}},
    ),
    "further clients, by pods": _network(
        "ingress",
        has({"from": [RULE], "ports": [{"protocol": "SCTP", "port": 5000, "endPort": 5010}]}),
        ingress=[{"from": [RULE], "ports": [{"port": 5000, "endPort": 5010, "protocol": "SCTP"}]}],
    ),
    "further clients, by namespaces": _network(
        "ingress",
        has({"from": [_named("a", "b") | RULE]}),
        ingress=[{"from": [{"namespaces": ["b", "a"], **RULE}]}],
    ),
    "further servers, by addresses": _network(
        "egress",
        has({"to": [{"ipBlock": {"cidr": "10.1.0.0/16", "except": ["10.1.2.0/24"]}}]}),
        egress=[{"to": [{"ipBlock": {"cidr": "10.1.0.0/16", "except": ["10.1.2.0/24"]}}]}],
    ),
    "further servers, by namespaces' labels": _network(
        "egress",
        has(
            {
                "to": [{"namespaceSelector": {"matchLabels": {"shared": "yes"}}}],
                "ports": [PORT_443],
            }
        ),
        egress=[
            {
                "to": [{"namespaceSelector": {"matchLabels": {"shared": "yes"}}}],
                "ports": [{"port": 443}],
            }
        ],
    ),
    "the network floor of one namespace": Field(
        web(network={"sameNamespace": False, "dns": {"enabled": False}}),
        "NetworkPolicy",
        lambda seen: {**seen["spec"]},
        {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]},
        before={"network": {"sameTenant": True}},
    ),
}
