"""A watch goes on through whatever time heals, tells everything once, and gives up on the rest."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from cluster_api import ClusterApi
from devcluster import DevCluster
from tenancy import tenant
from tenantry.api.base import Manifest
from tenantry.cluster import watching
from tenantry.cluster.cache import Cache, News
from tenantry.cluster.client import Client
from tenantry.cluster.connection import connect
from tenantry.cluster.errors import Forbidden
from tenantry.cluster.listing import list_into
from tenantry.cluster.resources import LIMIT_RANGES, TENANTS
from tenantry.observed import Key
from waiting import eventually, eventually_gone


def _limits(name: str) -> Manifest:
    labels = {"tenantry.io/tenant": name, "app.kubernetes.io/managed-by": "tenantry"}
    return {
        "apiVersion": "v1",
        "kind": "LimitRange",
        "metadata": {"name": name, "namespace": "default", "labels": labels},
        "spec": {"limits": [{"type": "Pod", "max": {"cpu": "1"}}]},
    }


@asynccontextmanager
async def _client(kubeconfig: Path) -> AsyncIterator[Client]:
    connection = await connect(kubeconfig)
    yield Client(connection)
    await connection.close()


class Follower:
    """A watch that runs, and what it told of objects whose names begin alike."""

    resource = LIMIT_RANGES

    def __init__(self, client: Client, name: str) -> None:
        self.client, self.cache, self._name = client, Cache(), name
        self.heard: list[tuple[str, str]] = []
        self.lost: list[str] = []

    @asynccontextmanager
    async def following(self, version: int) -> AsyncIterator[asyncio.Task[None]]:
        """The watch, while the block lasts."""
        watch = watching.Watch(
            self.client, self.cache, self.resource, version, self._hear, self._found
        )
        task = asyncio.create_task(watch.run())
        try:
            yield task
        finally:
            task.cancel()
            await asyncio.wait([task])

    async def list(self) -> int:
        """List into the cache; gives the version that a watch goes on from."""
        return await list_into(self.cache, self.client, self.resource, lambda *_: None)

    def _hear(self, type_: str, manifest: Manifest) -> None:
        if manifest["metadata"]["name"].startswith(self._name):
            self.heard.append((type_, manifest["metadata"]["name"]))

    def _found(self, key: Key, _tenant: str, news: News) -> None:
        if key[2].startswith(self._name) and news is News.CONTENT and not self.cache.version(key):
            self.lost.append(key[2])


@pytest.fixture
async def follower(api: ClusterApi, admin: Path, name: str) -> AsyncIterator[Follower]:
    async with _client(admin) as client:
        yield Follower(client, name)
    for one in await api.list("LimitRange", "default"):
        if one["metadata"]["name"].startswith(name):
            await api.delete("LimitRange", one["metadata"]["name"], "default")


async def test_a_watch_that_the_server_ends_goes_on_and_tells_each_event_once(
    follower: Follower, api: ClusterApi, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "SERVED", 1)
    names = [f"{name}-{number}" for number in range(8)]
    async with follower.following(await follower.list()):
        for one in names:
            await api.create(_limits(one))
            await asyncio.sleep(0.3)  # watches end in between, and that is what is tested
        await eventually(lambda: _told(follower, len(names)))
    assert follower.heard == [("ADDED", one) for one in names]


async def test_a_watch_of_a_version_long_forgotten_finds_what_was_deleted_meanwhile(
    follower: Follower, api: ClusterApi, name: str
) -> None:
    # The API server's memory of Tenants begins when it learned of the kind: long after version 1.
    follower.resource = TENANTS
    await api.create(tenant(f"{name}-ghost"))
    await follower.list()
    await api.delete("Tenant", f"{name}-ghost")
    await eventually_gone(lambda: api.get("Tenant", f"{name}-ghost"))
    async with follower.following(1):

        async def lost() -> list[str]:
            return follower.lost

        await eventually(lost)
        await api.create(tenant(f"{name}-next"))
        await eventually(lambda: _told(follower, 1))
        await api.delete("Tenant", f"{name}-next")
    assert follower.lost == [f"{name}-ghost"]
    assert follower.heard[0] == ("ADDED", f"{name}-next")


async def test_a_watch_that_stays_forbidden_is_given_up(
    cluster: DevCluster, follower: Follower, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "LONGEST_PAUSE", 0.01)
    async with _client(cluster.kubeconfig_for("nobody-in-particular")) as client:
        follower.client = client
        async with follower.following(1) as task:
            with pytest.raises(Forbidden):
                await asyncio.wait_for(asyncio.shield(task), 20)


async def _told(follower: Follower, count: int) -> bool:
    return len(follower.heard) >= count
