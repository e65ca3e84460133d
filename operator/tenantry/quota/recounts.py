"""Whose grant may change now, for a change of a ResourceQuota makes Kubernetes count usage anew.

The quota controller counts from a cache of its own. When that lags, what was made meanwhile is
missing, admission takes the count for true, and as much again is let in (``syncResourceQuota`` in
``pkg/controller/resourcequota/resource_quota_controller.go``; with fixed shares only deletions have
it count, and those reach it through the same cache). What a count can miss is what has come lately,
and never more than is used. So of namespaces whose usage has gone up lately only some change at
once, which together use no more than a part of the whole; the others follow when the controller is
seen to have copied these. A controller that stands still then counts that part wrong, not all.
"""

from collections import Counter
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Final

from tenantry.quota.ledger import Amounts, Claim, Ledger, Seen

Grants = Mapping[str, Amounts]

PART: Final = 4
"""What part of the whole may be counted wrong at once. Less would have those wait who were refused:
what they get comes from many, and each step takes a controller that is busy tenths of a second."""


def paced(
    total: Amounts,
    ledger: Ledger,
    grants: Grants,
    seen: Mapping[str, Seen | None],
    claims: Mapping[str, Claim],
) -> dict[str, Amounts]:
    """The grants, with those as the ledger has them that are not to change yet.

    What is left as it is stays within the whole, for nothing is granted out of what another grant
    is about to give up. While more is granted than there is, nothing waits.

    Args:
        total: of the tenant.
        ledger: the current one.
        grants: what each namespace should have next.
        seen: each namespace's ResourceQuota.
        claims: which of them have gone up lately.
    """
    rising = {name for name in ledger.grants.keys() & claims.keys() if claims[name].is_rising}
    changing = {name for name in rising & grants.keys() if grants[name] != ledger.grants[name]}
    if not changing or _is_over(total, ledger):
        return dict(grants)
    under_way = {name for name in rising if _is_under_way(name, ledger, seen.get(name))}
    budget = _Budget(total, seen, claims)
    budget.takes(under_way)
    hungry = {name for name in changing if claims[name].demand and not _gives(name, ledger, grants)}
    waiting = changing & under_way
    if under_way and not all(budget.has_room(name) for name in hungry):
        waiting = changing
    for name in _order(changing - waiting, hungry, ledger, grants):
        if budget.has_room(name):
            budget.takes({name})
        else:
            waiting |= {name}
    return {**grants, **{name: ledger.grants[name] for name in waiting}}


@dataclass
class _Budget:
    """How much may be counted wrong at once; one namespace always may, however much it uses."""

    total: Amounts
    seen: Mapping[str, Seen | None]
    claims: Mapping[str, Claim]
    doubtful: Counter[str] = field(default_factory=Counter)

    def takes(self, names: AbstractSet[str]) -> None:
        for name in names:
            self.doubtful.update(self._used(name))

    def has_room(self, name: str) -> bool:
        own = self._used(name)
        return not any(self.doubtful.values()) or all(
            PART * (self.doubtful[key] + own[key]) <= whole for key, whole in self.total.items()
        )

    def _used(self, name: str) -> dict[str, int]:
        """The most that it has used within a moment."""
        quota, peak = self.seen.get(name), self.claims[name].peak
        used = quota.used if quota else {}
        return {key: max(used.get(key, 0), peak.get(key, 0)) for key in self.total}


def _order(
    names: AbstractSet[str], hungry: AbstractSet[str], ledger: Ledger, grants: Grants
) -> list[str]:
    """Those that give before those that get, but who was refused first once it gets the more.

    A controller that was refused waits longer after each time, so what it gets should come in one
    piece; and others that give a little now and then should not keep it waiting.
    """
    given, gained = Counter[str](), Counter[str]()
    for name in names:
        given.update(_difference(grants[name], ledger.grants[name]))
        if name in hungry:
            gained.update(_difference(ledger.grants[name], grants[name]))
    is_ripe = any(gained[key] >= given[key] for key in gained)
    return sorted(
        names, key=lambda one: (is_ripe and one not in hungry, not _gives(one, ledger, grants), one)
    )


def _is_over(total: Amounts, ledger: Ledger) -> bool:
    return any(
        sum(amounts.get(key, 0) for amounts in ledger.grants.values()) > whole
        for key, whole in total.items()
    )


def _is_under_way(name: str, ledger: Ledger, seen: Seen | None) -> bool:
    """Whether its grant is not known to have been carried out and copied."""
    if seen is None or seen.generation != ledger.since.get(name, 0):
        return True
    return any(seen.status.get(key) != amount for key, amount in seen.spec.items())


def _gives(name: str, ledger: Ledger, grants: Grants) -> bool:
    return bool(_difference(grants[name], ledger.grants[name]))


def _difference(less: Amounts, more: Amounts) -> dict[str, int]:
    differences = {key: more[key] - less.get(key, 0) for key in more}
    return {key: value for key, value in differences.items() if value > 0}
