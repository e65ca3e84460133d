"""Sharing whole numbers: max-min fairly, or in proportion."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Vessel:
    """One that is filled.

    Attributes:
        filled: what is in it already; it is never taken away.
        brim: what it holds at the most.
        weight: how much faster than others it is filled.
    """

    filled: int
    brim: int
    weight: int = 1

    def at(self, level: int) -> int:
        """What is in it when the water stands at this level."""
        return max(self.filled, min(self.brim, level * self.weight))


def level_of(amount: int, vessels: Sequence[Vessel]) -> int:
    """The highest level, in whole units, to which an amount fills all of them."""
    already = sum(one.filled for one in vessels)
    low, high = 0, amount + max((one.filled for one in vessels), default=0)
    while low < high:
        middle = (low + high + 1) // 2
        if sum(one.at(middle) for one in vessels) - already <= amount:
            low = middle
        else:
            high = middle - 1
    return low


def fill(amount: int, vessels: Sequence[Vessel]) -> list[int]:
    """What is in each vessel after an amount has been dealt out to them.

    All are raised to one level as far as the amount goes, so that nobody can get more without
    somebody who has less getting even less (https://en.wikipedia.org/wiki/Max-min_fairness). What
    is too little to raise the level goes to the first ones.
    """
    level = level_of(amount, vessels)
    contents = [one.at(level) for one in vessels]
    left = amount - sum(contents) + sum(one.filled for one in vessels)
    rooms = [one.at(level + 1) - content for one, content in zip(vessels, contents, strict=True)]
    for turn in range(max(rooms, default=0)):
        for index, room in enumerate(rooms):
            if left and turn < room:
                contents[index] += 1
                left -= 1
    return contents


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
