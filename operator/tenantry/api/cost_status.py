"""What a Tenant or an Application costs, as its status tells it: written by the meter alone.

Amounts are texts in the digits of their currency. They are written when they have moved by one in a
hundred, or when a threshold is reached, and not before: a status is read by people, while the
meter's reports have every cent.
"""

from typing import Annotated

from pydantic import Field

from tenantry.api.base import Model

_Amount = Annotated[str, Field(max_length=32)]


class CostStatus(Model):
    """What it costs, where a meter is there; shares of shared costs included."""

    hourly: _Amount = ""
    """Amount an hour, in the last 24."""
    month: Annotated[str, Field(max_length=7)] = ""
    """The month that the other amounts are of (UTC): ``2026-11``."""
    month_to_date: _Amount = ""
    """Amount since the month began."""
    projected: _Amount = ""
    """Amount of the whole month, if it goes on as it has since the month began."""
    projected_by_last_seven_days: _Amount = ""
    """The same, if it goes on as in the last seven days."""
    currency: Annotated[str, Field(max_length=3)] = ""
    """ISO 4217 code."""
    budget_used: Annotated[str, Field(max_length=16)] = ""
    """What part of the monthly budget is spent: ``41%``; empty without a budget in the currency."""
    threshold: Annotated[int, Field(ge=0)] = 0
    """The greatest of the budget's thresholds that is reached, in percent; 0 for none."""
