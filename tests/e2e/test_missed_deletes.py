"""What was deleted while no watch could tell of it is found by the periodic list."""

import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from cluster_api import ClusterApi
from conftest import Site
from tenancy import LiveTenant
from tenantry.api.base import Manifest
from tenantry.cluster.cache import Cache, News
from tenantry.cluster.client import Client
from tenantry.cluster.connection import connect
from tenantry.cluster.listing import list_into
from tenantry.cluster.resources import LIMIT_RANGES
from tenantry.observed import Key

Found = list[tuple[Key, str, News]]


def _limits(name: str, tenant: str) -> Manifest:
    labels = {"tenantry.io/tenant": tenant, "app.kubernetes.io/managed-by": "tenantry"}
    return {
        "apiVersion": "v1",
        "kind": "LimitRange",
        "metadata": {"name": name, "namespace": "default", "labels": labels},
        "spec": {"limits": [{"type": "Pod", "max": {"cpu": "1"}}]},
    }


class Lister:
    """A cache, and what lists of the LimitRanges found for it."""

    def __init__(self, client: Client, tenant: str) -> None:
        self._client, self._tenant = client, tenant
        self.cache = Cache()

    async def list(self) -> Found:
        """List into the cache; gives what was new about this tenant."""
        found: Found = []
        await list_into(
            self.cache,
            self._client,
            LIMIT_RANGES,
            lambda key, tenant, news: found.append((key, tenant, news)),
        )
        return [one for one in found if one[1] == self._tenant]


def _key(name: str) -> Key:
    return ("LimitRange", "default", name)


@pytest.fixture
async def admin_client(admin: Path) -> AsyncIterator[Client]:
    """The operator's own client, in the administrator's hands."""
    connection = await connect(admin)
    yield Client(connection)
    await connection.close()


@pytest.fixture
async def lister(api: ClusterApi, admin_client: Client, name: str) -> Lister:
    """Knows of three objects of a tenant."""
    for number in range(3):
        await api.create(_limits(f"{name}-{number}", name))
    lister = Lister(admin_client, name)
    assert len(await lister.list()) == 3
    return lister


async def test_a_list_finds_what_is_gone(lister: Lister, api: ClusterApi, name: str) -> None:
    await api.delete("LimitRange", f"{name}-1", "default")

    found = await lister.list()

    assert found == [(_key(f"{name}-1"), name, News.CONTENT)]
    assert lister.cache.get(_key(f"{name}-1")) is None
    assert lister.cache.get(_key(f"{name}-2")) is not None


async def test_a_list_finds_what_has_lost_its_labels(
    lister: Lister, api: ClusterApi, name: str
) -> None:
    bare = {"metadata": {"labels": None}}
    await api.patch("LimitRange", f"{name}-0", bare, "default")

    assert await lister.list() == [(_key(f"{name}-0"), name, News.CONTENT)]


async def test_a_list_of_what_is_known_finds_nothing(lister: Lister) -> None:
    assert await lister.list() == []


async def test_a_list_leaves_alone_what_is_newer_than_itself(
    lister: Lister, api: ClusterApi, name: str, admin_client: Client
) -> None:
    """An object that was made after the list began is not in it, and not gone either."""
    stale = await admin_client.request("GET", LIMIT_RANGES.path())
    newer = await api.create(_limits(f"{name}-new", name))
    lister.cache.upsert(newer)
    assert int(newer["metadata"]["resourceVersion"]) > int(stale["metadata"]["resourceVersion"])

    await list_into(lister.cache, _Replay(stale), LIMIT_RANGES, lambda *_: None)  # type: ignore[arg-type]

    assert lister.cache.get(_key(f"{name}-new")) is not None


class _Replay:
    """A list that was answered a while ago."""

    def __init__(self, page: Manifest) -> None:
        self._page = page

    async def pages(self, _: object) -> AsyncIterator[Manifest]:
        yield self._page


async def test_pages_make_one_list(api: ClusterApi, admin_client: Client, name: str) -> None:
    for number in range(5):
        await api.create(_limits(f"{name}-{number}", name))

    pages = [page async for page in admin_client.pages(LIMIT_RANGES, limit=2)]

    found = [item["metadata"] for page in pages for item in page["items"]]
    assert {f"{name}-{number}" for number in range(5)} <= {one["name"] for one in found}
    assert len(found) == len({one["uid"] for one in found})
    assert len({page["metadata"]["resourceVersion"] for page in pages}) == 1
    assert max(len(page["items"]) for page in pages) == 2


async def test_what_was_deleted_behind_the_operators_back_is_restored(site: Site) -> None:
    """The API server forgets what its watches have told when it starts anew."""
    async with site.operator(resync_interval="2s") as operator:
        tenant = LiveTenant(site.api, "missed")
        await tenant.apply()
        await tenant.ready()
        os.kill(operator.pid, signal.SIGSTOP)
        try:
            site.cluster.restart("kube-apiserver")
            await site.api.delete("NetworkPolicy", "tenantry", tenant.namespace())
        finally:
            os.kill(operator.pid, signal.SIGCONT)

        await tenant.appears("NetworkPolicy", within=30)

        await tenant.delete()
        await tenant.gone()
