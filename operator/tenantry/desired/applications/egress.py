"""Servers outside the cluster that components call, as far as the Tenant's floor goes.

The operator may write any NetworkPolicy, its users may not: what an Application declares is cut to
what the floor opens anyway, or declaring it would be a way around the floor, to the metadata of the
cloud for one. Only where tenants may write any policy themselves is it taken as it is.
"""

from collections.abc import Iterable, Iterator, Sequence
from ipaddress import ip_network
from typing import Final

from tenantry.api.base import Manifest
from tenantry.api.dependencies import Egress
from tenantry.api.network import Network
from tenantry.desired.applications.unhonoured import Unhonoured
from tenantry.desired.internet import internet_blocks
from tenantry.desired.network import network_policy

_EVERYWHERE: Final = ("0.0.0.0/0", "::/0")


def floor_rules(namespace: str, network: Network) -> list[Manifest]:
    """The rules of a floor's egress that are about addresses."""
    spec = network_policy(namespace, {}, network, ())["spec"]
    return [
        {**one, "to": blocks}
        for one in spec.get("egress", ())
        if (blocks := [peer for peer in one["to"] if "ipBlock" in peer])
    ]


def egress_rules(
    egress: Egress, floor: Sequence[Manifest] | None, *, knows_hosts: bool
) -> list[Manifest]:
    """The rules of a NetworkPolicy for what is declared, within the floor.

    Args:
        egress: what is declared. Its hosts open what the floor calls the world, for a mesh to
            narrow; nothing where there is none.
        floor: rules about addresses; None where tenants may open anything.
        knows_hosts: whether a mesh knows hosts by name.
    """
    ports = [{"protocol": egress.protocol, "port": port} for port in sorted(egress.ports)]
    if floor is None:
        blocks = [{"cidr": cidr} for cidr in sorted(egress.cidrs)]
        if _is_narrowed(egress, knows_hosts=knows_hosts):
            blocks += internet_blocks(include_private=False)
        return [{"to": [{"ipBlock": one} for one in blocks], "ports": ports}] if blocks else []
    cidrs = sorted(egress.cidrs)
    if _is_narrowed(egress, knows_hosts=knows_hosts):
        cidrs = sorted({*cidrs, *_EVERYWHERE})
    made = (rule for cidr in cidrs for rule in _within(cidr, ports, floor))
    return _distinct(made)


def beyond_floor(
    component: str, egress: Egress, floor: Sequence[Manifest] | None, *, knows_hosts: bool
) -> Iterator[Unhonoured]:
    """What of a declaration stays closed, and why."""
    if egress.hosts and not egress.cidrs and not _is_narrowed(egress, knows_hosts=knows_hosts):
        no_mesh = "NetworkPolicies know no host names, and there is no mesh: add cidrs"
        reason = "a mesh knows no hosts over UDP: add cidrs" if knows_hosts else no_mesh
        yield Unhonoured(component, "egress.hosts", reason)
    for cidr in sorted(egress.cidrs) if floor is not None else ():
        for port in sorted(egress.ports):
            asked = {"protocol": egress.protocol, "port": port}
            found = _within(cidr, [asked], floor or ())
            if not any(_is_whole(cidr, rule) for rule in found):
                what = f"{cidr} on {egress.protocol}/{port}"
                how = "only in part " if found else "not "
                reason = f"the Tenant's network opens {what} {how}(spec.network of the Tenant)"
                yield Unhonoured(component, "egress.cidrs", reason)


def _is_narrowed(egress: Egress, *, knows_hosts: bool) -> bool:
    """Whether there are hosts, and a mesh sees to it that they are the only ones."""
    return bool(egress.hosts) and knows_hosts and egress.protocol == "TCP"


def _is_whole(cidr: str, rule: Manifest) -> bool:
    """Whether a rule opens all of a block; of every address, what the floor calls that is all."""
    blocks = [peer["ipBlock"] for peer in rule["to"]]
    wanted = ip_network(cidr)
    return any(
        ip_network(one["cidr"]) == wanted and (cidr in _EVERYWHERE or "except" not in one)
        for one in blocks
    )


def _within(cidr: str, ports: Sequence[Manifest], floor: Sequence[Manifest]) -> list[Manifest]:
    """What a floor opens of a block on these ports: rules, possibly none."""
    made = []
    for rule in floor:
        blocks = [common for peer in rule["to"] if (common := common_block(cidr, peer["ipBlock"]))]
        opened = [port for port in ports if _is_open(port, rule.get("ports"))]
        if blocks and opened:
            made.append({"to": [{"ipBlock": one} for one in blocks], "ports": opened})
    return made


def common_block(cidr: str, block: Manifest) -> Manifest | None:
    """What a block and an ``ipBlock`` have in common; of two that overlap, one holds the other."""
    asked, opened = ip_network(cidr), ip_network(block["cidr"])
    if asked.version != opened.version or not asked.overlaps(opened):
        return None
    smaller = max(asked, opened, key=lambda one: one.prefixlen)
    excepts = [one for one in block.get("except", ()) if ip_network(one).overlaps(smaller)]
    if any(ip_network(one).prefixlen <= smaller.prefixlen for one in excepts):
        return None
    made: Manifest = {"cidr": str(smaller)}
    return made | {"except": excepts} if excepts else made


def _is_open(port: Manifest, opened: Sequence[Manifest] | None) -> bool:
    if opened is None:
        return True
    return any(
        one["protocol"] == port["protocol"]
        and isinstance(one["port"], int)
        and one["port"] <= port["port"] <= one.get("endPort", one["port"])
        for one in opened
    )


def _distinct(rules: Iterable[Manifest]) -> list[Manifest]:
    kept: list[Manifest] = []
    for rule in rules:
        if rule not in kept:
            kept.append(rule)
    return kept
