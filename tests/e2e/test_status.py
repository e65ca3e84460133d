"""What a Tenant's status says, and to whom."""

import re
from datetime import UTC, datetime, timedelta

import workloads
from cluster_api import ClusterApi
from conftest import MakeTenant
from kstatus import kstatus
from tenancy import condition, tenant
from tenantry.conditions import CONCERNS
from waiting import eventually

TEAM = [{"kind": "Group", "name": "team"}]


async def test_each_concern_has_a_condition(make_tenant: MakeTenant) -> None:
    acme = await make_tenant(namespaces=["web", "db"])

    seen = await acme.get()

    conditions = {one["type"]: one for one in seen["status"]["conditions"]}
    assert set(conditions) == {"Ready", *CONCERNS, "PolicyEnforced", "CostLabelled"}
    assert {one["status"] for one in conditions.values()} == {"True"}
    assert all(one["message"] for one in conditions.values())
    assert {one["observedGeneration"] for one in conditions.values()} == {
        seen["metadata"]["generation"]
    }


async def test_a_reason_is_one_camel_case_word(make_tenant: MakeTenant) -> None:
    """https://github.com/kubernetes/community/blob/master/contributors/devel/sig-architecture/api-conventions.md."""
    acme = await make_tenant(suspend=True, allowed={"registries": ["ghcr.io"]})

    seen = await acme.get()

    for one in seen["status"]["conditions"]:
        assert re.fullmatch(r"[A-Z][A-Za-z]+", one["reason"])
        at = datetime.strptime(one["lastTransitionTime"], "%Y-%m-%dT%H:%M:%S%z")
        assert datetime.now(UTC) - at < timedelta(minutes=5)


async def test_namespaces_are_told_one_by_one(make_tenant: MakeTenant) -> None:
    acme = await make_tenant(namespaces=["web", "db"])

    seen = await acme.get()

    assert [(one["name"], one["state"]) for one in seen["status"]["namespaces"]] == [
        (acme.namespace("db"), "Active"),
        (acme.namespace("web"), "Active"),
    ]
    assert seen["status"]["summary"]["namespaces"] == "2/2"


async def test_a_new_tenant_is_in_progress_until_the_operator_has_looked(
    api: ClusterApi, name: str
) -> None:
    """Without a status, it would pass for ready in the moment before."""
    seen = await api.create(tenant(name), dry_run=True)

    ready = condition(seen, "Ready")
    assert ready
    assert (ready["status"], ready["reason"]) == ("Unknown", "Pending")
    assert kstatus(seen) == "InProgress"


async def test_a_ready_tenant_is_current(make_tenant: MakeTenant) -> None:
    acme = await make_tenant()

    assert kstatus(await acme.get()) == "Current"


async def test_a_suspended_tenant_is_current(make_tenant: MakeTenant) -> None:
    acme = await make_tenant(suspend=True)

    assert kstatus(await acme.get()) == "Current"


async def test_a_changed_tenant_is_in_progress_until_the_operator_has_looked(
    make_tenant: MakeTenant,
) -> None:
    acme = await make_tenant()

    seen = await acme.apply(cost={"costCenter": "CC-1"})

    assert kstatus(seen) == "InProgress"
    await eventually(acme.get, lambda seen: kstatus(seen) == "Current")


async def test_a_tenant_that_needs_a_person_has_failed(
    make_tenant: MakeTenant, api: ClusterApi, name: str
) -> None:
    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": f"{name}-web"}}
    await api.create(namespace)

    acme = await make_tenant(ready=False)

    seen = await eventually(acme.get, lambda seen: kstatus(seen) == "Failed")
    stalled = condition(seen, "Stalled")
    assert stalled
    assert stalled["reason"] == "NotAdopted"
    assert "adoptionPolicy" in stalled["message"]


async def test_a_tenant_that_is_being_deleted_is_terminating(make_tenant: MakeTenant) -> None:
    acme = await make_tenant(deletionProtection=True)

    await acme.delete()
    await acme.becomes("DeletionBlocked", "True")

    assert kstatus(await acme.get()) == "Terminating"


async def test_a_transition_time_moves_with_the_condition_and_not_with_the_spec(
    make_tenant: MakeTenant,
) -> None:
    acme = await make_tenant()
    first = await acme.becomes("Ready", "True")
    past = "2020-01-01T00:00:00Z"
    aged = [
        {**one, "lastTransitionTime": past} for one in (await acme.get())["status"]["conditions"]
    ]
    await acme.api.patch(
        "Tenant", acme.name, {"status": {"conditions": aged}}, subresource="status"
    )

    await acme.apply(cost={"costCenter": "CC-1"}, roleBindings=_forbidden())

    failed = await acme.becomes("Ready", "False")
    assert failed["lastTransitionTime"] >= first["lastTransitionTime"]
    assert (await acme.becomes("QuotaEnforced", "True"))["lastTransitionTime"] == past


def _forbidden() -> list[dict[str, object]]:
    return [{"clusterRole": "system:node", "subjects": TEAM}]


async def test_usage_is_told_against_the_quota(make_tenant: MakeTenant, api: ClusterApi) -> None:
    acme = await make_tenant(namespaces=["web", "db"])
    before = (await acme.get())["status"]
    assert before["quota"]["hard"]["requests.cpu"] == "8"
    assert before["summary"]["memory"] == "0/16Gi"

    await api.create(workloads.deployment("web", acme.namespace("web"), replicas=3))
    await api.create(workloads.deployment("db", acme.namespace("db"), replicas=1))

    seen = await eventually(
        acme.get, lambda seen: seen["status"]["quota"]["used"].get("pods") == "4"
    )
    assert seen["status"]["quota"]["used"]["requests.cpu"] == "400m"
    assert seen["status"]["summary"]["cpu"] == "400m/8"
    assert seen["status"]["summary"]["memory"] == "512Mi/16Gi"


async def test_usage_falls_again(make_tenant: MakeTenant, api: ClusterApi) -> None:
    acme = await make_tenant()
    await api.create(workloads.pod("one", acme.namespace()))
    await eventually(acme.get, lambda seen: seen["status"]["quota"]["used"].get("pods") == "1")

    await api.delete("Pod", "one", acme.namespace())

    await eventually(acme.get, lambda seen: seen["status"]["quota"]["used"].get("pods") == "0")


async def test_a_quota_in_somebody_elses_namespace_does_not_count(
    make_tenant: MakeTenant, api: ClusterApi, name: str
) -> None:
    acme = await make_tenant()
    own = (await acme.get())["status"]["quota"]["hard"]
    labels = {"tenantry.io/tenant": acme.name, "app.kubernetes.io/managed-by": "tenantry"}
    forged = {
        "apiVersion": "v1",
        "kind": "ResourceQuota",
        "metadata": {"name": "tenantry", "namespace": f"{name}-plain", "labels": labels},
        "spec": {"hard": {"pods": "5000"}},
    }
    plain = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": f"{name}-plain"}}
    await api.create(plain)
    await api.create(forged)

    await acme.apply(displayName="Acme", quota={"perNamespace": {"configmaps": "77"}})

    told = await eventually(acme.get, lambda seen: seen["status"]["quota"]["hard"] != own)
    assert told["status"]["quota"]["hard"] == own | {"configmaps": "77"}
    await api.delete("Namespace", f"{name}-plain")
