"""What of a look is worth an Event: changes that a person would want to have been told of."""

from tenantry.api.tenant_status import TenantStatus
from tenantry.cluster.events import EventRecorder
from tenantry.converge import Look
from tenantry.observed import key_of
from tenantry.plan import Change


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
        if old and (old.status, old.reason) == (condition.status, condition.reason):
            continue
        if condition.type == "Ready":
            is_good = condition.status == "True"
            recorder.tell(
                tenant, "Normal" if is_good else "Warning", condition.reason, condition.message
            )
        elif condition.type in {"DeletionBlocked", "NamespacesParked"}:
            recorder.tell(tenant, "Warning", condition.type, condition.message)
    if _was_settled(look):
        for change in look.done:
            recorder.tell(tenant, "Normal", "DriftRepaired", repaired(change))


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
