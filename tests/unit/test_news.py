from typing import Any

import pytest

from rendering import tenant as plain_tenant
from tenantry.api.tenant import Tenant
from tenantry.api.tenant_status import TenantStatus
from tenantry.converge import Look
from tenantry.news import tell
from tenantry.outcomes import Failure, NamespaceOutcome, Outcome
from tenantry.plan import Change, Verb
from tenantry.status import report

Told = list[tuple[str, str, str]]
NOW = "2026-01-01T00:00:00Z"
WELL = Outcome((NamespaceOutcome("acme-prod"),))
FAILURE = Failure("RoleBinding", "Forbidden", "no", is_transient=False)
ILL = Outcome((NamespaceOutcome("acme-prod", "Failed", failures=(FAILURE,)),))
MADE = Change(
    Verb.CREATE, {"kind": "LimitRange", "metadata": {"name": "tenantry", "namespace": "acme-prod"}}
)
RELABELLED = Change(
    Verb.APPLY, {"kind": "Namespace", "metadata": {"name": "acme-prod"}}, ("metadata.labels.a",)
)


class Listener:
    """Hears what is told, as the recorder of Events would."""

    def __init__(self) -> None:
        self.told: Told = []

    def tell(self, tenant: Tenant, type_: str, reason: str, message: str) -> None:
        assert tenant.name == "acme"
        self.told.append((type_, reason, message))


def _tenant(before: Outcome | None = None, generation: int = 1, **spec: Any) -> Tenant:
    """A Tenant whose status says what an earlier look came to."""
    made = plain_tenant("acme", **spec)
    made = made.model_copy(update={"metadata": made.metadata.model_copy(update={"generation": 1})})
    status = report(made, before, NOW) if before else TenantStatus()
    metadata = made.metadata.model_copy(update={"generation": generation})
    return made.model_copy(update={"metadata": metadata, "status": status})


def _told(tenant: Tenant, outcome: Outcome | None, *done: Change) -> Told:
    listener = Listener()
    status = report(tenant, outcome, NOW) if outcome else None
    tell(listener, Look(tenant, is_urgent=False, done=[*done]), status)  # type: ignore[arg-type]
    return listener.told


def test_a_tenant_that_becomes_ready_is_news() -> None:
    message = "1 namespace is as the Tenant says"

    assert _told(_tenant(), WELL, MADE) == [("Normal", "Reconciled", message)]
    assert _told(_tenant(ILL), WELL) == [("Normal", "Reconciled", message)]


def test_a_tenant_that_stays_as_it_is_is_none() -> None:
    assert _told(_tenant(WELL), WELL) == []
    assert _told(_tenant(ILL), ILL) == []


def test_a_tenant_that_fails_is_a_warning() -> None:
    assert _told(_tenant(WELL), ILL) == [("Warning", "Forbidden", "acme-prod: no")]


def test_a_suspended_tenant_is_news() -> None:
    (told,) = _told(_tenant(suspend=True), WELL)

    assert told[:2] == ("Normal", "Suspended")


def test_what_was_done_to_a_settled_tenant_is_a_repair() -> None:
    assert _told(_tenant(WELL), WELL, MADE, RELABELLED) == [
        ("Normal", "DriftRepaired", "LimitRange acme-prod/tenantry: create, it was missing"),
        ("Normal", "DriftRepaired", "Namespace acme-prod: apply, metadata.labels.a"),
    ]


@pytest.mark.parametrize(
    "tenant",
    [
        pytest.param(_tenant(), id="of a new tenant"),
        pytest.param(_tenant(WELL, generation=2), id="for a new spec"),
        pytest.param(_tenant(ILL), id="of a tenant that was not ready"),
    ],
)
def test_what_was_asked_for_is_no_repair(tenant: Tenant) -> None:
    assert "DriftRepaired" not in {reason for _, reason, _ in _told(tenant, WELL, MADE)}


def test_a_tenant_that_goes_says_how_it_left() -> None:
    tenant = plain_tenant("acme", being_deleted=True, deletionPolicy="Delete")

    assert _told(tenant, None) == [("Normal", "Left", "left its namespaces (Delete)")]


def test_a_deletion_that_is_blocked_is_a_warning() -> None:
    tenant = plain_tenant("acme", being_deleted=True)
    blocked = Outcome(deletion_blocked="waiting for acme-prod")

    assert ("Warning", "DeletionBlocked", "waiting for acme-prod") in _told(tenant, blocked)


def _policy(name: str, verb: Verb, *differs: str, namespace: str = "acme-prod") -> Change:
    metadata = {"name": name, "namespace": namespace}
    return Change(verb, {"kind": "NetworkPolicy", "metadata": metadata}, differs)


NARROWED = _policy("tenantry", Verb.APPLY, "spec.podSelector.matchExpressions")


@pytest.mark.parametrize("verb", [Verb.CREATE, Verb.DELETE])
def test_that_the_first_application_comes_or_the_last_one_goes_is_no_drift(verb: Verb) -> None:
    closure = _policy("tenantry-applications", verb)

    assert _told(_tenant(WELL), WELL, closure, NARROWED) == []


@pytest.mark.parametrize(
    "done",
    [
        pytest.param((_policy("tenantry-applications", Verb.CREATE),), id="it was deleted"),
        pytest.param((NARROWED,), id="whom the floor selects was changed"),
        pytest.param(
            (
                _policy("tenantry-applications", Verb.APPLY, "spec.podSelector"),
                _policy("tenantry", Verb.APPLY, "spec.podSelector"),
            ),
            id="both were changed",
        ),
        pytest.param((_policy("tenantry", Verb.CREATE),), id="the floor was deleted"),
        pytest.param(
            (_policy("tenantry-applications", Verb.CREATE, namespace="acme-db"), NARROWED),
            id="in two namespaces",
        ),
    ],
)
def test_what_was_done_to_the_policies_that_close_a_namespace_is(done: tuple[Change, ...]) -> None:
    assert [reason for _, reason, _ in _told(_tenant(WELL), WELL, *done)] == [
        "DriftRepaired"
    ] * len(done)
