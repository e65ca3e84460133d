"""How a tenant's namespaces are left: by its deletion policy, and never by a cascade."""

from typing import Any

import pytest

import workloads
from cluster_api import ClusterApi
from conftest import MakeTenant
from tenancy import LiveTenant
from tenantry.api.base import Manifest
from tenantry.api.names import FINALIZER
from tenantry.cluster.resources import OWNED
from tenantry.observed import observe
from waiting import eventually, eventually_gone

EDITORS = [{"kind": "Group", "name": "developers"}]


async def _owned(api: ClusterApi, space: str) -> dict[str, list[str]]:
    """Names of what the operator has in a namespace, by kind."""
    selector = "app.kubernetes.io/managed-by=tenantry"
    kinds = [resource.kind for resource in OWNED if resource.is_namespaced]
    found = {kind: await api.list(kind, space, selector) for kind in kinds}
    return {kind: [one["metadata"]["name"] for one in seen] for kind, seen in found.items() if seen}


GUARDS = {
    "ResourceQuota": ["tenantry"],
    "LimitRange": ["tenantry"],
    "NetworkPolicy": ["tenantry"],
    "ServiceAccount": ["default"],
}


@pytest.fixture
async def busy(make_tenant: MakeTenant, api: ClusterApi, request: pytest.FixtureRequest) -> Any:
    """A tenant of the policy that the test is about, with two namespaces and a workload in each."""
    acme = await make_tenant(
        namespaces=["web", "db"], editors=EDITORS, deletionPolicy=request.param
    )
    for short in ("web", "db"):
        await api.create(workloads.deployment("app", acme.namespace(short)))
    return acme


retain = pytest.mark.parametrize("busy", ["Retain"], indirect=True)
orphan = pytest.mark.parametrize("busy", ["Orphan"], indirect=True)
delete = pytest.mark.parametrize("busy", ["Delete"], indirect=True)


async def _is_retained(acme: LiveTenant, short: str) -> None:
    space = await acme.made("Namespace", short=short)
    assert space["metadata"]["labels"]["tenantry.io/state"] == "retained"
    assert space["metadata"]["labels"]["tenantry.io/tenant"] == acme.name
    assert await _owned(acme.api, acme.namespace(short)) == GUARDS
    assert await acme.api.get("Deployment", "app", acme.namespace(short))


async def _is_orphaned(acme: LiveTenant, short: str) -> None:
    space = await acme.made("Namespace", short=short)
    assert set(space["metadata"]["labels"]) == {"kubernetes.io/metadata.name"}
    assert not space["metadata"].get("annotations")
    assert await _owned(acme.api, acme.namespace(short)) == {}
    account = await acme.made("ServiceAccount", "default", short)
    assert "automountServiceAccountToken" not in account
    assert await acme.api.get("Deployment", "app", acme.namespace(short))


@retain
async def test_retain_keeps_workloads_and_guards_and_takes_the_access(busy: LiveTenant) -> None:
    await busy.delete()
    await busy.gone()

    for short in ("web", "db"):
        await _is_retained(busy, short)


@orphan
async def test_orphan_takes_out_all_that_is_the_operators(busy: LiveTenant) -> None:
    theirs = {"metadata": {"labels": {"example.com/mine": "1"}}}
    await busy.api.patch("Namespace", busy.namespace("db"), theirs)

    await busy.delete()
    await busy.gone()

    await _is_orphaned(busy, "web")
    labels = (await busy.made("Namespace", short="db"))["metadata"]["labels"]
    assert set(labels) == {"kubernetes.io/metadata.name", "example.com/mine"}


@delete
async def test_delete_deletes_with_all_that_is_in_it(busy: LiveTenant) -> None:
    await busy.delete()
    await busy.gone()

    assert await busy.api.find("Namespace", busy.namespace("web")) is None
    assert await busy.api.find("Namespace", busy.namespace("db")) is None


@delete
async def test_delete_reports_what_blocks_it(busy: LiveTenant) -> None:
    held = workloads.config_map("held", busy.namespace())
    held["metadata"]["finalizers"] = ["example.com/hold"]
    await busy.api.create(held)

    await busy.delete()

    blocked = await eventually(
        busy.get, lambda seen: "example.com/hold" in _message(seen, "DeletionBlocked")
    )
    assert busy.namespace() in _message(blocked, "DeletionBlocked")
    assert blocked["status"]["state"] == "Terminating"
    nothing: Manifest = {"metadata": {"finalizers": None}}
    await busy.api.patch("ConfigMap", "held", nothing, busy.namespace())
    await busy.gone()


def _message(seen: Manifest, type_: str) -> str:
    conditions = seen["status"]["conditions"]
    return "".join(one["message"] for one in conditions if one["type"] == type_)


@retain
async def test_a_namespace_taken_out_is_retained_and_may_come_back(busy: LiveTenant) -> None:
    await busy.apply(namespaces=["web"])
    await busy.ready()

    await _is_retained(busy, "db")
    assert (await busy.state_of("db"))["state"] == "Retained"
    assert "access is gone" in (await busy.state_of("db"))["message"]
    assert (await _owned(busy.api, busy.namespace()))["RoleBinding"]

    await busy.apply(namespaces=["web", "db"])
    await busy.ready()
    labels = (await busy.made("Namespace", short="db"))["metadata"]["labels"]
    assert "tenantry.io/state" not in labels
    assert (await _owned(busy.api, busy.namespace("db")))["RoleBinding"]


async def _pods(acme: LiveTenant, short: str) -> str:
    """How many pods a namespace may have: its share of ten."""
    hard: dict[str, str] = (await acme.made("ResourceQuota", short=short))["spec"]["hard"]
    return hard["pods"]


@orphan
async def test_a_namespace_taken_out_is_orphaned_and_its_share_is_free(busy: LiveTenant) -> None:
    await busy.apply(namespaces=["web"], quota={"hard": {"pods": "10"}})
    await busy.ready()

    await _is_orphaned(busy, "db")
    assert await busy.state_of("db") == {}
    await eventually(lambda: _pods(busy, "web"), lambda pods: pods == "10")


@delete
async def test_a_namespace_taken_out_is_deleted_and_its_share_is_free_then(
    busy: LiveTenant,
) -> None:
    await busy.apply(namespaces=["web"], quota={"hard": {"pods": "10"}})
    await busy.ready()

    await eventually_gone(lambda: busy.made("Namespace", short="db"))

    await eventually(lambda: _pods(busy, "web"), lambda pods: pods == "10")
    assert await busy.api.get("Deployment", "app", busy.namespace())


@retain
async def test_of_what_is_retained_only_what_it_uses_is_taken(busy: LiveTenant) -> None:
    await busy.apply(namespaces=["web"], quota={"hard": {"pods": "10"}})
    await busy.ready()

    await eventually(lambda: _pods(busy, "web"), lambda pods: pods == "9")


@retain
async def test_a_tenant_that_comes_again_takes_its_namespaces_back(
    busy: LiveTenant, make_tenant: MakeTenant
) -> None:
    before = await busy.made("Namespace")
    await busy.delete()
    await busy.gone()

    again = await make_tenant(namespaces=["web", "db"])

    after = await again.made("Namespace")
    assert after["metadata"]["uid"] == before["metadata"]["uid"]
    assert "tenantry.io/state" not in after["metadata"]["labels"]
    assert (await _owned(again.api, again.namespace()))["RoleBinding"] == ["tenantry-owners"]


@retain
async def test_what_is_retained_follows_a_later_policy(busy: LiveTenant) -> None:
    await busy.apply(namespaces=["web"])
    await busy.ready()

    await busy.apply(deletionPolicy="Orphan")
    await busy.ready()

    await eventually(lambda: busy.state_of("db"), lambda seen: seen == {})
    await _is_orphaned(busy, "db")


@delete
async def test_a_protected_tenant_waits_and_nothing_changes(busy: LiveTenant) -> None:
    await busy.apply(deletionProtection=True)
    await busy.ready()
    before = await _versions(busy)

    await busy.delete()
    blocked = await busy.becomes("DeletionBlocked", "True", "Protected")

    assert "deletionProtection" in blocked["message"]
    assert (await busy.becomes("Ready", "False"))["reason"] == "Terminating"
    assert await _versions(busy) == before
    await busy.api.patch("Tenant", busy.name, {"spec": {"deletionProtection": False}})
    await eventually(
        lambda: busy.made("Namespace"), lambda seen: "deletionTimestamp" in seen["metadata"]
    )


async def _versions(acme: LiveTenant) -> dict[str, Manifest]:
    """All that the operator owns, by kind and name; without what is the API server's."""
    selector = f"tenantry.io/tenant={acme.name}"
    return {
        f"{resource.kind} {one['metadata'].get('namespace')} {one['metadata']['name']}": observe(
            one
        ).body
        for resource in OWNED
        for one in await acme.api.list(resource.kind, selector=selector)
    }


async def test_finalizers_of_others_are_kept(make_tenant: MakeTenant) -> None:
    acme = await make_tenant()
    theirs = "example.com/theirs"
    own = [FINALIZER, theirs]
    await acme.api.patch("Tenant", acme.name, {"metadata": {"finalizers": own}})

    await acme.delete()

    await eventually(acme.get, lambda seen: seen["metadata"]["finalizers"] == [theirs])
    labels = (await acme.made("Namespace"))["metadata"]["labels"]
    assert labels["tenantry.io/state"] == "retained"
    await acme.api.patch("Tenant", acme.name, {"metadata": {"finalizers": None}})
    await acme.gone()


async def test_a_finalizer_that_was_there_first_is_kept(
    make_tenant: MakeTenant, api: ClusterApi, name: str
) -> None:
    acme = await make_tenant(ready=False)
    theirs = "example.com/first"
    await api.patch("Tenant", name, {"metadata": {"finalizers": [theirs]}})

    seen = await eventually(acme.get, lambda seen: len(seen["metadata"]["finalizers"]) == 2)

    assert sorted(seen["metadata"]["finalizers"]) == sorted([theirs, FINALIZER])
    await api.patch("Tenant", name, {"metadata": {"finalizers": [FINALIZER]}})


async def test_nothing_has_an_owner_reference(make_tenant: MakeTenant) -> None:
    """Garbage collection must find no way from a Tenant to a namespace."""
    acme = await make_tenant(editors=EDITORS)

    for resource in OWNED:
        selector = f"tenantry.io/tenant={acme.name}"
        found = await acme.api.list(resource.kind, selector=selector)
        assert found
        assert not any("ownerReferences" in one["metadata"] for one in found)
