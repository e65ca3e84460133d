"""A screen: who may talk to a tenant's pods, and whom they may talk to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from demo.failure import claim
from demo.tenants import HOME

if TYPE_CHECKING:
    from collections.abc import Iterator

    from demo.kubectl import Manifest
    from demo.page import Page
    from demo.world import World

NAME_LABEL: Final = "kubernetes.io/metadata.name"
METADATA: Final = "169.254.0.0/16"
"""Where most clouds hand credentials to whoever asks."""
DIRECTIONS: Final = (("in", "ingress", "from"), ("out", "egress", "to"))


def show(page: Page, world: World) -> None:
    """Show the NetworkPolicy of one namespace as a table."""
    page.section(
        f"Isolation: {HOME}",
        "Denied both ways, but for what the Tenant opens. globex is not in the list, nor are "
        "acme's own other namespaces.",
    )
    policy = world.the("NetworkPolicy", HOME)
    page.table(("", "peer", "ports", "opened by"), list(rows(policy)))
    page.note(
        f"Namespaces are matched by {NAME_LABEL}, which nobody can forge. The blocks left\nout of "
        "the internet are private, link-local and cloud metadata addresses.\n[dim]A network plugin "
        "enforces such policies. This cluster of kwok nodes has none: it only stores them.[/]"
    )


def check(world: World) -> None:
    """Check that every namespace is closed, and that the internet does not include metadata."""
    for name in world.namespaces("acme") + world.namespaces("globex"):
        spec = world.the("NetworkPolicy", name)["spec"]
        is_closed = spec["podSelector"] == {} and sorted(spec["policyTypes"]) == [
            "Egress",
            "Ingress",
        ]
        claim(is_closed, f"All pods of {name} are isolated both ways.", spec)
    policy = world.the("NetworkPolicy", HOME)
    claim("globex" not in str(policy["spec"]), f"{HOME} lets no globex in.", policy["spec"])
    blocks = [
        peer["ipBlock"]
        for rule in policy["spec"]["egress"]
        for peer in rule["to"]
        if "ipBlock" in peer
    ]
    claim(METADATA in blocks[0]["except"], "The internet has no link-local addresses.", blocks)


def rows(policy: Manifest) -> Iterator[tuple[str, str, str, str]]:
    """Give a policy's rules: direction, peer, ports, the field of the Tenant that opens it."""
    namespace = policy["metadata"]["namespace"]
    for title, direction, key in DIRECTIONS:
        for rule in policy["spec"].get(direction, []):
            ports = _ports(rule.get("ports", []))
            peer, field = _internet(rule[key]) or _peer(rule[key][0], namespace)
            yield title, peer, ports, f"[dim]{field}[/]"
        yield title, "[red]everything else is denied[/]", "", ""


def _internet(peers: list[Manifest]) -> tuple[str, str] | None:
    """Say what addresses these are, if they are addresses."""
    blocks = [peer["ipBlock"] for peer in peers if "ipBlock" in peer]
    if not blocks:
        return None
    families = " and ".join(block["cidr"] for block in blocks)
    left_out = sum(len(block["except"]) for block in blocks)
    return f"{families}, less {left_out} blocks", "network.internetEgress"


def _peer(peer: Manifest, namespace: str) -> tuple[str, str]:
    """Say who a peer is, and which field of the Tenant it comes from."""
    if "namespaceSelector" not in peer:
        return f"pods of {namespace}", "network.sameNamespace (default)"
    where = _names(peer["namespaceSelector"])
    pods = peer.get("podSelector", {}).get("matchLabels", {})
    which = ", ".join(f"{key}={value}" for key, value in pods.items())
    if pods == {"k8s-app": "kube-dns"}:
        return f"pods {which} of {where}", "network.dns (default)"
    return f"pods of {where}", "network.ingressControllers"


def _names(selector: dict[str, Any]) -> str:
    labels = selector.get("matchLabels", {})
    values = [one["values"] for one in selector.get("matchExpressions", [])]
    return labels.get(NAME_LABEL) or ", ".join(values[0])


def _ports(ports: list[Manifest]) -> str:
    return ", ".join(f"{one['port']}/{one['protocol']}" for one in ports) or "all"
