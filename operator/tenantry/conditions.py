"""Pure: what happened, to one condition for the whole and one for each concern.

They follow kstatus: ``Ready`` is the whole, one condition for each concern says where to look,
``Stalled`` is there only when a person must act.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from tenantry.api.budgets import Budget, reached, spent
from tenantry.api.cost_status import CostStatus
from tenantry.api.tenant import Tenant
from tenantry.api.tenant_status import Condition, ConditionStatus
from tenantry.guardrails import Guardrails
from tenantry.outcomes import Failure, Outcome

MAX_MESSAGE, MAX_REASON = 1024, 128
CONCERNS: Final = {
    "NamespacesReady": ("Namespace",),
    "QuotaEnforced": ("ResourceQuota", "LimitRange"),
    "NetworkIsolated": ("NetworkPolicy", "ClusterNetworkPolicy", "AdminNetworkPolicy"),
    "AccessGranted": ("RoleBinding", "ServiceAccount", "ClusterRole", "ClusterRoleBinding"),
}
"""Condition to the kinds that it speaks of."""

_STAGES: Final = {"Namespace": 0, "RoleBinding": 2, "ClusterRole": 2, "ClusterRoleBinding": 2}
"""When a kind is written, all others in between: a failure stops what comes after it."""


@dataclass(frozen=True, slots=True)
class Aspect:
    """A condition, but for its dates."""

    type: str
    status: ConditionStatus
    reason: str
    message: str = ""


def dated(aspect: Aspect, before: Iterable[Condition], generation: int, now: str) -> Condition:
    """A condition with the time since which it has had its status.

    Args:
        aspect: what it says now.
        before: the conditions that there were.
        generation: of the spec that it speaks of.
        now: RFC 3339.
    """
    old = next((one for one in before if one.type == aspect.type), None)
    return Condition(
        type=aspect.type,
        status=aspect.status,
        reason=aspect.reason[:MAX_REASON],
        message=aspect.message[:MAX_MESSAGE],
        last_transition_time=old.last_transition_time
        if old and old.status == aspect.status
        else now,
        observed_generation=generation,
    )


def aspects(tenant: Tenant, outcome: Outcome) -> Iterator[Aspect]:
    """Every condition that a Tenant has now, Ready first."""
    yield _ready(tenant, outcome)
    yield from _concerns(outcome)
    yield from _lifecycle(tenant, outcome)
    yield from _overcommitted(outcome)
    yield from _parked(outcome)
    yield from _guarded(tenant, outcome.guardrails)
    yield from _charged(tenant)


def _ready(tenant: Tenant, outcome: Outcome) -> Aspect:
    failures = outcome.failures
    if tenant.is_being_deleted:
        return Aspect("Ready", "False", "Terminating", outcome.deletion_blocked)
    if failures:
        return Aspect("Ready", "False", failures[0][1].reason, _messages(failures))
    if tenant.spec.suspend:
        return Aspect("Ready", "True", "Suspended", "suspended: nobody has write access")
    count = sum(space.is_listed for space in outcome.namespaces)
    spaces = "1 namespace is" if count == 1 else f"{count} namespaces are"
    return Aspect("Ready", "True", "Reconciled", f"{spaces} as the Tenant says")


def _concerns(outcome: Outcome) -> Iterable[Aspect]:
    good = {
        "NamespacesReady": "every listed namespace exists",
        "QuotaEnforced": "every namespace has its quota and limits",
        "NetworkIsolated": "every namespace has its NetworkPolicy (the cluster's network plugin "
        "must enforce NetworkPolicies)",
        "AccessGranted": "owners, editors and viewers have their roles",
    }
    for type_, kinds in CONCERNS.items():
        failures = [pair for pair in outcome.failures if pair[1].kind in kinds]
        if failures:
            yield Aspect(type_, "False", failures[0][1].reason, _messages(failures))
        elif waiting := _waiting(kinds, outcome):
            yield Aspect(type_, "False", "Waiting", f"not looked at yet in {', '.join(waiting)}")
        else:
            yield Aspect(type_, "True", "Applied", good[type_])


def _waiting(kinds: Iterable[str], outcome: Outcome) -> list[str]:
    """The namespaces in which something failed that these kinds come after."""
    stage = max(_STAGES.get(kind, 1) for kind in kinds)
    return [
        space.name
        for space in outcome.namespaces
        if any(_STAGES.get(failure.kind, 1) < stage for failure in space.failures)
    ]


def _lifecycle(tenant: Tenant, outcome: Outcome) -> Iterable[Aspect]:
    if tenant.spec.suspend:
        yield Aspect(
            "Suspended", "True", "SpecSuspend", "owners and editors may look but not write"
        )
    lasting = [pair for pair in outcome.failures if not pair[1].is_transient]
    if lasting:
        yield Aspect("Stalled", "True", lasting[0][1].reason, _messages(lasting))
    if tenant.is_being_deleted and outcome.deletion_blocked:
        reason = "Protected" if tenant.spec.deletion_protection else "InProgress"
        yield Aspect("DeletionBlocked", "True", reason, outcome.deletion_blocked)


def _guarded(tenant: Tenant, guardrails: Guardrails) -> Iterable[Aspect]:
    """Whether admission policies hold, and who puts cost labels on what runs."""
    mode = tenant.spec.policy.mode
    if guardrails.missing:
        message = (
            f"not installed: {', '.join(guardrails.missing)} (tenantry policies | kubectl apply "
            "--server-side -f -)"
        )
        yield Aspect("PolicyEnforced", "False", "PoliciesNotInstalled", message)
    elif mode == "Enforce":
        message = "what spec.allowed does not allow is refused by the API server"
        yield Aspect("PolicyEnforced", "True", "Enforced", message)
    else:
        how = "with a warning" if mode == "Warn" else "with a note in the audit log"
        message = f"what spec.allowed does not allow is admitted {how} (spec.policy.mode)"
        yield Aspect("PolicyEnforced", "False", mode, message)
    if guardrails.sets_cost_labels:
        message = "cost labels are set at admission, by a MutatingAdmissionPolicy"
        yield Aspect("CostLabelled", "True", "MutatingAdmissionPolicy", message)
    else:
        message = "cost labels are set by the operator, a moment after admission"
        yield Aspect("CostLabelled", "True", "Operator", message)


def _charged(tenant: Tenant) -> Iterator[Aspect]:
    budget = tenant.spec.cost.budget
    for told in budgeted(budget, tenant.status.cost):
        if tenant.is_over_budget:
            message = (
                f"{told.message}; nothing new starts until the month ends or "
                "spec.cost.budget.monthly is raised (spec.cost.budget.whenExceeded)"
            )
            yield replace(told, message=message)
        else:
            yield told


def budgeted(budget: Budget | None, cost: CostStatus | None) -> Iterator[Aspect]:
    """How far a budget is spent, by its thresholds: a condition changes when one is reached.

    The amounts themselves are in ``status.cost``; here they would be a change every hour.
    """
    if budget is None:
        return
    part = spent(budget, cost)
    whole = f"{budget.monthly} {budget.currency} for the month"
    if cost is None:
        message = "no meter has told what it costs (tenantry meter)"
        yield Aspect("BudgetExceeded", "Unknown", "NotMetered", message)
    elif part is None:
        message = (
            f"costs are in {cost.currency} and the budget is in {budget.currency}: write "
            f"spec.cost.budget in {cost.currency}, for nothing is converted"
        )
        yield Aspect("BudgetExceeded", "Unknown", "CurrencyDiffers", message)
    elif threshold := reached(budget, part):
        message = f"{threshold} % of {whole} {cost.month} is spent: see status.cost"
        status: ConditionStatus = "True" if part >= 1 else "False"
        yield Aspect("BudgetExceeded", status, f"Reached{threshold}Percent", message)
    elif part >= 1:
        yield Aspect("BudgetExceeded", "True", "Exceeded", f"{whole} {cost.month} is spent")
    else:
        message = f"less than {min(budget.thresholds)} % of {whole} {cost.month} is spent"
        yield Aspect("BudgetExceeded", "False", "WithinBudget", message)


def _overcommitted(outcome: Outcome) -> Iterable[Aspect]:
    """Where the quota cannot hold what is used, or what was promised."""
    if outcome.lending.over:
        message = (
            f"{'; '.join(outcome.lending.over)}: nothing is evicted, and nothing more is admitted "
            "until less is used or spec.quota is raised"
        )
        yield Aspect("OverQuota", "True", "UsedMoreThanQuota", message)
    if outcome.lending.unguaranteed:
        message = (
            f"{', '.join(outcome.lending.unguaranteed)}: the namespaces' guarantees add up to more "
            "than there is, and are met in part; lower them or raise spec.quota.hard"
        )
        yield Aspect("GuaranteesMet", "False", "GuaranteesExceedQuota", message)


def _parked(outcome: Outcome) -> Iterable[Aspect]:
    if names := [one.name for one in outcome.namespaces if one.state == "Parked"]:
        shown = ", ".join(names[:10])
        message = (
            f"{shown}: no room for them; delete a namespace, or raise spec.namespaceOptions.max"
        )
        yield Aspect("NamespacesParked", "True", "TooManyNamespaces", message)


def _messages(failures: Sequence[tuple[str, Failure]]) -> str:
    lines = [f"{name}: {failure.message}" for name, failure in failures[:5]]
    if len(failures) > len(lines):
        lines.append(f"and {len(failures) - len(lines)} more")
    return "; ".join(lines)
