from typing import Any

import pytest

from rendering import of_kind, spaces, tenant
from tenantry.desired.objects import Facts

UNLISTED = Facts(unlisted=frozenset({"acme-old"}))
STATE = "tenantry.io/state"


def test_a_namespace_that_is_listed_no_more_keeps_its_guards_and_loses_its_access() -> None:
    kept = spaces(tenant(), UNLISTED)["acme-old"]

    assert not kept.listed
    assert kept.namespace["metadata"]["labels"][STATE] == "retained"
    assert [guard["kind"] for guard in kept.guards] == [
        "ResourceQuota",
        "LimitRange",
        "NetworkPolicy",
        "ServiceAccount",
    ]
    assert kept.access == ()


def test_a_namespace_that_is_listed_is_not_marked() -> None:
    assert STATE not in spaces(tenant())["acme-prod"].namespace["metadata"]["labels"]


def test_a_namespace_that_is_listed_again_is_not_kept_but_made() -> None:
    facts = Facts(unlisted=frozenset({"acme-prod"}))

    assert spaces(tenant(), facts)["acme-prod"].listed


@pytest.mark.parametrize("policy", ["Orphan", "Delete"])
def test_under_other_policies_a_namespace_that_is_listed_no_more_should_not_be(policy: str) -> None:
    assert spaces(tenant(deletionPolicy=policy), UNLISTED).keys() == {"acme-prod"}


@pytest.mark.parametrize("policy", ["Orphan", "Delete"])
def test_of_a_tenant_being_deleted_nothing_should_be_under_other_policies(policy: str) -> None:
    assert spaces(tenant(being_deleted=True, deletionPolicy=policy), UNLISTED) == {}


def test_of_a_tenant_being_deleted_namespaces_are_kept_with_their_own_guards() -> None:
    own: list[dict[str, Any]] = [{"name": "prod", "quota": {"hard": {"pods": "7"}}}]
    [space] = spaces(tenant(being_deleted=True, namespaces=own)).values()

    [quota] = of_kind(space, "ResourceQuota")
    assert quota["spec"]["hard"]["pods"] == "7"
    assert (space.listed, space.access) == (False, ())


def test_deleting_a_protected_tenant_changes_nothing() -> None:
    protected = spaces(tenant(being_deleted=True, deletionProtection=True))

    assert protected == spaces(tenant(deletionProtection=True))


def test_a_tenant_without_namespaces_becomes_nothing() -> None:
    assert spaces(tenant(namespaces=[], quota={"hard": {"pods": "10"}})) == {}
