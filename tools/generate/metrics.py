"""docs/reference/metrics.md: every metric, as the operator's own catalogue tells of it."""

from tenantry.telemetry.catalogue import SECTIONS, Family

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
metrics that grow with the cluster are quotas. Who has no use for them in each namespace drops them
where they are scraped:

```text
metric_relabel_configs:
  - source_labels: [__name__]
    regex: tenantry_quota_(hard|used)
    action: drop
```"""


def text() -> str:
    """The page as Markdown, a table for each section."""
    parts = [_INTRODUCTION]
    for title, members in SECTIONS.items():
        parts += [f"## {title}", _table(members)]
    return "\n\n".join(parts) + "\n"


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
