"""The meter when its watches break and expire: what is known stays exact, what is not is told."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import pytest
import yaml

import workloads
from cluster_api import ClusterApi
from devcluster import DevCluster
from faults.effects import erring, refused
from faults.proxy import FaultProxy, Rule
from granted import METER
from installation import NAMESPACE
from operator_process import MeterProcess
from tenantry.cost.buckets import Bucket, Gap
from tenantry.cost.store import Reader, open_database
from waiting import eventually

FAR: Final = datetime(2100, 1, 1, tzinfo=UTC)
LONG_AGO: Final = datetime(2000, 1, 1, tzinfo=UTC)


class Read:
    """What the meter has written."""

    def __init__(self, url: str) -> None:
        self.url = url

    async def balancers(self) -> dict[str, int]:
        """Seconds of load balancers, by their Services."""
        return {one.workload: int(one.requested) for one in self._buckets()}

    async def gaps(self) -> list[Gap]:
        store = open_database(self.url, is_migrated=False)
        found = list(Reader(store).gaps(LONG_AGO, FAR))
        store.close()
        return found

    def until(self) -> datetime:
        store = open_database(self.url, is_migrated=False)
        extent = Reader(store).extent()
        store.close()
        assert extent is not None
        return extent.until

    def _buckets(self) -> list[Bucket]:
        store = open_database(self.url, is_migrated=False)
        every = list(Reader(store).buckets(LONG_AGO, FAR, ""))
        store.close()
        return [one for one in every if one.resource == "load-balancer" and one.requested]


@pytest.fixture
async def meter(
    cluster: DevCluster, api: ClusterApi, proxy: FaultProxy, tmp_path: Path
) -> AsyncIterator[tuple[MeterProcess, Read]]:
    """A meter behind the proxy."""
    del api  # what the meter may do is installed with it
    content = yaml.safe_load(cluster.service_account_kubeconfig(NAMESPACE, METER).read_text())
    content["clusters"][0]["cluster"]["server"] = proxy.url
    identity = tmp_path / "meter.kubeconfig"
    identity.write_text(yaml.safe_dump(content))
    url = f"sqlite:///{tmp_path}/meter.db"
    running = await MeterProcess.start(identity, tmp_path / "meter.log", database=url)
    yield running, Read(url)
    running.kill()


async def test_what_comes_while_watches_are_away_is_exact_and_what_goes_counts_until_it_was_seen(
    meter: tuple[MeterProcess, Read], api: ClusterApi, proxy: FaultProxy
) -> None:
    process, read = meter
    await api.create(workloads.service("goes", "default", "LoadBalancer"))
    await eventually(read.balancers)

    away = proxy.strike(Rule(refused(503), is_watch=True, times=None))
    proxy.end_watches()
    cut = datetime.now(UTC)
    gone = await api.delete("Service", "goes", "default")
    came = await api.create(workloads.service("comes", "default", "LoadBalancer"))
    expiry = proxy.strike(Rule(erring(410), path="/services$", is_watch=True))
    proxy.heal(away)
    balancers = await eventually(read.balancers, lambda seen: len(seen) == 2)
    (gap,) = await eventually(read.gaps)
    assert await process.stop() == 0
    await api.delete("Service", "comes", "default")

    assert expiry.hits
    assert "nobody watched services: 1 of them ended meanwhile" in gap.reason
    assert not gap.is_recovered
    created = datetime.fromisoformat(gone["metadata"]["creationTimestamp"])
    assert 0 < balancers["Service/goes"] <= (cut - created).total_seconds() + 1
    since = datetime.fromisoformat(came["metadata"]["creationTimestamp"])
    found = await read.balancers()
    assert found["Service/comes"] == (read.until() - since).total_seconds()
    assert process.defects() == []
