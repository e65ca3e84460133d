"""A tenant's quota under the hammer: pods come and go at full speed, operators are killed."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path

import pytest

import workloads
from cluster_api import ClusterApi
from devcluster import DevCluster
from faults.keeper import Keeper
from faults.quota_hammer import Hammer, Witness, killing
from faults.quota_rivals import formula
from faults.world import World
from tenancy import LiveTenant
from tenantry.cluster.client import Client
from tenantry.cluster.connection import connect
from waiting import eventually

SHORTS = tuple("abcdefgh")
TOTAL = 24
MOST = 4
"""Pods that each writer wants: together more than twice as many as there may be."""
SECONDS = 7.0
WANTED = 16
"""Pods that one namespace wants while up to six come and go in three others."""


@pytest.fixture
async def client(cluster: DevCluster) -> AsyncIterator[Client]:
    connection = await connect(cluster.kubeconfig)
    yield Client(connection)
    await connection.close()


@asynccontextmanager
async def _watched(
    acme: LiveTenant, client: Client, distribution: str
) -> AsyncIterator[tuple[Witness, Hammer]]:
    """A tenant with a quota, watched from before its beginning."""
    spaces = [acme.namespace(short) for short in SHORTS]
    witness = Witness(frozenset(spaces))
    async with witness.watching(client):
        quota = {"hard": {"pods": str(TOTAL)}, "distribution": distribution}
        await acme.apply(namespaces=[*SHORTS], quota=quota)
        await acme.ready()
        yield witness, Hammer(acme.api, spaces, MOST)


async def test_no_more_is_allowed_than_there_is_whoever_is_killed(
    client: Client, direct: Path, world: World, tmp_path: Path
) -> None:
    """Two operators at once, with no election between them, one or the other killed all the time.

    Kubernetes' own recounting lets a pod or two too many in, in any namespace with any quota, and
    more when its controllers get no processor; so what counts is that leases let in no more than
    shares that stand still, under the hammer beside them.
    """
    async with AsyncExitStack() as stack:
        keepers = [
            await stack.enter_async_context(Keeper.keeping(direct, _folder(tmp_path, name)))
            for name in ("one", "two")
        ]
        leased, hammer = await stack.enter_async_context(
            _watched(world.tenant("-leased"), client, "Dynamic")
        )
        fixed, other = await stack.enter_async_context(
            _watched(world.tenant("-fixed"), client, "Static")
        )
        async with killing(keepers):
            await asyncio.gather(hammer.strike(SECONDS), other.strike(SECONDS))
        ends = [end for keeper in keepers for end in keeper.ends]

    assert min(hammer.admitted, other.admitted) > TOTAL
    assert min(hammer.refused, other.refused) > 0
    assert len(ends) > len(keepers)
    assert leased.versions > TOTAL
    assert leased.allowed <= TOTAL
    assert fixed.allowed <= TOTAL
    assert leased.alive - TOTAL <= max(fixed.alive - TOTAL, fixed.beyond)


async def test_what_fits_is_admitted_while_pods_come_and_go_elsewhere(
    api: ClusterApi, direct: Path, world: World, tmp_path: Path
) -> None:
    """Usage that goes up and down in all other namespaces takes nothing from who was refused."""
    acme = world.tenant("-busy")
    wants, *others = (acme.namespace(short) for short in SHORTS[:4])
    async with Keeper.keeping(direct, _folder(tmp_path, "one")):
        await acme.apply(namespaces=[*SHORTS[:4]], quota={"hard": {"pods": str(TOTAL)}})
        await acme.ready()
        hammer = Hammer(api, others, most=1)
        async with hammer.striking():
            await api.create(workloads.deployment("web", wants, WANTED))
            await eventually(
                partial(api.get, "Deployment", "web", wants),
                lambda seen: seen["status"].get("replicas", 0) == WANTED,
                within=60,  # its controller waits twice as long after each refusal
            )
    assert hammer.admitted > WANTED


async def test_capsules_formula_allows_more_than_there_is(
    api: ClusterApi, client: Client, world: World
) -> None:
    spaces = [f"{world.prefix}-{short}" for short in SHORTS]
    witness = Witness(frozenset(spaces))
    async with witness.watching(client), formula(api, witness, spaces, TOTAL):
        await Hammer(api, spaces, MOST).strike(SECONDS)

    assert witness.allowed > TOTAL


def _folder(parent: Path, name: str) -> Path:
    made = parent / name
    made.mkdir()
    return made
