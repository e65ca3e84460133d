"""Everything that an Application should be made into now, and what is told beside it."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final

import pytest

from bookinfo import MESH, application, bookinfo, bookinfo_components, surroundings
from tenantry.api.application import Application
from tenantry.api.application_status import ApplicationStatus, RolloutStatus
from tenantry.application_desire import Desire, desire, next_look, taking_up
from tenantry.component_health import Health

NOW: Final = datetime(2026, 1, 1, 12, tzinfo=UTC)
CURRENT: Final = Health(1, 1, 1, 1, "Current")
CANARY: Final = {"version": "v2", "steps": [{"weight": 10, "pause": "5m"}, {"weight": 50}]}


def _kinds(made: Desire) -> set[str]:
    return {one["kind"] for one in made.manifests}


def _desire(made: Application, *served: str) -> Desire:
    return desire(made, surroundings(served=served), {}, NOW)


def test_isolation_workloads_and_traffic_are_all_made() -> None:
    made = _desire(bookinfo())

    assert {"NetworkPolicy", "Deployment", "Service", "ServiceAccount", "Ingress"} <= _kinds(made)
    assert made.told.provider == "Ingress"
    assert made.told.dependencies


def test_with_a_mesh_its_own_policies_are_made_and_nothing_is_missing() -> None:
    made = _desire(bookinfo(), *MESH)

    assert {"AuthorizationPolicy", "PeerAuthentication", "VirtualService"} <= _kinds(made)
    assert (made.told.provider, made.told.without_mesh) == ("Istio", ())


def test_without_a_mesh_it_is_told_what_a_mesh_would_do() -> None:
    told = _desire(bookinfo()).told

    assert len(told.without_mesh) == 2
    assert all("Istio" in line for line in told.without_mesh)


def test_what_nothing_in_the_cluster_can_do_is_told_with_component_and_knob() -> None:
    told = _desire(bookinfo(reviews={"traffic": {"timeout": "3s"}})).told

    assert any(line.startswith("reviews traffic.timeout: ") for line in told.unhonoured)


def _canary(**status: Any) -> Application:
    made = bookinfo(reviews={"traffic": {"rollout": CANARY}})
    before = {"components": [{"name": "reviews", "kind": "Deployment", "rollout": status}]}
    parsed = ApplicationStatus.model_validate(before if status else {})
    return made.model_copy(update={"status": parsed})


@pytest.mark.parametrize(
    ("health", "state"),
    [
        (CURRENT, "Progressing"),
        (Health(), "Progressing"),
        (Health(phase="Failed", reason="CrashLoopBackOff", message="exit code 1"), "RolledBack"),
        (Health(3, 2, 3, 2, settled=2), "Progressing"),
    ],
)
def test_a_version_is_taken_up_by_the_health_of_its_own_workload(
    health: Health, state: str
) -> None:
    others = dict.fromkeys([("reviews", "v1"), ("reviews", "v3")], CURRENT)
    before = taking_up(_canary(), {**others, ("reviews", "v2"): CURRENT}, NOW)["reviews"].status
    canary = _canary(**before.model_dump(by_alias=True))
    made = taking_up(canary, {**others, ("reviews", "v2"): health}, NOW)

    assert made["reviews"].status.state == state


def test_how_far_it_was_is_remembered() -> None:
    health = {("reviews", "v2"): CURRENT}
    first = taking_up(_canary(), health, NOW)["reviews"].status
    assert first.weight == 10

    again = taking_up(_canary(**first.model_dump(by_alias=True)), health, NOW)

    assert again["reviews"].status == first


def test_it_is_looked_at_again_when_a_step_or_a_fault_is_over() -> None:
    fault = {"delay": {"fixedDelay": "1s"}, "expiresAt": "2026-01-01T12:03:00Z"}
    plain, both = _canary(), bookinfo(reviews={"traffic": {"rollout": CANARY, "fault": fault}})
    rollouts = taking_up(plain, {("reviews", "v2"): CURRENT}, NOW)

    assert next_look(plain, rollouts, NOW) == NOW.replace(minute=5)
    assert next_look(both, rollouts, NOW) == NOW.replace(minute=3)
    assert next_look(bookinfo(), {}, NOW) is None


@pytest.mark.parametrize(
    ("reason", "state"),
    [
        ("Unschedulable", "Progressing"),
        ("QuotaExceeded", "Progressing"),
        ("ImagePullBackOff", "RolledBack"),
        ("ProbeFailing", "RolledBack"),
    ],
)
def test_want_of_room_is_no_fault_of_a_version_that_has_requests(reason: str, state: str) -> None:
    ill = Health(1, phase="Failed", reason=reason, message="so it is")
    first = taking_up(_canary(), {("reviews", "v2"): CURRENT}, NOW)["reviews"].status
    again = _canary(**first.model_dump(by_alias=True))

    later = taking_up(again, {("reviews", "v2"): ill}, NOW.replace(minute=1))["reviews"].status

    assert (first.weight, later.state) == (10, state)
    assert f"{reason}: so it is" in later.message


@pytest.mark.parametrize("reason", ["Unschedulable", "CrashLoopBackOff", "ContainerFailed"])
def test_whatever_keeps_a_version_without_requests_it_has_until_its_deadline(reason: str) -> None:
    ill = Health(1, phase="Failed", reason=reason, message="so it is")

    first = taking_up(_canary(), {("reviews", "v2"): ill}, NOW)["reviews"].status
    again = _canary(**first.model_dump(by_alias=True))
    later = taking_up(again, {("reviews", "v2"): ill}, NOW.replace(minute=10))["reviews"].status

    assert (first.state, later.state) == ("Progressing", "RolledBack")
    assert f"{reason}: so it is" in first.message


def test_a_version_whose_autoscaler_adds_pods_goes_on_while_it_has_the_fewest_that_it_needs() -> (
    None
):
    scaled = {"autoscaling": {"minReplicas": 2, "maxReplicas": 9}}
    growing = Health(3, 2, 3, 2, "InProgress", "Starting", settled=2)
    health = {("reviews", "v2"): growing}

    for more, weight in ((scaled, 10), ({}, 0)):
        made = bookinfo(reviews={"traffic": {"rollout": CANARY}, **more})
        assert taking_up(made, health, NOW)["reviews"].status.weight == weight

    replaced = {("reviews", "v2"): replace(growing, settled=1)}
    made = bookinfo(reviews={"traffic": {"rollout": CANARY}, **scaled})
    assert taking_up(made, replaced, NOW)["reviews"].status.weight == 0


def test_what_the_defaults_say_of_a_version_is_part_of_what_it_runs() -> None:
    reviews = bookinfo_components()["reviews"] | {"traffic": {"rollout": CANARY}}
    shared = {"port": 9080, "env": [{"name": "A", "value": "1"}]}

    plain, other = (application([reviews], **more) for more in ({}, {"defaults": shared}))

    hashes = {taking_up(one, {}, NOW)["reviews"].status.steps_hash for one in (plain, other)}
    assert len(hashes) == 2


def test_a_workload_with_another_image_says_nothing_of_the_version() -> None:
    for health in (CURRENT, Health(phase="Failed", reason="CrashLoopBackOff")):
        old = replace(health, image="example.com/reviews:v1")
        made = taking_up(_canary(), {("reviews", "v2"): old}, NOW)["reviews"]
        assert (made.status.state, made.status.weight) == ("Progressing", 0)

    new = replace(CURRENT, image="example.com/reviews:v2")
    assert taking_up(_canary(), {("reviews", "v2"): new}, NOW)["reviews"].status.weight == 10


def test_a_cause_as_long_as_a_novel_fits_into_the_status() -> None:
    ill = Health(phase="Failed", reason="CrashLoopBackOff", message="x" * 5000)

    status = taking_up(_canary(), {("reviews", "v2"): ill}, NOW)["reviews"].status

    assert RolloutStatus.model_validate(status.model_dump(by_alias=True)) == status
