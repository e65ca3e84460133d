"""Why a pod does not run, from its status."""

from typing import Any

import pytest

from tenantry.api.base import Manifest
from tenantry.symptoms import symptom_of


def _pod(*containers: Manifest, phase: str = "Pending", **status: Any) -> Manifest:
    return {
        "kind": "Pod",
        "metadata": {"name": "web-1"},
        "status": {"phase": phase, "containerStatuses": [*containers]} | status,
    }


def _container(state: Manifest, **more: Any) -> Manifest:
    return {"name": "main", "image": "web:1", "ready": False, "state": state} | more


def _waiting(reason: str, message: str = "", **more: Any) -> Manifest:
    return _container({"waiting": {"reason": reason, "message": message}}, **more)


def test_a_pod_that_runs_has_none() -> None:
    running = _container({"running": {"startedAt": "2026-01-01T00:00:00Z"}}, ready=True)

    assert symptom_of(_pod(running, phase="Running")) == {}


@pytest.mark.parametrize("reason", ["ContainerCreating", "PodInitializing"])
def test_a_pod_that_is_being_started_has_none(reason: str) -> None:
    assert symptom_of(_pod(_waiting(reason))) == {}


def test_a_pod_that_has_succeeded_or_is_going_has_none() -> None:
    ended = _container({"terminated": {"exitCode": 1}})
    going = _pod(_waiting("CrashLoopBackOff"))
    going["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z"

    assert symptom_of(_pod(ended, phase="Succeeded")) == {}
    assert symptom_of(going) == {}


def test_an_image_that_cannot_be_pulled_is_told_the_same_through_all_attempts() -> None:
    why = "rpc error: not found"
    first = _pod(_waiting("ErrImagePull", why))
    then = _pod(
        _waiting("ImagePullBackOff", f'Back-off pulling image "web:1": ErrImagePull: {why}')
    )

    assert symptom_of(first) == symptom_of(then)
    assert symptom_of(first) == {
        "reason": "ImagePullBackOff",
        "message": f"container main: image web:1: {why}",
    }


@pytest.mark.parametrize(
    ("terminated", "told"),
    [
        ({"exitCode": 3, "reason": "Error"}, "exit code 3"),
        ({"exitCode": 137, "reason": "OOMKilled"}, "exit code 137 (OOMKilled)"),
        ({"exitCode": 137, "reason": "Error"}, "its liveness or startup probe may fail"),
    ],
)
def test_a_crash_is_told_with_its_exit_code(terminated: Manifest, told: str) -> None:
    last = {"lastState": {"terminated": terminated}, "restartCount": 4}
    seen = symptom_of(_pod(_waiting("CrashLoopBackOff", **last)))

    assert seen["reason"] == "CrashLoopBackOff"
    assert told in seen["message"]


def test_a_crash_loop_is_one_while_the_container_runs_in_between() -> None:
    last = {"lastState": {"terminated": {"exitCode": 3}}, "restartCount": 4}
    between = _container({"running": {"startedAt": "2026-01-01T00:00:00Z"}}, **last)

    assert symptom_of(_pod(between)) == symptom_of(_pod(_waiting("CrashLoopBackOff", **last)))


def test_a_pod_that_no_node_takes_says_why() -> None:
    why = "0/3 nodes are available: 3 Insufficient cpu."
    condition = {"type": "PodScheduled", "reason": "Unschedulable", "message": why}

    assert symptom_of(_pod(conditions=[condition])) == {"reason": "Unschedulable", "message": why}


def test_a_container_that_cannot_be_made_says_why() -> None:
    seen = symptom_of(_pod(_waiting("CreateContainerConfigError", 'secret "db" not found')))

    assert seen == {
        "reason": "CreateContainerConfigError",
        "message": 'container main: secret "db" not found',
    }


@pytest.mark.parametrize(
    ("since", "reason"),
    [("2026-01-01T00:05:00Z", "ProbeFailing"), ("2025-12-31T23:59:59Z", "NotReady")],
)
def test_a_container_that_was_ready_before_fails_its_probe(since: str, reason: str) -> None:
    running = _container({"running": {"startedAt": "2026-01-01T00:00:00Z"}})
    ready = {"type": "Ready", "status": "False", "lastTransitionTime": since}

    assert symptom_of(_pod(running, phase="Running", conditions=[ready]))["reason"] == reason


def test_since_when_a_container_runs_without_being_ready_is_told() -> None:
    running = [
        _container({"running": {"startedAt": f"2026-01-01T00:0{minute}:00Z"}}) for minute in (5, 3)
    ]

    assert symptom_of(_pod(*running, phase="Running"))["since"] == "2026-01-01T00:03:00Z"


def test_an_evicted_pod_says_so() -> None:
    seen = symptom_of(_pod(phase="Failed", reason="Evicted", message="low on memory"))

    assert seen == {"reason": "Evicted", "message": "low on memory", "isOver": True}
