"""Names and hosts that two Applications claim: whose they are, and what the other is told."""

import pytest

from cluster_api import ClusterApi
from conftest import MakeTenant, Site
from live_applications import LiveApplication, component
from tenancy import LiveTenant
from tenantry.api.base import Manifest
from tenantry.api.names import APPLICATION_LABEL
from waiting import eventually

KINDS = ("Deployment", "Service", "ServiceAccount", "ConfigMap", "NetworkPolicy", "Ingress")


@pytest.fixture
async def space(make_tenant: MakeTenant) -> str:
    """A namespace of a tenant that is ready."""
    return (await make_tenant()).namespace()


def _exposed(name: str, *hosts: str) -> Manifest:
    return component(name, expose=[{"host": host, "type": "Ingress"} for host in hosts])


async def _hosts(application: LiveApplication) -> list[str]:
    made = (await application.has("Ingress")).values()
    return sorted(rule["host"] for one in made for rule in one["spec"]["rules"])


async def _made(application: LiveApplication) -> set[str]:
    return {name for kind in KINDS for name in await application.has(kind)}


async def test_the_later_of_two_components_of_a_name_is_told_and_nothing_of_it_is_made(
    api: ClusterApi, space: str
) -> None:
    first, second = (LiveApplication(api, name, space) for name in ("first", "second"))
    await first.apply(component("web", files={"/a": "b"}))
    await first.ready()
    before = await api.get("Service", "web", space)

    await second.apply(
        component("web", files={"/a": "c"}), component("own", dependsOn=[{"component": "web"}])
    )

    said = await second.says("Ready", "False", "NameTaken")
    assert "the Application first has the name web" in said["message"]
    assert "to second-web" in said["message"]
    await second.says("Stalled", "True", "NameTaken")
    # All else of it is made, and nothing of what the other has is touched.
    await eventually(second.get, lambda seen: seen["status"]["componentsReady"] == "1/2")
    assert not [name for name in await _made(second) if "web" in name]
    after = await api.get("Service", "web", space)
    assert after["metadata"]["resourceVersion"] == before["metadata"]["resourceVersion"]
    assert (await first.get())["status"]["state"] == "Ready"


async def test_the_later_one_goes_on_by_itself_when_the_name_is_free(
    api: ClusterApi, space: str
) -> None:
    first, second = (LiveApplication(api, name, space) for name in ("first", "second"))
    await first.apply(component("web"))
    await first.ready()
    await second.apply(component("web"))
    await second.says("Ready", "False", "NameTaken")

    await first.delete()

    await second.ready()
    assert (await api.get("Service", "web", space))["metadata"]["labels"][
        APPLICATION_LABEL
    ] == "second"


async def test_a_component_that_is_renamed_collides_no_more(api: ClusterApi, space: str) -> None:
    first, second = (LiveApplication(api, name, space) for name in ("first", "second"))
    await first.apply(component("web"))
    await second.apply(component("web"))
    await second.says("Ready", "False", "NameTaken")

    await second.apply(component("second-web"))

    await second.ready()
    await first.ready()


async def test_what_runs_is_kept_when_it_wants_a_name_that_is_taken(
    api: ClusterApi, space: str
) -> None:
    first, second = (LiveApplication(api, name, space) for name in ("first", "second"))
    await first.apply(component("web"))
    await first.ready()
    await second.apply(component("web-v2"))
    await second.ready()
    before = await _made(first)
    image = (await api.get("Deployment", "web-v1", space))["spec"]["template"]["spec"][
        "containers"
    ][0]["image"]

    versions = [{"name": name, "image": image} for name in ("v1", "v2")]
    await first.apply(component("web", versions=versions))

    said = await first.says("Ready", "False", "NameTaken")
    assert "the Application second has the name web-v2" in said["message"]
    assert await _made(first) == before
    await first.apply(component("web"))
    await first.ready()


async def test_accounts_of_applications_with_hyphens_are_told_apart(
    api: ClusterApi, space: str
) -> None:
    first, second = LiveApplication(api, "a-b", space), LiveApplication(api, "a", space)
    await first.apply(component("c"))
    await second.apply(component("b-c"))

    await first.ready()
    await second.ready()
    assert ({*await first.has("ServiceAccount")}, {*await second.has("ServiceAccount")}) == (
        {"a-b-c"},
        {"a.b-c"},
    )


async def test_an_account_that_another_application_has_is_refused_with_the_field_to_change(
    api: ClusterApi, space: str
) -> None:
    first, second = (LiveApplication(api, name, space) for name in ("first", "second"))
    await first.apply(component("web", serviceAccount={"name": "robot"}))
    await first.ready()

    await second.apply(component("other", serviceAccount={"name": "robot"}))

    said = await second.says("Ready", "False", "NameTaken")
    assert "the Application first has the ServiceAccount robot" in said["message"]
    assert "serviceAccount.name" in said["message"]
    assert await _made(second) == set()


async def test_a_host_is_its_first_applications_across_all_tenants(
    api: ClusterApi, name: str, make_tenant: MakeTenant
) -> None:
    shared = {"allowed": {"hosts": [f"*.{name}.example.com"]}}
    acme, globex = await make_tenant(**shared), await make_tenant("x", **shared)
    host, free = f"shop.{name}.example.com", f"free.{name}.example.com"
    first = LiveApplication(api, "shop", acme.namespace())
    near = LiveApplication(api, "near", acme.namespace())
    far = LiveApplication(api, "far", globex.namespace())
    await first.apply(_exposed("web", host))
    await first.ready()

    await near.apply(_exposed("near", host))
    await far.apply(_exposed("far", host, free))

    said = await near.says("TrafficManaged", "False", "HostTaken")
    assert f"the Application {acme.namespace()}/shop has the host {host}" in said["message"]
    said = await far.says("Ready", "False", "HostTaken")
    assert "an Application of another tenant" in said["message"]
    assert acme.name not in said["message"].replace(host, "")

    # What nobody else has is theirs all the same.
    await eventually(lambda: _hosts(far), lambda seen: seen == [free])
    seen = await eventually(far.get, lambda seen: seen["status"]["componentsReady"] == "1/1")
    assert (seen["status"]["hosts"], seen["status"]["state"]) == (free, "Degraded")
    assert (await _hosts(first), await _hosts(near)) == ([host], [])


async def test_an_older_application_takes_no_host_from_one_that_has_it_and_gets_it_when_free(
    api: ClusterApi, name: str, make_tenant: MakeTenant
) -> None:
    shared = {"allowed": {"hosts": [f"*.{name}.example.com"]}}
    acme, globex = await make_tenant(**shared), await make_tenant("x", **shared)
    host = f"shop.{name}.example.com"
    older = LiveApplication(api, "older", acme.namespace())
    younger = LiveApplication(api, "younger", globex.namespace())
    await older.apply(component("web"))
    await older.ready()
    await younger.apply(_exposed("web", host))
    await younger.ready()

    await older.apply(_exposed("web", host))

    await older.says("Ready", "False", "HostTaken")
    assert (await _hosts(older), await _hosts(younger)) == ([], [host])

    await younger.apply(component("web"))
    await older.ready()
    assert await _hosts(older) == [host]


async def test_one_that_is_not_allowed_a_host_keeps_nobody_from_it(
    api: ClusterApi, name: str, make_tenant: MakeTenant
) -> None:
    host = f"shop.{name}.example.com"
    mine, theirs = await make_tenant(allowed={"hosts": [host]}), await make_tenant("x")
    squatter = LiveApplication(api, "squatter", theirs.namespace())
    await squatter.apply(_exposed("web", host))
    await squatter.says("Ready", "False", "PolicyViolation")
    shop = LiveApplication(api, "shop", mine.namespace())

    await shop.apply(_exposed("web", host))

    await shop.ready()
    assert await _hosts(shop) == [host]


async def test_who_has_a_name_is_the_same_after_a_restart(site: Site) -> None:
    tenant = LiveTenant(site.api, "lasting")
    older, younger = (
        LiveApplication(site.api, name, tenant.namespace()) for name in ("older", "younger")
    )
    async with site.operator():
        await tenant.apply()
        await tenant.ready()
        await older.apply(component("own"))
        await older.ready()
        await younger.apply(component("web"))
        await younger.ready()
        await older.apply(component("own"), component("web"))
        await older.says("Ready", "False", "NameTaken")
    before = await site.api.get("Service", "web", tenant.namespace())

    async with site.operator():
        await younger.apply(component("web", replicas=2))
        await younger.ready()
        await older.apply(component("own", replicas=2), component("web"))
        await older.says("Ready", "False", "NameTaken")

        after = await site.api.get("Service", "web", tenant.namespace())
        assert after["metadata"]["uid"] == before["metadata"]["uid"]
        assert after["metadata"]["labels"][APPLICATION_LABEL] == "younger"
        await older.delete()
        await younger.delete()
        await tenant.delete()
        await tenant.gone()
