"""A platform engineer sees the Applications of each Tenant: how many, which, and in what state."""

from collections.abc import Callable, Coroutine
from functools import partial
from pathlib import Path

import pytest

from audit import AuditLog
from cluster_api import ClusterApi
from conftest import AsUser, MakeTenant, Site
from kubectl import kubectl
from live_applications import LiveApplication, component
from operator_process import OperatorProcess
from tenancy import LiveTenant
from tenantry.api.base import Manifest
from waiting import eventually

Kubectl = Callable[..., Coroutine[None, None, str]]
NOWHERE = component("web", nodeSelector={"no": "such"})
"""A component that no node can run."""


@pytest.fixture
def run(admin: Path, operator: OperatorProcess) -> Kubectl:  # noqa: ARG001 - it only has to run
    return partial(kubectl, admin)


def _told(tenant: Manifest) -> Manifest:
    told: Manifest = tenant["status"].get("applications", {})
    return told


def _counts(tenant: Manifest) -> dict[str, int]:
    return {key: value for key, value in _told(tenant).items() if key != "items" and value}


def _named(tenant: Manifest) -> list[tuple[str, str]]:
    return [(one["name"], one["state"]) for one in _told(tenant)["items"]]


async def test_a_tenant_counts_its_applications_and_names_those_in_trouble_first(
    api: ClusterApi, make_tenant: MakeTenant
) -> None:
    tenant = await make_tenant(namespaces=["web", "db"])
    fine = LiveApplication(api, "fine", tenant.namespace("web"))
    stuck = LiveApplication(api, "stuck", tenant.namespace("db"))

    await fine.apply()
    await stuck.apply(NOWHERE)
    await fine.ready()
    await stuck.says("Degraded", "True")

    seen = await eventually(tenant.get, lambda seen: "degraded" in _counts(seen))
    seen = await eventually(tenant.get, lambda seen: _counts(seen).get("ready") == 1)
    assert _counts(seen) == {"total": 2, "ready": 1, "degraded": 1}
    assert _named(seen) == [("stuck", "Degraded"), ("fine", "Ready")]
    assert [one["namespace"] for one in _told(seen)["items"]] == [
        tenant.namespace("db"),
        tenant.namespace("web"),
    ]


async def test_an_application_that_is_mended_or_deleted_is_told_anew(
    api: ClusterApi, make_tenant: MakeTenant
) -> None:
    tenant = await make_tenant()
    shop = LiveApplication(api, "shop", tenant.namespace())
    await shop.apply(NOWHERE)
    await eventually(tenant.get, lambda seen: _counts(seen) == {"total": 1, "degraded": 1})

    await shop.apply(component("web"))
    await eventually(tenant.get, lambda seen: _counts(seen) == {"total": 1, "ready": 1})

    await shop.delete()
    await eventually(tenant.get, lambda seen: _counts(seen) == {})


async def test_the_table_of_tenants_tells_how_many_are_ready(
    run: Kubectl, api: ClusterApi, make_tenant: MakeTenant, name: str
) -> None:
    tenant = await make_tenant()
    fine = LiveApplication(api, "fine", tenant.namespace())
    stuck = LiveApplication(api, "stuck", tenant.namespace())
    await fine.apply()
    await stuck.apply(component("other", nodeSelector={"no": "such"}))

    async def apps() -> str:
        header, row = (await run("get", "tenants", name)).splitlines()
        return row[header.index("APPS") :].split()[0]

    await eventually(apps, lambda seen: seen == "1/2")


async def test_a_tenants_own_people_see_it_too(
    api: ClusterApi, as_user: AsUser, make_tenant: MakeTenant
) -> None:
    tenant = await make_tenant()
    await LiveApplication(api, "shop", tenant.namespace()).apply()
    olivia = await as_user("olivia")

    look = partial(olivia.get, "Tenant", tenant.name)

    seen = await eventually(look, lambda seen: _counts(seen) == {"total": 1, "ready": 1})
    assert _named(seen) == [("shop", "Ready")]


async def test_a_namespace_of_nobody_is_told_by_nobody(
    api: ClusterApi, make_tenant: MakeTenant, name: str
) -> None:
    tenant, space = await make_tenant(), f"{name}x"
    await api.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": space}})
    stray, own = (LiveApplication(api, "shop", one) for one in (space, tenant.namespace()))
    await stray.apply()
    await stray.says("Ready", "False", "NoTenant")
    await own.apply()

    seen = await eventually(tenant.get, lambda seen: "ready" in _counts(seen))

    assert _counts(seen) == {"total": 1, "ready": 1}
    await api.delete("Namespace", space)


async def test_pods_that_come_and_go_are_no_write_to_the_tenant(site: Site) -> None:
    tenant = LiveTenant(site.api, "calm")
    shop = LiveApplication(site.api, "shop", tenant.namespace())
    async with site.operator(usage_interval="1h"):
        await tenant.apply()
        await tenant.ready()
        await shop.apply(component("web", replicas=3))
        await shop.ready()
        audit = AuditLog(site.cluster.audit_log)

        await shop.apply(component("web", replicas=3, env=[{"name": "A", "value": "1"}]))
        await shop.ready()
        await shop.apply(NOWHERE)
        await shop.says("Degraded", "True")

        written = [one for one in audit.writes() if one.endswith("/calm")]
    assert written == []
    async with site.operator():
        await eventually(tenant.get, lambda seen: _counts(seen) == {"total": 1, "degraded": 1})
        await shop.delete()
        await tenant.delete()
        await tenant.gone()
