"""What the pages name is what the operator and the meter have."""

import re
from pathlib import Path

from prometheus_client import CollectorRegistry
from prometheus_client.parser import text_string_to_metric_families

from examples import ROOT
from tenantry.meter.metrics import MeterMetrics, State
from tenantry.telemetry.metrics import Metrics

PAGE = ROOT / "docs" / "operations.md"
PAGE_OF_THE_METER = ROOT / "docs" / "cost.md"


async def test_the_page_lists_every_metric_and_no_other() -> None:
    page, _ = await Metrics(CollectorRegistry(), {"tenantry": "0"}).page("text/plain")

    assert listed(PAGE) == served(page)


async def test_the_page_of_the_meter_lists_every_metric_of_it_and_no_other() -> None:
    metrics = MeterMetrics({"tenantry": "0"})
    metrics.watch(lambda: State(has_usage=True))
    page, _ = await metrics.page("text/plain")

    assert listed(PAGE_OF_THE_METER) == served(page)


def served(page: bytes) -> set[str]:
    families = text_string_to_metric_families(page.decode())
    names = {f"{one.name}{'_total' * (one.type == 'counter')}" for one in families}
    return {one for one in names if one.startswith("tenantry_")}


def listed(page: Path) -> set[str]:
    return set(re.findall(r"`(tenantry_[a-z_]+)`", page.read_text()))
