"""Whose an Application is follows from its namespace, and from what the Tenant says of that."""

from typing import Any

import pytest

from tenantry.api.base import Manifest
from tenantry.api.tenant import Tenant
from tenantry.application_ground import ground_of, is_closed
from tenantry.desired.floor import default_policy, floor_selector
from tenantry.desired.network import policy_spec
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


def _policy(name: str, selector: Manifest) -> Manifest:
    metadata = {"name": name, "namespace": "acme-web"}
    return {
        "kind": "NetworkPolicy",
        "metadata": metadata,
        "spec": policy_spec(selector, (), ()),
    }


CLOSURE = default_policy("acme-web", {})
NARROWED = _policy("tenantry", floor_selector(has_applications=True))
WIDE = _policy("tenantry", floor_selector(has_applications=False))


@pytest.mark.parametrize(
    ("there", "is_ready"),
    [
        ([CLOSURE, NARROWED], True),
        ([CLOSURE, WIDE], False),
        ([NARROWED], False),
        ([CLOSURE], False),
        ([], False),
    ],
)
def test_nothing_is_made_before_the_pods_of_applications_are_closed_and_out_of_the_floor(
    there: list[Manifest], *, is_ready: bool
) -> None:
    known = {(one["kind"], "acme-web", one["metadata"]["name"]): observe(one) for one in there}
    wait = is_closed(Tenant.parse(_tenant()), "acme-web", known.get)

    assert (wait is None) is is_ready
    assert wait is None or wait.reason == "TenantNotReady"
