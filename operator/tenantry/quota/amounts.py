"""Amounts of a quota as whole numbers, so that sums and shares are exact.

CPU is counted in thousandths of a core, memory and storage in bytes, all else in things.
"""

import re
from decimal import ROUND_UP, Decimal
from typing import Final

from tenantry.api.quantities import amount, canonical, format_bytes, format_cores

_MILLI: Final = 1000
_MEBI: Final = 1024**2
_IN_CORES: Final = re.compile(r"^(requests\.|limits\.)?cpu$")
_IN_BYTES: Final = re.compile(
    r"^((requests|limits)\.)?(memory|storage|ephemeral-storage|hugepages-.*)$|/requests\.storage$"
)
_FINE_CORES: Final = 100
_FINE_BYTES: Final = 64 * _MEBI


def to_units(key: str, quantity: str | int, *, rounding: str = ROUND_UP) -> int:
    """The quantity in the smallest unit of ``key``.

    What is used or in force is rounded up and a total down (``ROUND_DOWN``), so that what is
    finer than a unit never lets a sum exceed the total.

    Raises:
        ValueError: what is given is not a quantity.
    """
    number = amount(quantity) * (_MILLI if _IN_CORES.search(key) else 1)
    return int(number.to_integral_value(rounding))


def from_units(key: str, units: int) -> str:
    """The units of ``key`` as the API server writes the quantity."""
    if _IN_CORES.search(key):
        return format_cores(Decimal(units) / _MILLI)
    return format_bytes(Decimal(units)) if _IN_BYTES.search(key) else canonical(units)


def is_counted(key: str) -> bool:
    """Whether ``key`` counts things, of which not one is to be left over by rounding."""
    return not (_IN_CORES.search(key) or _IN_BYTES.search(key))


def quantum(key: str, share: int) -> int:
    """The step in which a share of this size reads well: 10m, 1Mi, or one."""
    if _IN_CORES.search(key):
        return 10 if share >= _FINE_CORES else 1
    if _IN_BYTES.search(key):
        return _MEBI if share >= _FINE_BYTES else 1
    return 1
