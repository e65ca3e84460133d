"""What tenants cost and how much of their budgets is spent, as the status of Tenants tells it.

Three series a tenant at most: what an Application or a component costs is for the meter's reports.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from prometheus_client.metrics_core import GaugeMetricFamily


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


def families(spendings: Sequence[Spending]) -> Iterator[GaugeMetricFamily]:
    """The metrics, for those tenants of which somebody tells what they cost."""
    labels = ["tenant", "currency"]
    so_far = GaugeMetricFamily(
        "tenantry_tenant_cost_month_to_date",
        "What a tenant has cost since the month began, in the currency.",
        labels=labels,
    )
    projected = GaugeMetricFamily(
        "tenantry_tenant_cost_projected",
        "What the month will have cost a tenant if it goes on like this, in the currency.",
        labels=labels,
    )
    used = GaugeMetricFamily(
        "tenantry_tenant_budget_used_ratio",
        "What part of its monthly budget a tenant has spent; 1 is all of it.",
        labels=["tenant"],
    )
    for one in spendings:
        so_far.add_metric([one.tenant, one.currency], one.month_to_date)
        if one.projected is not None:
            projected.add_metric([one.tenant, one.currency], one.projected)
        if one.budget_used is not None:
            used.add_metric([one.tenant], one.budget_used)
    yield from (so_far, projected, used)
