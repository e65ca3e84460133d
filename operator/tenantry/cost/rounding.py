"""Rounding that loses and invents nothing: parts of a sum become parts of the rounded sum.

The method of the largest remainder (https://en.wikipedia.org/wiki/Quota_method): every part is
rounded down, and the units that are left go to the parts that lost most. No part is a unit or more
away from what it was.
"""

from collections.abc import Sequence
from decimal import ROUND_FLOOR, ROUND_HALF_EVEN, Decimal, localcontext

from tenantry.cost.consumption import EXACT


def rounded(amount: Decimal, unit: Decimal) -> Decimal:
    """The nearest multiple of the unit, the even one of two (ISO 80000-1, rule A)."""
    with localcontext(EXACT):
        return amount.quantize(unit, ROUND_HALF_EVEN)


def shares_of(total: Decimal, amounts: Sequence[Decimal], unit: Decimal) -> list[Decimal]:
    """The amounts in multiples of a unit, so that they add up to a total.

    Args:
        total: a multiple of the unit, less than one unit away from the sum of the amounts.
        amounts: what is rounded.
        unit: a power of ten, such as ``0.01``.

    Raises:
        ValueError: the total is further away than rounding can make up for.
    """
    with localcontext(EXACT):
        made = [amount.quantize(unit, ROUND_FLOOR) for amount in amounts]
        left = int((total - sum(made, Decimal(0))) / unit)
        if not 0 <= left <= len(made):
            raise ValueError(f"{total} is not what {sum(amounts)} is rounded to")
        lost = sorted(range(len(made)), key=lambda at: (made[at] - amounts[at], at))
        for at in lost[:left]:
            made[at] += unit
        return made
