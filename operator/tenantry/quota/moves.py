"""One step of one key from what is granted towards what should be, without ever exceeding it.

What is taken back is free only when it is seen to be out of force; so one step grants what is
free now, takes back what is missing, and leaves the rest to a later step. While everybody has
enough, nothing moves: usage that goes up and down must not write.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from tenantry.quota.amounts import quantum
from tenantry.quota.members import Member, Pool
from tenantry.quota.shares import fill, fill_whole
from tenantry.quota.targets import dynamic, equal_slack, static

_LOW: Final = 4
"""Below this part of an equal share of what nobody needs, headroom is short."""
_WORTHWHILE: Final = 8
"""More headroom is worth a write from this part of the target on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Grants of one key, and whether more is to come when what was taken back is free."""

    grants: Mapping[str, int]
    waits: bool = False


def spread(pool: Pool) -> Step:
    """Towards shares that do not depend on what is used."""
    if pool.used > pool.total:
        return _hold_down(pool)
    return _grow(pool, static(pool))


def lend(pool: Pool) -> Step:
    """To those who are short of it, from those who do not use it."""
    if pool.used > pool.total:
        return _hold_down(pool)
    targets = dynamic(pool)
    low = max(1, equal_slack(pool) // _LOW)
    pressed = {
        name
        for name, member in pool.members.items()
        if _is_pressed(member, targets[name], low, quantum(pool.key, equal_slack(pool)))
    }
    asking = sum(bool(pool.members[name].demand) for name in pressed)
    part = max(pool.free, 0) // max(asking, 1)
    goals = {
        name: min(targets[name], _wanted(pool, member, part)) if name in pressed else _kept(member)
        for name, member in pool.members.items()
    }
    return _grow(pool, _take_back(pool, goals, targets))


def _wanted(pool: Pool, member: Member, part: int) -> int:
    """What is worth taking from others for one who was refused: much at once.

    A controller that makes pods waits twice as long after each refusal, so the third step of many
    comes seconds late: half of all there is, or as much again as it uses, is two steps at the
    most. What is free is had for nothing.
    """
    if not member.demand:
        return member.limit
    return max(member.need + max(member.used, pool.total // 2), member.held + part)


def _hold_down(pool: Pool) -> Step:
    """More is used than there is: nothing more is admitted, and nothing has to go."""
    return Step(
        grants={
            name: member.used if member.grant is None else min(member.grant, member.used)
            for name, member in pool.members.items()
        }
    )


def _kept(member: Member) -> int:
    """The grant, unless the limit or leaving forbid to keep it."""
    return min(member.held, member.used if member.is_leaving else member.limit)


def _is_pressed(member: Member, target: int, low: int, step: int) -> bool:
    """Whether it is short of something that it should have."""
    if member.is_leaving or target <= member.held:
        return False
    headroom = member.held - member.used
    if member.grant is None or member.held < member.guarantee:
        return True
    if headroom < 0 or headroom < member.demand:
        return True
    return headroom < low and target - member.held >= max(step, target // _WORTHWHILE)


def _take_back(pool: Pool, goals: dict[str, int], targets: Mapping[str, int]) -> dict[str, int]:
    """The goals, with what is missing for them taken from the largest unused headroom."""
    members = pool.members
    missing = pool.apart - pool.total
    missing += sum(max(goal, members[name].used) for name, goal in goals.items())
    step = quantum(pool.key, missing)
    missing = -(-missing // step) * step
    spare = {name: goal - max(targets[name], members[name].used) for name, goal in goals.items()}
    for name in sorted(goals, key=lambda name: (members[name].used - goals[name], name)):
        taken = max(0, min(spare[name], missing))
        goals[name] -= taken
        missing -= taken
    return goals


def _grow(pool: Pool, goals: Mapping[str, int]) -> Step:
    """What is free now, handed out: guarantees, then whole needs, then the rest.

    Up to its own bound a grant grows for nothing. But while too much may be in force, nothing
    grows: the bound may be an old view, and less than that be in force.
    """
    members, free = pool.members, pool.free
    grants = {
        name: min(goal, members[name].held if free < 0 else members[name].bound)
        for name, goal in goals.items()
    }
    for stage, share in ((_guarantee, fill), (_need, fill_whole), (_all, fill)):
        room = {
            name: max(0, min(goal, stage(members[name], goal)) - grants[name])
            for name, goal in goals.items()
        }
        shares = room if sum(room.values()) <= free else share(free, room)
        for name, more in shares.items():
            grants[name] += more
        free -= sum(shares.values())
        if shares != room:
            break
    return Step(grants=grants, waits=grants != dict(goals))


def _guarantee(member: Member, _goal: int) -> int:
    return member.guarantee


def _need(member: Member, _goal: int) -> int:
    return member.need


def _all(_member: Member, goal: int) -> int:
    return goal
