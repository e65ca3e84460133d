"""Pure: what happened to each object, to what the Tenant's status says of it.

Conditions follow kstatus: ``Ready`` is the whole, one condition for each concern says where to
look, ``Stalled`` is there only when a person must act. ``lastTransitionTime`` moves when a
condition's status does, and never otherwise, so that a status that says the same is the same.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from tenantry.api.quantities import amount, format_bytes, format_cores
from tenantry.api.tenant import Tenant
from tenantry.api.tenant_status import (
    Condition,
    ConditionStatus,
    NamespaceState,
    NamespaceStatus,
    QuotaStatus,
    Summary,
    TenantState,
    TenantStatus,
)

CONCERNS = {
    "NamespacesReady": ("Namespace",),
    "QuotaEnforced": ("ResourceQuota", "LimitRange"),
    "NetworkIsolated": ("NetworkPolicy",),
    "AccessGranted": ("RoleBinding", "ServiceAccount"),
}
"""Condition to the kinds that it speaks of."""

_STAGES = {"Namespace": 0, "RoleBinding": 2}
"""When a kind is written, all others in between: a failure stops what comes after it."""

OWN_STATES = frozenset({"Active", "Retained", "Terminating", "Failed"})
"""States of namespaces that are the tenant's; the others are somebody else's."""

MAX_MESSAGE, MAX_REASON = 1024, 128
MAX_NAMESPACES = 256
_IN_BYTES = {"memory", "ephemeral-storage", "storage"}


@dataclass(frozen=True, slots=True)
class Failure:
    """Something that is not as it should be.

    Attributes:
        kind: of the object that could not be written.
        is_transient: whether time may heal it; if not, a person must act.
    """

    kind: str
    reason: str
    message: str
    is_transient: bool = True
    retry_after: float = 0.0
    """Seconds that the API server asked to wait."""


@dataclass(frozen=True, slots=True)
class NamespaceOutcome:
    """What became of one namespace."""

    name: str
    state: NamespaceState = "Active"
    is_listed: bool = True
    failures: tuple[Failure, ...] = ()
    reason: str = ""
    """For a state that is no failure: why it is so, in one word."""
    message: str = ""
    """For a state that is no failure: what it means, what it waits for."""
    uid: str = ""
    """Of the namespace, if it is the tenant's."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one look at a Tenant gave."""

    namespaces: tuple[NamespaceOutcome, ...] = ()
    own_failures: tuple[Failure, ...] = ()
    """What failed with the Tenant itself, in no namespace of its own."""
    hard: Mapping[str, Decimal] = field(default_factory=dict)
    used: Mapping[str, Decimal] = field(default_factory=dict)
    deletion_blocked: str = ""
    """Why the Tenant cannot go yet, for a person."""

    @property
    def failures(self) -> list[tuple[str, Failure]]:
        """All failures with their namespaces."""
        own = [("tenant", failure) for failure in self.own_failures]
        return own + [(one.name, failure) for one in self.namespaces for failure in one.failures]


def report(tenant: Tenant, outcome: Outcome, now: str) -> TenantStatus:
    """The status that says what happened.

    Args:
        tenant: as it was reconciled, with the status it had.
        outcome: what happened to its namespaces and their objects.
        now: RFC 3339, for conditions whose status changes.
    """
    conditions = [*_concerns(outcome), *_lifecycle(tenant, outcome)]
    conditions.insert(0, _ready(tenant, outcome))
    # Those that merely carry the tenant's label come last, and are the first to be left out.
    spaces = sorted(outcome.namespaces, key=lambda one: not (one.is_listed or one.uid))
    return TenantStatus(
        observed_generation=tenant.metadata.generation,
        state=_state(tenant, outcome),
        conditions=[
            _dated(one, tenant.status, tenant.metadata.generation, now) for one in conditions
        ],
        namespaces=[_namespace(space) for space in spaces[:MAX_NAMESPACES]],
        quota=_quota(outcome),
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
    aspects = [_Aspect("Ready", "False", reason, message), _Aspect("Stalled", "True", reason)]
    replaced = {one.type for one in aspects}
    kept = [one for one in before.conditions if one.type not in replaced]
    conditions = [_dated(one, before, generation, now) for one in aspects]
    return before.model_copy(
        update={
            "observed_generation": generation,
            "state": "Degraded",
            "conditions": [*conditions, *kept],
        }
    )


@dataclass(frozen=True, slots=True)
class _Aspect:
    type: str
    status: ConditionStatus
    reason: str
    message: str = ""


def _ready(tenant: Tenant, outcome: Outcome) -> _Aspect:
    failures = outcome.failures
    if tenant.is_being_deleted:
        return _Aspect("Ready", "False", "Terminating", outcome.deletion_blocked)
    if failures:
        return _Aspect("Ready", "False", failures[0][1].reason, _messages(failures))
    if tenant.spec.suspend:
        return _Aspect("Ready", "True", "Suspended", "suspended: nobody has write access")
    count = sum(space.is_listed for space in outcome.namespaces)
    spaces = "1 namespace is" if count == 1 else f"{count} namespaces are"
    return _Aspect("Ready", "True", "Reconciled", f"{spaces} as the Tenant says")


def _concerns(outcome: Outcome) -> Iterable[_Aspect]:
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
            yield _Aspect(type_, "False", failures[0][1].reason, _messages(failures))
        elif waiting := _waiting(kinds, outcome):
            yield _Aspect(type_, "False", "Waiting", f"not looked at yet in {', '.join(waiting)}")
        else:
            yield _Aspect(type_, "True", "Applied", good[type_])


def _waiting(kinds: Iterable[str], outcome: Outcome) -> list[str]:
    """The namespaces in which something failed that these kinds come after."""
    stage = max(_STAGES.get(kind, 1) for kind in kinds)
    return [
        space.name
        for space in outcome.namespaces
        if any(_STAGES.get(failure.kind, 1) < stage for failure in space.failures)
    ]


def _lifecycle(tenant: Tenant, outcome: Outcome) -> Iterable[_Aspect]:
    if tenant.spec.suspend:
        yield _Aspect(
            "Suspended", "True", "SpecSuspend", "owners and editors may look but not write"
        )
    lasting = [pair for pair in outcome.failures if not pair[1].is_transient]
    if lasting:
        yield _Aspect("Stalled", "True", lasting[0][1].reason, _messages(lasting))
    if tenant.is_being_deleted and outcome.deletion_blocked:
        reason = "Protected" if tenant.spec.deletion_protection else "InProgress"
        yield _Aspect("DeletionBlocked", "True", reason, outcome.deletion_blocked)
    if recorded := _recorded_only(tenant):
        message = f"{', '.join(recorded)}: recorded, but not enforced by this release"
        yield _Aspect("FullyEnforced", "False", "RecordedOnly", message)


def _recorded_only(tenant: Tenant) -> list[str]:
    spec = tenant.spec
    fields = {
        "spec.allowed.registries": bool(spec.allowed.registries),
        "spec.cost.budget": spec.cost.budget is not None,
        "spec.namespaceOptions.selfService": spec.namespace_options.self_service,
    }
    return [name for name, is_set in fields.items() if is_set]


def _messages(failures: Sequence[tuple[str, Failure]]) -> str:
    lines = [f"{name}: {failure.message}" for name, failure in failures[:5]]
    if len(failures) > len(lines):
        lines.append(f"and {len(failures) - len(lines)} more")
    return "; ".join(lines)


def _dated(aspect: _Aspect, status: TenantStatus, generation: int, now: str) -> Condition:
    before = next((one for one in status.conditions if one.type == aspect.type), None)
    since = before.last_transition_time if before and before.status == aspect.status else now
    return Condition(
        type=aspect.type,
        status=aspect.status,
        reason=aspect.reason[:MAX_REASON],
        message=aspect.message[:MAX_MESSAGE],
        last_transition_time=since,
        observed_generation=generation,
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
        state=outcome.state,
        reason=(failure.reason if failure else outcome.reason)[:MAX_REASON],
        message=(failure.message if failure else outcome.message)[:MAX_MESSAGE],
    )


def _quota(outcome: Outcome) -> QuotaStatus:
    return QuotaStatus(
        hard={key: _written(key, value) for key, value in sorted(outcome.hard.items())[:96]},
        used={key: _written(key, value) for key, value in sorted(outcome.used.items())[:96]},
    )


def _summary(tenant: Tenant, outcome: Outcome) -> Summary:
    listed = [space for space in outcome.namespaces if space.is_listed]
    active = sum(space.state == "Active" for space in listed)
    total = 0 if tenant.is_being_deleted else len(listed)
    return Summary(
        namespaces=f"{active}/{total}",
        cpu=_ratio("requests.cpu", outcome),
        memory=_ratio("requests.memory", outcome),
    )


def _ratio(key: str, outcome: Outcome) -> str:
    if key not in outcome.hard:
        return ""
    used = _written(key, outcome.used.get(key, Decimal(0)))
    return f"{used}/{_written(key, outcome.hard[key])}"


def _written(key: str, value: Decimal) -> str:
    resource = key.rpartition(".")[2]
    if resource == "cpu":
        return format_cores(value)
    return format_bytes(value) if resource in _IN_BYTES else str(int(value))


def total(amounts: Iterable[Mapping[str, str]]) -> dict[str, Decimal]:
    """The sums by key of quantities from several ResourceQuotas."""
    sums: dict[str, Decimal] = {}
    for quantities in amounts:
        for key, quantity in quantities.items():
            sums[key] = sums.get(key, Decimal(0)) + amount(quantity)
    return sums
