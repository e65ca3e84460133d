"""Sharing whole numbers: max-min fairly, or in proportion."""

from collections.abc import Mapping


def fill(available: int, room: Mapping[str, int]) -> dict[str, int]:
    """Equal shares of what is available, where nobody gets more than there is room for.

    What one has no room for goes to the others (water-filling:
    https://en.wikipedia.org/wiki/Max-min_fairness). Less than one unit each stays over.
    """
    shares: dict[str, int] = {}
    left = max(available, 0)
    for position, name in enumerate(sorted(room, key=lambda name: (room[name], name))):
        shares[name] = max(min(room[name], left // (len(room) - position)), 0)
        left -= shares[name]
    return _level(shares, room)


def _level(shares: dict[str, int], room: Mapping[str, int]) -> dict[str, int]:
    """Without the odd units that whole division gives to the last."""
    level = min((share for name, share in shares.items() if share < room[name]), default=None)
    if level is None:
        return shares
    return {name: min(share, level) for name, share in shares.items()}


def scale_down(available: int, wanted: Mapping[str, int]) -> dict[str, int]:
    """The wanted, or in proportion what there is of it, by largest remainder, then by name."""
    total = sum(wanted.values())
    if total <= available:
        return dict(wanted)
    scaled = {name: want * available // total for name, want in wanted.items()}
    by_remainder = sorted(wanted, key=lambda name: (-(wanted[name] * available % total), name))
    for name in by_remainder[: available - sum(scaled.values())]:
        scaled[name] += 1
    return scaled


def fill_whole(available: int, room: Mapping[str, int]) -> dict[str, int]:
    """All or nothing for each, the smallest first, then by name.

    Half of what a pod asks for is of no use to it, and two halves would starve two.
    """
    shares: dict[str, int] = {}
    for name in sorted(room, key=lambda name: (room[name], name)):
        shares[name] = room[name] if room[name] <= available else 0
        available -= shares[name]
    return shares
