"""One key of a quota: who takes part in it, and what each of them has and wants."""

from collections.abc import Mapping
from dataclasses import dataclass

from tenantry.quota.ledger import Amounts, Claim, Ledger, Seen
from tenantry.quota.shares import scale_down

_NOTHING = Seen(spec={}, status={}, used={})


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One namespace, in units of the key."""

    grant: int | None
    in_force: int
    """The most that may be in force now, whatever has happened since it was seen."""
    used: int
    guarantee: int
    limit: int
    demand: int
    growth: int
    peak: int
    is_leaving: bool

    @property
    def held(self) -> int:
        """What it was granted so far; of what was not lent until now, what is in force."""
        return self.in_force if self.grant is None else self.grant

    @property
    def top(self) -> int:
        """The most that it may have: one that leaves only what it uses."""
        return min(self.limit, self.used) if self.is_leaving else self.limit

    @property
    def bound(self) -> int:
        """What nobody else can have now."""
        return max(self.in_force, self.used)

    @property
    def base(self) -> int:
        """What it must not lose: its guarantee, and what it uses."""
        return max(self.used, min(self.top, self.guarantee))


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool:
    """What there is of one key, and who takes part."""

    key: str
    total: int
    members: Mapping[str, Member]
    apart: int
    """Bounds of namespaces that claim nothing and are not gone yet."""
    used: int
    """By all namespaces."""
    is_unguaranteed: bool

    @property
    def free(self) -> int:
        """What is certainly in nobody's hands; negative when too much is."""
        return self.total - self.apart - sum(member.bound for member in self.members.values())

    @property
    def whole(self) -> int:
        """What the members share."""
        return self.total - self.apart

    @property
    def hungry(self) -> frozenset[str]:
        """Those that were refused something; if none was, those that are growing.

        Who was refused wants more than it has, however much that is by now. Who grows may only
        come and go.
        """
        refused = frozenset(name for name, one in self.members.items() if one.demand)
        return refused or frozenset(name for name, one in self.members.items() if one.growth)

    @property
    def excess_used(self) -> int:
        """By how much more is used than there is; negative if less is."""
        return sum(member.used for member in self.members.values()) - self.whole

    def excess(self, goals: Mapping[str, int]) -> int:
        """By how much goals are more than there is, with what is used beyond them."""
        given = sum(max(goals[name], member.used) for name, member in self.members.items())
        return given - self.whole


def pool(
    key: str,
    total: int,
    ledger: Ledger,
    seen: Mapping[str, Seen | None],
    claims: Mapping[str, Claim],
) -> Pool:
    """One key, out of everything that is known."""
    limits = {name: min(claims[name].limit.get(key, total), total) for name in claims}
    wanted = {
        name: min(claims[name].guarantee.get(key, 0), limits[name])
        for name in sorted(seen.keys() & claims.keys())
        if not claims[name].is_leaving
    }
    guarantees = scale_down(total, wanted)
    members = {
        name: Member(
            grant=ledger.grants.get(name, {}).get(key),
            in_force=in_force(key, name, ledger, seen[name]),
            used=(seen[name] or _NOTHING).used.get(key, 0),
            guarantee=guarantees.get(name, 0),
            limit=limits[name],
            demand=claims[name].demand.get(key, 0),
            growth=claims[name].growth.get(key, 0),
            peak=claims[name].peak.get(key, 0),
            is_leaving=claims[name].is_leaving,
        )
        for name in sorted(seen.keys() & claims.keys())
    }
    apart = sum(
        max(in_force(key, name, ledger, seen[name]), (seen[name] or _NOTHING).used.get(key, 0))
        for name in seen.keys() - claims.keys()
    )
    return Pool(
        key=key,
        total=total,
        members=members,
        apart=apart,
        used=sum(one.used.get(key, 0) for one in seen.values() if one),
        is_unguaranteed=sum(wanted.values()) > total,
    )


def in_force(key: str, name: str, ledger: Ledger, seen: Seen | None) -> int:
    """The most that may be in force in the namespace, as ``ledger`` explains."""
    seen = seen or _NOTHING
    known: list[Amounts] = [seen.spec, seen.status, ledger.grants.get(name, {})]
    if seen.generation != ledger.since.get(name, 0):
        known.append(ledger.ceilings.get(name, {}))
    return max(amounts.get(key, 0) for amounts in known)
