"""Network policies at random, and all that they and the floors could tell apart."""

import random
from typing import Final

from policies.flows import NAME, Pod, Universe, around
from policies.network_peers import block, policy, port
from tenantry.api.base import Manifest

NAMES: Final = ("{own}", "acme-db", "kube-system", "monitoring", "globex-web")
LABELS: Final = (
    {},
    {"k8s-app": "kube-dns"},
    {"k8s-app": "x"},
    {"app": "p"},
    {"app": "p", "tier": "m"},
    {"app": "p", "tier": "m", "k8s-app": "kube-dns"},
)
BLOCKS: Final = {
    "0.0.0.0/0": ("10.0.0.0/8", "169.254.0.0/16", "10.1.2.0/24", "0.0.0.0/4"),
    "10.0.0.0/8": ("10.1.0.0/16", "10.1.2.0/24"),
    "10.1.0.0/16": ("10.1.2.0/24", "10.1.2.0/23", "10.1.2.128/25"),
    "10.1.2.64/26": (),
    "8.8.8.0/24": ("8.8.8.8/32",),
    "192.0.2.0/24": ("192.0.2.7/32",),
    "192.0.2.16/28": (),
    "192.0.2.0/23": (),
    "::/0": ("fc00::/7", "fd00::/8", "2001:db8::/32"),
    "2001:db8::/32": (),
    "fd00::/16": (),
}
NUMBERS: Final = (52, 53, 54, 59, 60, 65, 70, 71, 443, 5432, 7999, 8000, 8005, 8010, 8011, 9090)
PORT_NAMES: Final = ("metrics", "http", "dns")


class Author:
    """Writes network policies at random, within and beyond every floor."""

    def __init__(self, seed: int, own: str) -> None:
        self._chance, self._own = random.Random(seed), own  # noqa: S311 - no secrets here

    def policy(self) -> Manifest:
        """Rules of one direction or both."""
        spec: Manifest = {}
        for direction, peers in (("ingress", "from"), ("egress", "to")):
            if self._chance.random() < 0.6:
                spec[direction] = [self._rule(peers) for _ in range(self._chance.choice((1, 1, 2)))]
        return policy(**spec)

    def _rule(self, peers: str) -> Manifest:
        made: Manifest = {}
        if self._chance.random() < 0.97:
            made[peers] = [self._peer() for _ in range(self._chance.choice((1, 1, 2)))]
        if self._chance.random() < 0.8:
            made["ports"] = [self._port() for _ in range(self._chance.choice((1, 1, 2)))]
        return made

    def _peer(self) -> Manifest:
        if self._chance.random() < 0.4:
            cidr = self._chance.choice([*BLOCKS])
            except_ = [one for one in BLOCKS[cidr] if self._chance.random() < 0.6]
            return block(cidr, *except_)
        made: Manifest = {}
        if self._chance.random() < 0.7:
            made["namespaceSelector"] = self._namespaces()
        if not made or self._chance.random() < 0.6:
            made["podSelector"] = self._pods()
        return made

    def _namespaces(self) -> Manifest:
        names = [one.format(own=self._own) for one in self._chance.sample(NAMES, 2)]
        pinned: Manifest = self._chance.choice(
            (
                {"matchLabels": {NAME: names[0]}},
                {"matchLabels": {NAME: names[0], "team": "a"}},
                {"matchExpressions": [{"key": NAME, "operator": "In", "values": names[:1]}]},
                {"matchExpressions": [{"key": NAME, "operator": "In", "values": names}]},
                {
                    "matchLabels": {NAME: names[0]},
                    "matchExpressions": [
                        {"key": NAME, "operator": "In", "values": names},
                        {"key": "team", "operator": "DoesNotExist"},
                    ],
                },
            )
        )
        loose: Manifest = self._chance.choice(
            (
                {},
                {"matchLabels": {"team": "a"}},
                {"matchExpressions": [{"key": NAME, "operator": "NotIn", "values": names}]},
                {"matchExpressions": [{"key": NAME, "operator": "Exists"}]},
            )
        )
        return pinned if self._chance.random() < 0.85 else loose

    def _pods(self) -> Manifest:
        labels = self._chance.choice(LABELS)
        if not labels or self._chance.random() < 0.7:
            return {"matchLabels": labels}
        key, value = self._chance.choice([*labels.items()])
        return self._chance.choice(
            (
                {
                    "matchLabels": {k: v for k, v in labels.items() if k != key},
                    "matchExpressions": [{"key": key, "operator": "In", "values": [value]}],
                },
                {"matchExpressions": [{"key": key, "operator": "In", "values": [value, "y"]}]},
                {"matchExpressions": [{"key": key, "operator": "Exists"}]},
                {"matchExpressions": [{"key": key, "operator": "NotIn", "values": ["y"]}]},
            )
        )

    def _port(self) -> Manifest:
        protocol = self._chance.choice(("TCP", "TCP", "TCP", "UDP", "SCTP"))
        if self._chance.random() < 0.15:
            return port(self._chance.choice((*PORT_NAMES, None)), protocol)
        first = self._chance.choice(NUMBERS)
        if self._chance.random() < 0.7:
            return port(first, protocol)
        return port(first, protocol, self._chance.choice([n for n in NUMBERS if n >= first]))


def universe(own: str) -> Universe:
    """Everything that floors and authors here could tell apart."""
    labels = [*LABELS, {"k8s-app": "y"}, {"app": "y", "tier": "m"}, {"app": "p", "tier": "y"}]
    names = [one.format(own=own) for one in (*NAMES, "whatever")]
    others = [Pod(name, frozenset(each.items())) for name in names for each in labels]
    blocks = {*BLOCKS, *(one for left_out in BLOCKS.values() for one in left_out)}
    addresses = {address for cidr in blocks for address in around(cidr)}
    numbers = {n + step for n in NUMBERS for step in (-1, 0, 1)}
    ports = [(p, n) for p in ("TCP", "UDP", "SCTP") for n in (*sorted(numbers), *PORT_NAMES, "y")]
    return Universe(own, (*others, *addresses), tuple(ports))
