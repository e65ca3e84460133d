"""Floors, and network policies within and beyond them."""

from typing import Any, Final

from policies.flows import NAME
from tenantry.api.base import Manifest

DNS: Final = "namespace=kube-system ports=UDP/53,TCP/53 pods=k8s-app=kube-dns"
FLOORS: Final = {
    "closed": "",
    "own namespace and DNS": f"namespace={{own}}\n{DNS}",
    "the internet": (
        "cidr=0.0.0.0/0 except=10.0.0.0/8,169.254.0.0/16 ports=TCP/443,TCP/8000-8010\n"
        "cidr=::/0 except=fc00::/7 ports=TCP/443,TCP/8000-8010"
    ),
    "a database": (
        "namespace=acme-db ports=TCP/5432,TCP/metrics\n"
        "namespace=acme-db ports=UDP/60-70\n"
        "cidr=192.0.2.0/24"
    ),
    "monitoring": (
        "namespace=monitoring ports=TCP/9090,TCP/http pods=app=p,tier=m\n"
        "namespace=acme-db\n"
        "cidr=10.1.0.0/16 except=10.1.2.0/24"
    ),
}


def policy(**spec: Any) -> Manifest:
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": "mine"},
        "spec": {"podSelector": {}} | spec,
    }


def named(*names: str, **labels: str) -> Manifest:
    """A selector of namespaces by their names."""
    if len(names) == 1:
        return {"namespaceSelector": {"matchLabels": {NAME: names[0]} | labels}}
    requirement = {"key": NAME, "operator": "In", "values": [*names]}
    return {"namespaceSelector": {"matchLabels": labels, "matchExpressions": [requirement]}}


def by_expression(key: str, operator: str, *values: str) -> Manifest:
    requirement = {"key": key, "operator": operator} | ({"values": [*values]} if values else {})
    return {"namespaceSelector": {"matchExpressions": [requirement]}}


def pods(**labels: str) -> Manifest:
    return {"podSelector": {"matchLabels": {k.replace("_", "-"): v for k, v in labels.items()}}}


def block(cidr: str, *except_: str) -> Manifest:
    return {"ipBlock": {"cidr": cidr} | ({"except": [*except_]} if except_ else {})}


def port(
    number: int | str | None = None, protocol: str = "TCP", end: int | None = None
) -> Manifest:
    written: Manifest = {"protocol": protocol}
    if number is not None:
        written["port"] = number
    if end is not None:
        written["endPort"] = end
    return written


def opens(peer: Manifest | None, *ports: Manifest, direction: str = "ingress") -> Manifest:
    """A policy of one rule."""
    rule: Manifest = {}
    if peer is not None:
        rule["from" if direction == "ingress" else "to"] = [peer]
    if ports:
        rule["ports"] = [*ports]
    return policy(**{direction: [rule]})


UNPINNED = f"a namespaceSelector that does not name them by {NAME}"
FLOOR = (
    "namespace={own}\n"
    "namespace=acme-db ports=TCP/5432\n"
    "namespace=acme-api\n"
    f"{DNS}\n"
    "cidr=192.0.2.0/24 except=192.0.2.128/26\n"
    "cidr=2001:db8::/32 ports=TCP/443"
)
PEERS: dict[str, tuple[Manifest | None, tuple[Manifest, ...], str]] = {
    "pods of its own namespace": ({"podSelector": {}}, (), ""),
    "some pods of its own namespace": (pods(app="web"), (port(80),), ""),
    "its own namespace by name": (named("{own}"), (), ""),
    "a namespace": (named("acme-api"), (), ""),
    "two namespaces": (named("acme-api", "{own}"), (), ""),
    "a namespace that is narrowed by labels": (named("acme-api", team="a"), (), ""),
    "pods of a namespace": (named("acme-api") | pods(app="a"), (port(1), port("x")), ""),
    "a namespace and its port": (named("acme-db"), (port(5432),), ""),
    "a port whose protocol is left out": (named("acme-db"), ({"port": 5432},), ""),
    "DNS": (named("kube-system") | pods(k8s_app="kube-dns"), (port(53, "UDP"), port(53)), ""),
    "DNS, more narrowly": (
        named("kube-system") | pods(k8s_app="kube-dns", a="b"),
        (port(53, "UDP"),),
        "",
    ),
    "DNS by an expression": (
        named("kube-system")
        | {
            "podSelector": {
                "matchExpressions": [{"key": "k8s-app", "operator": "In", "values": ["kube-dns"]}]
            }
        },
        (port(53, "UDP"),),
        "",
    ),
    "a block": (block("192.0.2.0/26"), (), ""),
    "a block without what is left out": (block("192.0.2.0/24", "192.0.2.128/26"), (), ""),
    "a block without more than is left out": (block("192.0.2.0/24", "192.0.2.128/25"), (), ""),
    "an IPv6 block": (block("2001:DB8:1::/48"), (port(443),), ""),
    "everybody": (None, (), "everywhere on every port"),
    "everybody on a port": (None, (port(443),), "everywhere on TCP/443"),
    "every namespace": ({"namespaceSelector": {}}, (), f"{UNPINNED} on every port"),
    "some pods of every namespace": (
        {"namespaceSelector": {}} | pods(app="a"),
        (port(80),),
        f"{UNPINNED} on TCP/80",
    ),
    "namespaces by a label": (
        {"namespaceSelector": {"matchLabels": {"team": "acme"}}},
        (),
        f"{UNPINNED} on every port",
    ),
    "namespaces by the tenant's label": (
        {"namespaceSelector": {"matchLabels": {"tenantry.io/tenant": "acme"}}},
        (),
        f"{UNPINNED} on every port",
    ),
    "another namespace": (named("globex-web"), (), "namespace globex-web on every port"),
    "another namespace beside an allowed one": (
        named("acme-api", "globex-web"),
        (),
        "namespace acme-api or globex-web on every port",
    ),
    "namespaces but one": (by_expression(NAME, "NotIn", "x"), (), f"{UNPINNED} on every port"),
    "namespaces that have a name": (by_expression(NAME, "Exists"), (), f"{UNPINNED} on every port"),
    "namespaces that have no name": (
        by_expression(NAME, "DoesNotExist"),
        (),
        f"{UNPINNED} on every port",
    ),
    "namespaces that lack a label": (
        by_expression("team", "DoesNotExist"),
        (),
        f"{UNPINNED} on every port",
    ),
    "a name by another key": (
        by_expression("name", "In", "acme-api"),
        (),
        f"{UNPINNED} on every port",
    ),
    "a namespace on every port": (named("acme-db"), (), "namespace acme-db on every port"),
    "a namespace on another port": (named("acme-db"), (port(22),), "namespace acme-db on TCP/22"),
    "a namespace on two ports": (
        named("acme-db"),
        (port(5432), port(22)),
        "namespace acme-db on TCP/5432,TCP/22",
    ),
    "a namespace on every port of a protocol": (
        named("acme-db"),
        (port(),),
        "namespace acme-db on TCP",
    ),
    "a namespace by another protocol": (
        named("acme-db"),
        (port(5432, "UDP"),),
        "namespace acme-db on UDP/5432",
    ),
    "a namespace on a named port": (
        named("acme-db"),
        (port("postgres"),),
        "namespace acme-db on TCP/postgres",
    ),
    "a namespace on a range": (
        named("acme-db"),
        (port(5432, end=5433),),
        "namespace acme-db on TCP/5432-5433",
    ),
    "all pods beside DNS": (
        named("kube-system"),
        (port(53, "UDP"),),
        "namespace kube-system on UDP/53",
    ),
    "other pods beside DNS": (
        named("kube-system") | pods(k8s_app="metrics"),
        (port(53, "UDP"),),
        "namespace kube-system on UDP/53",
    ),
    "pods that are not DNS": (
        named("kube-system")
        | {
            "podSelector": {
                "matchExpressions": [{"key": "k8s-app", "operator": "Exists"}],
            }
        },
        (port(53, "UDP"),),
        "namespace kube-system on UDP/53",
    ),
    "DNS and others": (
        named("kube-system")
        | {
            "podSelector": {
                "matchExpressions": [
                    {"key": "k8s-app", "operator": "In", "values": ["kube-dns", "x"]}
                ]
            }
        },
        (port(53, "UDP"),),
        "namespace kube-system on UDP/53",
    ),
    "a block and what is left out": (
        block("192.0.2.0/24"),
        (),
        "ipBlock 192.0.2.0/24 on every port",
    ),
    "a block within what is left out": (
        block("192.0.2.128/28"),
        (),
        "ipBlock 192.0.2.128/28 on every port",
    ),
    "a block without part of what is left out": (
        block("192.0.2.0/24", "192.0.2.128/27"),
        (),
        "ipBlock 192.0.2.0/24 on every port",
    ),
    "a larger block": (block("192.0.0.0/16"), (), "ipBlock 192.0.0.0/16 on every port"),
    "the world": (block("0.0.0.0/0"), (), "ipBlock 0.0.0.0/0 on every port"),
    "the other world": (block("::/0"), (port(443),), "ipBlock ::/0 on TCP/443"),
    "the metadata service": (
        block("169.254.169.254/32"),
        (port(80),),
        "ipBlock 169.254.169.254/32 on TCP/80",
    ),
}
