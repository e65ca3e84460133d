"""The next ledger of a tenant, out of the last one and of what its namespaces use and ask for."""

from collections.abc import Mapping

from tenantry.api.quota import Distribution
from tenantry.quota.ledger import Amounts, Claim, Decision, Ledger, Seen
from tenantry.quota.members import in_force, pool
from tenantry.quota.moves import lend, spread
from tenantry.quota.recounts import paced


def decide(
    total: Amounts,
    distribution: Distribution,
    ledger: Ledger,
    seen: Mapping[str, Seen | None],
    claims: Mapping[str, Claim],
) -> Decision:
    """What each namespace is to have now.

    The ledger is the same, with its generation, when nothing is to change. What a namespace that
    claims nothing has been granted counts until it is gone from ``seen``. A view of any age will
    do, but that a namespace of the ledger is gone must be certain (an uncached read).

    Args:
        total: Of the tenant; keys that it lacks are nobody's concern.
        distribution: Whether shares follow what is used (Dynamic) or stay (Static).
        ledger: The current one, which ``total`` was read together with.
        seen: Each namespace that exists, with its ResourceQuota, or None before it has one.
        claims: What the tenant's namespaces may have; those that do not exist get nothing yet.
    """
    move = lend if distribution == "Dynamic" else spread
    pools = {key: pool(key, total[key], ledger, seen, claims) for key in sorted(total)}
    steps = {key: move(one) for key, one in pools.items()}
    grants: dict[str, Amounts] = {}
    for name in sorted(seen):
        if name in claims:
            grants[name] = {key: step.grants[name] for key, step in steps.items()}
        elif name in ledger.grants:
            grants[name] = {k: v for k, v in ledger.grants[name].items() if k in total}
    now = paced(total, ledger, grants, seen, claims)
    following = _write(ledger, now, seen)
    return Decision(
        ledger=following,
        hard=following.grants,
        over={key: (one.used, one.total) for key, one in pools.items() if one.used > one.total},
        unguaranteed=tuple(key for key, one in pools.items() if one.is_unguaranteed),
        waits=now != grants or any(step.waits for step in steps.values()),
    )


def _write(
    ledger: Ledger, grants: Mapping[str, Amounts], seen: Mapping[str, Seen | None]
) -> Ledger:
    """The ledger with these grants, or the same one when they are its own.

    A ResourceQuota that is ahead of the ledger was written from a later one, and then this one is
    not written; or somebody has edited it, and its namespace gets a generation that is later still.
    """
    ahead = {name for name, one in seen.items() if one and one.generation > _since(ledger, name)}
    if grants == ledger.grants and not ahead & grants.keys():
        return ledger
    generation = max(ledger.generation, *(one.generation for one in seen.values() if one), 0) + 1
    since, ceilings = {}, {}
    for name, amounts in grants.items():
        if amounts == ledger.grants.get(name) and name not in ahead:
            since[name] = _since(ledger, name)
            ceiling = ledger.ceilings.get(name, {})
        else:
            since[name] = generation
            ceiling = _ceiling(name, amounts, ledger, seen[name])
        if ceiling:
            ceilings[name] = ceiling
    return Ledger(generation=generation, grants=grants, since=since, ceilings=ceilings)


def _since(ledger: Ledger, name: str) -> int:
    return ledger.since.get(name, 0)


def _ceiling(name: str, amounts: Amounts, ledger: Ledger, seen: Seen | None) -> Amounts:
    """The most that may be in force until the new grant is, where that is more."""
    known = {*ledger.grants.get(name, {}), *ledger.ceilings.get(name, {})}
    if seen:
        known |= seen.spec.keys() | seen.status.keys()
    most = {key: in_force(key, name, ledger, seen) for key in sorted(known)}
    return {key: bound for key, bound in most.items() if bound > amounts.get(key, 0)}
