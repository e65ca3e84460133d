"""What a scraper sees."""

import asyncio
import threading

import pytest
from prometheus_client import CollectorRegistry
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

from tenantry.meter.metrics import MeterMetrics, State
from tenantry.telemetry.budgets import Spending
from tenantry.telemetry.catalogue import families
from tenantry.telemetry.meter_catalogue import families as meter_families
from tenantry.telemetry.metrics import Metrics, QuotaUsage, Snapshot, unit_of

EVERYTHING = Snapshot(
    queue_depth=3,
    oldest_look=1.5,
    cache_objects={"Namespace": 12},
    heard={"Namespace": 1_790_000_000.0},
    policies_missing=2,
    tenants={"Active": 4, "Degraded": 1},
    conditions={("Ready", "True"): 4, ("Ready", "False"): 1},
    namespaces={"Active": 11, "Retained": 1},
    quotas=[
        QuotaUsage("acme", "acme-dev", "requests.cpu", hard=4, used=1.5),
        QuotaUsage("acme", "acme-dev", "pods", hard=2, used=1, scope="batch"),
        QuotaUsage("acme", "", "requests.cpu", hard=8, used=1.5),
    ],
    applications_queued=1,
    applications={"Ready": 2},
    spendings=[
        Spending("acme", "EUR", month_to_date=12.5, projected=25, budget_used=0.5),
        Spending("globex", "EUR", month_to_date=0, projected=None, budget_used=None),
    ],
)
"""A sample of each gauge."""


@pytest.fixture
def metrics() -> Metrics:
    return Metrics(CollectorRegistry(), {"tenantry": "1.2.3", "kopf": "1", "kubernetes": "37"})


async def samples(metrics: Metrics) -> dict[str, list[Sample]]:
    body, _ = await metrics.page("text/plain")
    found: dict[str, list[Sample]] = {}
    for family in text_string_to_metric_families(body.decode()):
        for sample in family.samples:
            found.setdefault(sample.name, []).append(sample)
    return found


async def value(metrics: Metrics, name: str, **labels: str) -> float | None:
    matching = [one for one in (await samples(metrics)).get(name, []) if one.labels == labels]
    return matching[0].value if matching else None


async def test_reconciles_are_counted_by_outcome_and_timed(metrics: Metrics) -> None:
    metrics.tenants.reconciled("changed", 0.02)
    metrics.tenants.reconciled("changed", 0.04)
    metrics.tenants.reconciled("failed", 3)

    assert await value(metrics, "tenantry_reconciles_total", outcome="changed") == 2
    assert await value(metrics, "tenantry_reconciles_total", outcome="failed") == 1
    assert await value(metrics, "tenantry_reconcile_duration_seconds_sum") == pytest.approx(3.06)
    assert await value(metrics, "tenantry_reconcile_duration_seconds_bucket", le="0.025") == 1


async def test_the_wait_in_the_queue_is_timed(metrics: Metrics) -> None:
    metrics.tenants.dequeued(0.3)

    assert await value(metrics, "tenantry_queue_latency_seconds_count") == 1
    assert await value(metrics, "tenantry_queue_latency_seconds_sum") == pytest.approx(0.3)


async def test_requests_are_counted_whatever_came_of_them(metrics: Metrics) -> None:
    metrics.requested("create", "Namespace", 201, 0.01)
    metrics.requested("create", "Namespace", 409, 0.01)
    metrics.requested("list", "Tenant", 0, 30)

    name = "tenantry_api_requests_total"
    assert await value(metrics, name, verb="create", kind="Namespace", code="201") == 1
    assert await value(metrics, name, verb="create", kind="Namespace", code="409") == 1
    assert await value(metrics, name, verb="list", kind="Tenant", code="0") == 1
    assert await value(metrics, "tenantry_api_request_duration_seconds_count", verb="create") == 2


async def test_only_accepted_writes_count_as_writes(metrics: Metrics) -> None:
    metrics.requested("patch", "ResourceQuota", 200, 0.01)
    metrics.requested("patch", "ResourceQuota", 422, 0.01)
    metrics.requested("patch", "ResourceQuota", 0, 0.01)
    metrics.requested("get", "ResourceQuota", 200, 0.01)

    written = (await samples(metrics))["tenantry_writes_total"]
    assert [(one.labels, one.value) for one in written] == [
        ({"kind": "ResourceQuota", "verb": "patch"}, 1)
    ]


async def test_the_leader_says_so(metrics: Metrics) -> None:
    assert await value(metrics, "tenantry_leader") == 0

    metrics.leads(is_leader=True)

    assert await value(metrics, "tenantry_leader") == 1


async def test_the_build_and_the_process_describe_themselves(metrics: Metrics) -> None:
    found = await samples(metrics)

    assert found["tenantry_build_info"][0].labels == {
        "tenantry": "1.2.3",
        "kopf": "1",
        "kubernetes": "37",
    }
    assert found["process_resident_memory_bytes"][0].value > 1_000_000
    assert found["process_cpu_seconds_total"][0].value > 0


async def test_gauges_are_what_the_snapshot_says(metrics: Metrics) -> None:
    metrics.watch(lambda: EVERYTHING)
    acme = {"tenant": "acme", "currency": "EUR"}

    assert await value(metrics, "tenantry_tenant_cost_month_to_date", **acme) == 12.5
    assert await value(metrics, "tenantry_tenant_cost_projected", **acme) == 25
    assert await value(metrics, "tenantry_tenant_budget_used_ratio", tenant="acme") == 0.5
    assert len((await samples(metrics))["tenantry_tenant_cost_projected"]) == 1

    assert await value(metrics, "tenantry_queue_depth") == 3
    assert await value(metrics, "tenantry_oldest_reconcile_seconds") == 1.5
    assert await value(metrics, "tenantry_cache_objects", kind="Namespace") == 12
    assert await value(metrics, "tenantry_admission_policies_missing") == 2
    name = "tenantry_watch_heard_timestamp_seconds"
    assert await value(metrics, name, kind="Namespace") == 1_790_000_000
    assert await value(metrics, "tenantry_tenants", state="Degraded") == 1
    name = "tenantry_tenant_conditions"
    assert await value(metrics, name, condition="Ready", status="False") == 1
    assert await value(metrics, "tenantry_namespaces", state="Retained") == 1
    of_batch = {"tenant": "acme", "namespace": "acme-dev", "scope": "batch"}
    pods = {**of_batch, "resource": "pods", "unit": "objects"}
    assert await value(metrics, "tenantry_quota_hard", **pods) == 2
    cpu = {"tenant": "acme", "resource": "requests.cpu", "unit": "cores"}
    assert await value(metrics, "tenantry_tenant_quota_hard", **cpu) == 8
    assert await value(metrics, "tenantry_tenant_quota_used", **cpu) == 1.5


async def test_the_series_of_a_tenant_end_with_it(metrics: Metrics) -> None:
    quotas = [
        QuotaUsage("acme", "acme-dev", "requests.cpu", hard=4, used=1.5),
        QuotaUsage("globex", "globex-dev", "requests.cpu", hard=8, used=0),
    ]
    metrics.watch(lambda: Snapshot(quotas=tuple(quotas)))
    where = {"tenant": "acme", "namespace": "acme-dev", "scope": ""}
    acme = {**where, "resource": "requests.cpu", "unit": "cores"}

    assert await value(metrics, "tenantry_quota_hard", **acme) == 4
    assert await value(metrics, "tenantry_quota_used", **acme) == 1.5

    del quotas[0]

    left = (await samples(metrics))["tenantry_quota_hard"]
    assert [one.labels["tenant"] for one in left] == ["globex"]


async def test_what_is_served_is_what_the_catalogue_tells_of(metrics: Metrics) -> None:
    metrics.watch(lambda: EVERYTHING)
    for kind in (metrics.tenants, metrics.applications):
        kind.reconciled("changed", 0.1)
        kind.dequeued(0.1)
    metrics.requested("create", "Namespace", 201, 0.01)

    served = await described(metrics)

    assert served == {one.name: (one.type, set(one.labels)) for one in families()}


async def described(metrics: Metrics | MeterMetrics) -> dict[str, tuple[str, set[str]]]:
    """Type and labels of each metric on a page, by its name."""
    body, _ = await metrics.page("text/plain")
    return {
        one.name + "_total" * (one.type == "counter"): (
            one.type,
            {label for sample in one.samples for label in sample.labels} - {"le"},
        )
        for one in text_string_to_metric_families(body.decode())
    }


async def test_what_the_meter_serves_is_what_the_catalogue_tells_of() -> None:
    metrics = MeterMetrics({"tenantry": "1.2.3", "kubernetes": "37", "sqlalchemy": "2"})
    metrics.requested("list", "Pod", 200, 0.01)
    metrics.wrote(0.1)
    metrics.failed()
    metrics.gap(60, is_recovered=True)
    metrics.watch(lambda: State(lag=3, objects={"Pod": 1}, has_usage=True))

    served = await described(metrics)

    assert served == {one.name: (one.type, set(one.labels)) for one in meter_families()}


@pytest.mark.parametrize(
    ("resource", "unit"),
    [
        ("requests.cpu", "cores"),
        ("cpu", "cores"),
        ("limits.memory", "bytes"),
        ("requests.ephemeral-storage", "bytes"),
        ("gold.storageclass.storage.k8s.io/requests.storage", "bytes"),
        ("gold.storageclass.storage.k8s.io/persistentvolumeclaims", "objects"),
        ("hugepages-2Mi", "bytes"),
        ("requests.nvidia.com/gpu", "objects"),
        ("count/jobs.batch", "objects"),
        ("pods", "objects"),
    ],
)
def test_a_key_of_a_quota_is_counted_in_its_unit(resource: str, unit: str) -> None:
    assert unit_of(resource) == unit


async def test_every_metric_is_described_and_prefixed(metrics: Metrics) -> None:
    body, _ = await metrics.page("text/plain")
    families = list(text_string_to_metric_families(body.decode()))

    assert all(one.documentation.endswith(".") for one in families)
    assert all(one.name.startswith(("tenantry_", "process_")) for one in families)
    assert not [one.name for one in families if one.name.endswith("_created")]


async def test_a_scraper_may_ask_for_openmetrics(metrics: Metrics) -> None:
    body, content_type = await metrics.page("application/openmetrics-text;version=1.0.0")

    assert content_type.startswith("application/openmetrics-text")
    assert body.endswith(b"# EOF\n")


async def test_two_operators_in_a_process_do_not_mix() -> None:
    one, other = (Metrics(CollectorRegistry(), {"version": "1"}) for _ in range(2))

    one.tenants.reconciled("changed", 1)

    assert await value(other, "tenantry_reconciles_total", outcome="changed") is None


async def test_the_snapshot_is_taken_on_the_loop_and_written_out_beside_it(
    metrics: Metrics,
) -> None:
    here = threading.current_thread()
    taken: list[threading.Thread] = []
    ticks = 0

    def take() -> Snapshot:
        taken.append(threading.current_thread())
        return Snapshot(
            quotas=[QuotaUsage("t", f"n{n}", "pods", hard=1, used=1) for n in range(5000)]
        )

    metrics.watch(take)
    page = asyncio.create_task(metrics.page(""))
    while not page.done():
        await asyncio.sleep(0)
        ticks += 1

    assert taken == [here]
    assert ticks > 3  # with the page written on the loop there would be two
