"""What the page on metrics names is what the operator has."""

import re

from examples import ROOT
from tenantry.telemetry.catalogue import families, meter_families

PAGES = (ROOT / "docs" / "operations.md", *sorted((ROOT / "docs" / "runbooks").glob("*.md")))


def test_the_pages_on_operating_name_no_metric_that_there_is_not() -> None:
    names = {one.name for one in (*families(), *meter_families())}

    for page in PAGES:
        named = set(re.findall(r"\b(tenantry_[a-z_]+[a-z])\b", page.read_text()))
        assert named - names == set(), page.name
