"""Every command and manifest in the documentation, done as the page says, on a real cluster."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from cluster_api import ClusterApi
from devcluster import DevCluster
from docs.blocks import Page, commands, pages
from docs.reader import Reader
from installation import VOLUME
from kubectl import kubectl
from operator_process import OperatorProcess
from tenantry.cluster.errors import NotFound
from waiting import eventually_gone

LANGUAGES = {"", "text", "console", "yaml"}
ON_A_CLUSTER_OF_ITS_OWN = {"README.md", "docs/how-to/develop.md", "docs/how-to/install.md"}
"""They install and run the operator themselves."""
COMES_AFTER = {
    f"examples/{one}/README.md": "examples/acme/README.md"
    for one in ("batch", "bookinfo", "canary", "hello", "stateful")
}
"""A page, and the one that it goes on from; the two are one test."""
PAGES = {page.name: page for page in pages()}
BEGINNINGS = {*COMES_AFTER.values()}
WITH_BLOCKS = {
    name
    for name, page in PAGES.items()
    if any(block.language in {"console", "yaml"} for block in page.blocks())
}


@pytest.fixture
async def tidied(api: ClusterApi) -> object:
    """After a page, the cluster has no more tenants, namespaces and prices than before."""

    async def names(kind: str) -> set[str]:
        # One of before that is on its way out may be made anew by the page.
        found = [one["metadata"] for one in await api.list(kind)]
        return {one["name"] for one in found if "deletionTimestamp" not in one}

    before = {kind: await names(kind) for kind in ("Tenant", "Namespace", "RateCard")}
    yield
    for name in await names("Tenant") - before["Tenant"]:
        await api.patch("Tenant", name, {"spec": {"deletionProtection": False}})
        await api.delete("Tenant", name)
        await eventually_gone(lambda name=name: api.get("Tenant", name))
    for name in await names("RateCard") - before["RateCard"]:
        await api.delete("RateCard", name)
    for name in await names("Namespace") - before["Namespace"]:
        try:
            await api.delete("Namespace", name)
        except NotFound:
            continue


@pytest.fixture
def own_cluster() -> Iterator[DevCluster]:
    with DevCluster.start() as running:
        yield running


def follow(page: Page, reader: Reader) -> None:
    try:
        for block in page.blocks():
            try:
                reader.follow(block)
            except AssertionError as problem:
                raise AssertionError(f"{page.name}:{block.line}\n{problem}") from None
    finally:
        reader.leave()


@pytest.mark.timeout(240)
@pytest.mark.parametrize("name", sorted(WITH_BLOCKS - ON_A_CLUSTER_OF_ITS_OWN - BEGINNINGS))
def test_a_page_does_what_it_says(
    name: str,
    admin: Path,
    operator: OperatorProcess,  # noqa: ARG001 - it only has to run
    tidied: object,  # noqa: ARG001
    tmp_path: Path,
) -> None:
    reader = Reader(tmp_path, admin, is_slow=name.startswith("examples/"))
    if name in COMES_AFTER:
        follow(PAGES[COMES_AFTER[name]], reader)
    follow(PAGES[name], reader)


@pytest.mark.timeout(240)
def test_the_readme_does_what_it_says(own_cluster: DevCluster, tmp_path: Path) -> None:
    follow(PAGES["README.md"], Reader(tmp_path, own_cluster.kubeconfig))


@pytest.mark.timeout(240)
def test_the_page_on_installing_does_what_it_says(own_cluster: DevCluster, tmp_path: Path) -> None:
    asyncio.run(kubectl(own_cluster.kubeconfig, "create", "-f", "-", stdin=json.dumps(VOLUME)))
    follow(PAGES["docs/how-to/install.md"], Reader(tmp_path, own_cluster.kubeconfig))


@pytest.mark.timeout(240)
def test_the_page_on_developing_does_what_it_says(tmp_path: Path) -> None:
    reader = Reader(tmp_path, None)
    try:
        follow(PAGES["docs/how-to/develop.md"], reader)
        assert not reader.has_cluster
    finally:
        reader.stop_cluster()


@pytest.mark.parametrize("name", sorted(PAGES))
def test_a_page_has_no_block_that_nobody_tries(name: str) -> None:
    for block in PAGES[name].blocks():
        assert block.language in LANGUAGES, f"{name}:{block.line}"
        assert block.options.keys() <= {"by", "file", "background"}, f"{name}:{block.line}"
        assert block.options.get("by", "a reason"), f"{name}:{block.line}"
        if block.language == "console":
            assert commands(block), f"{name}:{block.line}"
