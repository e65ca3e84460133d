"""The NetworkPolicy of a namespace: the floor of its isolation, in one object.

It selects every pod and names both directions, which denies everything, and then opens what the
Tenant says. Network policies are additive, so one object with several rules says the same as
several objects, and is half as much to write and to watch.

Namespaces are matched by ``kubernetes.io/metadata.name``, which the API server sets on each
namespace to its own name and which nobody can forge:
https://kubernetes.io/docs/concepts/services-networking/network-policies/.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Final

from tenantry.api.base import Manifest
from tenantry.api.names import NAMESPACE_NAME_LABEL
from tenantry.api.network import (
    Dns,
    EgressRule,
    IngressRule,
    InternetEgress,
    LabelSelector,
    Network,
    Peer,
    Port,
    Source,
)
from tenantry.desired.internet import internet_blocks
from tenantry.desired.objects import owned

_SAME_NAMESPACE: Final[list[Manifest]] = [{"podSelector": {}}]
_NODE_LOCAL_DNS_PORT: Final = 53
"""NodeLocal DNSCache listens on it wherever the cluster's DNS pods listen:
https://kubernetes.io/docs/tasks/administer-cluster/nodelocaldns/."""


def network_policy(
    namespace: str,
    labels: Mapping[str, str],
    network: Network,
    of_tenant: Sequence[str],
    pod_selector: Manifest | None = None,
) -> Manifest:
    """The NetworkPolicy of a namespace.

    Args:
        namespace: its full name.
        labels: of everything that the operator makes in it.
        network: what the Tenant or its namespace says.
        of_tenant: full names of all the tenant's namespaces, in order.
        pod_selector: the pods that it is the floor of, instead of all.
    """
    tenant = _same_tenant(namespace, network, of_tenant)
    spec = policy_spec(
        pod_selector or {}, list(_ingress(network, tenant)), list(_egress(network, tenant))
    )
    return owned("networking.k8s.io/v1", "NetworkPolicy", namespace, labels) | {"spec": spec}


def policy_spec(
    pod_selector: Manifest, ingress: Sequence[Manifest], egress: Sequence[Manifest]
) -> Manifest:
    """The spec of a NetworkPolicy that denies both ways what these rules do not open."""
    spec: Manifest = {"podSelector": pod_selector, "policyTypes": ["Ingress", "Egress"]}
    # The API server stores no empty list of rules, and takes a missing one as "nothing allowed".
    if ingress:
        spec["ingress"] = [*ingress]
    if egress:
        spec["egress"] = [*egress]
    return spec


def _ingress(network: Network, tenant: list[Manifest]) -> Iterator[Manifest]:
    if network.same_namespace:
        yield {"from": _SAME_NAMESPACE}
    if tenant:
        yield {"from": tenant}
    for source in (*_ordered(network.ingress_controllers), *_ordered(network.monitoring)):
        yield _rule("from", [pods_of(source.namespace, source.pod_labels)], source.ports)
    for given in network.ingress:
        yield _custom("from", given)


def _egress(network: Network, tenant: list[Manifest]) -> Iterator[Manifest]:
    if network.same_namespace:
        yield {"to": _SAME_NAMESPACE}
    if tenant:
        yield {"to": tenant}
    if network.dns.enabled:
        yield from dns_rules(network.dns)
    yield from collector_rules(network)
    if network.internet_egress.enabled:
        yield _internet(network.internet_egress)
    for given in network.egress:
        yield _custom("to", given)


def _same_tenant(namespace: str, network: Network, of_tenant: Sequence[str]) -> list[Manifest]:
    """The peer that stands for the tenant's other namespaces, if they are to be let in.

    Its own namespace is among them only when pods may talk within it anyway; so all the tenant's
    namespaces have the same rule.
    """
    if not network.same_tenant:
        return []
    others = [name for name in of_tenant if network.same_namespace or name != namespace]
    return [{"namespaceSelector": _named(others)}] if others else []


def collector_rules(network: Network) -> Iterator[Manifest]:
    """The rules of egress by which traces are sent."""
    for one in sorted(network.tracing, key=lambda each: each.namespace):
        yield _rule("to", [pods_of(one.namespace, one.pod_labels)], one.ports)


def dns_rules(dns: Dns) -> Iterator[Manifest]:
    """The rules of egress by which names are resolved."""
    yield {"to": [pods_of(dns.namespace, dns.pod_labels)], "ports": _both_protocols(dns.port)}
    if dns.node_local_addresses:
        yield {
            "to": [{"ipBlock": {"cidr": _host(each)}} for each in sorted(dns.node_local_addresses)],
            "ports": _both_protocols(_NODE_LOCAL_DNS_PORT),
        }


def _host(address: str) -> str:
    """The block that holds just this address."""
    return f"{address}/128" if ":" in address else f"{address}/32"


def _both_protocols(port: int) -> list[Manifest]:
    """UDP, and TCP for answers that are too long for it (RFC 7766)."""
    return [{"protocol": "UDP", "port": port}, {"protocol": "TCP", "port": port}]


def _internet(internet: InternetEgress) -> Manifest:
    blocks = internet_blocks(include_private=internet.include_private)
    return _rule("to", [{"ipBlock": block} for block in blocks], internet.ports)


def _custom(direction: str, rule: IngressRule | EgressRule) -> Manifest:
    peers = rule.from_ if isinstance(rule, IngressRule) else rule.to
    return _rule(direction, [_peer(peer) for peer in peers], rule.ports)


def _rule(direction: str, peers: list[Manifest], ports: Iterable[Port]) -> Manifest:
    made: Manifest = {direction: peers}
    if written := [_port(port) for port in ports]:
        made["ports"] = written
    return made


def _port(port: Port) -> Manifest:
    made: Manifest = {"protocol": port.protocol, "port": port.port}
    if port.end_port is not None:
        made["endPort"] = port.end_port
    return made


def _peer(peer: Peer) -> Manifest:
    if peer.ip_block is not None:
        block: Manifest = {"cidr": peer.ip_block.cidr}
        if peer.ip_block.except_:
            block["except"] = sorted(peer.ip_block.except_)
        return {"ipBlock": block}
    made: Manifest = {}
    if peer.namespaces:
        made["namespaceSelector"] = _named(sorted(peer.namespaces))
    elif peer.namespace_selector is not None:
        made["namespaceSelector"] = _selector(peer.namespace_selector)
    if peer.pod_selector is not None:
        made["podSelector"] = _selector(peer.pod_selector)
    return made


def _selector(selector: LabelSelector) -> Manifest:
    made: Manifest = {}
    if selector.match_labels:
        made["matchLabels"] = _in_order(selector.match_labels)
    if selector.match_expressions:
        made["matchExpressions"] = [
            {"key": each.key, "operator": each.operator}
            | ({"values": each.values} if each.values else {})
            for each in selector.match_expressions
        ]
    return made


def pods_of(namespace: str, pod_labels: Mapping[str, str]) -> Manifest:
    """The peer that stands for pods of one namespace; for all of them if no labels are given."""
    made: Manifest = {"namespaceSelector": {"matchLabels": {NAMESPACE_NAME_LABEL: namespace}}}
    if pod_labels:
        made["podSelector"] = {"matchLabels": _in_order(pod_labels)}
    return made


def _named(namespaces: Collection[str]) -> Manifest:
    requirement = {"key": NAMESPACE_NAME_LABEL, "operator": "In", "values": [*namespaces]}
    return {"matchExpressions": [requirement]}


def _ordered(sources: Iterable[Source]) -> list[Source]:
    return sorted(sources, key=lambda source: source.namespace)


def _in_order(labels: Mapping[str, str]) -> dict[str, str]:
    return dict(sorted(labels.items()))
