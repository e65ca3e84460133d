"""The state of workloads, told by the pods that are theirs now."""

from typing import Any

import pytest

from applications import application, component
from tenantry.api.application_status import ApplicationStatus
from tenantry.api.base import Manifest
from tenantry.application_workloads import remembered_of, workloads_of
from tenantry.component_health import Health
from tenantry.observed import key_of, observe
from tenantry.refused_pods import Cause, RefusedPods

LABELS = {
    "tenantry.io/application": "shop",
    "tenantry.io/component": "web",
    "app": "web",
    "version": "v1",
}


def _deployment(image: str) -> Manifest:
    counts = {"observedGeneration": 2, "replicas": 2, "updatedReplicas": 1}
    return {
        "kind": "Deployment",
        "metadata": {"name": "web-v1", "namespace": "acme", "labels": LABELS, "generation": 2},
        "spec": {"template": {"spec": {"containers": [{"name": "web", "image": image}]}}},
        "status": counts,
    }


def _crashing(*images: str) -> Manifest:
    waiting = {"waiting": {"reason": "CrashLoopBackOff"}}
    return {
        "kind": "Pod",
        "metadata": {"name": "web-v1-1", "namespace": "acme", "labels": LABELS},
        "spec": {"containers": [{"name": "any", "image": one} for one in images]},
        "status": {"containerStatuses": [{"name": "web", "state": waiting}]},
    }


def _health(*manifests: Manifest) -> Health:
    observed = {key_of(one): observe(one) for one in manifests}
    return workloads_of(observed, RefusedPods())["web", "v1"]


@pytest.mark.parametrize(
    ("listed", "leaving"),
    [
        pytest.param({("web", "v1"): "Deployment"}, [False], id="it is listed"),
        pytest.param({("web", "v2"): "Deployment"}, [True], id="it is listed no longer"),
        pytest.param({("web", "v1"): "StatefulSet"}, [], id="its place is another kind's now"),
    ],
)
def test_a_workload_that_is_on_its_way_out_is_told_apart(
    listed: dict[tuple[str, str], str], leaving: list[bool]
) -> None:
    made = _deployment("a.io/web:1")
    found = workloads_of({key_of(made): observe(made)}, RefusedPods(), listed=listed)
    assert [one.is_leaving for one in found.values()] == leaving


@pytest.mark.parametrize(
    ("image", "of_pod", "phase"),
    [
        pytest.param("a.io/web:2", ["a.io/web:2"], "Failed", id="its own"),
        pytest.param("a.io/web:2", ["a.io/web:1"], "InProgress", id="one of before"),
        pytest.param("a.io/web:2", ["proxy:1", "a.io/web:2"], "Failed", id="with a sidecar"),
        pytest.param("a.io/web:2", ["mirror:5000/a/web:2"], "Failed", id="from a mirror"),
        pytest.param("a.io/web:2", ["a.io/web:2@sha256:ab"], "Failed", id="pinned at admission"),
        pytest.param("web@sha256:cd", ["web@sha256:ab"], "InProgress", id="another digest"),
        pytest.param("a.io/web:2", [], "Failed", id="nobody knows"),
    ],
)
def test_the_troubles_of_pods_of_an_image_before_are_not_those_of_the_workload(
    image: str, of_pod: list[str], phase: str
) -> None:
    health = _health(_deployment(image), _crashing(*of_pod))

    assert (health.phase, health.image) == (phase, image)


def test_a_workload_of_an_application_that_had_the_name_before_says_nothing() -> None:
    made = _deployment("a.io/web:2")
    made["metadata"]["ownerReferences"] = [{"kind": "Application", "name": "shop", "uid": "old"}]
    observed = {key_of(made): observe(made | {"apiVersion": "apps/v1"})}

    assert workloads_of(observed, RefusedPods(), "new") == {}
    assert {*workloads_of(observed, RefusedPods(), "old")} == {("web", "v1")}


def _labelled(kind: str, name: str, /, **more: Any) -> Manifest:
    metadata = {"name": name, "namespace": "acme", "labels": LABELS, "uid": name, "generation": 1}
    beside = {key: more.pop(key) for key in ("spec", "status") if key in more}
    return {"kind": kind, "metadata": metadata | more} | beside


def _pod(name: str, owner: str, **state: Any) -> Manifest:
    labels = LABELS | {"batch.kubernetes.io/job-name": owner, "controller-revision-hash": owner}
    status = {"containerStatuses": [{"name": "main", "image": "web:1", "state": state}]}
    return _labelled("Pod", name, labels=labels, status=status)


CRON_JOB = _labelled("CronJob", "web-v1", status={"lastScheduleTime": "2026-01-02T03:00:00Z"})
RAN = {"lastSuccessfulTime": "2026-01-02T03:00:09Z"}
GIVEN_UP = {"conditions": [{"type": "Failed", "status": "True", "message": "limit"}]}
DONE = {"conditions": [{"type": "Complete", "status": "True"}]}


def _run(name: str, day: int, **status: Any) -> Manifest:
    """A Job that the CronJob has made."""
    owners = [{"kind": "CronJob", "name": "web-v1", "uid": "web-v1"}]
    made = f"2026-01-0{day}T03:00:00Z"
    return _labelled("Job", name, ownerReferences=owners, creationTimestamp=made, status=status)


PULLING = {"waiting": {"reason": "ErrImagePull", "message": "no such tag"}}


@pytest.mark.parametrize(
    ("others", "status", "reason"),
    [
        pytest.param([_run("a", 1, active=1)], {"active": [{}]}, "", id="it runs"),
        pytest.param([_run("a", 1, **GIVEN_UP)], {}, "JobFailed", id="it has failed"),
        pytest.param(
            [_run("b", 1, **GIVEN_UP), _run("a", 2, **DONE)], RAN, "", id="the next one was well"
        ),
        pytest.param(
            [_run("a", 1, active=1), _pod("p", "a", **PULLING)],
            {"active": [{}]},
            "ImagePullBackOff",
            id="its pod cannot start",
        ),
        pytest.param(
            [_run("b", 1, **GIVEN_UP), _pod("p", "b", **PULLING), _run("a", 2, active=1)],
            {"active": [{}]},
            "",
            id="a pod of the run before",
        ),
        pytest.param([], {}, "JobFailed", id="no Job is kept, and none has succeeded"),
        pytest.param([], {"active": [{}]}, "", id="it has just begun"),
        pytest.param([], RAN, "", id="no Job is kept, and it has succeeded"),
    ],
)
def test_a_cron_job_is_as_its_last_run(
    others: list[Manifest], status: Manifest, reason: str
) -> None:
    health = _health(CRON_JOB | {"status": CRON_JOB["status"] | status}, *others)

    assert (health.phase, health.reason) == ("Failed" if reason else "Current", reason)


def _refused(kind: str, name: str) -> RefusedPods:
    refused = RefusedPods()
    about = {"kind": kind, "namespace": "acme", "name": name}
    said = "exceeded quota: q, requested: pods=1, used: pods=2, limited: pods=2"
    refused.hear({"involvedObject": about, "message": said})
    return refused


@pytest.mark.parametrize(("kind", "name"), [("CronJob", "web-v1"), ("Job", "a")])
def test_what_keeps_a_cron_job_from_its_jobs_and_them_from_their_pods_is_told(
    kind: str, name: str
) -> None:
    made = [CRON_JOB, *([_run("a", 1)] if kind == "Job" else [])]
    observed = {key_of(one): observe(one) for one in made}

    health = workloads_of(observed, _refused(kind, name))["web", "v1"]

    assert (health.phase, health.reason) == ("Failed", "QuotaExceeded")


def test_a_job_that_has_its_pods_is_refused_none_and_that_is_forgotten() -> None:
    job = _labelled("Job", "web-v1-1", spec={"parallelism": 1}, status={"active": 1})
    refused = _refused("Job", "web-v1-1")

    health = workloads_of({key_of(job): observe(job)}, refused)["web", "v1"]

    assert (health.phase, health.reason) == ("InProgress", "Running")
    assert refused.of("acme", "Job", "web-v1-1") is None


SET = _labelled(
    "StatefulSet",
    "web-v1",
    spec={"replicas": 1},
    status={"observedGeneration": 1, "replicas": 1, "updateRevision": "new"},
)


@pytest.mark.parametrize(
    ("revision", "reason"), [("new", "ImagePullBackOff"), ("old", "UpdateBlocked")]
)
def test_a_pod_of_before_that_a_stateful_set_waits_for_is_named(revision: str, reason: str) -> None:
    health = _health(SET, _pod("web-v1-0", revision, **PULLING))

    assert (health.phase, health.reason) == ("Failed", reason)
    assert "no such tag" in health.message
    assert ("delete the pod" in health.message) == (revision == "old")


def test_what_was_told_of_pods_that_were_refused_is_remembered_until_the_spec_changes() -> None:
    told = {"name": "v1", "reason": "QuotaExceeded", "message": "pods"}
    shop = application(component(kind="StatefulSet"))
    components = [{"name": "web", "kind": "StatefulSet", "versions": [told]}]
    status = ApplicationStatus.model_validate({"components": components})
    lacking = SET | {"status": {"observedGeneration": 1, "updateRevision": "new"}}
    observed = {key_of(lacking): observe(lacking)}

    remembered = remembered_of(shop.model_copy(update={"status": status}))

    health = workloads_of(observed, RefusedPods(), remembered=remembered)["web", "v1"]
    assert (health.phase, health.reason, health.message) == ("Failed", "QuotaExceeded", "pods")
    changed = status.model_copy(update={"observed_generation": 1})
    assert remembered_of(shop.model_copy(update={"status": changed})) == {}


def test_an_autoscaler_that_does_nothing_is_told_of_what_it_scales() -> None:
    why = {"type": "ScalingActive", "status": "False", "reason": "FailedGetResourceMetric"}
    target = {"kind": "Deployment", "name": "web-v1"}
    scaler = _labelled(
        "HorizontalPodAutoscaler",
        "web-v1",
        spec={"scaleTargetRef": target},
        status={"conditions": [why | {"message": "missing request for cpu"}]},
    )

    health = _health(_deployment("web:1"), scaler)

    assert health.scaling == Cause("FailedGetResourceMetric", "missing request for cpu")
