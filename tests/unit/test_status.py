from decimal import Decimal
from typing import Any

import pytest

from rendering import tenant as plain_tenant
from tenantry.api.tenant import Tenant
from tenantry.api.tenant_status import Condition, TenantStatus
from tenantry.conditions import CONCERNS
from tenantry.guardrails import Guardrails
from tenantry.outcomes import Failure, NamespaceOutcome, Outcome
from tenantry.status import report, total, unhealthy

NOW, LATER = "2026-01-01T00:00:00Z", "2026-01-01T00:01:00Z"
ACTIVE = NamespaceOutcome("acme-prod", uid="u1")


def _tenant(
    status: TenantStatus | None = None, *, being_deleted: bool = False, **spec: Any
) -> Tenant:
    made = plain_tenant("acme", being_deleted=being_deleted, **spec)
    metadata = made.metadata.model_copy(update={"generation": 3})
    return made.model_copy(update={"metadata": metadata, "status": status or TenantStatus()})


def _failed(*failures: Failure, name: str = "acme-prod") -> Outcome:
    return Outcome((NamespaceOutcome(name, "Failed", failures=failures, uid="u1"),))


def _failure(kind: str = "ResourceQuota", reason: str = "Invalid", **fields: Any) -> Failure:
    return Failure(kind, reason, f"{kind} says no", **fields)


def _conditions(status: TenantStatus) -> dict[str, Condition]:
    return {one.type: one for one in status.conditions}


def _told(outcome: Outcome, tenant: Tenant | None = None) -> dict[str, tuple[str, str]]:
    conditions = _conditions(report(tenant or _tenant(), outcome, NOW))
    return {type_: (one.status, one.reason) for type_, one in conditions.items()}


def test_when_all_is_well_every_concern_says_so() -> None:
    told = _told(Outcome((ACTIVE,)))

    assert told == dict.fromkeys(CONCERNS, ("True", "Applied")) | {
        "Ready": ("True", "Reconciled"),
        "PolicyEnforced": ("True", "Enforced"),
        "CostLabelled": ("True", "MutatingAdmissionPolicy"),
    }


@pytest.mark.parametrize(
    ("count", "message"),
    [
        (0, "0 namespaces are as the Tenant says"),
        (1, "1 namespace is as the Tenant says"),
        (2, "2 namespaces are as the Tenant says"),
    ],
)
def test_ready_counts_what_is_listed(count: int, message: str) -> None:
    listed = [NamespaceOutcome(f"acme-{number}") for number in range(count)]
    kept = NamespaceOutcome("acme-old", "Retained", is_listed=False)

    status = report(_tenant(), Outcome((*listed, kept)), NOW)

    assert _conditions(status)["Ready"].message == message


BY_STAGE = {
    "Namespace": {
        "NamespacesReady": "Failed",
        "QuotaEnforced": "Waiting",
        "NetworkIsolated": "Waiting",
        "AccessGranted": "Waiting",
    },
    "ResourceQuota": {"QuotaEnforced": "Failed", "AccessGranted": "Waiting"},
    "LimitRange": {"QuotaEnforced": "Failed", "AccessGranted": "Waiting"},
    "NetworkPolicy": {"NetworkIsolated": "Failed", "AccessGranted": "Waiting"},
    "ServiceAccount": {"AccessGranted": "Failed"},
    "RoleBinding": {"AccessGranted": "Failed"},
}


@pytest.mark.parametrize("kind", BY_STAGE)
def test_a_failure_is_told_by_its_concern_and_by_those_that_come_after(kind: str) -> None:
    told = _told(_failed(_failure(kind, "Failed")))

    bad = {type_: reason for type_, (status, reason) in told.items() if status == "False"}
    assert bad == BY_STAGE[kind] | {"Ready": "Failed"}


def test_a_concern_that_waits_names_where() -> None:
    outcome = Outcome((ACTIVE, *_failed(_failure("Namespace"), name="acme-dev").namespaces))

    waiting = _conditions(report(_tenant(), outcome, NOW))["QuotaEnforced"]

    assert waiting.message == "not looked at yet in acme-dev"


def test_a_failure_names_its_namespace() -> None:
    ready = _conditions(report(_tenant(), _failed(_failure()), NOW))["Ready"]

    assert ready.message == "acme-prod: ResourceQuota says no"


def test_of_many_failures_five_are_told_and_the_rest_counted() -> None:
    spaces = [_failed(_failure(), name=f"acme-{number}").namespaces[0] for number in range(8)]

    ready = _conditions(report(_tenant(), Outcome(tuple(spaces)), NOW))["Ready"]

    assert ready.message.count("says no") == 5
    assert ready.message.endswith("; and 3 more")


def test_only_what_time_does_not_heal_stalls() -> None:
    assert "Stalled" not in _told(_failed(_failure()))
    assert _told(_failed(_failure(is_transient=False)))["Stalled"] == ("True", "Invalid")
    mixed = _failed(_failure(), _failure(reason="Forbidden", is_transient=False))
    assert _told(mixed)["Stalled"] == ("True", "Forbidden")


def test_a_suspended_tenant_is_ready_and_says_that_it_is_suspended() -> None:
    status = report(_tenant(suspend=True), Outcome((ACTIVE,)), NOW)

    assert status.state == "Suspended"
    conditions = _conditions(status)
    assert (conditions["Ready"].status, conditions["Ready"].reason) == ("True", "Suspended")
    assert conditions["Suspended"].status == "True"


def test_a_suspended_tenant_with_a_failure_is_not_ready() -> None:
    status = report(_tenant(suspend=True), _failed(_failure()), NOW)

    assert status.state == "Degraded"
    assert _conditions(status)["Ready"].status == "False"


@pytest.mark.parametrize(("protected", "reason"), [(True, "Protected"), (False, "InProgress")])
def test_a_deletion_that_is_blocked_says_by_what(protected: bool, reason: str) -> None:  # noqa: FBT001
    tenant = _tenant(being_deleted=True, deletionProtection=protected)

    status = report(tenant, Outcome((ACTIVE,), deletion_blocked="a finalizer"), NOW)

    conditions = _conditions(status)
    assert status.state == "Terminating"
    assert (conditions["Ready"].status, conditions["Ready"].reason) == ("False", "Terminating")
    assert conditions["DeletionBlocked"].reason == reason
    assert conditions["DeletionBlocked"].message == "a finalizer"
    assert status.summary.namespaces == "1/0"


@pytest.mark.parametrize(
    ("mode", "told"),
    [("Enforce", ("True", "Enforced")), ("Warn", ("False", "Warn")), ("Audit", ("False", "Audit"))],
)
def test_how_strictly_policies_are_taken_is_told(mode: str, told: tuple[str, str]) -> None:
    status = report(_tenant(policy={"mode": mode}), Outcome((ACTIVE,)), NOW)

    enforced = _conditions(status)["PolicyEnforced"]
    assert (enforced.status, enforced.reason) == told


def test_policies_that_are_not_installed_are_named() -> None:
    guardrails = Guardrails.of(["tenantry-a", "tenantry-b"], bound=["tenantry-a"], mutating=[])
    conditions = _conditions(report(_tenant(), Outcome((ACTIVE,), guardrails=guardrails), NOW))

    assert conditions["PolicyEnforced"].reason == "PoliciesNotInstalled"
    assert "not installed: tenantry-b (tenantry policies" in conditions["PolicyEnforced"].message
    assert conditions["CostLabelled"].reason == "Operator"


def test_namespaces_without_room_are_named_and_leave_the_tenant_ready() -> None:
    waiting = NamespaceOutcome("acme-x", "Parked", is_listed=False, joined=True)
    conditions = _conditions(report(_tenant(), Outcome((ACTIVE, waiting)), NOW))

    assert conditions["Ready"].status == "True"
    assert conditions["NamespacesParked"].message.startswith("acme-x: no room")


def test_a_transition_time_moves_with_the_status_alone() -> None:
    first = report(_tenant(), Outcome((ACTIVE,)), NOW)
    failed = report(_tenant(first), _failed(_failure("RoleBinding")), LATER)
    other = report(_tenant(failed), _failed(_failure("RoleBinding", "Forbidden")), "2027-01-01")

    ready = [_conditions(one)["Ready"] for one in (first, failed, other)]
    assert [one.last_transition_time for one in ready] == [NOW, LATER, LATER]
    assert ready[2].reason == "Forbidden"
    assert _conditions(failed)["QuotaEnforced"].last_transition_time == NOW


def test_usage_is_told_in_readable_amounts() -> None:
    gibi = Decimal(1024**3)
    outcome = Outcome(
        (ACTIVE,),
        hard={"requests.cpu": Decimal(8), "requests.memory": 16 * gibi, "pods": Decimal(50)},
        used={"requests.cpu": Decimal("0.4"), "requests.memory": gibi / 2, "pods": Decimal(4)},
    )

    status = report(_tenant(), outcome, NOW)

    assert status.quota.hard == {"pods": "50", "requests.cpu": "8", "requests.memory": "16Gi"}
    assert status.quota.used == {"pods": "4", "requests.cpu": "400m", "requests.memory": "512Mi"}
    assert (status.summary.cpu, status.summary.memory) == ("400m/8", "512Mi/16Gi")


def test_without_a_quota_on_it_there_is_no_ratio() -> None:
    summary = report(_tenant(), Outcome((ACTIVE,)), NOW).summary

    assert (summary.cpu, summary.memory) == ("", "")


def test_amounts_of_several_quotas_are_added_key_by_key() -> None:
    quotas = [{"pods": "2", "cpu": "500m"}, {"pods": "3"}, {"cpu": "1.5", "memory": "1Ki"}]

    assert total(quotas) == {"pods": 5, "cpu": 2, "memory": 1024}
    assert total([]) == {}


def test_those_that_merely_carry_the_label_come_last_and_are_the_first_to_be_left_out() -> None:
    strangers = [
        NamespaceOutcome(f"a{number}", "NotAdopted", is_listed=False) for number in range(300)
    ]
    kept = NamespaceOutcome("z-kept", "Retained", is_listed=False, uid="u2")

    status = report(_tenant(), Outcome((*strangers, ACTIVE, kept)), NOW)

    assert len(status.namespaces) == 256
    assert [one.name for one in status.namespaces[:3]] == ["acme-prod", "z-kept", "a0"]
    assert status.namespace_uids == {"u1", "u2"}


def test_a_tenant_that_could_not_be_looked_at_keeps_the_rest_of_its_status() -> None:
    before = report(_tenant(), Outcome((ACTIVE,), hard={"pods": Decimal(5)}), NOW)

    status = unhealthy(before, 4, "InternalError", "KeyError: 'x'", LATER)

    conditions = _conditions(status)
    assert (conditions["Ready"].status, conditions["Ready"].reason) == ("False", "InternalError")
    assert conditions["Stalled"].status == "True"
    assert conditions["QuotaEnforced"] == _conditions(before)["QuotaEnforced"]
    assert (status.namespaces, status.quota) == (before.namespaces, before.quota)
    assert (status.state, status.observed_generation) == ("Degraded", 4)


def test_it_says_so_once() -> None:
    once = unhealthy(TenantStatus(), 4, "InvalidSpec", "x", NOW)

    assert unhealthy(once, 4, "InvalidSpec", "x", LATER) == once
