"""What the operator says of itself while it works: a line a change, and numbers."""

import re
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import pytest
from prometheus_client.parser import text_string_to_metric_families

import workloads
from cluster_api import ClusterApi
from conftest import MakeTenant
from operator_process import OperatorProcess
from tenancy import LiveTenant
from tenantry.cluster.resources import OWNED, TENANTS
from waiting import eventually

Sample = tuple[str, tuple[tuple[str, str], ...]]
Scrape = Callable[[], Awaitable[dict[Sample, float]]]

SIZED = (TENANTS, *OWNED)
"""Kinds that every cluster has."""


def _writes(operator: OperatorProcess, tenant: LiveTenant) -> list[dict[str, Any]]:
    """The records of all writes made for a tenant."""
    return [
        one for one in operator.records() if one.get("tenant") == tenant.name and "object" in one
    ]


def _changes(operator: OperatorProcess, tenant: LiveTenant) -> list[dict[str, Any]]:
    """Those of what it was made into."""
    own = f"Tenant/{tenant.name}"
    return [one for one in _writes(operator, tenant) if one["object"] != own]


async def test_each_change_is_one_line_that_says_what_where_and_why(
    make_tenant: MakeTenant, operator: OperatorProcess
) -> None:
    acme = await make_tenant()

    told = _changes(operator, acme)

    assert sorted((one["object"], one["message"], one["cause"]) for one in told) == [
        (f"ClusterRole/tenantry:{acme.name}", "create", "missing"),
        (f"ClusterRoleBinding/tenantry:{acme.name}", "create", "missing"),
        ("LimitRange/tenantry", "create", "missing"),
        (f"Namespace/{acme.namespace()}", "create", "missing"),
        ("NetworkPolicy/tenantry", "create", "missing"),
        ("ResourceQuota/tenantry", "create", "missing"),
        ("RoleBinding/tenantry-owners", "create", "missing"),
        ("ServiceAccount/default", "create", "missing"),
    ]
    assert {one.get("namespace") for one in told} == {None, acme.namespace()}
    assert {one["level"] for one in told} == {"info"}
    stamp = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z"
    assert all(re.fullmatch(stamp, one["timestamp"]) for one in told)
    own = [one for one in _writes(operator, acme) if one not in told]
    assert {one["message"] for one in own} == {"patch"}
    assert own[0]["changed"] == ['metadata.finalizers: [] -> ["tenantry.io/finalizer"]']
    assert "status.conditions" in {part for one in own for part in one["changed"]}


async def test_access_is_written_last_and_the_namespace_first(
    make_tenant: MakeTenant, operator: OperatorProcess
) -> None:
    acme = await make_tenant(editors=[{"kind": "Group", "name": "team"}])

    kinds = [one["object"].partition("/")[0] for one in _changes(operator, acme)]

    assert kinds[0] == "Namespace"
    access = ["RoleBinding", "RoleBinding", "ClusterRole", "ClusterRoleBinding"]
    assert kinds[-4:] == access
    assert not {*access} & {*kinds[:-4]}


async def test_a_repair_names_the_field(make_tenant: MakeTenant, operator: OperatorProcess) -> None:
    acme = await make_tenant()
    edit = {"spec": {"hard": {"pods": "999"}}}

    await acme.api.patch("ResourceQuota", "tenantry", edit, acme.namespace())

    told = await operator.logged("apply", tenant=acme.name, object="ResourceQuota/tenantry")
    assert told["cause"] == "differs in spec.hard.pods"
    assert told["changed"] == ["spec.hard.pods: 999 -> 50"]


async def test_kopf_speaks_in_the_same_form(operator: OperatorProcess) -> None:
    """A line that were no JSON object would have failed to be read."""
    loggers = {one["logger"].partition(".")[0] for one in operator.records()}

    assert {"tenantry", "kopf"} <= loggers


@pytest.fixture
async def scrape(operator: OperatorProcess) -> Scrape:
    """The operator's metrics, as a scraper reads them."""
    port = (await operator.logged("listening"))["port"]

    async def read() -> dict[Sample, float]:
        url = f"http://127.0.0.1:{port}/metrics"
        async with aiohttp.ClientSession() as session, session.get(url) as page:
            text = await page.text()
        return {
            (sample.name, tuple(sorted(sample.labels.items()))): sample.value
            for family in text_string_to_metric_families(text)
            for sample in family.samples
        }

    return read


def _of(numbers: dict[Sample, float], name: str, **labels: str) -> float:
    return numbers.get((name, tuple(sorted(labels.items()))), 0.0)


async def test_writes_are_counted_by_kind_and_verb(scrape: Scrape, make_tenant: MakeTenant) -> None:
    before = await scrape()

    await make_tenant(namespaces=["web", "db", "ci"])

    after = await scrape()
    kinds = {
        "Namespace": "create",
        "ResourceQuota": "create",
        "LimitRange": "create",
        "NetworkPolicy": "create",
        "ServiceAccount": "patch",
        "RoleBinding": "create",
    }
    for kind, verb in kinds.items():
        name = "tenantry_writes_total"
        made = _of(after, name, kind=kind, verb=verb) - _of(before, name, kind=kind, verb=verb)
        assert (kind, made) == (kind, 3)


async def test_reconciles_and_their_durations_are_counted(
    scrape: Scrape, make_tenant: MakeTenant
) -> None:
    before = await scrape()

    await make_tenant()

    after = await scrape()
    assert _of(after, "tenantry_reconciles_total", outcome="changed") > _of(
        before, "tenantry_reconciles_total", outcome="changed"
    )
    for name in ("tenantry_reconcile_duration_seconds", "tenantry_queue_latency_seconds"):
        assert _of(after, f"{name}_count") > _of(before, f"{name}_count")


async def _conditions(api: ClusterApi) -> Counter[tuple[str, str]]:
    tenants = await api.list("Tenant")
    return Counter(
        (one["type"], one["status"]) for seen in tenants for one in seen["status"]["conditions"]
    )


async def _states(api: ClusterApi) -> Counter[str]:
    tenants = await api.list("Tenant")
    return Counter(one["state"] for seen in tenants for one in seen["status"].get("namespaces", ()))


async def test_tenants_and_namespaces_are_told_by_their_states(
    scrape: Scrape, make_tenant: MakeTenant, api: ClusterApi
) -> None:
    """As ``kubectl get tn`` would have it; tenants of other tests may still be on their way."""
    await make_tenant(namespaces=["web", "db"], suspend=True)

    async def both() -> tuple[dict[str, float], dict[str, float]]:
        numbers, conditions, states = await scrape(), await _conditions(api), await _states(api)
        told = {
            f"{type_} {status}": _of(
                numbers, "tenantry_tenant_conditions", condition=type_, status=status
            )
            for type_, status in conditions
        } | {state: _of(numbers, "tenantry_namespaces", state=state) for state in states}
        true = {" ".join(key): float(number) for key, number in conditions.items()}
        return told, true | {state: float(number) for state, number in states.items()}

    told, _ = await eventually(both, lambda seen: seen[0] == seen[1])
    assert told["Suspended True"] >= 1
    assert told["Active"] >= 2


async def test_usage_is_told_against_quota(
    scrape: Scrape, make_tenant: MakeTenant, api: ClusterApi
) -> None:
    acme = await make_tenant()
    cpu = {"tenant": acme.name, "resource": "requests.cpu", "unit": "cores"}
    where = {**cpu, "namespace": acme.namespace(), "scope": ""}

    await api.create(workloads.deployment("app", acme.namespace(), replicas=3))

    seen = await eventually(
        scrape, lambda numbers: _of(numbers, "tenantry_quota_used", **where) == pytest.approx(0.3)
    )
    assert _of(seen, "tenantry_quota_hard", **where) == 4
    whole = await eventually(
        scrape, lambda numbers: _of(numbers, "tenantry_tenant_quota_used", **cpu) > 0
    )
    assert _of(whole, "tenantry_tenant_quota_used", **cpu) == pytest.approx(0.3)
    assert _of(whole, "tenantry_tenant_quota_hard", **cpu) == 4


async def test_the_cache_tells_its_sizes(
    scrape: Scrape, make_tenant: MakeTenant, api: ClusterApi
) -> None:
    await make_tenant(namespaces=["web", "db"])

    async def both() -> tuple[list[float], list[int]]:
        numbers = await scrape()
        told = [_of(numbers, "tenantry_cache_objects", kind=one.kind) for one in SIZED]
        return told, [len(await api.list(one.kind, selector=one.selector)) for one in SIZED]

    told, _ = await eventually(both, lambda seen: seen[0] == seen[1])
    assert all(told)


async def test_the_leader_says_that_it_is_one(scrape: Scrape) -> None:
    assert _of(await scrape(), "tenantry_leader") == 1
