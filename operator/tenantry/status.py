"""Pure: what happened to each object, to what the Tenant's status says of it.

``lastTransitionTime`` moves when a condition's status does, and never otherwise, so that a status
that says the same is the same.
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal

from tenantry.api.quantities import amount, format_amount
from tenantry.api.tenant import Tenant
from tenantry.api.tenant_status import (
    NamespaceStatus,
    QuotaStatus,
    Summary,
    TenantState,
    TenantStatus,
)
from tenantry.conditions import MAX_MESSAGE, MAX_REASON, Aspect, aspects, dated
from tenantry.outcomes import NamespaceOutcome, Outcome
from tenantry.tenant_applications import applications_of

MAX_NAMESPACES = 256


def report(tenant: Tenant, outcome: Outcome, now: str) -> TenantStatus:
    """The status that says what happened.

    Args:
        tenant: as it was reconciled, with the status it had.
        outcome: what happened to its namespaces and their objects.
        now: RFC 3339, for conditions whose status changes.
    """
    # Those that merely carry the tenant's label come last, and are the first to be left out.
    spaces = sorted(outcome.namespaces, key=lambda one: not (one.is_listed or one.uid))
    return TenantStatus(
        observed_generation=tenant.metadata.generation,
        state=_state(tenant, outcome),
        conditions=[
            dated(one, tenant.status.conditions, tenant.metadata.generation, now)
            for one in aspects(tenant, outcome)
        ],
        namespaces=[_namespace(space) for space in spaces[:MAX_NAMESPACES]],
        applications=applications_of(outcome.applications),
        quota=_quota(outcome),
        cost=tenant.status.cost,
        summary=_summary(tenant, outcome),
    )


def unhealthy(
    before: TenantStatus, generation: int, reason: str, message: str, now: str
) -> TenantStatus:
    """The status of a Tenant that could not even be looked at; the rest of it stays as it was.

    Args:
        before: the status it had.
        generation: of the spec that is the trouble.
        reason: ``InvalidSpec`` or ``InternalError``.
        message: for a person.
        now: RFC 3339, for conditions whose status changes.
    """
    trouble = [Aspect("Ready", "False", reason, message), Aspect("Stalled", "True", reason)]
    replaced = {one.type for one in trouble}
    kept = [one for one in before.conditions if one.type not in replaced]
    conditions = [dated(one, before.conditions, generation, now) for one in trouble]
    return before.model_copy(
        update={
            "observed_generation": generation,
            "state": "Degraded",
            "conditions": [*conditions, *kept],
        }
    )


def _state(tenant: Tenant, outcome: Outcome) -> TenantState:
    if tenant.is_being_deleted:
        return "Terminating"
    if outcome.failures:
        return "Degraded"
    return "Suspended" if tenant.spec.suspend else "Active"


def _namespace(outcome: NamespaceOutcome) -> NamespaceStatus:
    failure = outcome.failures[0] if outcome.failures else None
    return NamespaceStatus(
        name=outcome.name,
        uid=outcome.uid,
        joined=outcome.joined,
        state=outcome.state,
        reason=(failure.reason if failure else outcome.reason)[:MAX_REASON],
        message=(failure.message if failure else outcome.message)[:MAX_MESSAGE],
    )


def _quota(outcome: Outcome) -> QuotaStatus:
    return QuotaStatus(
        hard={key: format_amount(key, value) for key, value in sorted(outcome.hard.items())[:96]},
        used={key: format_amount(key, value) for key, value in sorted(outcome.used.items())[:96]},
        ledgers=[*outcome.lending.ledgers],
    )


def _summary(tenant: Tenant, outcome: Outcome) -> Summary:
    listed = [space for space in outcome.namespaces if space.is_listed]
    active = sum(space.state == "Active" for space in listed)
    total = 0 if tenant.is_being_deleted else len(listed)
    ready = sum(state == "Ready" for state in outcome.applications.values())
    return Summary(
        namespaces=f"{active}/{total}",
        applications=f"{ready}/{len(outcome.applications)}",
        cpu=_ratio("requests.cpu", outcome),
        memory=_ratio("requests.memory", outcome),
    )


def _ratio(key: str, outcome: Outcome) -> str:
    if key not in outcome.hard:
        return ""
    used = format_amount(key, outcome.used.get(key, Decimal(0)))
    return f"{used}/{format_amount(key, outcome.hard[key])}"


def total(amounts: Iterable[Mapping[str, str]]) -> dict[str, Decimal]:
    """The sums by key of quantities from several ResourceQuotas."""
    sums: dict[str, Decimal] = {}
    for quantities in amounts:
        for key, quantity in quantities.items():
            sums[key] = sums.get(key, Decimal(0)) + amount(quantity)
    return sums
