"""What the pages on operating name is what the operator and the meter have."""

import re
from pathlib import Path

from examples import ROOT
from tenantry.telemetry.catalogue import families
from tenantry.telemetry.meter_catalogue import families as meter_families

PAGES = (ROOT / "docs" / "operations.md", *sorted((ROOT / "docs" / "runbooks").glob("*.md")))
PAGE_OF_THE_METER = ROOT / "docs" / "cost.md"


def test_the_pages_on_operating_name_no_metric_that_there_is_not() -> None:
    names = {one.name for one in (*families(), *meter_families())}

    for page in PAGES:
        assert named(page) - names == set(), page.name


def test_the_page_of_the_meter_names_every_metric_of_it_and_no_other() -> None:
    own = {one.name for one in meter_families() if one.name.startswith("tenantry_")}

    assert named(PAGE_OF_THE_METER) == own


def named(page: Path) -> set[str]:
    return set(re.findall(r"\b(tenantry_[a-z_]+[a-z])\b", page.read_text()))
