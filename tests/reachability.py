"""Who can reach whom, told from NetworkPolicies alone, as a network plugin would.

It knows nothing of Applications. A flow passes if the pod it comes from may send it and the pod it
goes to may get it; a pod that no policy of a direction selects may do anything in that direction:
https://kubernetes.io/docs/concepts/services-networking/network-policies/#the-two-sorts-of-pod-isolation.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Literal

from policies.flows import NAME, is_in_block, selects
from tenantry.api.base import Manifest

Direction = Literal["Ingress", "Egress"]


@dataclass(frozen=True)
class Pod:
    """A pod somewhere."""

    namespace: str
    labels: dict[str, str] = field(hash=False)
    name: str = ""


@dataclass(frozen=True)
class Address:
    """A host outside the cluster."""

    ip: str


End = Pod | Address


@dataclass(frozen=True)
class Cluster:
    """All NetworkPolicies of a cluster."""

    policies: Sequence[Manifest]

    def lets(self, source: End, target: End, port: int, protocol: str = "TCP") -> bool:
        """Whether a connection is possible."""
        return self.may(source, target, "Egress", (protocol, port)) and self.may(
            target, source, "Ingress", (protocol, port)
        )

    def may(self, pod: End, other: End, direction: Direction, port: tuple[str, int]) -> bool:
        """What the policies over one pod say of a connection, whatever those at its other end."""
        if isinstance(pod, Address):
            return True
        of_pod = [
            one
            for one in self.policies
            if one["metadata"]["namespace"] == pod.namespace
            and direction in one["spec"]["policyTypes"]
            and selects(one["spec"]["podSelector"], pod.labels)
        ]
        peers = "from" if direction == "Ingress" else "to"
        return not of_pod or any(
            _admits(rule, peers, pod.namespace, other, port)
            for one in of_pod
            for rule in one["spec"].get(direction.lower(), [])
        )


def _admits(rule: Manifest, key: str, own: str, other: End, port: tuple[str, int]) -> bool:
    peers, ports = rule.get(key) or [], rule.get("ports") or []
    return (not peers or any(_is(peer, own, other) for peer in peers)) and (
        not ports
        or any(
            one.get("protocol", "TCP") == port[0]
            and one["port"] <= port[1] <= one.get("endPort", one["port"])
            for one in ports
        )
    )


def _is(peer: Manifest, own: str, other: End) -> bool:
    if isinstance(other, Address):
        block = peer.get("ipBlock")
        return block is not None and is_in_block(
            ip_address(other.ip), block["cidr"], tuple(block.get("except", ()))
        )
    if "ipBlock" in peer:
        return False
    is_there = (
        selects(peer["namespaceSelector"], {NAME: other.namespace})
        if "namespaceSelector" in peer
        else other.namespace == own
    )
    return is_there and selects(peer.get("podSelector", {}), other.labels)
