"""Amounts of a quota as whole numbers, so that sums and shares are exact.

CPU is counted in thousandths of a core, memory and storage in bytes, all else in things.
"""

from decimal import ROUND_UP, Decimal
from typing import Final

from tenantry.api.quantities import amount, format_amount, is_bytes, is_cores

_MILLI: Final = 1000
_FINENESS: Final = 64
"""Into how many steps, at the least, an even share of a large amount is divided."""


def to_units(key: str, quantity: str | int, *, rounding: str = ROUND_UP) -> int:
    """The quantity in the smallest unit of ``key``.

    What is used or in force is rounded up and a total down (``ROUND_DOWN``), so that what is
    finer than a unit never lets a sum exceed the total.

    Raises:
        ValueError: what is given is not a quantity.
    """
    number = amount(quantity) * (_MILLI if is_cores(key) else 1)
    return int(number.to_integral_value(rounding))


def from_units(key: str, units: int) -> str:
    """The units of ``key`` as the API server writes the quantity."""
    return format_amount(key, Decimal(units) / _MILLI if is_cores(key) else Decimal(units))


def step_of(key: str, total: int, parts: int) -> int:
    """In what steps an amount that so many share is dealt out.

    Large amounts go by what reads well: cores by 1, 2 or 5 times a power of ten, bytes by powers
    of two. Things go one by one.
    """
    most = total // (_FINENESS * max(parts, 1))
    if most > 1 and is_cores(key):
        power: int = 10 ** (len(str(most)) - 1)
        return next(nice * power for nice in (5, 2, 1) if nice * power <= most)
    if most > 1 and is_bytes(key):
        return 1 << (most.bit_length() - 1)
    return 1
