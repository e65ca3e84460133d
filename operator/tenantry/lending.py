"""Pure: between a Tenant and the lease algorithm (``quota``), which knows neither.

A tenant has one pool of amounts for ``spec.quota.hard`` and one for each scope. Each pool has a
ledger in the Tenant's status and a ResourceQuota in each namespace, and is decided by itself.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import ROUND_DOWN, ROUND_UP
from typing import Final

from tenantry.api.base import Manifest
from tenantry.api.names import LEASE_ANNOTATION
from tenantry.api.namespaces import NamespaceSpec
from tenantry.api.quantities import amount
from tenantry.api.quota import Quota
from tenantry.api.tenant import Tenant
from tenantry.api.tenant_status import Grant, LedgerStatus
from tenantry.desired.objects import Lease
from tenantry.desired.quotas import quota_name
from tenantry.fence import generation_of
from tenantry.observed import Observed
from tenantry.quota import (
    Amounts,
    Claim,
    Decision,
    Ledger,
    Seen,
    Wanted,
    decide,
    from_units,
    to_units,
)

UNSCOPED: Final = ""
Wants = Mapping[tuple[str, str], Wanted]
"""By namespace and ResourceQuota."""


@dataclass(frozen=True, slots=True)
class Space:
    """A namespace that may hold some of the tenant's quota.

    Attributes:
        own: what the Tenant says of it; None when it claims nothing any more.
        is_leaving: whether it is only retained.
        quotas: its ResourceQuotas, by name.
    """

    name: str
    uid: str
    own: NamespaceSpec | None
    is_leaving: bool = False
    quotas: Mapping[str, Observed] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Lending:
    """What is to be lent now.

    Attributes:
        ledgers: to be written before any ResourceQuota is.
        over: keys of which more is used than there is, for a person.
        unguaranteed: keys whose guarantees are more than there is.
        waits: whether more is to come once what was taken back is seen to be free.
    """

    ledgers: tuple[LedgerStatus, ...] = ()
    over: tuple[str, ...] = ()
    unguaranteed: tuple[str, ...] = ()
    waits: bool = False


def pools(quota: Quota) -> dict[str, Mapping[str, str | int]]:
    """The amounts to lend, by scope; the unscoped ones first."""
    found: dict[str, Mapping[str, str | int]] = {UNSCOPED: quota.hard} if quota.hard else {}
    return found | {scope.name: scope.hard for scope in quota.scopes}


def leases(tenant: Tenant, uids: Mapping[str, str]) -> dict[tuple[str, str], Lease]:
    """What the ledgers say now, by namespace and scope.

    Args:
        tenant: with its ledgers.
        uids: of its namespaces, by full name.
    """
    return {
        (grant.namespace, ledger.scope): Lease(grant.since, grant.hard)
        for ledger in tenant.status.quota.ledgers
        for grant in ledger.grants
        if uids.get(grant.namespace) == grant.uid
    }


def ledgers_in(status: Manifest) -> list[LedgerStatus]:
    """The ledgers of a Tenant's status, as the API server has it."""
    ledgers = status.get("quota", {}).get("ledgers", ())
    return [LedgerStatus.model_validate(one) for one in ledgers]


def lend(tenant: Tenant, spaces: Sequence[Space], wants: Wants) -> Lending:
    """Decide what each namespace is to have of the tenant's quota.

    Args:
        tenant: with its ledgers.
        spaces: every namespace that may hold some of it, those of the ledgers among them unless
            they are certainly gone.
        wants: what was refused lately, and how usage has just moved.
    """
    quota, known = tenant.spec.quota, {one.scope: one for one in tenant.status.quota.ledgers}
    decided: dict[str, tuple[Mapping[str, str | int], Decision]] = {}
    for scope, hard in pools(quota).items():
        total = {key: to_units(key, value, rounding=ROUND_DOWN) for key, value in hard.items()}
        seen = {one.uid: _seen(one.quotas.get(quota_name(scope)), total) for one in spaces}
        decision = decide(
            total,
            quota.distribution,
            _ledger(known.get(scope), seen.values()),
            seen,
            {one.uid: _claim(one, scope, total, quota, wants) for one in spaces if one.own},
        )
        decided[scope] = hard, decision
    names = {one.uid: one.name for one in spaces}
    return Lending(
        ledgers=tuple(
            _status(scope, decision.ledger, names, known.get(scope))
            for scope, (_, decision) in decided.items()
        ),
        over=tuple(_over(decided)),
        unguaranteed=tuple(
            f"{key} of {hard[key]}" for hard, one in decided.values() for key in one.unguaranteed
        ),
        waits=any(one.waits for _, one in decided.values()),
    )


def _over(decided: Mapping[str, tuple[Mapping[str, str | int], Decision]]) -> Iterable[str]:
    for scope, (hard, decision) in decided.items():
        within = f" in scope {scope}" if scope else ""
        for key, (used, _) in decision.over.items():
            yield f"{key}{within}: {from_units(key, used)} used of {hard[key]}"


def _ledger(status: LedgerStatus | None, seen: Iterable[Seen | None]) -> Ledger:
    """The ledger; one that was lost, with the status, goes on from what ResourceQuotas carry."""
    if status is None:
        return Ledger(generation=max((one.generation for one in seen if one), default=0))
    return Ledger(
        generation=status.generation,
        grants={one.uid: _units(one.hard) for one in status.grants},
        since={one.uid: one.since for one in status.grants},
        ceilings={one.uid: _units(one.ceilings) for one in status.grants if one.ceilings},
    )


def _status(
    scope: str, ledger: Ledger, names: Mapping[str, str], before: LedgerStatus | None
) -> LedgerStatus:
    if before is not None and before.generation == ledger.generation:
        return before
    return LedgerStatus(
        scope=scope,
        generation=ledger.generation,
        grants=[
            Grant(
                uid=uid,
                namespace=names[uid],
                since=ledger.since.get(uid, 0),
                hard=_quantities(amounts),
                ceilings=_quantities(ledger.ceilings.get(uid, {})),
            )
            for uid, amounts in sorted(ledger.grants.items(), key=lambda one: names[one[0]])
        ],
    )


def _seen(quota: Observed | None, total: Amounts) -> Seen | None:
    if quota is None:
        return None
    return Seen(
        spec=_of(quota.body.get("spec", {}).get("hard", {}), total),
        status=_of(quota.status.get("hard", {}), total),
        used=_of(quota.status.get("used", {}), total),
        generation=generation_of(quota.body),
    )


def _claim(space: Space, scope: str, total: Amounts, quota: Quota, wants: Wants) -> Claim:
    wanted = wants.get((space.name, quota_name(scope)), Wanted())
    claim = Claim(
        demand=_only(wanted.refused, total),
        growth=_only(wanted.grown, total),
        peak=_only(wanted.peak, total),
        is_rising=wanted.is_rising,
        is_leaving=space.is_leaving,
    )
    own = space.own.quota if space.own and scope == UNSCOPED else None
    if own is None:
        return claim
    return replace(
        claim,
        guarantee=_of(own.guarantee, total, ROUND_DOWN),
        limit=_of({**quota.per_namespace, **own.hard}, total, ROUND_DOWN),
    )


def _of(hard: Mapping[str, str | int], total: Amounts, rounding: str = ROUND_UP) -> dict[str, int]:
    return {
        key: to_units(key, value, rounding=rounding) for key, value in hard.items() if key in total
    }


def _only(amounts: Amounts, total: Amounts) -> dict[str, int]:
    return {key: value for key, value in amounts.items() if key in total}


def _units(hard: Mapping[str, str]) -> dict[str, int]:
    return {key: to_units(key, value) for key, value in hard.items()}


def _quantities(amounts: Amounts) -> dict[str, str]:
    return {key: from_units(key, units) for key, units in sorted(amounts.items())}


def quotas_of(observed: Iterable[tuple[tuple[str, str, str], Observed]]) -> dict[str, Observed]:
    """The ResourceQuotas among a namespace's objects, by name."""
    return {key[2]: seen for key, seen in observed if key[0] == "ResourceQuota"}


def is_half_used(quota: Observed) -> bool:
    """Whether more than half of something that is lent are used."""
    if LEASE_ANNOTATION not in quota.body["metadata"].get("annotations", {}):
        return False
    used: Mapping[str, str] = quota.status.get("used", {})
    return any(
        2 * amount(used.get(key, 0)) > amount(hard)
        for key, hard in quota.status.get("hard", {}).items()
        if amount(hard)
    )
