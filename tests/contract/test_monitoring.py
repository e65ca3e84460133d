"""Metrics, alerts and dashboards fit together, by what Prometheus' own tool makes of them."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from prometheus_client import CollectorRegistry

import alerts
from devcluster import progress, prometheus
from devcluster.prometheus import Prometheus
from examples import ROOT
from tenantry.telemetry.catalogue import families
from tenantry.telemetry.metrics import Metrics, QuotaUsage, Snapshot

DASHBOARDS = sorted((ROOT / "helm" / "tenantry" / "files" / "dashboards").glob("*.json"))
RUNBOOKS = ROOT / "docs" / "runbooks"
OF_SCRAPING = {"job", "instance"}
"""Labels that a scraper adds to whatever it scrapes."""
LABELS = {one.name: {*one.labels} for one in families()} | {
    f"{one.name}_bucket": {*one.labels, "le"} for one in families() if one.buckets
}
"""Metric, as a query names it, to its labels."""


@pytest.fixture(scope="module")
def tool() -> Prometheus:
    return prometheus.programs(progress.suited())


@pytest.fixture
async def page() -> str:
    """What a scraper sees of an operator that has done something of each kind."""
    build = {"tenantry": "1", "kopf": "1", "kubernetes": "1"}
    metrics = Metrics(CollectorRegistry(), build)
    quotas = [QuotaUsage("acme", space, "pods", hard=1, used=1) for space in ("", "acme-dev")]
    some = {"Ready": 1}
    metrics.watch(
        lambda: Snapshot(
            cache_objects=some,
            heard={"Ready": 1.0},
            tenants=some,
            conditions={("Ready", "True"): 1},
            namespaces=some,
            quotas=quotas,
            applications=some,
        )
    )
    for kind in (metrics.tenants, metrics.applications):
        kind.reconciled("changed", 1)
        kind.dequeued(1)
    metrics.requested("create", "Namespace", 201, 1)
    return (await metrics.page("text/plain"))[0].decode()


def _queries(path: Path) -> Iterator[str]:
    """All that a dashboard asks; intervals and lists of values in words that PromQL knows."""
    dashboard = json.loads(path.read_text())
    for panel in dashboard["panels"]:
        for target in panel.get("targets", ()):
            yield target["expr"].replace("$__rate_interval", "5m")
    for variable in dashboard["templating"]["list"]:
        if variable["type"] == "query":
            query = variable["query"]["query"]
            yield re.sub(r"label_values\((\w+), (\w+)\)", r"count by (\2) (\1)", query)


def _unknown(tool: Prometheus, queries: list[str]) -> list[str]:
    """What queries ask for and the operator does not have."""
    unknown = []
    for query in tool.asked(queries):
        labels: set[str] = set(OF_SCRAPING)
        for metric, chosen in query.metrics.items():
            has = LABELS.get(metric)
            if has is None:
                unknown.append(metric)
                continue
            unknown += [f"{metric}{{{one}}}" for one in chosen - has - OF_SCRAPING]
            labels |= has
        unknown += [f"by {one}" for one in query.labels - labels]
    return unknown


def test_metrics_are_named_by_prometheus_rules(tool: Prometheus, page: str) -> None:
    said = tool.promtool("check", "metrics", given=page)

    assert (said.returncode, said.stdout, said.stderr) == (0, "", "")
    bad = "# TYPE tenantry_waits_milliseconds counter\ntenantry_waits_milliseconds 1\n"
    assert "base unit" in tool.promtool("check", "metrics", given=bad).stderr


def test_every_alert_fires_and_clears(tool: Prometheus, tmp_path: Path) -> None:
    tests = tmp_path / "alerts.yaml"
    tests.write_text(yaml.safe_dump(alerts.rule_tests()))

    said = tool.promtool("test", "rules", tests)

    assert said.returncode == 0, said.stdout + said.stderr
    checked = tool.promtool("check", "rules", "--lint=all", "--lint-fatal", alerts.FILE)
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_every_alert_is_tried_and_has_a_page_that_says_what_to_do() -> None:
    rules = alerts.rules()

    assert sorted(one["alert"] for one in rules) == sorted(one.alert for one in alerts.CASES)
    assert {one["annotations"]["runbook"] for one in rules} == {
        str(page.relative_to(ROOT)) for page in RUNBOOKS.glob("*.md") if page.name != "README.md"
    }
    for rule in rules:
        text = (ROOT / rule["annotations"]["runbook"]).read_text()
        assert rule["alert"] in text.splitlines()[0]


def test_alerts_ask_for_metrics_that_there_are(tool: Prometheus) -> None:
    assert _unknown(tool, [one["expr"] for one in alerts.rules()]) == []


@pytest.mark.parametrize("path", DASHBOARDS, ids=lambda path: path.stem)
def test_a_dashboard_asks_for_metrics_that_there_are(tool: Prometheus, path: Path) -> None:
    queries = list(_queries(path))

    assert queries
    assert _unknown(tool, queries) == []


def test_a_metric_or_label_that_there_is_not_would_be_seen(tool: Prometheus) -> None:
    bad = ['sum by (colour) (tenantry_leader) + tenantry_followers{size="1"}', 'up{a="b"}']

    assert _unknown(tool, [*bad, 'tenantry_leader{hue="x"}']) == [
        "tenantry_followers",
        "by colour",
        "up",
        "tenantry_leader{hue}",
    ]
    with pytest.raises(ValueError, match="parse error"):
        tool.asked(["sum("])
