"""What an object is metered as: manifest in, the few facts that count out.

A pod takes part of a node, a claim that is bound takes a volume, a Service of the type LoadBalancer
takes a load balancer; nodes, volumes and load balancers are what there is to take. Of everything
else in a manifest nothing is kept. Whose it is depends on other objects too, which may come later:
a ``Claim`` names them, and ``ledger`` looks them up.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from tenantry.api.base import Manifest
from tenantry.api.quantities import amount
from tenantry.cost import moments
from tenantry.cost.lives import Amounts, Offer, amounts_of
from tenantry.cost.pod_requests import requests_of
from tenantry.cost.workloads import application_of, controller_of, workload_of

NodeClass = Callable[[Mapping[str, str]], str]
"""Which class of prices a node has, by its labels."""

LOAD_BALANCER: Final = "load-balancer"
DEFAULT_CLASS: Final = "default"
_UNCOUNTED: Final = ("pods", "attachable-volumes-")
"""Capacities of nodes that nobody pays for."""


def one_class(_: Mapping[str, str]) -> str:
    """The node class where no prices tell nodes apart."""
    return DEFAULT_CLASS


@dataclass(frozen=True, slots=True)
class Claim:
    """Who takes it, before it is known whose namespace and which class of node it is.

    Attributes:
        namespace: where.
        application: empty if none is told.
        component: likewise.
        workload: ``Deployment/web``, or empty.
        node: the node's name; empty for what is on none.
        volume_claim: the PersistentVolumeClaim that tells application and component, by name.
    """

    namespace: str
    application: str = ""
    component: str = ""
    workload: str = ""
    node: str = ""
    volume_claim: str = ""


@dataclass(frozen=True, slots=True)
class Sighting:
    """How a metered thing is seen to be.

    Attributes:
        name: of the thing, for good: its uid, and what it is metered as if that is not all.
        start: since when; None if it takes nothing (yet).
        end: until when; None if it goes on.
        changed: when it was last written, by anybody.
        asked: when a resize was last asked for; None if never.
        amounts: of each resource.
        payer: who takes it, or what it is a supply of.
    """

    name: str
    start: int | None
    end: int | None
    changed: int
    asked: int | None
    amounts: Amounts
    payer: Claim | Offer


def sightings_of(
    manifest: Manifest, heard: int, node_class: NodeClass, *, is_new: bool = False
) -> Iterator[Sighting]:
    """All that an object is metered as.

    Args:
        manifest: a Pod, Node, PersistentVolume or Service; others are metered as nothing.
        heard: the time of the news, for what no time is told of.
        node_class: of a node, by its labels.
        is_new: whether a watch says that it was not there before, or not of this type.
    """
    kind = manifest["kind"]
    if kind == "Pod":
        yield _pod(manifest, heard)
    elif kind == "Node":
        yield _node(manifest, heard, node_class)
    elif kind == "PersistentVolume":
        yield from _volume(manifest, heard)
    elif kind == "Service":
        yield from _load_balancer(manifest, heard, is_new=is_new)


def gone(manifest: Manifest, heard: int, alive: int) -> int:
    """When an object ended of which the deletion is told.

    Args:
        manifest: as it was last.
        heard: the time of the news, if it came at once.
        alive: the last second in which it certainly was there, if the news is old; else as
            ``heard``.

    Returns:
        For a pod whose containers have all ended, when the last one did. Else when the news came;
        and if it is old, the deadline that was given to it, or else the last second in which it
        was known to be there: what nobody knows is not charged.
    """
    metadata = manifest["metadata"]
    if manifest["kind"] == "Pod":
        ended = moments.finished(manifest, heard) or moments.all_ended(manifest)
        if ended is not None:
            return ended
    asked = moments.asked_to_go(metadata) or 0
    if alive >= heard:
        return max(heard, asked)
    deadline = moments.deadline(metadata)
    return max(asked, alive if deadline is None else min(max(deadline, alive), heard))


def _pod(pod: Manifest, heard: int) -> Sighting:
    metadata = pod["metadata"]
    application, component = application_of(metadata.get("labels") or {})
    return Sighting(
        name=metadata["uid"],
        start=moments.scheduled(pod),
        end=moments.finished(pod, heard),
        changed=moments.changed(metadata) or heard,
        asked=moments.changed(metadata, ["resize"]),
        amounts=requests_of(pod),
        payer=Claim(
            namespace=metadata["namespace"],
            application=application,
            component=component,
            workload=workload_of(pod, moments.created(metadata)),
            node=pod["spec"].get("nodeName") or "",
        ),
    )


def _node(node: Manifest, heard: int, node_class: NodeClass) -> Sighting:
    metadata = node["metadata"]
    capacity = (node.get("status") or {}).get("capacity") or {}
    units = {name: amount(value) for name, value in capacity.items() if _is_counted(name)}
    return Sighting(
        name=f"{metadata['uid']}/supply",
        start=moments.created(metadata),
        end=None,
        changed=moments.changed(metadata) or heard,
        asked=None,
        amounts=amounts_of(units),
        payer=Offer("node", node_class(metadata.get("labels") or {})),
    )


def _is_counted(resource: str) -> bool:
    return not resource.startswith(_UNCOUNTED)


def _volume(volume: Manifest, heard: int) -> Iterator[Sighting]:
    metadata, spec, status = volume["metadata"], volume["spec"], volume.get("status") or {}
    storage_class = spec.get("storageClassName") or ""
    changed = moments.changed(metadata) or heard
    made = moments.created(metadata)
    amounts = amounts_of({f"storage/{storage_class}": amount(spec["capacity"]["storage"])})
    yield Sighting(
        f"{metadata['uid']}/supply",
        made,
        None,
        changed,
        None,
        amounts,
        Offer("volume", storage_class),
    )
    phase, claim = status.get("phase"), spec.get("claimRef") or {}
    since = status.get("lastPhaseTransitionTime")
    turned = moments.seconds(since) if since else made
    if phase in {"Bound", "Released", "Failed"} and claim.get("namespace"):
        yield Sighting(
            f"{metadata['uid']}/{claim.get('uid', '')}",
            turned if phase == "Bound" else made,
            None if phase == "Bound" else turned,
            changed,
            None,
            amounts,
            Claim(claim["namespace"], volume_claim=claim["name"]),
        )


def _load_balancer(service: Manifest, heard: int, *, is_new: bool) -> Iterator[Sighting]:
    metadata = service["metadata"]
    if service["spec"].get("type") != "LoadBalancer":
        return
    application, component = application_of(metadata.get("labels") or {})
    changed = moments.changed(metadata) or heard
    made = changed if is_new else moments.created(metadata)
    amounts = amounts_of({LOAD_BALANCER: Decimal(1)})
    claim = Claim(metadata["namespace"], application, component, f"Service/{metadata['name']}")
    uid = metadata["uid"]
    yield Sighting(f"{uid}/supply", made, None, changed, None, amounts, Offer("load-balancer"))
    yield Sighting(uid, made, None, changed, None, amounts, claim)


def claim_facts(volume_claim: Manifest) -> tuple[str, str, str]:
    """Application, component and workload that a PersistentVolumeClaim tells of itself."""
    metadata = volume_claim["metadata"]
    application, component = application_of(metadata.get("labels") or {})
    owner = controller_of(metadata)
    return application, component, f"{owner['kind']}/{owner['name']}" if owner else ""
