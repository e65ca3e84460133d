"""One step of one key from what is granted towards what should be, without ever exceeding it.

What is taken back is free only when it is seen to be out of force; so one step grants what is
free now, takes back what is missing, and leaves the rest to a later step.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from tenantry.quota.members import Pool
from tenantry.quota.targets import dynamic, static


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Grants of one key, and whether more is to come when what was taken back is free."""

    grants: Mapping[str, int]
    waits: bool = False


def spread(pool: Pool) -> Step:
    """Towards shares that do not depend on what is used."""
    return _grow(pool, static(pool))


def lend(pool: Pool) -> Step:
    """To those who are short of it, from those who do not use it."""
    return _grow(pool, dynamic(pool))


def _grow(pool: Pool, goals: Mapping[str, int]) -> Step:
    """What is free now, handed out: guarantees, then what was refused, then who uses least.

    Up to its own bound a grant grows for nothing. But while too much may be in force, nothing
    grows: the bound may be an old view, and less than that be in force.
    """
    members, free = pool.members, pool.free
    grants = {name: min(goal, members[name].held) for name, goal in goals.items()}
    growing = [name for name, goal in goals.items() if goal > members[name].held and free >= 0]

    hungry = pool.hungry

    def rank(name: str) -> tuple[bool, bool, int, str]:
        one = members[name]
        return one.held >= one.base, name not in hungry, one.used, name

    for name in sorted(growing, key=rank):
        covered = max(members[name].bound, members[name].held)
        more = max(0, min(goals[name] - covered, free))
        grants[name] = min(goals[name], covered + more)
        free -= more
    return Step(grants=grants, waits=grants != dict(goals))
