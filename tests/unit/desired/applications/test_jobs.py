from typing import Any

import pytest

from applications import application, component, facts, template_of, the
from tenantry.desired.applications import not_honoured

SETTINGS = {"completions": 2, "backoffLimit": 1, "activeDeadlineSeconds": 60}


def job(**more: Any) -> Any:
    return the("Job", component("migrate", kind="Job", **more))


def test_a_job_ends_as_it_is_told_to() -> None:
    spec = job(job=SETTINGS | {"restartPolicy": "Never"})["spec"]

    assert {name: spec[name] for name in spec if name != "template"} == {
        "activeDeadlineSeconds": 60,
        "backoffLimit": 1,
        "completionMode": "NonIndexed",
        "completions": 2,
        "manualSelector": False,
        "parallelism": 1,
        "podReplacementPolicy": "TerminatingOrFailed",
        "suspend": False,
    }
    assert spec["template"]["spec"]["restartPolicy"] == "Never"


@pytest.mark.parametrize(("kind", "is_told"), [("Job", True), ("CronJob", False)])
def test_that_a_job_is_not_deleted_is_told_to_whoever_asks_for_it(
    kind: str, *, is_told: bool
) -> None:
    timed = {"schedule": "@daily"} if kind == "CronJob" else {}
    asked = component(kind=kind, job={"ttlSecondsAfterFinished": 60}, **timed)

    said = [one.knob for one in not_honoured(application(asked), facts())]

    assert said == (["job.ttlSecondsAfterFinished"] if is_told else [])


def test_a_job_is_not_deleted_when_it_has_ended_lest_it_run_again() -> None:
    assert "ttlSecondsAfterFinished" not in job(job={"ttlSecondsAfterFinished": 60})["spec"]


@pytest.mark.parametrize(
    "change",
    [
        {"args": ["--all"]},
        {"env": [{"name": "A", "value": "1"}]},
        {"files": {"/a/b": "c"}},
        {"image": "ghcr.io/acme/web:2.0"},
        {"resources": {"limits": {"memory": "1Gi"}}},
        {"job": {"completions": 2}},
    ],
)
def test_another_job_runs_when_it_is_to_run_something_else(change: Any) -> None:
    assert job(**change)["metadata"]["name"] != job()["metadata"]["name"]


@pytest.mark.parametrize(
    "change",
    [
        {"costLabels": {"product": "x"}},
        {"job": {"suspend": True}},
        {"dependsOn": [{"component": "migrate"}]},
        {"topologySpread": [{"topologyKey": "zone"}]},
    ],
)
def test_no_other_job_runs_when_it_would_run_the_same(change: Any) -> None:
    assert job(**change)["metadata"]["name"] == job()["metadata"]["name"]


def test_the_name_of_a_job_fits_into_a_label() -> None:
    versions = [{"name": "v" * 12, "image": "web:1"}]

    made = the("Job", component("m" * 50, kind="Job", versions=versions))

    assert len(made["metadata"]["name"]) <= 63


def test_a_cron_job_makes_jobs_on_its_schedule() -> None:
    settings = SETTINGS | {"ttlSecondsAfterFinished": 60, "startingDeadlineSeconds": 30}
    made = the("CronJob", component("report", kind="CronJob", schedule="0 2 * * *", job=settings))
    runs = made["spec"].pop("jobTemplate")

    assert made["spec"] == {
        "concurrencyPolicy": "Forbid",
        "failedJobsHistoryLimit": 1,
        "schedule": "0 2 * * *",
        "startingDeadlineSeconds": 30,
        "successfulJobsHistoryLimit": 3,
        "suspend": False,
        "timeZone": "Etc/UTC",
    }
    assert runs["metadata"]["labels"] == made["metadata"]["labels"]
    assert runs["spec"]["ttlSecondsAfterFinished"] == 60
    assert (
        template_of({"kind": "Job", "spec": runs["spec"]})["spec"]["restartPolicy"] == "OnFailure"
    )


def test_a_suspended_cron_job_suspends_its_schedule_and_not_its_jobs() -> None:
    made = the("CronJob", component("r", kind="CronJob", schedule="@daily", job={"suspend": True}))

    assert made["spec"]["suspend"] is True
    assert made["spec"]["jobTemplate"]["spec"]["suspend"] is False
