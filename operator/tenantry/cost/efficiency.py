"""How much of what was asked for was used, and what asking for no more would save.

Efficiency is usage by requests, weighed by what CPU and memory cost, as OpenCost has it
(``core/pkg/opencost/allocation.go``, TotalEfficiency); what is used without a request counts as
used wholly. The saving is what requests cost beyond the usage and a margin on it: 15 %, which is
the default of the Vertical Pod Autoscaler's recommender (``--recommendation-margin-fraction``). It
is reckoned from the usage of hours, which hides their peaks: it says where to look, not what to
write.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from tenantry.cost.allocation import Charge

MARGIN: Final = Decimal("0.15")
"""Above the usage, as a fraction of it."""

_WEIGHED: Final = ("cpu", "memory")
_NOUGHT: Final = Decimal(0)


@dataclass(frozen=True, slots=True)
class Efficiency:
    """Of hours in which the usage is known.

    Attributes:
        used: cost of what was used, in the currency of the charges.
        requested: cost of what was requested.
        saving: of that, what requests of the usage and a margin would save.
    """

    used: Decimal = _NOUGHT
    requested: Decimal = _NOUGHT
    saving: Decimal = _NOUGHT

    @property
    def ratio(self) -> Decimal | None:
        """Usage by requests; None where nothing is known."""
        if self.requested:
            return self.used / self.requested
        return Decimal(1) if self.used else None


def efficiency(charges: Iterable[Charge]) -> Efficiency:
    """Of the charges for CPU and memory that were used; call it under ``EXACT``."""
    used = requested = saving = _NOUGHT
    for one in charges:
        sums = one.sums
        if sums is None or not one.amount or one.pool.resource not in _WEIGHED:
            continue
        price = one.cost / one.amount
        used += sums.used * price
        requested += sums.measured * price
        saving += max(_NOUGHT, sums.measured - sums.used * (1 + MARGIN)) * price
    return Efficiency(used, requested, saving)
