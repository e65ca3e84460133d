"""Whether NetworkPolicies are enforced, as far as that can be told without sending a packet.

The API server takes NetworkPolicies whether or not anything enforces them
(https://kubernetes.io/docs/concepts/services-networking/network-policies/#prerequisites). What
can be read is which network plugin there is, by the DaemonSet and the kinds that it installs.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from tenantry.api.base import Manifest
from tenantry.doctor.facts import Facts, Unseen
from tenantry.doctor.finding import Finding, Level, ok, unknown

NAME: Final = "network-policy"
ENFORCING: Final = {
    "anetd": "GKE Dataplane V2",
    "antrea-agent": "Antrea",
    "azure-npm": "Azure Network Policy Manager",
    "calico-node": "Calico",
    "canal": "Canal",
    "cilium": "Cilium",
    "kindnet": "kindnet",
    "kube-network-policies": "kube-network-policies",
    "kube-ovn-cni": "Kube-OVN",
    "kube-router": "kube-router",
    "ovnkube-node": "OVN-Kubernetes",
    "weave-net": "Weave Net",
}
"""Plugins that enforce them unless they are told not to, by the name of their DaemonSet."""
KINDS: Final = {
    "cilium.io": "Cilium",
    "crd.antrea.io": "Antrea",
    "crd.projectcalico.org": "Calico",
    "k8s.ovn.org": "OVN-Kubernetes",
    "kubeovn.io": "Kube-OVN",
}
"""Plugins by the API group of their own kinds, which stay when a plugin goes."""
NOT_ENFORCING: Final = {"kube-flannel-ds": "Flannel", "kube-flannel": "Flannel"}
"""Plugins that do not; with one of the others beside it, that one does."""
_AWS: Final = ("aws-node", ("aws-eks-nodeagent", "aws-network-policy-agent"))
"""Amazon's plugin does so by a container of its own, which may be left out."""
TEST: Final = (
    "kubectl run probe --rm -it --restart=Never --image=busybox -n default -- "
    "nc -zv -w 3 POD_IP_OF_A_TENANT PORT"
)
"""Sends the packet: it must not get through. Its two words in capitals are the reader's."""


def check(facts: Facts) -> Iterator[Finding]:
    """The network plugins that are installed."""
    if isinstance(facts.workloads, Unseen):
        yield unknown(NAME, "the network plugin", facts.workloads)
        return
    daemon_sets = [one for one in facts.workloads if one["kind"] == "DaemonSet"]
    found = sorted({name for one in daemon_sets if (name := _enforcing(one))})
    idle = [NOT_ENFORCING[name] for one in daemon_sets if (name := _name(one)) in NOT_ENFORCING]
    if found:
        yield ok(
            NAME, f"{', '.join(found)} is there, and enforces NetworkPolicies unless told otherwise"
        )
    elif idle or any(_name(one) == _AWS[0] for one in daemon_sets):
        yield Finding(
            NAME,
            Level.ERROR,
            f"{(idle or ['the Amazon VPC plugin'])[0]} does not enforce NetworkPolicies as it is",
            "Tenants reach each other. Add a plugin that enforces them, then send a packet to see.",
            TEST,
        )
    else:
        yield Finding(
            NAME,
            Level.WARNING,
            f"cannot be told: {_kinds(facts)}",
            "If nothing enforces NetworkPolicies, tenants reach each other. Send a packet to see: "
            "it must not get through.",
            TEST,
        )


def _kinds(facts: Facts) -> str:
    """What the API server's kinds tell where no DaemonSet does."""
    served = frozenset() if isinstance(facts.served, Unseen) else facts.served
    groups = {one.partition("/")[0] for one in served}
    found = [name for group, name in KINDS.items() if group in groups]
    if found:
        return f"there are kinds of {', '.join(found)}, and no DaemonSet under its usual name"
    return "no network plugin that this program knows"


def _enforcing(daemon_set: Manifest) -> str:
    """What enforces NetworkPolicies by this DaemonSet, or nothing."""
    name, containers = _name(daemon_set), _containers(daemon_set)
    if name == _AWS[0] and not {*_AWS[1]}.isdisjoint(containers):
        return "the Amazon VPC plugin"
    return ENFORCING.get(name, "")


def _name(manifest: Manifest) -> str:
    return str(manifest["metadata"]["name"])


def _containers(manifest: Manifest) -> Sequence[str]:
    return [one["name"] for one in manifest["spec"]["template"]["spec"]["containers"]]
