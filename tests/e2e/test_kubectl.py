"""A Tenant in the hands of a platform engineer: with kubectl alone."""

import asyncio
from collections.abc import Callable, Coroutine
from functools import partial
from pathlib import Path

import pytest
import yaml

from cluster_api import ClusterApi
from conftest import MakeTenant
from kubectl import KubectlError, kubectl
from operator_process import OperatorProcess
from tenancy import tenant

Kubectl = Callable[..., Coroutine[None, None, str]]


@pytest.fixture
def run(admin: Path, operator: OperatorProcess) -> Kubectl:  # noqa: ARG001 - it only has to run
    return partial(kubectl, admin)


async def test_apply_and_wait_is_all_that_it_takes(run: Kubectl, name: str) -> None:
    manifest = yaml.safe_dump(tenant(name))

    applied = await run("apply", "--server-side", "-f", "-", stdin=manifest)
    waited = await run("wait", "--for=condition=Ready", f"tenant/{name}", "--timeout=20s")

    assert applied == f"tenant.tenantry.io/{name} serverside-applied\n"
    assert waited == f"tenant.tenantry.io/{name} condition met\n"
    await run("delete", "tn", name)


@pytest.mark.parametrize("flags", [(), ("--server-side",)], ids=["client-side", "server-side"])
async def test_applying_the_same_again_changes_nothing(
    flags: tuple[str, ...], run: Kubectl, api: ClusterApi, name: str
) -> None:
    manifest = yaml.safe_dump(tenant(name, cost={"costCenter": "CC-1"}))
    await run("apply", *flags, "-f", "-", stdin=manifest)
    await run("wait", "--for=condition=Ready", f"tenant/{name}", "--timeout=20s")
    before = await api.get("Tenant", name)

    await run("apply", *flags, "-f", "-", stdin=manifest)

    after = await api.get("Tenant", name)
    assert after["metadata"]["resourceVersion"] == before["metadata"]["resourceVersion"]
    await run("delete", "tn", name)


async def test_the_table_has_what_one_wants_to_know(
    run: Kubectl, make_tenant: MakeTenant, name: str
) -> None:
    await make_tenant(namespaces=["web", "db"], cost={"costCenter": "CC-1"})

    header, row = (await run("get", "tn", name)).splitlines()
    columns = ["NAME", "READY", "STATE", "NAMESPACES", "APPS", "CPU", "MEMORY", "AGE"]
    assert header.split() == columns
    assert row.split()[:7] == [name, "True", "Active", "2/2", "0/0", "0/8", "0/16Gi"]

    header, row = (await run("get", "tn", name, "-o", "wide")).splitlines()
    costs = ["COST", "CENTER", "MONTH", "TO", "DATE", "PROJECTED", "BUDGET"]
    assert header.split()[8:] == [*costs, "REASON", "MESSAGE"]
    assert "CC-1" in row
    assert "Reconciled 2 namespaces are as the Tenant says" in " ".join(row.split())


@pytest.mark.parametrize("resource", ["tn", "tenant", "tenants", "tenants.tenantry.io", "tenantry"])
async def test_it_answers_to_its_names(
    resource: str, run: Kubectl, make_tenant: MakeTenant, name: str
) -> None:
    await make_tenant()

    names = await run("get", resource, "-o", "name")

    assert f"tenant.tenantry.io/{name}\n" in names


EXPLAINED = {
    "tenant": "A Tenant is a share of the cluster",
    "tenant.spec.owners": "Hold the ClusterRole `admin` in every namespace.",
    "tenant.spec.network.internetEgress.includePrivate": "metadata addresses never do",
    "tenant.spec.deletionPolicy": "Retain keeps workloads, quota and isolation",
    "tenant.spec.limitRange.limits.maxLimitRequestRatio": "map[string]",
    "tenant.status.conditions.lastTransitionTime": "When `status` last changed",
}


@pytest.mark.parametrize("path", EXPLAINED)
async def test_every_field_is_explained(path: str, run: Kubectl) -> None:
    told = await run("explain", path)

    assert EXPLAINED[path] in " ".join(told.split())


async def test_describe_shows_conditions_and_events(
    run: Kubectl, make_tenant: MakeTenant, name: str
) -> None:
    await make_tenant()

    async with asyncio.timeout(20):
        while "Reconciled" not in (told := await run("describe", "tn", name)).split("Events:")[1]:
            pass

    assert "every namespace has its quota and limits" in told


async def test_a_bad_manifest_is_refused_with_the_rules_own_words(run: Kubectl, name: str) -> None:
    manifest = tenant(name, namespaces=["web", "db"], namespaceOptions={"max": 1})

    with pytest.raises(KubectlError, match=r"raise spec\.namespaceOptions\.max or remove some"):
        await run("apply", "--server-side", "-f", "-", stdin=yaml.safe_dump(manifest))


async def test_a_field_that_does_not_exist_is_refused(run: Kubectl, name: str) -> None:
    manifest = tenant(name, displayname="Acme")

    with pytest.raises(KubectlError, match=r"\.spec\.displayname: field not declared in schema"):
        await run("apply", "--server-side", "-f", "-", stdin=yaml.safe_dump(manifest))
