"""What holds for every Tenant, whatever it says."""

import re
from collections import Counter
from decimal import Decimal
from typing import Any

import orjson
from hypothesis import given
from hypothesis import strategies as st

from examples import rendered
from strategies import manifests_with, short_names, tenants_with
from tenantry.api.base import Manifest
from tenantry.api.quantities import amount
from tenantry.api.tenant import Tenant
from tenantry.desired import desired_namespaces
from tenantry.desired.limits import DEFAULT
from tenantry.desired.objects import DesiredNamespace, Facts

LABEL_VALUE = re.compile(r"^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$")
DNS_LABEL = re.compile(r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?$")

whole_tenants = tenants_with()
named_tenants = tenants_with("namespaceOptions")
limited_tenants = tenants_with("quota", "limitRange")
facts = st.builds(
    lambda unlisted: Facts(unlisted=frozenset(unlisted)), st.sets(short_names, max_size=2)
)


def of_kind(space: DesiredNamespace, kind: str) -> list[Manifest]:
    return [one for one in (*space.guards, *space.access) if one["kind"] == kind]


def made(tenant: Tenant, surroundings: Facts | None = None) -> list[DesiredNamespace]:
    spaces = desired_namespaces(tenant, surroundings or Facts())
    return [space for space in spaces if space.refusal is None]


def shuffled(value: Any, draw: st.DataObject) -> Any:
    if isinstance(value, dict):
        order = draw.draw(st.permutations(sorted(value)))
        return {key: shuffled(value[key], draw) for key in order}
    if isinstance(value, list):
        return [shuffled(each, draw) for each in value]
    return value


@given(manifests_with(), facts, st.data())
def test_the_same_tenant_gives_the_same_bytes(
    manifest: Manifest, surroundings: Facts, data: st.DataObject
) -> None:
    once = rendered(Tenant.parse(manifest), surroundings)
    again = rendered(Tenant.parse(shuffled(manifest, data)), surroundings)

    assert orjson.dumps(once) == orjson.dumps(again)


@given(st.lists(named_tenants, max_size=4, unique_by=lambda tenant: tenant.name))
def test_no_two_tenants_make_the_same_namespace(all_tenants: list[Tenant]) -> None:
    prefixes = {tenant.name: tenant.prefix for tenant in all_tenants}

    names = Counter(
        space.name for tenant in all_tenants for space in made(tenant, Facts(prefixes=prefixes))
    )

    assert all(count == 1 for count in names.values())


@given(named_tenants, facts)
def test_each_namespace_comes_once_and_in_order(tenant: Tenant, surroundings: Facts) -> None:
    names = [space.name for space in desired_namespaces(tenant, surroundings)]

    assert names == sorted(set(names))


@given(limited_tenants, facts)
def test_a_quota_of_the_tenant_is_never_exceeded_in_sum(
    tenant: Tenant, surroundings: Facts
) -> None:
    hards = [
        quota["spec"]["hard"]
        for space in made(tenant, surroundings)
        for quota in of_kind(space, "ResourceQuota")
    ]

    for key, total in tenant.spec.quota.hard.items():
        assert sum(amount(hard[key]) for hard in hards) <= amount(total)


@given(whole_tenants, facts)
def test_every_namespace_is_limited_before_anybody_is_let_in(
    tenant: Tenant, surroundings: Facts
) -> None:
    for space in made(tenant, surroundings):
        assert [guard["kind"] for guard in space.guards] == [
            "ResourceQuota",
            "LimitRange",
            "NetworkPolicy",
            "ServiceAccount",
        ]
        assert {each["kind"] for each in space.access} <= {"RoleBinding"}


@given(whole_tenants, facts)
def test_every_object_has_its_own_name_the_tenants_label_and_no_owner_to_die_with(
    tenant: Tenant, surroundings: Facts
) -> None:
    objects = rendered(tenant, surroundings)
    keys = {
        (each["kind"], each["metadata"].get("namespace"), each["metadata"]["name"])
        for each in objects
    }

    assert len(keys) == len(objects)
    for space in made(tenant, surroundings):
        for each in (space.namespace, *space.guards, *space.access):
            assert each["metadata"]["labels"]["tenantry.io/tenant"] == tenant.name
            assert "ownerReferences" not in each["metadata"]


@given(whole_tenants, facts)
def test_every_name_and_label_is_valid(tenant: Tenant, surroundings: Facts) -> None:
    for space in made(tenant, surroundings):
        assert DNS_LABEL.match(space.name)
        assert len(space.name) <= 63
        for each in (space.namespace, *space.guards, *space.access):
            assert len(each["metadata"]["name"]) <= 253
            for value in each["metadata"]["labels"].values():
                assert LABEL_VALUE.match(value)
                assert len(value) <= 63


def container_item(space: DesiredNamespace) -> dict[str, dict[str, str]]:
    [limit_range] = of_kind(space, "LimitRange")
    item: dict[str, dict[str, str]] = limit_range["spec"]["limits"][0]
    return item


@given(limited_tenants, facts)
def test_bounds_are_in_the_order_that_the_api_server_demands(
    tenant: Tenant, surroundings: Facts
) -> None:
    for space in made(tenant, surroundings):
        item = container_item(space)
        for resource in item["defaultRequest"]:
            chain = [
                amount(item[part][resource])
                for part in ("min", "defaultRequest", "default", "max")
                if resource in item.get(part, {})
            ]
            assert chain == sorted(chain)


@given(limited_tenants, facts)
def test_no_ratio_is_more_than_max_by_min(tenant: Tenant, surroundings: Facts) -> None:
    for space in made(tenant, surroundings):
        item = container_item(space)
        for resource, ratio in item.get("maxLimitRequestRatio", {}).items():
            most = amount(item.get("max", {}).get(resource, "1E"))
            least = amount(item.get("min", {}).get(resource, 0))
            assert least * amount(ratio) <= most


@given(limited_tenants, facts)
def test_what_the_quota_counts_has_a_default(tenant: Tenant, surroundings: Facts) -> None:
    for space in made(tenant, surroundings):
        item = container_item(space)
        [quota] = of_kind(space, "ResourceQuota")
        for key in quota["spec"]["hard"]:
            kind, _, resource = key.rpartition(".")
            if resource in DEFAULT:
                part = "default" if kind == "limits" else "defaultRequest"
                assert resource in item[part]


def given_by_the_tenant(tenant: Tenant, resource: str) -> bool:
    ranges = [tenant.spec.limit_range, *(own.limit_range for own in tenant.spec.namespaces)]
    items = [item for each in ranges if each for item in each.limits]
    return any(
        resource in part
        for item in items
        for part in (item.default, item.default_request, item.min, item.max)
    )


@given(limited_tenants, facts)
def test_one_container_that_states_nothing_fits_the_quota(
    tenant: Tenant, surroundings: Facts
) -> None:
    for space in made(tenant, surroundings):
        item = container_item(space)
        [quota] = of_kind(space, "ResourceQuota")
        hard = quota["spec"]["hard"]
        for resource in DEFAULT:
            if given_by_the_tenant(tenant, resource):
                continue
            for part, keys in (
                ("default", (f"limits.{resource}",)),
                ("defaultRequest", (f"requests.{resource}", resource)),
            ):
                room = [amount(hard[key]) for key in keys if amount(hard.get(key, 0))]
                assert amount(item[part][resource]) <= min(room, default=Decimal("Infinity"))


@given(limited_tenants, facts)
def test_a_container_that_states_nothing_keeps_the_ratio(
    tenant: Tenant, surroundings: Facts
) -> None:
    for space in made(tenant, surroundings):
        item = container_item(space)
        for resource, ratio in item.get("maxLimitRequestRatio", {}).items():
            if resource not in DEFAULT or given_by_the_tenant(tenant, resource):
                continue
            request = amount(item["defaultRequest"][resource])
            assert amount(item["default"][resource]) <= request * amount(ratio)


@given(whole_tenants, facts)
def test_who_is_not_listed_is_kept_without_access(tenant: Tenant, surroundings: Facts) -> None:
    for space in made(tenant, surroundings):
        state = space.namespace["metadata"]["labels"].get("tenantry.io/state")
        told = "suspended" if tenant.spec.suspend else None
        assert state == (told if space.listed else "retained")
        assert space.listed or not space.access
