"""What follows from what a month has cost: conditions, Events, and whether anything may start."""

from typing import Any

import pytest

from applications import application, component
from rendering import tenant as plain_tenant
from tenantry.api.application_status import ApplicationStatus
from tenantry.api.cost_status import CostStatus
from tenantry.api.tenant import Tenant
from tenantry.api.tenant_status import TenantStatus
from tenantry.application_outcome import ApplicationOutcome
from tenantry.application_status import report_application
from tenantry.converge import Look
from tenantry.desired import desired_namespaces
from tenantry.desired.objects import Facts
from tenantry.news import tell
from tenantry.outcomes import NamespaceOutcome, Outcome
from tenantry.status import report

NOW = "2026-11-15T00:00:00Z"
WELL = Outcome((NamespaceOutcome("acme-prod", uid="u1"),))
BUDGET = {"monthly": "1000", "thresholds": [50, 80, 100]}


def costs(so_far: str, currency: str = "USD") -> CostStatus:
    return CostStatus(month="2026-11", month_to_date=so_far, currency=currency)


def tenant(cost: CostStatus | None, before: TenantStatus | None = None, **budget: Any) -> Tenant:
    made = plain_tenant("acme", cost={"budget": BUDGET | budget})
    status = before or TenantStatus()
    return made.model_copy(update={"status": status.model_copy(update={"cost": cost})})


def told(status: TenantStatus | ApplicationStatus) -> tuple[str, str, str]:
    return next(
        (one.status, one.reason, one.message)
        for one in status.conditions
        if one.type == "BudgetExceeded"
    )


@pytest.mark.parametrize(
    ("cost", "status", "reason"),
    [
        (None, "Unknown", "NotMetered"),
        (costs("0.00"), "False", "WithinBudget"),
        (costs("499.99"), "False", "WithinBudget"),
        (costs("500.00"), "False", "Reached50Percent"),
        (costs("999.99"), "False", "Reached80Percent"),
        (costs("1000.00"), "True", "Reached100Percent"),
        (costs("2500.00"), "True", "Reached100Percent"),
        (costs("1.00", "EUR"), "Unknown", "CurrencyDiffers"),
    ],
)
def test_how_far_a_budget_is_spent_is_told_by_its_thresholds(
    cost: CostStatus | None, status: str, reason: str
) -> None:
    assert told(report(tenant(cost), WELL, NOW))[:2] == (status, reason)


def test_a_budget_is_exceeded_whatever_its_thresholds_are() -> None:
    late = tenant(costs("1200.00"), thresholds=[150])

    assert told(report(late, WELL, NOW))[:2] == ("True", "Exceeded")


def test_without_a_budget_nothing_is_said_of_one() -> None:
    plain = plain_tenant("acme")

    assert "BudgetExceeded" not in {one.type for one in report(plain, WELL, NOW).conditions}


def test_what_the_meter_wrote_stays_as_it_is() -> None:
    cost = costs("12.34")

    assert report(tenant(cost), WELL, NOW).cost == cost


def test_amounts_that_move_between_thresholds_are_no_change_of_the_conditions() -> None:
    before = report(tenant(costs("510.00")), WELL, NOW)

    after = report(tenant(costs("700.00"), before), WELL, "2026-11-20T00:00:00Z")

    assert after.conditions == before.conditions


def news(before: str, after: str) -> list[tuple[str, str]]:
    """Events of a month that goes from one amount to another."""
    heard: list[tuple[str, str]] = []

    class Listener:
        def tell(self, about: Tenant, type_: str, reason: str, message: str) -> None:
            assert message
            assert about.name == "acme"
            heard.append((type_, reason))

    then = report(tenant(costs(before)), WELL, NOW)
    seen = tenant(costs(after), then)
    tell(Listener(), Look(seen, is_urgent=False, done=[]), report(seen, WELL, NOW))  # type: ignore[arg-type]
    return heard


def test_each_threshold_is_an_event_once() -> None:
    assert news("100.00", "510.00") == [("Warning", "Reached50Percent")]
    assert news("510.00", "790.00") == []
    assert news("790.00", "1000.00") == [("Warning", "Reached100Percent")]
    assert news("1000.00", "1500.00") == []


def test_a_new_month_is_no_warning() -> None:
    assert news("1500.00", "0.00") == []


def states(of: Tenant) -> set[str]:
    spaces = desired_namespaces(of, Facts())
    return {one.namespace["metadata"]["labels"].get("tenantry.io/state", "") for one in spaces}


@pytest.mark.parametrize(
    ("cost", "when_exceeded", "state"),
    [
        (costs("1000.00"), "Notify", ""),
        (costs("999.99"), "SuspendNewWorkloads", ""),
        (costs("1000.00"), "SuspendNewWorkloads", "over-budget"),
        (costs("9000.00", "EUR"), "SuspendNewWorkloads", ""),
        (None, "SuspendNewWorkloads", ""),
    ],
)
def test_nothing_new_starts_beyond_the_budget_where_the_tenant_says_so(
    cost: CostStatus | None, when_exceeded: str, state: str
) -> None:
    assert states(tenant(cost, whenExceeded=when_exceeded)) == {state}


def test_that_nothing_new_starts_is_told_with_what_to_do() -> None:
    message = told(report(tenant(costs("1000.00"), whenExceeded="SuspendNewWorkloads"), WELL, NOW))[
        2
    ]

    assert message == (
        "100 % of 1000 USD for the month 2026-11 is spent: see status.cost; nothing new starts "
        "until the month ends or spec.cost.budget.monthly is raised "
        "(spec.cost.budget.whenExceeded)"
    )


def test_a_suspended_tenant_is_suspended_whatever_it_costs() -> None:
    spent = tenant(costs("1000.00"), whenExceeded="SuspendNewWorkloads")
    suspended = spent.model_copy(update={"spec": spent.spec.model_copy(update={"suspend": True})})

    assert states(suspended) == {"suspended"}


def test_an_application_has_a_budget_of_its_own() -> None:
    shop = application(component(), cost={"budget": BUDGET})
    seen = shop.model_copy(update={"status": ApplicationStatus(cost=costs("850.00"))})

    status = report_application(seen, ApplicationOutcome("acme"), NOW)

    assert told(status)[:2] == ("False", "Reached80Percent")
