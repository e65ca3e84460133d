"""Whose an Application is follows from its namespace, and from what the Tenant says of that."""

from typing import Any

import pytest

from tenantry.api.base import Manifest
from tenantry.application_ground import ground_of
from tenantry.observed import Key, Observed, observe

SPACE: Manifest = {
    "kind": "Namespace",
    "metadata": {"name": "acme-web", "uid": "n1", "labels": {"tenantry.io/tenant": "acme"}},
}


def _tenant(**state: Any) -> Manifest:
    known = {"name": "acme-web", "uid": "n1", "state": "Active"} | state
    return {
        "kind": "Tenant",
        "metadata": {"name": "acme", "uid": "t1"},
        "spec": {"owners": [{"kind": "User", "name": "olivia"}]},
        "status": {"namespaces": [known]},
    }


def _ground(*seen: Manifest) -> tuple[str, bool, str]:
    known: dict[Key, Observed] = {
        (one["kind"], "", one["metadata"]["name"]): observe(one) for one in seen
    }
    name, tenant, wait = ground_of("acme-web", known.get)
    return name, tenant is not None, wait.reason if wait else ""


@pytest.mark.parametrize("state", ["Active", "Retained"])
def test_a_namespace_that_is_in_order_is_ground_to_build_on(state: str) -> None:
    assert _ground(SPACE, _tenant(state=state)) == ("acme", True, "")


@pytest.mark.parametrize("state", ["Parked", "Failed", "Conflict", "Terminating"])
def test_one_that_is_not_in_order_is_waited_for(state: str) -> None:
    assert _ground(SPACE, _tenant(state=state)) == ("acme", True, "TenantNotReady")


def test_a_label_alone_makes_no_namespace_a_tenants() -> None:
    assert _ground(SPACE, _tenant(uid="other")) == ("acme", True, "TenantNotReady")
    assert _ground(SPACE, _tenant(name="acme-db")) == ("acme", True, "TenantNotReady")


def test_without_a_label_or_a_tenant_nothing_is_made() -> None:
    plain = {"kind": "Namespace", "metadata": {"name": "acme-web", "uid": "n1"}}

    assert _ground(plain, _tenant()) == ("", False, "NoTenant")
    assert _ground(_tenant()) == ("", False, "NoTenant")
    assert _ground(SPACE) == ("acme", False, "TenantMissing")


def test_a_namespace_that_is_going_gets_nothing_new() -> None:
    metadata = SPACE["metadata"] | {"deletionTimestamp": "2026-01-01T00:00:00Z"}

    assert _ground(SPACE | {"metadata": metadata}, _tenant())[2] == "NamespaceTerminating"
