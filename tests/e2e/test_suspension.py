"""A suspended tenant may look and not write; what runs goes on."""

import pytest

import workloads
from cluster_api import ClusterApi
from conftest import AsUser, MakeTenant
from tenancy import LiveTenant
from tenantry.cluster.errors import Forbidden
from waiting import eventually


@pytest.fixture
async def running(make_tenant: MakeTenant, api: ClusterApi, name: str) -> LiveTenant:
    """A tenant with an owner, an editor, a viewer, somebody with a further role, and a workload."""
    people = {
        role: [{"kind": "User", "name": f"{name}-{role}"}]
        for role in ("owners", "editors", "viewers")
    }
    rotator = {
        "clusterRole": "secret-rotator",
        "subjects": [{"kind": "User", "name": f"{name}-rotator"}],
    }
    acme = await make_tenant(**people, roleBindings=[rotator])
    await api.create(workloads.deployment("app", acme.namespace()))
    await eventually(
        lambda: api.get("Deployment", "app", acme.namespace()),
        lambda seen: seen["status"].get("readyReplicas") == 1,
    )
    return acme


async def _roles(acme: LiveTenant) -> dict[str, set[str]]:
    """Who holds which ClusterRole in its namespace."""
    held: dict[str, set[str]] = {}
    for one in await acme.api.list("RoleBinding", acme.namespace()):
        role = held.setdefault(one["roleRef"]["name"], set())
        role.update(who["name"].removeprefix(f"{acme.name}-") for who in one["subjects"])
    return held


ACTIVE = {
    "admin": {"owners"},
    "edit": {"editors"},
    "view": {"viewers"},
    "secret-rotator": {"rotator"},
}


async def test_everybody_may_look_and_nobody_write(running: LiveTenant, as_user: AsUser) -> None:
    await running.apply(suspend=True)
    await running.becomes("Ready", "True", "Suspended")

    assert await _roles(running) == {"view": {"owners", "editors", "viewers"}}
    for role in ("owners", "editors"):
        person = await as_user(f"{running.name}-{role}")
        assert await person.get("Deployment", "app", running.namespace())
        with pytest.raises(Forbidden, match="cannot delete resource"):
            await person.delete("Deployment", "app", running.namespace())


async def test_what_runs_goes_on(running: LiveTenant) -> None:
    await running.apply(suspend=True)
    await running.becomes("Suspended", "True")

    seen = await running.api.get("Deployment", "app", running.namespace())
    assert seen["status"]["readyReplicas"] == 1
    assert await running.made("ResourceQuota")


async def test_it_says_so(running: LiveTenant) -> None:
    await running.apply(suspend=True)

    told = await running.becomes("Suspended", "True", "SpecSuspend")

    assert "may look but not write" in told["message"]
    assert (await running.get())["status"]["state"] == "Suspended"


async def test_resuming_gives_everything_back(running: LiveTenant) -> None:
    assert await _roles(running) == ACTIVE
    await running.apply(suspend=True)
    await running.becomes("Suspended", "True")

    await running.apply(suspend=None)
    await running.becomes("Ready", "True", "Reconciled")

    assert await _roles(running) == ACTIVE
    seen = await running.get()
    assert "Suspended" not in {one["type"] for one in seen["status"]["conditions"]}
    assert seen["status"]["state"] == "Active"


async def test_a_tenant_may_be_born_suspended(make_tenant: MakeTenant) -> None:
    acme = await make_tenant(suspend=True)

    bindings = await acme.api.list("RoleBinding", acme.namespace())

    assert [one["roleRef"]["name"] for one in bindings] == ["view"]
