"""docs/reference/metrics.md: every metric, as the operator's own catalogue tells of it."""

from collections.abc import Iterator, Mapping

from tenantry.telemetry import meter_catalogue
from tenantry.telemetry.catalogue import SECTIONS
from tenantry.telemetry.families import Family

PATH = "docs/reference/metrics.md"

_INTRODUCTION = """\
<!-- Generated from operator/tenantry/telemetry/catalogue.py by `make generate`: change the
catalogue, not this file. -->

# Metrics

`tenantry run` serves these at `/metrics`, on the replica that leads and on those that stand by, in
Prometheus' text format or as OpenMetrics. Names follow [Prometheus'
rules](https://prometheus.io/docs/practices/naming/). Times are seconds, memory is bytes, processors
are cores. *Series* is how many time series a replica makes of a metric at most.

Replicas that stand by know no Tenants, so what is told of them is the leader's alone. The only
metrics that grow with the cluster are quotas and, three a Tenant, costs. Who has no use for quotas
in each namespace drops them where they are scraped:

```text
metric_relabel_configs:
  - source_labels: [__name__]
    regex: tenantry_quota_(hard|used)
    action: drop
```"""
_OF_THE_METER = """\
# The meter's

`tenantry meter` serves these, likewise."""


def text() -> str:
    """The page as Markdown, a table for each section."""
    parts = [_INTRODUCTION, *_tables(SECTIONS), _OF_THE_METER, *_tables(meter_catalogue.SECTIONS)]
    return "\n\n".join(parts) + "\n"


def _tables(sections: Mapping[str, tuple[Family, ...]]) -> Iterator[str]:
    for title, members in sections.items():
        yield f"## {title}"
        yield _table(members)


def _table(members: tuple[Family, ...]) -> str:
    head = "| Metric | Type | Labels | Series | What it says |\n|---|---|---|---|---|\n"
    return head + "\n".join(_row(family) for family in members)


def _row(family: Family) -> str:
    labels = "; ".join(f"`{name}`: {values}" for name, values in family.labels.items())
    cells = (f"`{family.name}`", family.type, labels, _series(family), family.about)
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _series(family: Family) -> str:
    """With a histogram's buckets, the one for all that is beyond them, its sum and its count."""
    if not family.buckets:
        return family.series
    return str(int(family.series) * (len(family.buckets) + 3))
