"""What of a look is worth an Event: changes that a person would want to have been told of."""

from collections import Counter
from collections.abc import Sequence
from typing import Final, Literal

from tenantry.api.names import FIELD_MANAGER
from tenantry.api.tenant import Tenant
from tenantry.api.tenant_status import Condition, TenantStatus
from tenantry.cluster.events import EventRecorder
from tenantry.converge import Look
from tenantry.desired.floor import DEFAULT_POLICY
from tenantry.observed import key_of
from tenantry.plan import Change, Verb

_CLOSING: Final = (DEFAULT_POLICY, FIELD_MANAGER)
"""Names of the policies by which a namespace is closed to Applications."""


def tell(recorder: EventRecorder, look: Look, status: TenantStatus | None) -> None:
    """Tell what a look at a Tenant changed.

    Args:
        recorder: writes the Events.
        look: the Tenant as it was, and what was done.
        status: what is going to be its status; None when it is let go.
    """
    tenant = look.tenant
    if status is None:
        policy = tenant.spec.deletion_policy
        recorder.tell(tenant, "Normal", "Left", f"left its namespaces ({policy})")
        return
    before = {one.type: one for one in tenant.status.conditions}
    for condition in status.conditions:
        old = before.get(condition.type)
        if not old or (old.status, old.reason) != (condition.status, condition.reason):
            _tell_condition(recorder, tenant, condition)
    if _was_settled(look):
        for change in _drift(look.done):
            recorder.tell(tenant, "Normal", "DriftRepaired", repaired(change))


def _tell_condition(recorder: EventRecorder, tenant: Tenant, condition: Condition) -> None:
    if condition.type == "Ready":
        type_: Literal["Normal", "Warning"] = "Normal" if condition.status == "True" else "Warning"
        recorder.tell(tenant, type_, condition.reason, condition.message)
    elif is_threshold(condition):
        recorder.tell(tenant, "Warning", condition.reason, condition.message)
    elif condition.type in {"DeletionBlocked", "NamespacesParked"}:
        recorder.tell(tenant, "Warning", condition.type, condition.message)


def is_threshold(condition: Condition) -> bool:
    """Whether a condition tells that a budget has been spent up to one of its thresholds."""
    return condition.type == "BudgetExceeded" and (
        condition.status == "True" or condition.reason.startswith("Reached")
    )


def _drift(done: Sequence[Change]) -> list[Change]:
    """What was changed by others: all that is not for the sake of Applications.

    When the first comes into a namespace, or the last one goes, two policies change in one look,
    and of the floor nothing but whom it selects (ADR 0015).
    """
    closing = Counter(key_of(one.manifest)[1] for one in done if _is_closing(one))
    return [
        one
        for one in done
        if not (_is_closing(one) and closing[key_of(one.manifest)[1]] == len(_CLOSING))
    ]


def _is_closing(change: Change) -> bool:
    kind, _, name = key_of(change.manifest)
    if kind != "NetworkPolicy" or name not in _CLOSING:
        return False
    if name == DEFAULT_POLICY:
        return change.verb is not Verb.APPLY
    selects = [one.startswith("spec.podSelector") for one in change.differs]
    return bool(selects) and all(selects)


def _was_settled(look: Look) -> bool:
    """Whether this spec had been brought about before: then what was changed now is drift."""
    tenant = look.tenant
    ready = next((one for one in tenant.status.conditions if one.type == "Ready"), None)
    return (
        not tenant.is_being_deleted
        and ready is not None
        and ready.status == "True"
        and ready.observed_generation == tenant.metadata.generation
    )


def repaired(change: Change) -> str:
    """A change that undid what somebody did, for a person."""
    kind, namespace, name = key_of(change.manifest)
    what = f"{kind} {namespace}/{name}" if namespace else f"{kind} {name}"
    return f"{what}: {change.verb.value}, {', '.join(change.differs) or 'it was missing'}"
