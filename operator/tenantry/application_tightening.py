"""Pure: what is taken back of an Application of which nothing may be written for now.

It waits for its tenant, or breaks a rule: what runs goes on as it was, and is opened no further.
But what the Tenant closes is closed, faults end when they say, and a version whose workload is ill
gets no more requests. So objects that are there are narrowed, and nothing else is done to them: by
merge patches, for what they were made of may be no longer what the spec says.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from ipaddress import ip_network
from typing import Any, Final

from tenantry.api.application import Application
from tenantry.api.base import Manifest
from tenantry.api.components import Component
from tenantry.api.times import moment
from tenantry.application_desire import Rollouts
from tenantry.desired.applications.egress import common_block
from tenantry.desired.applications.naming import workload_name
from tenantry.desired.applications.surroundings import Surroundings
from tenantry.desired.applications.traffic import Weights
from tenantry.desired.network import network_policy
from tenantry.observed import Key, Observed
from tenantry.plan import Change, Verb, name_only

_NAME: Final = "kubernetes.io/metadata.name"
_PEERS: Final = {"ingress": "from", "egress": "to"}


def tightened(
    application: Application,
    observed: Mapping[Key, Observed],
    rollouts: Rollouts,
    now: datetime,
    surroundings: Surroundings | None,
) -> Iterator[Change]:
    """The changes that take back what must not stay.

    Args:
        application: as the API server has it.
        observed: what it was made into.
        rollouts: the versions that were taken back.
        now: the time, with its zone: faults end by it.
        surroundings: what its Tenant opens now; None where that is not known.
    """
    for key, seen in observed.items():
        spec = seen.body.get("spec", {})
        made: Manifest = {}
        if key[0] == "NetworkPolicy" and surroundings is not None:
            made = _within_floor(spec, surroundings)
        elif key[0] == "VirtualService":
            made = _virtual_service(spec, application, rollouts, now)
        elif key[0] in {"HTTPRoute", "GRPCRoute"}:
            made = {"rules": [_rule(one, application, rollouts) for one in spec.get("rules", ())]}
        patch = {name: value for name, value in made.items() if value != spec.get(name)}
        if patch and not seen.is_being_deleted:
            differs = tuple(f"spec.{name}" for name in sorted(patch))
            manifest, uid = name_only(key), seen.uid
            yield Change(
                Verb.APPLY, manifest, differs, applies=False, removals={"spec": patch}, uid=uid
            )


def _within_floor(spec: Manifest, around: Surroundings) -> Manifest:
    """The rules of a NetworkPolicy, as far as the floor opens them; None for a list without any."""
    floor = network_policy("", {}, around.network, ())["spec"]
    made: Manifest = {}
    for direction, peers in _PEERS.items():
        if direction not in spec:
            continue
        opened = _opened(direction, around)
        rules = [
            cut
            for rule in spec[direction]
            for cut in _cut(rule, peers, floor.get(direction, ()), opened, around)
        ]
        made[direction] = rules or None
    return made


def _opened(direction: str, around: Surroundings) -> set[str]:
    """The namespaces whose pods may be met at all."""
    network = around.network
    found = {around.facts.namespace, *around.of_tenant, *(name for name, _ in around.neighbours)}
    if direction == "egress":
        mesh = {around.platform.mesh_namespace} if around.has_mesh else set()
        mesh |= {one.namespace for one in network.tracing}
        return found | mesh | ({network.dns.namespace} if network.dns.enabled else set())
    return found | {one.namespace for one in (*network.ingress_controllers, *network.monitoring)}


def _cut(
    rule: Manifest,
    peers: str,
    floor: Sequence[Manifest],
    opened: set[str],
    around: Surroundings,
) -> Iterator[Manifest]:
    """A rule without what is opened no more: its pods, and each of its blocks by the floor's."""
    is_any = peers == "to" and around.network.tenant_policies == "Any"
    kept = [
        one
        for one in rule.get(peers, ())
        if (is_any if "ipBlock" in one else _namespaces(one) <= opened)
    ]
    if kept == rule.get(peers):
        yield rule
        return
    if kept:
        yield rule | {peers: kept}
    blocks = [one["ipBlock"] for one in rule.get(peers, ()) if "ipBlock" in one]
    for block in () if is_any else blocks:
        for limit in floor:
            within = [each for one in limit.get(peers, ()) if (each := _common(block, one))]
            ports = _ports(rule.get("ports"), limit.get("ports"))
            if within and ports != []:
                found = [{"ipBlock": one} for one in within]
                yield {peers: found} | ({} if ports is None else {"ports": ports})


def _namespaces(peer: Manifest) -> set[str]:
    """Those that a peer names; a selector that names none could be any, which none is called."""
    selector = peer.get("namespaceSelector")
    if selector is None:
        return set()
    named = {selector.get("matchLabels", {}).get(_NAME)} - {None}
    for one in selector.get("matchExpressions", ()):
        if one["key"] == _NAME and one["operator"] == "In":
            named |= {*one["values"]}
    return named or {""}


def _common(block: Manifest, peer: Manifest) -> Manifest | None:
    """What an ``ipBlock`` has in common with one of the floor, less what either leaves out."""
    if "ipBlock" not in peer:
        return None
    made = common_block(block["cidr"], peer["ipBlock"])
    if made is None:
        return None
    whole = ip_network(made["cidr"])
    own = [one for one in block.get("except", ()) if ip_network(one).overlaps(whole)]
    excepts = sorted({*own, *made.get("except", ())})
    if any(ip_network(one).prefixlen <= whole.prefixlen for one in excepts):
        return None
    return {"cidr": made["cidr"]} | ({"except": excepts} if excepts else {})


def _ports(own: list[Manifest] | None, floor: list[Manifest] | None) -> list[Manifest] | None:
    """The ports that both open; None for all."""
    if own is None or floor is None:
        return floor if own is None else own
    return [one for one in own if any(_covers(limit, one) for limit in floor)]


def _covers(limit: Manifest, port: Manifest) -> bool:
    if limit == port:
        return True
    least, first = limit.get("port"), port.get("port")
    if limit.get("protocol") != port.get("protocol"):
        return False
    if not isinstance(least, int) or not isinstance(first, int):
        return False
    most, last = limit.get("endPort", least), port.get("endPort", first)
    return bool(least <= first and last <= most)


def _virtual_service(
    spec: Manifest, application: Application, rollouts: Rollouts, now: datetime
) -> Manifest:
    by_name = {one.name: one for one in application.spec.components}
    made: Manifest = {}
    for kind in ("http", "tcp"):
        if kind in spec:
            made[kind] = [_entry(one, by_name, rollouts, now) for one in spec[kind]]
    return made


def _entry(
    entry: Manifest, components: Mapping[str, Component], rollouts: Rollouts, now: datetime
) -> Manifest:
    targets = entry.get("route", [])
    name = targets[0]["destination"]["host"] if targets else ""
    component = components.get(name)
    if component is not None and not _has_fault(component, now):
        entry = {key: value for key, value in entry.items() if key != "fault"}
    if name not in rollouts or not all("weight" in one for one in targets):
        return entry
    destination = targets[0]["destination"]
    shares = [
        {"destination": destination | {"subset": version}, "weight": share}
        for version, share in _given(rollouts[name].weights).items()
    ]
    return entry | {"route": shares}


def _rule(rule: Manifest, application: Application, rollouts: Rollouts) -> Manifest:
    """A rule of the Gateway API; those with headers lead to a version whatever its share is."""
    if any(one.get("headers") for one in rule.get("matches", ())):
        return rule
    backends: list[Any] = rule.get("backendRefs", [])
    names = {one["name"] for one in backends}
    for component in application.spec.components:
        versions = {workload_name(component.name, one.name) for one in component.all_versions}
        if component.name in rollouts and names and names <= versions:
            shares = [
                backends[0] | {"name": workload_name(component.name, version), "weight": share}
                for version, share in _given(rollouts[component.name].weights).items()
            ]
            return rule | {"backendRefs": shares}
    return rule


def _has_fault(component: Component, now: datetime) -> bool:
    fault = component.traffic.fault if component.traffic else None
    return fault is not None and moment(fault.expires_at) > now


def _given(weights: Weights) -> Weights:
    return {version: share for version, share in weights.items() if share}
