"""Those who judge the other tests here see what is wrong: none of them is blind."""

from typing import Any, Final

import pytest

from faults.accounts import inventory, needless
from faults.conftest import Keep
from faults.history import GUARDS, History
from faults.proxy import FaultProxy
from faults.world import World
from tenancy import LiveTenant
from tenantry.cluster.resources import OWNED

KINDS: Final = {one.plural: one.kind for one in OWNED}


@pytest.fixture
async def acme(
    history: History,  # noqa: ARG001 - it must have seen all
    keep: Keep,
    world: World,
) -> LiveTenant:
    """A Tenant that was brought about, and that nobody looks after any more."""
    made = world.tenant()
    async with keep():
        await made.apply()
        await world.is_right()
    return made


async def test_access_without_any_of_the_guards_is_seen(acme: LiveTenant, history: History) -> None:
    space = acme.namespace()
    assert await history.breaches() == []

    for resource, name in GUARDS.items():
        before = len(await history.breaches())
        await acme.api.delete(KINDS[resource], name, space)
        breach = (await history.breaches())[before]

        assert f"({resource} {name}): {space} has ['rolebindings/tenantry-owners'] and" in breach
        assert f"'{resource}'" in breach.partition(" and no ")[2]
    assert await history.breaches(excused={space}) == []


async def test_all_that_is_not_as_it_should_be_is_seen(acme: LiveTenant, world: World) -> None:
    space = acme.namespace()
    binding: dict[str, Any] = await acme.made("RoleBinding", "tenantry-owners")
    forged = {"metadata": {"labels": {"tenantry.io/tenant": "forged"}}}
    quota = {"spec": {"hard": {"pods": "1"}}}
    forgotten = {"name": "tenantry-old", "namespace": space} | {
        "labels": binding["metadata"]["labels"]
    }
    assert await world.wrongs() == []

    await acme.api.patch("ResourceQuota", "tenantry", quota, space)
    await acme.api.patch("NetworkPolicy", "tenantry", forged, space)
    await acme.api.create(binding | {"metadata": forgotten})
    await acme.apply(displayName="Acme")

    wrongs = "\n".join(await world.wrongs())
    assert f"('ResourceQuota', '{space}', 'tenantry'): differs in spec.hard.pods" in wrongs
    assert f"('NetworkPolicy', '{space}', 'tenantry'): missing" in wrongs
    assert f"('RoleBinding', '{space}', 'tenantry-old'): nobody wants it" in wrongs
    assert f"{acme.name}: Ready speaks of another generation than 2" in wrongs


async def test_a_write_too_many_is_seen(acme: LiveTenant, world: World, proxy: FaultProxy) -> None:
    policies = f"/apis/networking.k8s.io/v1/namespaces/{acme.namespace()}/networkpolicies"
    [made] = [one for one in proxy.writes() if one.path == policies]

    assert await needless(world, proxy.writes()) == []
    assert await needless(world, [*proxy.writes(), made]) == [(("POST", policies), 1)]
    assert (("POST", policies), 1) in await needless(
        world, proxy.writes(), since=await inventory(world)
    )
