"""Whose a thing is, and since when: what the ledger looks up around it."""

from math import inf
from typing import Final

from tenantry.cost.known import LINGER, Context, Facts, Key, Thing
from tenantry.cost.lives import Account, Life, Payer
from tenantry.cost.sightings import Claim, NodeClass, Sighting

NOWHERE: Final[tuple[Facts, int]] = (("",), 0)
"""What is known of the node of what is on none."""


def payer_of(
    thing: Thing, seen: Sighting, context: Context, node_class: NodeClass, now: int
) -> tuple[Payer, int] | None:
    """Who is charged, and since when that is so; None as long as it cannot be known.

    Args:
        thing: its last account counts for what is not known any more.
        seen: how it was seen.
        context: namespaces, nodes and claims that have been heard of.
        node_class: of a node, by its labels.
        now: seconds since 1970. What is gone does not wait for ever for what it was in.
    """
    claim = seen.payer
    if not isinstance(claim, Claim):
        return claim, 0
    last = thing.life[-1].payer if thing.life else None
    before = last if isinstance(last, Account) else None
    tenant = context.get(("Namespace", "", claim.namespace))
    node = context.get(("Node", "", claim.node)) if claim.node else NOWHERE
    volume = ("PersistentVolumeClaim", claim.namespace, claim.volume_claim)
    told = context.get(volume) if claim.volume_claim else None
    is_known = tenant and node and (told or not claim.volume_claim)
    is_late = thing.is_over and now > thing.ended + LINGER
    if not is_known and before is None and not is_late:
        return None
    fallback = before or Account("", claim.namespace, node_class=node_class({}))
    account = Account(
        tenant=tenant[0][0] if tenant else fallback.tenant,
        namespace=claim.namespace,
        application=claim.application or (told[0][0] if told else ""),
        component=claim.component or (told[0][1] if told else ""),
        workload=claim.workload or (told[0][2] if told else ""),
        node_class=node[0][0] if node else fallback.node_class,
    )
    return account, max((one[1] for one in (tenant, node, told) if one), default=0)


def lasts(life: Life) -> float:
    """The second after the last one of a life; infinity while it goes on."""
    if not life:
        return 0
    end = life[-1].end
    return inf if end is None else end


def turn_of(life: Life, seen: Sighting) -> int:
    """When a thing became what it is seen to be.

    A pod that takes more does so from when that was asked for, by the scheduler's rule; one that
    takes less from when its kubelet has told so, which is when it was last written.
    """
    if seen.asked is None or not life:
        return seen.changed
    before = dict(life[-1].amounts)
    is_more = any(units > before.get(name, 0) for name, units in seen.amounts)
    return seen.asked if is_more else seen.changed


def is_same(left: Sighting, right: Sighting) -> bool:
    """Whether nothing has changed that counts, whenever it was last written."""
    return (left.start, left.end, left.amounts, left.payer) == (
        right.start,
        right.end,
        right.amounts,
        right.payer,
    )


def is_about(thing: Thing, key: Key) -> bool:
    """Whether a namespace, node or claim decides whose a thing is."""
    claim = thing.sighting.payer
    if not isinstance(claim, Claim):
        return False
    kind, namespace, name = key
    if kind == "Namespace":
        return claim.namespace == name
    if kind == "Node":
        return claim.node == name
    return (claim.namespace, claim.volume_claim) == (namespace, name)
