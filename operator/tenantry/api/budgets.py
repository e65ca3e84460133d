"""Budgets: what a month may cost, from which parts of it on somebody is told, and what then."""

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from tenantry.api.base import Model
from tenantry.api.cost_status import CostStatus
from tenantry.api.markers import list_set
from tenantry.api.money import Currency, PositivePrice


class Budget(Model):
    """What a month may cost."""

    monthly: PositivePrice
    """Amount a month, in ``currency``."""
    currency: Currency = "USD"
    """ISO 4217 code; the RateCards' one, for nothing is converted."""
    thresholds: Annotated[
        list[Annotated[int, Field(ge=1, le=1000)]],
        Field(min_length=1, max_length=8, json_schema_extra=list_set()),
    ] = Field(default=[80, 100])
    """Percent of the amount. Each that the month reaches is told once, by an Event and by the
    condition BudgetExceeded, which is true from 100 on."""


class TenantBudget(Budget):
    """What a month of the tenant may cost, and what happens beyond that."""

    when_exceeded: Literal["Notify", "SuspendNewWorkloads"] = "Notify"
    """Notify tells; SuspendNewWorkloads lets nothing new start in the tenant's namespaces, and
    nothing be scaled up, until the month ends or the budget is raised. What runs goes on in any
    case, and is replaced when it fails; deleting and scaling down work."""


def spent(budget: Budget | None, cost: CostStatus | None) -> Decimal | None:
    """What part of a budget a month has cost so far; 1 is all of it.

    Returns:
        None if there is no budget, or if no meter tells in the budget's currency what it costs.
    """
    if budget is None or cost is None or cost.currency != budget.currency:
        return None
    monthly = Decimal(budget.monthly)
    return Decimal(cost.month_to_date) / monthly if monthly else None


def reached(budget: Budget, part: Decimal) -> int:
    """The greatest threshold that is reached, in percent; 0 for none."""
    return max((one for one in budget.thresholds if 100 * part >= one), default=0)
