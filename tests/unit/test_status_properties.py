"""What holds for every status, whatever happened."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from kstatus import kstatus
from rendering import tenant as plain_tenant
from tenantry.api.base import manifest_of
from tenantry.api.tenant import Tenant
from tenantry.api.tenant_status import TenantStatus
from tenantry.conditions import CONCERNS
from tenantry.outcomes import Failure, NamespaceOutcome, Outcome
from tenantry.status import report, unhealthy

NOW, LATER = "2026-01-01T00:00:00Z", "2026-01-01T00:01:00Z"


def _tenant(*, suspend: bool, being_deleted: bool) -> Tenant:
    made = plain_tenant("acme", being_deleted=being_deleted, suspend=suspend)
    metadata = made.metadata.model_copy(update={"generation": 3})
    return made.model_copy(update={"metadata": metadata})


def test_a_message_of_any_length_fits() -> None:
    status = unhealthy(TenantStatus(), 1, "R" * 500, "x" * 9000, NOW)

    assert _is_valid(status)


def _is_valid(status: TenantStatus) -> bool:
    """Whether the API server takes it and the next look reads it as it was."""
    return TenantStatus.model_validate(manifest_of(status)) == status


_words = st.text("aB. ", min_size=1, max_size=200)
_failures = st.builds(
    Failure,
    kind=st.sampled_from([kind for kinds in CONCERNS.values() for kind in kinds]),
    reason=_words,
    message=st.text("ab\n", max_size=3000),
    is_transient=st.booleans(),
)
_spaces = st.builds(
    NamespaceOutcome,
    name=st.from_regex(r"acme-[a-c]{1,3}", fullmatch=True),
    state=st.sampled_from(["Active", "Retained", "Terminating", "NotAdopted", "Failed"]),
    is_listed=st.booleans(),
    failures=st.lists(_failures, max_size=3).map(tuple),
    message=st.text("ab", max_size=3000),
)
_amounts = st.dictionaries(
    st.sampled_from(["pods", "requests.cpu", "limits.memory", "requests.storage"]),
    st.decimals(0, 10**15, places=3),
)
_outcomes = st.builds(
    Outcome,
    namespaces=st.lists(_spaces, max_size=6, unique_by=lambda one: one.name).map(tuple),
    own_failures=st.just(()),
    hard=_amounts,
    used=_amounts,
    deletion_blocked=st.text("ab", max_size=6000),
)
_tenants = st.builds(
    lambda suspend, deleted: _tenant(suspend=suspend, being_deleted=deleted),
    st.booleans(),
    st.booleans(),
)


@given(_tenants, _outcomes)
def test_the_same_again_is_the_same_status(tenant: Tenant, outcome: Outcome) -> None:
    """Then nothing is written."""
    once = report(tenant, outcome, NOW)
    again = tenant.model_copy(update={"status": TenantStatus.model_validate(manifest_of(once))})

    assert report(again, outcome, LATER) == once


@given(_tenants, _outcomes)
def test_every_status_is_one_that_the_crd_admits(tenant: Tenant, outcome: Outcome) -> None:
    assert _is_valid(report(tenant, outcome, NOW))


@given(_tenants, _outcomes)
def test_tools_read_it_as_it_is_meant(tenant: Tenant, outcome: Outcome) -> None:
    status = report(tenant, outcome, NOW)
    metadata = {"generation": 3} | ({"deletionTimestamp": NOW} if tenant.is_being_deleted else {})
    verdict = kstatus({"metadata": metadata, "status": manifest_of(status)})

    assert verdict == _meant(tenant, [failure for _, failure in outcome.failures])


def _meant(tenant: Tenant, failures: Sequence[Failure]) -> str:
    if tenant.is_being_deleted:
        return "Terminating"
    if not failures:
        return "Current"
    return "InProgress" if all(one.is_transient for one in failures) else "Failed"
