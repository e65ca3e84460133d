"""Workloads that end: Jobs, and CronJobs that make them.

What a Job runs is immutable, so a digest of what was asked for (``identity``) is part of its name:
ask for something else, and another Job runs. Of one that is there, what else has changed is left as
it was made (``application_plan``).
"""

from collections.abc import Iterator
from typing import Final

import orjson

from tenantry.api.base import Manifest
from tenantry.api.components import Component, Version
from tenantry.api.jobs import JobSettings
from tenantry.desired.applications.identity import asked
from tenantry.desired.applications.labels import of_version
from tenantry.desired.applications.naming import job_name, workload_name
from tenantry.desired.applications.parts import Part
from tenantry.desired.applications.pods import pod_template
from tenantry.desired.applications.unhonoured import Unhonoured

_API_VERSION: Final = "batch/v1"
_USUAL: Final = JobSettings()


def job(part: Part, version: Version) -> Manifest:
    """The Job of a version.

    It is not deleted when it has ended: it would be missing, and made, and run once more.
    """
    settings = part.component.job or _USUAL
    name = job_name(part.name, version.name, _identity(part.of(version), version, part.registry))
    spec = _job_spec(part, version, settings) | {
        "manualSelector": False,
        "podReplacementPolicy": "TerminatingOrFailed",
    }
    return of_version(_API_VERSION, "Job", part, version.name, name=name) | {"spec": spec}


def cron_job(part: Part, version: Version) -> Manifest:
    """The CronJob of a version."""
    settings = part.component.job or _USUAL
    runs = _job_spec(part, version, settings) | {"suspend": False}
    if settings.ttl_seconds_after_finished is not None:
        runs["ttlSecondsAfterFinished"] = settings.ttl_seconds_after_finished
    name = workload_name(part.name, version.name)
    made = of_version(_API_VERSION, "CronJob", part, version.name, name=name)
    spec: Manifest = {
        "concurrencyPolicy": settings.concurrency_policy,
        "failedJobsHistoryLimit": settings.failed_jobs_history_limit,
        "jobTemplate": {"metadata": {"labels": made["metadata"]["labels"]}, "spec": runs},
        "schedule": part.component.schedule or "",
        "successfulJobsHistoryLimit": settings.successful_jobs_history_limit,
        "suspend": settings.suspend,
        "timeZone": settings.time_zone,
    }
    if settings.starting_deadline_seconds is not None:
        spec["startingDeadlineSeconds"] = settings.starting_deadline_seconds
    return made | {"spec": spec}


def jobs_not_honoured(part: Part) -> Iterator[Unhonoured]:
    """What a component asks of its Job that it cannot have."""
    settings = part.component.job or _USUAL
    if part.component.kind == "Job" and settings.ttl_seconds_after_finished is not None:
        reason = (
            "a Job that was deleted would be made and run again: take the component out instead"
        )
        yield Unhonoured(part.name, "job.ttlSecondsAfterFinished", reason)


def _job_spec(part: Part, version: Version, settings: JobSettings) -> Manifest:
    made: Manifest = {
        "backoffLimit": settings.backoff_limit,
        "completionMode": "NonIndexed",
        "completions": settings.completions,
        "parallelism": settings.parallelism,
        "suspend": settings.suspend,
        "template": pod_template(part, version, restart=settings.restart_policy),
    }
    if settings.active_deadline_seconds is not None:
        made["activeDeadlineSeconds"] = settings.active_deadline_seconds
    return made


def _identity(component: Component, version: Version, registry: str) -> str:
    completions = (component.job or _USUAL).completions
    text = [asked(component), registry, version.image, completions]
    return orjson.dumps(text, option=orjson.OPT_SORT_KEYS).decode()
