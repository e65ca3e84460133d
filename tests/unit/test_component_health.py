"""How far a workload is, by the rules of kstatus, and what keeps it."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest

from tenantry.api.base import Manifest
from tenantry.component_health import Health, health_of
from tenantry.refused_pods import cause_of

DONE: Manifest = {
    "observedGeneration": 2,
    "replicas": 2,
    "updatedReplicas": 2,
    "readyReplicas": 2,
    "availableReplicas": 2,
}


def _health(
    kind: str,
    spec: Manifest,
    status: Manifest,
    *symptoms: Manifest,
    refusal: str = "",
    now: datetime | None = None,
) -> Health:
    body = {"metadata": {"generation": 2}, "spec": spec}
    return health_of(kind, body, status, symptoms, cause_of(refusal) if refusal else None, now)


def _deployment(*symptoms: Manifest, refusal: str = "", **status: Any) -> Health:
    return _health("Deployment", {"replicas": 2}, DONE | status, *symptoms, refusal=refusal)


def test_a_deployment_with_all_pods_is_current() -> None:
    health = _deployment()

    assert health == Health(desired=2, ready=2, updated=2, available=2, phase="Current", settled=2)


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        ({"observedGeneration": 1}, "Waiting"),
        ({"updatedReplicas": 1}, "Updating"),
        ({"replicas": 3}, "Updating"),
        ({"availableReplicas": 1}, "Starting"),
        ({"readyReplicas": 0}, "Starting"),
    ],
)
def test_a_deployment_on_its_way_is_in_progress(status: Manifest, reason: str) -> None:
    health = _deployment(**status)

    assert (health.phase, health.reason) == ("InProgress", reason)


def test_a_deployment_without_pods_is_as_it_should_be_when_none_are_wanted() -> None:
    assert _health("Deployment", {"replicas": 0}, {"observedGeneration": 2}).is_current


def test_what_a_pod_suffers_from_is_the_reason() -> None:
    symptoms = [
        {"reason": "Unschedulable", "message": "no room"},
        {"reason": "ImagePullBackOff", "message": "no image"},
        {"reason": "NotReady", "message": "starting"},
    ]
    health = _deployment(*symptoms, readyReplicas=0)

    assert (health.phase, health.reason, health.message) == (
        "Failed",
        "ImagePullBackOff",
        "no image",
    )


def test_a_pod_of_before_says_nothing_about_a_workload_that_is_current() -> None:
    assert _deployment({"reason": "CrashLoopBackOff", "message": "x"}).is_current


def test_pods_that_are_refused_are_told_from_the_deployments_own_status() -> None:
    said = "exceeded quota: tenantry, requested: pods=1, used: pods=2, limited: pods=2"
    failure = {"type": "ReplicaFailure", "status": "True", "message": said}

    health = _deployment(conditions=[failure], readyReplicas=1)

    assert health.reason == "QuotaExceeded"


def test_pods_that_are_refused_are_told_from_events_for_other_kinds() -> None:
    said = 'pods "x" is forbidden: violates PodSecurity "restricted:latest": hostNetwork'
    status = {"observedGeneration": 2}

    health = _health("DaemonSet", {}, status | {"desiredNumberScheduled": 1}, refusal=said)

    assert (health.phase, health.reason) == ("Failed", "PodSecurityViolation")


@pytest.mark.parametrize(
    ("symptoms", "reason"),
    [
        ([{"reason": "NotReady", "message": "runs"}], "ProbeFailing"),
        ([], "ProgressDeadlineExceeded"),
    ],
)
def test_what_lasts_too_long_has_failed(symptoms: list[Manifest], reason: str) -> None:
    late = {"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded"}

    health = _deployment(*symptoms, conditions=[late], readyReplicas=0)

    assert (health.phase, health.reason) == ("Failed", reason)


@pytest.mark.parametrize(
    ("status", "phase"),
    [
        ({"replicas": 2, "readyReplicas": 2, "updatedReplicas": 2}, "Current"),
        ({"replicas": 2, "readyReplicas": 1, "updatedReplicas": 2}, "InProgress"),
        (
            {"replicas": 2, "readyReplicas": 2, "updatedReplicas": 1}
            | {"currentRevision": "a", "updateRevision": "b"},
            "InProgress",
        ),
        (
            {"replicas": 2, "readyReplicas": 2} | {"currentRevision": "b", "updateRevision": "b"},
            "Current",
        ),
    ],
)
def test_a_stateful_set_is_current_when_all_pods_are_ready_and_updated(
    status: Manifest, phase: str
) -> None:
    health = _health("StatefulSet", {"replicas": 2}, {"observedGeneration": 2} | status)

    assert health.phase == phase


def test_a_stateful_set_may_keep_some_pods_as_they_were() -> None:
    update = {"type": "RollingUpdate", "rollingUpdate": {"partition": 1}}
    revisions = {"currentRevision": "a", "updateRevision": "b", "updatedReplicas": 1}
    status = {"observedGeneration": 2, "replicas": 2, "readyReplicas": 2} | revisions

    spec = {"replicas": 2, "updateStrategy": update}
    assert _health("StatefulSet", spec, status).is_current


@pytest.mark.parametrize(
    ("conditions", "phase", "reason"),
    [
        ([{"type": "Complete", "status": "True"}], "Current", ""),
        (
            [{"type": "Failed", "status": "True", "reason": "BackoffLimitExceeded"}],
            "Failed",
            "BackoffLimitExceeded",
        ),
        ([], "InProgress", "Running"),
    ],
)
def test_a_job_is_current_when_it_is_complete(
    conditions: list[Manifest], phase: str, reason: str
) -> None:
    health = _health("Job", {"completions": 1}, {"conditions": conditions})

    assert (health.phase, health.reason) == (phase, reason)


BEGAN: Final = datetime(2026, 1, 1, 12, tzinfo=UTC)
UNREADY: Final[Manifest] = {
    "reason": "NotReady",
    "message": "container main runs",
    "since": "2026-01-01T12:00:00Z",
}
NONE_READY: Final[dict[str, tuple[Manifest, Manifest]]] = {
    "Deployment": ({"replicas": 2}, DONE | {"readyReplicas": 0}),
    "StatefulSet": ({"replicas": 2}, {"observedGeneration": 2, "replicas": 1}),
    "DaemonSet": ({}, {"observedGeneration": 2, "desiredNumberScheduled": 1}),
}


@pytest.mark.parametrize("kind", NONE_READY)
def test_what_a_workload_waits_for_is_told_at_once_and_is_a_failure_when_it_has_lasted(
    kind: str,
) -> None:
    spec, status = NONE_READY[kind]
    end = BEGAN + timedelta(minutes=10)

    early = _health(kind, spec, status, UNREADY, now=end - timedelta(seconds=1))
    late = _health(kind, spec, status, UNREADY, now=end)

    assert (early.phase, early.fails_at) == ("InProgress", end)
    assert "container main runs" in early.message
    assert (late.phase, late.reason) == ("Failed", "ProbeFailing")
    assert "since 2026-01-01T12:00:00Z" in late.message


def test_pods_that_are_not_ready_have_the_time_that_their_deployment_gives_them() -> None:
    spec = {"replicas": 2, "progressDeadlineSeconds": 30}

    health = _health("Deployment", spec, DONE | {"readyReplicas": 0}, UNREADY, now=BEGAN)

    assert health.fails_at == BEGAN + timedelta(seconds=30)


@pytest.mark.parametrize("since", ["", "soon", "2026-01-01", "2026-01-01T12:00:00"])
def test_a_time_that_nobody_can_read_is_no_defect(since: str) -> None:
    spec, status = NONE_READY["StatefulSet"]

    health = _health("StatefulSet", spec, status, UNREADY | {"since": since}, now=BEGAN)

    assert health.phase == "InProgress"


QUOTA: Final = "exceeded quota: tenantry, requested: pods=1, used: pods=2, limited: pods=2"


@pytest.mark.parametrize(
    ("kind", "spec", "status", "reason"),
    [
        ("Job", {"parallelism": 1}, {}, "QuotaExceeded"),
        ("Job", {"parallelism": 1}, {"active": 1}, "Running"),
        ("Job", {"parallelism": 3, "completions": 4}, {"active": 2}, "QuotaExceeded"),
        ("Job", {"parallelism": 3, "completions": 4}, {"active": 2, "succeeded": 2}, "Running"),
        ("StatefulSet", {"replicas": 2}, {"replicas": 1, "readyReplicas": 1}, "QuotaExceeded"),
        ("StatefulSet", {"replicas": 2}, {"replicas": 1}, "Starting"),
        ("StatefulSet", {"replicas": 2}, {"replicas": 2, "readyReplicas": 1}, "Starting"),
        ("DaemonSet", {}, {"desiredNumberScheduled": 1}, "QuotaExceeded"),
        (
            "DaemonSet",
            {},
            {"desiredNumberScheduled": 1, "currentNumberScheduled": 1},
            "Updating",
        ),
    ],
)
def test_pods_that_were_refused_are_the_cause_as_long_as_they_are_missing(
    kind: str, spec: Manifest, status: Manifest, reason: str
) -> None:
    health = _health(kind, spec, {"observedGeneration": 2} | status, refusal=QUOTA)

    assert health.reason == reason


ENDED: Final[Manifest] = {"reason": "ContainerFailed", "message": "exit code 3", "isOver": True}


def test_a_job_that_tries_again_goes_on_and_tells_what_became_of_its_pods() -> None:
    health = _health("Job", {"completions": 1}, {"active": 1, "failed": 2}, ENDED)

    assert (health.phase, health.reason) == ("InProgress", "Running")
    assert "after 2 that failed: exit code 3" in health.message


def test_a_job_that_has_given_up_tells_why_its_pods_failed() -> None:
    failed = {"type": "Failed", "status": "True", "reason": "BackoffLimitExceeded"}

    health = _health("Job", {}, {"failed": 2, "conditions": [failed]}, ENDED)

    assert (health.phase, health.reason, health.message) == (
        "Failed",
        "ContainerFailed",
        "exit code 3",
    )


def test_a_job_whose_pod_keeps_crashing_is_kept_from_its_end() -> None:
    health = _health("Job", {}, {"active": 1}, {"reason": "CrashLoopBackOff", "message": "x"})

    assert (health.phase, health.reason) == ("Failed", "CrashLoopBackOff")


def test_a_cron_job_is_current_as_soon_as_it_is_there() -> None:
    assert _health("CronJob", {}, {}).is_current


@pytest.mark.parametrize(
    ("available", "updated", "there", "settled"), [(4, 2, 5, 1), (2, 0, 2, 0), (5, 5, 5, 5)]
)
def test_of_pods_that_are_available_those_of_before_are_not_counted_as_settled(
    available: int, updated: int, there: int, settled: int
) -> None:
    counts = {"replicas": there, "updatedReplicas": updated, "availableReplicas": available}

    assert _deployment(**counts).settled == settled
