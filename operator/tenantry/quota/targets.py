"""How much of one key each namespace should have, if it could be moved there at once."""

from collections.abc import Collection, Mapping

from tenantry.quota.amounts import is_counted, quantum
from tenantry.quota.members import Member, Pool
from tenantry.quota.shares import fill, fill_whole


def dynamic(pool: Pool) -> dict[str, int]:
    """What is used, then guarantees, then what was refused, and shares of the rest.

    What is used comes first because it cannot be taken away: where others use what was promised,
    the promise waits. The rest goes to those who were refused, if any were, in equal shares: who
    wants one pod more often wants ten, and a controller that is refused ten times in a row waits
    longer each time. Else it goes to all.
    """
    members = pool.staying
    targets = dict.fromkeys(members, 0)
    for stage in (
        {name: min(member.used, member.limit) for name, member in members.items()},
        {name: member.base for name, member in members.items()},
    ):
        _add(targets, fill(pool.to_share - sum(targets.values()), _room(stage, targets)))
    needs = _room({name: member.need for name, member in members.items()}, targets)
    _add(targets, fill_whole(pool.to_share - sum(targets.values()), needs))
    hungry = {name for name, member in members.items() if member.demand}
    for group in (hungry, members.keys() - hungry):
        targets |= _share_slack(pool, targets, group)
    return targets | _frozen(pool)


def static(pool: Pool) -> dict[str, int]:
    """The guarantee and an equal share of the rest, whatever is used."""
    targets = {name: member.guarantee for name, member in pool.staying.items()}
    return _share_slack(pool, targets, targets.keys()) | _frozen(pool)


def equal_slack(pool: Pool) -> int:
    """What each would get of what nobody needs, were there no limits."""
    members = pool.staying.values()
    slack = pool.to_share - sum(member.need for member in members)
    return max(slack, 0) // max(len(members), 1)


def _frozen(pool: Pool) -> dict[str, int]:
    return {name: member.used for name, member in pool.members.items() if member.is_leaving}


def _room(tops: Mapping[str, int], targets: Mapping[str, int]) -> dict[str, int]:
    return {name: max(top - targets[name], 0) for name, top in tops.items()}


def _add(targets: dict[str, int], shares: Mapping[str, int]) -> None:
    for name, share in shares.items():
        targets[name] += share


def _share_slack(pool: Pool, targets: Mapping[str, int], among: Collection[str]) -> dict[str, int]:
    """The targets with equal shares of what is left, cut to what reads well."""
    members = {name: member for name, member in pool.staying.items() if name in among}
    slack = pool.to_share - sum(targets.values())
    room = _room({name: member.limit for name, member in members.items()}, targets)
    shares = fill(slack, room)
    for name, share in shares.items():
        if share < room[name]:
            shares[name] -= share % quantum(pool.key, share)
    raised = {**targets} | {name: targets[name] + share for name, share in shares.items()}
    if is_counted(pool.key):
        _deal_out(slack - sum(shares.values()), members, raised)
    return raised


def _deal_out(left: int, members: Mapping[str, Member], targets: dict[str, int]) -> None:
    """One more thing each while there are any: first to those who hold it already."""
    takers = [name for name, member in members.items() if targets[name] < member.limit]
    takers.sort(key=lambda name: (members[name].held <= targets[name], name))
    for name in takers[: max(left, 0)]:
        targets[name] += 1
