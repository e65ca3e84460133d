"""The policies on a control plane of their own, where no operator runs."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest

from cluster_api import ClusterApi
from policies.spaces import TENANTS, AsSomebody, MakeSpace, Space, access, make_space
from policies.workload_manifests import pod
from policies.world import World
from policies.world import world as built
from waiting import eventually


@pytest.fixture(scope="package")
async def world() -> AsyncIterator[World]:
    """Tenants' namespaces made by hand, and everybody who asks."""
    async with built() as ready:
        yield ready


@pytest.fixture(scope="package")
async def as_somebody(world: World) -> AsyncIterator[AsSomebody]:
    """The cluster in the hands of a user or a controller: ``await as_somebody("oscar", "ops")``."""
    known: dict[tuple[str, ...], ClusterApi] = {}
    async with AsyncExitStack() as stack:

        async def identity(user: str, *groups: str) -> ClusterApi:
            key = (user, *groups)
            if key not in known:
                written = world.cluster.kubeconfig_for(user, groups)
                # A colon sets several kubeconfigs apart, and users' names have them.
                kubeconfig = written.rename(written.with_name(f"somebody-{len(known)}"))
                known[key] = await stack.enter_async_context(ClusterApi.connected(kubeconfig))
            return known[key]

        yield identity


@pytest.fixture(scope="package")
async def space(world: World, as_somebody: AsSomebody) -> MakeSpace:
    """``await space(registries="ghcr.io/acme")``: one namespace for each set of rules."""
    user = await as_somebody("oscar", TENANTS)
    for manifest in access():
        await world.admin.apply(manifest)
    made: dict[frozenset[tuple[str, str | None]], Space] = {}

    async def of(**rules: str | None) -> Space:
        named = {rule.replace("_", "-"): value for rule, value in rules.items()}
        key = frozenset(named.items())
        if key not in made:
            made[key] = await make_space(world.admin, user, named)
        return made[key]

    closed = await of(registries="")
    await eventually(lambda: closed.verdict(pod()), lambda seen: "registries" in seen)
    return of
