from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rendering import spaces, tenant
from strategies import short_names
from tenantry.desired.objects import Facts
from tenantry.desired.prefixes import Prefixes, holder, indexed, neighbours

prefix_maps = st.dictionaries(short_names, short_names.map("{}-".format), min_size=1, max_size=6)


def who_holds(name: str, prefixes: Mapping[str, str]) -> set[str]:
    """What each Tenant that could make a namespace of this name says."""
    return {
        holder(name, tenant, prefix, indexed(prefixes))
        for tenant, prefix in prefixes.items()
        if name.startswith(prefix)
    }


@pytest.mark.parametrize(
    ("prefixes", "name", "expected"),
    [
        pytest.param({"a": "a-", "a-b": "a-b-"}, "a-b-c", "a-b", id="the longest prefix"),
        pytest.param({"a": "a-", "a-b": "a-b-"}, "a-c", "a", id="that the name begins with"),
        pytest.param({"a": "a-", "a-b": "a-b-"}, "a-b-", "a", id="and is more than the prefix"),
        pytest.param({"x": "a-", "a": "a-"}, "a-c", "a", id="of equal ones, whose default it is"),
        pytest.param({"y": "a-", "x": "a-"}, "a-c", "x", id="else the first by name"),
        pytest.param({"a": "a-", "b": "ab-"}, "ab-c", "b", id="a beginning ends with a hyphen"),
    ],
)
def test_a_name_belongs_to(prefixes: dict[str, str], name: str, expected: str) -> None:
    assert who_holds(name, prefixes) == {expected}


@given(prefix_maps, short_names, st.data())
def test_whoever_asks_gets_the_same_answer(
    prefixes: dict[str, str], rest: str, data: st.DataObject
) -> None:
    name = data.draw(st.sampled_from(sorted(prefixes.values()))) + rest

    assert len(who_holds(name, prefixes)) == 1


@given(prefix_maps, short_names, short_names, st.data())
def test_only_neighbours_can_lose_or_gain_a_name(
    prefixes: dict[str, str], newcomer: str, prefix: str, data: st.DataObject
) -> None:
    before = {tenant: each for tenant, each in prefixes.items() if tenant != newcomer}
    after = before | {newcomer: f"{prefix}-"}
    name = data.draw(st.sampled_from(sorted(after.values()))) + data.draw(short_names)

    [was], [now] = who_holds(name, before) or {newcomer}, who_holds(name, after)

    if was != now:
        assert {was, now} <= neighbours(f"{prefix}-", after)


def test_neighbours_are_those_whose_prefix_is_a_beginning_of_it() -> None:
    prefixes = {"a": "a-", "a-b": "a-b-", "a-b-c": "a-b-c-", "ab": "ab-", "x": "a-b-"}

    assert neighbours("a-b-", prefixes) == {"a", "a-b", "x"}


def test_an_index_follows_as_tenants_come_and_go() -> None:
    prefixes = Prefixes({"a": "a-", "b": "a-"})

    prefixes["c"] = "a-"
    prefixes["a"] = "z-"
    del prefixes["b"]

    assert dict(prefixes) == {"a": "z-", "c": "a-"}
    assert prefixes.with_prefix("a-") == {"c"}
    assert prefixes.with_prefix("z-") == {"a"}
    assert len(prefixes) == 2


def test_a_name_of_another_tenant_is_refused_with_what_to_do() -> None:
    facts = Facts(prefixes={"acme": "acme-", "acme-labs": "acme-labs-"})
    made = spaces(tenant(namespaces=[{"name": "labs-x"}, {"name": "prod"}]), facts)

    refusal = made["acme-labs-x"].refusal
    assert refusal
    assert refusal.reason == "NameBelongsToAnotherTenant"
    assert refusal.message == (
        "acme-labs-x belongs to Tenant acme-labs, whose prefix it begins with: "
        "choose another name in spec.namespaces"
    )
    assert made["acme-prod"].refusal is None


def test_a_tenant_counts_before_anybody_has_heard_of_it() -> None:
    assert spaces(tenant(), Facts(prefixes={"other": "other-"}))["acme-prod"].refusal is None


def test_what_a_tenant_has_it_keeps_when_another_comes() -> None:
    facts = Facts(
        prefixes={"acme": "acme-", "acme-labs": "acme-labs-"}, held=frozenset({"acme-labs-x"})
    )

    assert spaces(tenant(namespaces=[{"name": "labs-x"}]), facts)["acme-labs-x"].access
