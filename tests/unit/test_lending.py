"""Between Tenants and the lease algorithm: names, units, ledgers."""

from typing import Any

import pytest

from rendering import tenant
from stored import stored
from tenantry.api.tenant import Tenant
from tenantry.lending import Lending, Space, is_half_used, leases, lend
from tenantry.observed import Observed, observe


def _quota(lease: str | None = "1", **status: Any) -> Observed:
    annotations = {"tenantry.io/lease": lease} if lease else {}
    manifest: dict[str, Any] = {
        "apiVersion": "v1",
        "kind": "ResourceQuota",
        "metadata": {"name": "tenantry", "namespace": "acme-a", "annotations": annotations},
        "spec": {"hard": status.get("hard", {})},
        "status": status,
    }
    return observe(stored(manifest))


def _spaces(made: Tenant, *names: str) -> list[Space]:
    own = {f"acme-{one.name}": one for one in made.spec.namespaces}
    return [Space(f"acme-{name}", f"u-{name}", own.get(f"acme-{name}")) for name in names]


def _tenant(*names: str, **quota: Any) -> Tenant:
    return tenant(quota=quota, namespaces=[{"name": name} for name in names])


def _granted(lending: Lending, scope: str = "") -> dict[str, dict[str, str]]:
    [ledger] = [one for one in lending.ledgers if one.scope == scope]
    return {one.namespace: one.hard for one in ledger.grants}


def test_the_whole_is_lent_in_the_quantities_of_kubernetes() -> None:
    made = _tenant("a", "b", hard={"requests.cpu": "3", "limits.memory": "4Gi", "pods": 10})

    lending = lend(made, _spaces(made, "a", "b"), {})

    share = {"limits.memory": "2Gi", "pods": "5", "requests.cpu": "1500m"}
    assert _granted(lending) == {"acme-a": share, "acme-b": share}


def test_each_scope_has_a_ledger_of_its_own() -> None:
    scope = {"name": "urgent", "priorityClasses": ["now"], "hard": {"pods": 4}}
    made = _tenant("a", "b", hard={"pods": 10}, scopes=[scope])

    lending = lend(made, _spaces(made, "a", "b"), {})

    assert _granted(lending, "urgent") == {"acme-a": {"pods": "2"}, "acme-b": {"pods": "2"}}
    assert [one.scope for one in lending.ledgers] == ["", "urgent"]


def test_a_ledger_that_was_lost_goes_on_from_what_the_quotas_carry() -> None:
    made = _tenant("a", hard={"pods": 10})
    [space] = _spaces(made, "a")
    held = Space(space.name, space.uid, space.own, quotas={"tenantry": _quota("41")})

    lending = lend(made, [held], {})

    assert lending.ledgers[0].generation == 42
    assert lending.ledgers[0].grants[0].since == 42


def test_a_namespace_that_was_made_anew_has_no_lease() -> None:
    made = _tenant("a", hard={"pods": 10})
    [ledger] = lend(made, _spaces(made, "a"), {}).ledgers
    status = made.status.model_copy(
        update={"quota": made.status.quota.model_copy(update={"ledgers": [ledger]})}
    )
    after = made.model_copy(update={"status": status})

    assert leases(after, {"acme-a": "u-a"})["acme-a", ""].hard == {"pods": "10"}
    assert leases(after, {"acme-a": "another"}) == {}


def test_what_is_used_beyond_the_whole_is_told() -> None:
    made = _tenant("a", hard={"pods": 4})
    [space] = _spaces(made, "a")
    quota = _quota(hard={"pods": "6"}, used={"pods": "6"})

    lending = lend(made, [Space(space.name, space.uid, space.own, quotas={"tenantry": quota})], {})

    assert lending.over == ("pods: 6 used of 4",)


@pytest.mark.parametrize(
    ("lease", "used", "told"),
    [("1", "5", True), ("1", "4", False), (None, "8", False)],
)
def test_more_than_half_of_a_lease_is_worth_a_look(
    lease: str | None, used: str, *, told: bool
) -> None:
    assert is_half_used(_quota(lease, hard={"pods": "8"}, used={"pods": used})) is told
