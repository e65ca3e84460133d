"""What the page on operations names is what the operator has."""

import re

from prometheus_client import CollectorRegistry
from prometheus_client.parser import text_string_to_metric_families

from examples import ROOT
from tenantry.telemetry.metrics import Metrics

PAGE = ROOT / "docs" / "operations.md"


async def test_the_page_lists_every_metric_and_no_other() -> None:
    page, _ = await Metrics(CollectorRegistry(), {"tenantry": "0"}).page("text/plain")
    families = text_string_to_metric_families(page.decode())
    served = {f"{one.name}{'_total' * (one.type == 'counter')}" for one in families}

    listed = set(re.findall(r"`(tenantry_[a-z_]+)`", PAGE.read_text()))

    assert listed == {one for one in served if one.startswith("tenantry_")}
