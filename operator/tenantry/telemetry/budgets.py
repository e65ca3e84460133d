"""What tenants cost and how much of their budgets is spent, as the status of Tenants tells it.

Three series a tenant at most: what an Application or a component costs is for the meter's reports.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from prometheus_client.metrics_core import Metric

from tenantry.telemetry import catalogue


@dataclass(frozen=True, slots=True)
class Spending:
    """One tenant's month.

    Attributes:
        currency: ISO 4217.
        month_to_date: amount since the month began.
        projected: amount of the whole month; None while nobody can know.
        budget_used: fraction of the budget; None without one.
    """

    tenant: str
    currency: str
    month_to_date: float
    projected: float | None
    budget_used: float | None


def samples(spendings: Sequence[Spending]) -> Iterator[Metric]:
    """The metrics, for those tenants of which somebody tells what they cost."""
    yield catalogue.TENANT_COST.samples(
        {(one.tenant, one.currency): one.month_to_date for one in spendings}
    )
    yield catalogue.TENANT_COST_PROJECTED.samples(
        {
            (one.tenant, one.currency): one.projected
            for one in spendings
            if one.projected is not None
        }
    )
    yield catalogue.TENANT_BUDGET_USED.samples(
        {(one.tenant,): one.budget_used for one in spendings if one.budget_used is not None}
    )
