"""A control plane of these tests' own, for they break it; and the operator behind a proxy."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from pathlib import Path
from typing import Protocol

import pytest
import yaml

import installation
from cluster_api import ClusterApi
from devcluster import DevCluster
from devcluster.certificates import Authority
from devcluster.layout import Layout
from faults.history import History
from faults.keeper import Keeper
from faults.proxy import FaultProxy
from faults.world import World

OPTIONS = {
    # What a test lets hang must not hang for half a minute.
    "request-timeout": "2s",
    "drain-timeout": "5s",
}
SEED = 3


class Keep(Protocol):
    """Keeps an operator running behind the proxy: ``async with keep(resync_interval="1s")``."""

    def __call__(self, **options: str) -> AbstractAsyncContextManager[Keeper]:
        """Start one with these options of ``tenantry run``."""


# Package scope, for the session has a cluster with these names of its own.
@pytest.fixture(scope="package")
def cluster() -> Iterator[DevCluster]:
    with DevCluster.start(nodes=0) as running:
        yield running


@pytest.fixture(scope="package")
async def api(cluster: DevCluster) -> AsyncIterator[ClusterApi]:
    async with ClusterApi.connected(cluster.kubeconfig) as connected:
        await installation.install(connected)
        yield connected


@pytest.fixture
async def proxies(cluster: DevCluster) -> AsyncIterator[Callable[[], Awaitable[FaultProxy]]]:
    """Starts proxies without any fault yet."""
    layout = Layout(cluster.directory)
    pair = Authority(layout.pair("ca")).server(layout.pair("fault-proxy"), "fault-proxy")
    files = (pair.certificate, pair.key)
    async with AsyncExitStack() as stack:

        async def start() -> FaultProxy:
            starting = FaultProxy.started(cluster.url, cluster.ca, files, SEED)
            return await stack.enter_async_context(starting)

        yield start


@pytest.fixture
async def proxy(proxies: Callable[[], Awaitable[FaultProxy]]) -> FaultProxy:
    """A proxy without any fault yet."""
    return await proxies()


@pytest.fixture
async def history(cluster: DevCluster, api: ClusterApi) -> AsyncIterator[History]:
    """All that happens to namespaces and what is in them."""
    async with History.of(cluster, api) as following:
        yield following


@pytest.fixture
def direct(cluster: DevCluster, api: ClusterApi) -> Path:  # noqa: ARG001 - it is installed
    """The operator's own kubeconfig."""
    return cluster.service_account_kubeconfig(installation.NAMESPACE, installation.RELEASE)


@pytest.fixture
def proxied(direct: Path, proxy: FaultProxy, tmp_path: Path) -> Path:
    """The operator's kubeconfig, with the proxy for a server."""
    return behind(proxy, direct, tmp_path / "proxied.kubeconfig")


def behind(proxy: FaultProxy, direct: Path, file: Path) -> Path:
    """Write a kubeconfig like another one, with a proxy for a server."""
    content = yaml.safe_load(direct.read_text())
    content["clusters"][0]["cluster"]["server"] = proxy.url
    file.write_text(yaml.safe_dump(content))
    return file


@pytest.fixture
def keep(proxied: Path, tmp_path: Path) -> Keep:
    def keeping(**options: str) -> AbstractAsyncContextManager[Keeper]:
        return Keeper.keeping(proxied, tmp_path, **{**OPTIONS, **options})

    return keeping


@pytest.fixture
async def world(api: ClusterApi, name: str) -> AsyncIterator[World]:
    """The cluster, judged; nothing of a test's Tenants is left to the next one."""
    judged = World(api, name)
    yield judged
    await judged.clear()
