"""How much of one key each namespace should have, if it could be moved there at once.

Everybody keeps what is used and what is guaranteed. What is left, the slack, is lent: first to
those that were refused something, then in even headroom to all, with more of it to those that are
short.
While nobody is short everything stays as it is: usage that goes up and down must not write.
"""

from collections.abc import Mapping
from typing import Final

from tenantry.quota.amounts import step_of
from tenantry.quota.members import Member, Pool
from tenantry.quota.shares import Vessel, fill, level_of

Amounts = Mapping[str, int]
"""Units by namespace."""

SHORT: Final = 4
"""Short is who has less headroom than this part of an even share."""
PREFERENCE: Final = 3
"""How much more of the headroom those get that are short. With ``n`` namespaces of which ``m`` are
short the others keep ``n / (n + 2 m)`` of an even share, more than a third: so they are not short
themselves, and no move is what brings about the next."""
KEPT: Final = 4
"""What part of an even share others keep when somebody was refused: no less than makes one short.
Who was refused gets all the rest at once: who wants one pod more often wants ten, and a controller
waits twice as long after each refusal. What it does not use is shared out again when the refusal is
forgotten."""


def dynamic(pool: Pool) -> dict[str, int]:
    """What each should have, if grants follow need."""
    if pool.excess_used > 0:
        return _frozen(pool)
    needs = _served(pool, _floors(pool))
    members, step = pool.members, step_of(pool.key, pool.total, len(pool.members))
    steps = max(0, pool.whole - sum(needs.values())) // step
    even = level_of(steps, _vessels(pool, needs, step)) * step
    short = {
        name
        for name, one in members.items()
        if _is_short(one, needs[name], _comfort(pool, name, even))
    }
    goals = {name: min(one.held, one.top) for name, one in members.items()}
    if short or pool.excess(goals) > 0:
        ideal = _ideal(pool, needs, steps, short, step)
        goals |= {name: max(goals[name], ideal[name]) for name in short}
        goals = _reclaimed(pool, goals, ideal)
    return _dealt(pool, goals, even // KEPT, step)


def static(pool: Pool) -> dict[str, int]:
    """The guarantee and an even share of the rest, whatever is used."""
    if pool.excess_used > 0:
        return _frozen(pool)
    own = {name: min(one.guarantee, one.top) for name, one in pool.members.items()}
    rest = max(0, pool.whole - sum(own.values()))
    vessels = [Vessel(0, one.top - own[name]) for name, one in pool.members.items()]
    shares = zip(own.items(), fill(rest, vessels), strict=True)
    goals = {name: mine + share for (name, mine), share in shares}
    return _reclaimed(pool, goals, {name: one.used for name, one in pool.members.items()})


def _frozen(pool: Pool) -> dict[str, int]:
    """More is used than there is: nobody gets anything, and nothing has to go.

    Where grants exceed the whole as well, the quota was cut or over-committed namespaces were
    adopted. Then each grant becomes what is used less all that is used too much, which is never
    more than the whole together: whatever is deleted, and wherever, nothing is admitted before
    usage is back below the whole.
    """
    granted = sum(one.held for one in pool.members.values())
    # Else it is the overshoot of a recount, which passes.
    over = pool.excess_used if granted > pool.whole else 0
    return {
        name: min(one.held, one.top, max(0, one.used - over)) for name, one in pool.members.items()
    }


def _floors(pool: Pool) -> dict[str, int]:
    """What is lent to nobody: what is used, and of guarantees as much as there is.

    What is used comes first because it cannot be taken away: where others use what was promised,
    the promise waits.
    """
    used = {name: one.used for name, one in pool.members.items()}
    reserves = [Vessel(0, max(0, one.base - one.used)) for one in pool.members.values()]
    filled = fill(max(0, pool.whole - sum(used.values())), reserves)
    return {name: used[name] + more for name, more in zip(used, filled, strict=True)}


def _served(pool: Pool, floors: Amounts) -> dict[str, int]:
    """Floors, and what was refused or is about to be, as far as it fits: whole or not at all.

    Half of what a pod asks for is of no use to it, and two halves would starve two. Those come
    first that stay within an even part of the whole, and of them those that use least.
    """
    needs, slack = dict(floors), pool.whole - sum(floors.values())
    even = pool.whole // max(1, len(pool.members))
    wanted = {name: _wanted(one, even // KEPT) for name, one in pool.members.items()}
    for name in sorted(wanted, key=lambda n: (wanted[n] > even, pool.members[n].used, n)):
        more = wanted[name] - needs[name]
        if 0 < more <= slack and wanted[name] <= pool.members[name].top:
            needs[name] += more
            slack -= more
    return needs


def _wanted(member: Member, kept: int) -> int:
    """What it uses, what it was refused or is about to be, and where it has just come from.

    That, up to what it would keep anyway: else what comes and goes in one namespace would move the
    grants of all others to and fro.
    """
    return max(member.used + max(member.demand, member.growth), min(member.peak, kept))


def _comfort(pool: Pool, name: str, even: int) -> int:
    """What headroom is compared with: an even share, but while others are hungry next to nothing.

    Each grant that is moved makes the API server refuse what it is just admitting.
    """
    return even if name in pool.hungry or not pool.hungry else min(even, 1)


def _is_short(member: Member, need: int, comfort: int) -> bool:
    """Whether it lacks what it needs, or has little headroom in comparison with its comfort."""
    if member.held >= member.top:
        return False
    headroom, share = member.held - member.used, min(comfort, member.top - member.used)
    return member.held < need or SHORT * headroom < share


def _vessels(pool: Pool, needs: Amounts, step: int) -> list[Vessel]:
    """Headroom in steps: what is needed anyway, and what there may be at the most."""
    filled = {name: (needs[name] - one.used) // step for name, one in pool.members.items()}
    return [
        Vessel(filled[name], max(filled[name], (one.top - one.used) // step))
        for name, one in pool.members.items()
    ]


def _ideal(pool: Pool, needs: Amounts, steps: int, short: set[str], step: int) -> dict[str, int]:
    """What each would have if all the slack were dealt out anew."""
    vessels = dict(zip(pool.members, _vessels(pool, needs, step), strict=True))
    refused = {name for name, one in pool.members.items() if one.demand}
    hungry = refused or pool.hungry & short
    kept = level_of(steps, [*vessels.values()]) // KEPT
    weighed = [
        Vessel(one.filled, one.brim, PREFERENCE if name in short | hungry else 1)
        if not hungry or name in hungry
        else Vessel(one.filled, max(one.filled, min(one.brim, kept)))
        for name, one in vessels.items()
    ]
    return {
        name: min(member.top, max(needs[name], member.used + content * step))
        for (name, member), content in zip(pool.members.items(), fill(steps, weighed), strict=True)
    }


def _reclaimed(pool: Pool, goals: Amounts, least: Amounts) -> dict[str, int]:
    """Goals that fit into the whole: those with most to spare give what is missing."""
    fitting, missing = dict(goals), pool.excess(goals)
    spare = {n: goal - max(least[n], pool.members[n].used) for n, goal in goals.items()}
    for name in sorted(spare, key=lambda n: (-spare[n], n)):
        given = max(0, min(spare[name], missing))
        fitting[name] -= given
        missing -= given
    return fitting


def _dealt(pool: Pool, goals: dict[str, int], kept: int, step: int) -> dict[str, int]:
    """Goals with what nobody has, in whole steps to those that have the least headroom.

    While somebody is hungry the others get no more of it than they would keep: it was most likely
    taken back for the hungry.
    """
    steps = -pool.excess(goals) // step
    hungry = pool.hungry
    vessels = []
    for name, one in pool.members.items():
        have = max(0, goals[name] - one.used) // step
        room = max(0, one.top - max(goals[name], one.used)) // step
        if hungry and name not in hungry:
            room = max(0, min(room, kept // step - have))
        vessels.append(Vessel(have, have + room))
    contents = fill(max(0, steps), vessels)
    for name, vessel, content in zip(pool.members, vessels, contents, strict=True):
        if content > vessel.filled:
            more = (content - vessel.filled) * step
            goals[name] = max(goals[name], pool.members[name].used) + more
    return goals
