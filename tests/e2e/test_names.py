"""Whose a namespace's name is, when several Tenants could make it."""

from typing import Any

from cluster_api import ClusterApi
from conftest import MakeTenant
from operator_process import OperatorProcess
from waiting import eventually


async def test_a_name_belongs_to_the_tenant_with_the_longest_prefix(
    make_tenant: MakeTenant, api: ClusterApi, name: str
) -> None:
    """``t`` with ``b-c`` and ``t-b`` with ``c`` both mean ``t-b-c``."""
    longer = await make_tenant("-b", namespaces=["c"])
    shorter = await make_tenant(ready=False, namespaces=["b-c", "d"])

    seen = await shorter.becomes("Ready", "False", "NameBelongsToAnotherTenant")

    assert f"Tenant {longer.name}" in seen["message"]
    namespace = await api.get("Namespace", f"{name}-b-c")
    assert namespace["metadata"]["labels"]["tenantry.io/tenant"] == longer.name
    assert (await shorter.state_of("d"))["state"] == "Active"
    await longer.ready()


async def test_of_two_tenants_that_come_at_once_one_has_the_name(
    make_tenant: MakeTenant, operator: OperatorProcess
) -> None:
    pairs = [
        {
            await make_tenant(f"{number}", ready=False, namespaces=["b-c"]): "b-c",
            await make_tenant(f"{number}-b", ready=False, namespaces=["c"]): "c",
        }
        for number in range(8)
    ]

    async def states() -> list[set[Any]]:
        return [
            {(await tenant.state_of(short)).get("state") for tenant, short in pair.items()}
            for pair in pairs
        ]

    await eventually(states, lambda seen: seen == [{"Active", "Conflict"}] * len(pairs))
    assert operator.defects() == []


async def test_a_name_is_reserved_before_it_is_used(make_tenant: MakeTenant, name: str) -> None:
    await make_tenant("-b", namespaces=[])

    shorter = await make_tenant(ready=False, namespaces=["b-c"])

    await shorter.becomes("Ready", "False", "NameBelongsToAnotherTenant")
    assert await shorter.api.find("Namespace", f"{name}-b-c") is None


async def test_a_name_is_free_once_the_other_tenant_is_gone(make_tenant: MakeTenant) -> None:
    longer = await make_tenant("-b", namespaces=[])
    shorter = await make_tenant(ready=False, namespaces=["b-c"])
    await shorter.becomes("Ready", "False", "NameBelongsToAnotherTenant")

    await longer.delete()

    await shorter.ready()


async def test_what_a_tenant_has_it_keeps_when_a_longer_prefix_comes(
    make_tenant: MakeTenant,
) -> None:
    shorter = await make_tenant(namespaces=["b-c"])
    longer = await make_tenant("-b", ready=False, namespaces=["c"])

    await longer.becomes("Ready", "False", "HeldByAnotherTenant")

    await shorter.apply(cost={"costCenter": "CC-9"})
    await shorter.ready()


async def test_of_one_prefix_the_tenant_that_is_named_so_has_it(make_tenant: MakeTenant) -> None:
    named = await make_tenant(namespaces=[])
    other = await make_tenant("x", ready=False, namespaceOptions={"prefix": f"{named.name}-"})

    seen = await other.becomes("Ready", "False", "NameBelongsToAnotherTenant")

    assert f"Tenant {named.name}," in seen["message"]


async def test_a_label_makes_no_namespace_of_the_system_a_tenants(
    make_tenant: MakeTenant, api: ClusterApi, name: str
) -> None:
    acme = await make_tenant()
    given = {"name": f"kube-{name}", "labels": {"tenantry.io/tenant": acme.name}}

    await api.create({"apiVersion": "v1", "kind": "Namespace", "metadata": given})

    seen = await eventually(acme.get, lambda seen: len(seen["status"]["namespaces"]) == 2)
    state = next(one for one in seen["status"]["namespaces"] if one["name"] == given["name"])
    assert (state["state"], state["reason"]) == ("NotAdopted", "ReservedName")
    assert await api.list("ResourceQuota", given["name"]) == []
    assert await api.list("RoleBinding", given["name"]) == []
    await acme.ready()


async def test_a_namespace_that_carries_the_label_is_taken_when_it_is_listed(
    make_tenant: MakeTenant, api: ClusterApi, name: str
) -> None:
    given = {"name": f"{name}-given", "labels": {"tenantry.io/tenant": name}}
    await api.create({"apiVersion": "v1", "kind": "Namespace", "metadata": given})

    acme = await make_tenant(namespaces=["given"])

    assert await acme.made("ResourceQuota", short="given")
