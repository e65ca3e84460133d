"""What a network policy and a floor mean, by what they let through: flows, tried one by one.

An independent answer to whether a policy stays within a floor. It knows nothing of how the policy
is compared with the floor: it takes every kind of client or server and every port that either could
tell apart, and asks both about each. Written by
https://kubernetes.io/docs/reference/kubernetes-api/policy-resources/network-policy-v1/.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from itertools import product
from typing import Any, Final

from tenantry.api.base import Manifest

NAME: Final = "kubernetes.io/metadata.name"
Address = IPv4Address | IPv6Address


@dataclass(frozen=True)
class Pod:
    """A pod at the other end."""

    namespace: str
    labels: frozenset[tuple[str, str]]


Other = Pod | Address
Port = tuple[str, int | str]
"""Protocol, and number or name."""


@dataclass(frozen=True)
class Line:
    """A line of a floor."""

    namespace: str
    cidr: str
    except_: tuple[str, ...]
    ports: tuple[str, ...]
    pods: tuple[tuple[str, str], ...]

    @classmethod
    def parse(cls, line: str) -> "Line":
        """Read it."""
        fields = dict(token.split("=", 1) for token in line.split())

        def items(key: str) -> tuple[str, ...]:
            return tuple(fields[key].split(",")) if key in fields else ()

        pods = tuple((k, v) for k, v in (one.split("=", 1) for one in items("pods")))
        namespace, cidr = fields.get("namespace", ""), fields.get("cidr", "")
        return cls(namespace, cidr, items("except"), items("ports"), pods)

    def admits(self, other: Other, port: Port) -> bool:
        """Whether it lets this through."""
        return self._admits_other(other) and (
            not self.ports or any(self._is(port, one) for one in self.ports)
        )

    def _admits_other(self, other: Other) -> bool:
        if isinstance(other, Pod):
            return other.namespace == self.namespace and set(self.pods) <= other.labels
        return bool(self.cidr) and is_in_block(other, self.cidr, self.except_)

    @staticmethod
    def _is(port: Port, written: str) -> bool:
        protocol, _, what = written.partition("/")
        first, _, last = what.partition("-")
        if protocol != port[0]:
            return False
        if not first.isdigit():
            return port[1] == what
        return isinstance(port[1], int) and int(first) <= port[1] <= int(last or first)


def is_in_block(address: Address, cidr: str, except_: tuple[str, ...]) -> bool:
    """Whether an address is in a block and in none of what is left out."""
    return address in ip_network(cidr) and not any(address in ip_network(e) for e in except_)


@dataclass(frozen=True)
class Universe:
    """All that may be told apart."""

    own: str
    others: tuple[Other, ...]
    ports: tuple[Port, ...]

    def first_beyond(self, rules: list[Manifest], floor: list[Line]) -> tuple[Other, Port] | None:
        """A flow that rules let through and a floor does not; None if there is none."""
        for other, port in product(self.others, self.ports):
            if any(self._admits(rule, other, port) for rule in rules) and not any(
                line.admits(other, port) for line in floor
            ):
                return other, port
        return None

    def _admits(self, rule: Manifest, other: Other, port: Port) -> bool:
        peers, ports = rule.get("from") or rule.get("to") or [], rule.get("ports") or []
        return (not peers or any(self._is_peer(peer, other) for peer in peers)) and (
            not ports or any(_is_port(one, port) for one in ports)
        )

    def _is_peer(self, peer: Manifest, other: Other) -> bool:
        if block := peer.get("ipBlock"):
            left_out = tuple(block.get("except", ()))
            return not isinstance(other, Pod) and is_in_block(other, block["cidr"], left_out)
        if not isinstance(other, Pod):
            return False
        if "namespaceSelector" not in peer:
            is_there = other.namespace == self.own
        else:
            is_there = selects_namespace(peer["namespaceSelector"], other.namespace)
        return is_there and selects(peer.get("podSelector", {}), dict(other.labels))


def _is_port(written: Manifest, port: Port) -> bool:
    if written.get("protocol", "TCP") != port[0]:
        return False
    first = written.get("port")
    if first is None or isinstance(first, str):
        return first is None or first == port[1]
    return isinstance(port[1], int) and first <= port[1] <= written.get("endPort", first)


def selects_namespace(selector: Manifest, name: str) -> bool:
    """Whether a namespace may be selected, whatever its other labels are or will be."""
    named = {
        "matchLabels": {k: v for k, v in selector.get("matchLabels", {}).items() if k == NAME},
        "matchExpressions": [e for e in selector.get("matchExpressions", []) if e["key"] == NAME],
    }
    return selects(named, {NAME: name})


def selects(selector: Manifest, labels: dict[str, str]) -> bool:
    """Whether a label selector selects what has these labels."""
    return all(
        labels.get(key) == value for key, value in selector.get("matchLabels", {}).items()
    ) and all(_holds(e, labels) for e in selector.get("matchExpressions", []))


def _holds(requirement: Manifest, labels: dict[str, str]) -> bool:
    value, values = labels.get(requirement["key"]), requirement.get("values", [])
    answers: dict[str, Any] = {
        "In": value in values,
        "NotIn": value not in values,
        "Exists": value is not None,
        "DoesNotExist": value is None,
    }
    return bool(answers[requirement["operator"]])


def around(cidr: str) -> Iterator[Address]:
    """The first and the last address of a block, and their neighbours outside."""
    network = ip_network(cidr)
    for end, step in ((network.network_address, -1), (network.broadcast_address, 1)):
        yield end
        beyond = int(end) + step
        if 0 <= beyond < 2**network.max_prefixlen:
            yield ip_address(beyond.to_bytes(network.max_prefixlen // 8, "big"))
