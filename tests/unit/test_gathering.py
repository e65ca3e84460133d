"""What is read off answers that are no manifests: metrics pages, and the server's clock."""

from datetime import UTC, datetime, timedelta

import pytest
from prometheus_client import CollectorRegistry

from tenantry.cluster.plain import _ahead
from tenantry.doctor.facts import Replica
from tenantry.gathering import replica_of
from tenantry.telemetry.metrics import Metrics, Snapshot


async def test_a_replica_is_read_off_the_page_that_the_operator_serves() -> None:
    metrics = Metrics(CollectorRegistry(), {"tenantry": "1.2.3"})
    metrics.leads(is_leader=True)
    metrics.watch(lambda: Snapshot(queue_depth=7, applications_queued=3))
    page, _ = await metrics.page("text/plain")

    assert replica_of("tenantry-1", page.decode()) == Replica(
        "tenantry-1", leads=True, tenants=7, applications=3, version="1.2.3"
    )


def test_a_page_of_something_else_leads_nothing() -> None:
    assert replica_of("other", "up 1\n") == Replica("other")


@pytest.mark.parametrize("ahead", [-90, 0, 0.4, 30])
def test_clocks_are_compared_half_way_and_to_the_second(ahead: float) -> None:
    server = datetime(2026, 11, 26, 12, 0, 0, 500_000, tzinfo=UTC)
    here = server + timedelta(seconds=ahead)
    header = server.strftime("%a, %d %b %Y %H:%M:%S GMT")

    found = _ahead(here - timedelta(seconds=0.2), here + timedelta(seconds=0.2), header)

    assert found == pytest.approx(ahead)
    assert _ahead(here, here, None) == 0
