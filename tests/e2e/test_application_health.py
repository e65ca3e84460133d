"""Why an Application's pods do not run, as controllers and kubelets say it, in the Application.

The nodes of the dev cluster run every pod, so what a kubelet would say is written into the pods.
"""

from typing import Any, Final

import pytest

from audit import AuditLog
from cluster_api import ClusterApi
from conftest import MakeTenant, Site
from live_applications import LiveApplication, component
from tenancy import LiveTenant, condition
from tenantry.api.base import Manifest
from waiting import eventually

ANOTHER: Final = "registry.k8s.io/pause:3.9"
STARTED, LATER = "2026-01-01T00:00:00Z", "2026-01-01T00:05:00Z"
NEVER: Final = "2025-12-31T23:59:59Z"
AS_ROOT: Final = {"securityContext": {"runAsNonRoot": False, "runAsUser": 0}}


@pytest.fixture
async def space(make_tenant: MakeTenant) -> str:
    """A namespace of a tenant that is ready."""
    return (await make_tenant()).namespace()


async def _pods_become(
    application: LiveApplication, name: str, since: str = NEVER, **container: Any
) -> None:
    """What a kubelet would say of a component's pods: they are not ready, and why."""
    api, namespace = application.api, application.namespace
    for pod in await api.list("Pod", namespace, f"app={name}"):
        (seen,) = pod["status"]["containerStatuses"]
        down = {"ready": False, "started": False, "restartCount": 0, "lastState": {}} | container
        ready = {
            "type": "Ready",
            "status": "False",
            "reason": "ContainersNotReady",
            "lastTransitionTime": since,
        }
        status = {"containerStatuses": [seen | down], "conditions": [ready]}
        await api.patch("Pod", pod["metadata"]["name"], {"status": status}, namespace, "status")


def _running(since: str) -> Manifest:
    return {"running": {"startedAt": since}}


def _waiting(reason: str, message: str = "") -> Manifest:
    return {"waiting": {"reason": reason, "message": message}}


async def test_what_a_kubelet_says_of_a_pod_is_the_reason_and_its_words_are_the_message(
    api: ClusterApi, space: str
) -> None:
    shop = LiveApplication(api, "shop", space)
    await shop.apply(component("web"), component("db", kind="StatefulSet"))
    await shop.ready()

    for name in ("web", "db"):
        said = "pull access denied, repository does not exist"
        await _pods_become(shop, name, state=_waiting("ErrImagePull", said))
        told = await shop.says("Ready", "False", "ImagePullBackOff")
        assert f"{name} v1" in told["message"]
        assert said in told["message"]

        crashed = {"terminated": {"exitCode": 3, "reason": "Error"}}
        await _pods_become(shop, name, state=_waiting("CrashLoopBackOff"), lastState=crashed)
        told = await shop.says("Degraded", "True", "CrashLoopBackOff")
        assert "exit code 3" in told["message"]

        await _pods_become(shop, name, LATER, state=_running(STARTED))
        told = await shop.says("Degraded", "True", "ProbeFailing")
        assert "readiness probe" in told["message"]

        # It has been running for months and was never ready.
        await _pods_become(shop, name, state=_running(STARTED))
        await eventually(shop.get, lambda seen: "have not succeeded yet" in str(seen["status"]))
        told = await shop.says("Degraded", "True", "ProbeFailing")
        assert f"since {STARTED}" in told["message"]

        for pod in await api.list("Pod", space, f"app={name}"):
            await api.delete("Pod", pod["metadata"]["name"], space)
        await shop.ready()


async def test_what_pod_security_refuses_is_told_with_the_field(
    api: ClusterApi, make_tenant: MakeTenant
) -> None:
    tenant = await make_tenant(policy={"mode": "Warn"}, podSecurity={"level": "restricted"})
    shop = LiveApplication(api, "shop", tenant.namespace())

    await shop.apply(
        component("web", **AS_ROOT),
        component("db", kind="StatefulSet", **AS_ROOT),
        component("once", kind="Job", port=None, **AS_ROOT),
    )

    told = await eventually(
        shop.get,
        lambda seen: (
            [one.get("reason") for one in seen["status"].get("components", ())]
            == ["PodSecurityViolation"] * 3
        ),
    )
    for one in told["status"]["components"]:
        assert "restricted" in one["message"]
        assert "runAsNonRoot" in one["message"]
    await shop.says("Ready", "False", "PodSecurityViolation")


async def test_a_stateful_set_that_waits_for_a_pod_of_before_for_ever_says_which(
    api: ClusterApi, space: str
) -> None:
    notes = LiveApplication(api, "notes", space)
    await notes.apply(component("db", kind="StatefulSet"))
    await notes.ready()
    await _pods_become(notes, "db", state=_waiting("ErrImagePull", "no such tag"))
    await notes.says("Degraded", "True", "ImagePullBackOff")

    await notes.apply(component("db", kind="StatefulSet", image=ANOTHER))

    told = await notes.says("Degraded", "True", "UpdateBlocked")
    assert "pod db-v1-0" in told["message"]
    assert "no such tag" in told["message"]
    await api.delete("Pod", "db-v1-0", space)
    await notes.ready()


async def test_a_cron_job_whose_run_cannot_start_says_so_until_there_is_another(
    api: ClusterApi, space: str
) -> None:
    nightly = LiveApplication(api, "nightly", space)
    report = component(
        "report", kind="CronJob", schedule="0 3 1 1 *", port=None, nodeSelector={"no": "such"}
    )
    await nightly.apply(report)
    await nightly.ready()
    (cron_job,) = (await nightly.has("CronJob")).values()

    await api.create(_run(cron_job))
    told = await nightly.says("Degraded", "True", "Unschedulable")
    assert "its last run, report-now" in told["message"]
    await nightly.says("Ready", "False", "Unschedulable")

    await api.delete("Job", "report-now", space)
    await nightly.ready()


def _run(cron_job: Manifest) -> Manifest:
    """A Job as ``kubectl create job --from`` makes it."""
    metadata, template = cron_job["metadata"], cron_job["spec"]["jobTemplate"]
    owner = {"apiVersion": "batch/v1", "kind": "CronJob", "controller": True}
    made = {
        "name": "report-now",
        "namespace": metadata["namespace"],
        "labels": template["metadata"]["labels"],
        "annotations": {"cronjob.kubernetes.io/instantiate": "manual"},
        "ownerReferences": [owner | {key: metadata[key] for key in ("name", "uid")}],
    }
    return {"apiVersion": "batch/v1", "kind": "Job", "metadata": made, "spec": template["spec"]}


async def test_what_was_said_of_pods_that_were_refused_outlives_a_restart(site: Site) -> None:
    tenant = LiveTenant(site.api, "refused")
    notes = LiveApplication(site.api, "notes", tenant.namespace())
    async with site.operator():
        await tenant.apply(quota={"hard": {"pods": 1}}, policy={"mode": "Warn"})
        await tenant.ready()
        await notes.apply(component("db", kind="StatefulSet", replicas=2))
        before = await notes.says("Ready", "False", "QuotaExceeded")
        assert "pods" in before["message"]
    audit = AuditLog(site.cluster.audit_log)

    async with site.operator():
        # Another Application is looked at after all that there were at the start.
        other = LiveApplication(site.api, "other", tenant.namespace())
        await other.apply(component("nothing", replicas=0))
        await other.ready()
        assert condition(await notes.get(), "Ready") == before
        told = [one for one in audit.writes() if one.endswith(f"{notes.namespace}/notes")]
        assert told == []
        await notes.delete()
        await other.delete()
        await tenant.delete()
        await tenant.gone()
