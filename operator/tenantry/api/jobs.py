"""Components that end: Jobs, and CronJobs that make them, in batch/v1's terms."""

from typing import Annotated, Literal

from pydantic import Field

from tenantry.api.base import Model

Schedule = Annotated[
    str,
    Field(
        min_length=6,
        max_length=128,
        pattern=r"^(@(hourly|daily|midnight|weekly|monthly|yearly|annually)|@every [0-9hms]+|"
        r"[-0-9A-Za-z*/,?]+( [-0-9A-Za-z*/,?]+){4})$",
    ),
]
"""Minute, hour, day of the month, month and day of the week: ``30 2 * * *``; or ``@daily`` or
``@every 4h``."""
TimeZone = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z][-+A-Za-z0-9_/]*$")]
"""A name of the IANA time zone database: ``Europe/Madrid``."""


class JobSettings(Model):
    """How a Job ends, and how a CronJob starts Jobs."""

    time_zone: TimeZone = "Etc/UTC"
    """Time zone of the schedule."""
    concurrency_policy: Literal["Allow", "Forbid", "Replace"] = "Forbid"
    """What becomes of a run that is due while the last one is under way."""
    suspend: bool = False
    """While true, no run starts."""
    starting_deadline_seconds: Annotated[int, Field(ge=10, le=86400)] | None = None
    """Seconds after which a run that could not start is left out."""
    successful_jobs_history_limit: Annotated[int, Field(ge=0, le=100)] = 3
    """How many Jobs that succeeded a CronJob keeps."""
    failed_jobs_history_limit: Annotated[int, Field(ge=0, le=100)] = 1
    """How many Jobs that failed a CronJob keeps."""
    completions: Annotated[int, Field(ge=1, le=10000)] = 1
    """How many pods must succeed."""
    parallelism: Annotated[int, Field(ge=0, le=1000)] = 1
    """How many pods run at once."""
    backoff_limit: Annotated[int, Field(ge=0, le=100)] = 6
    """How many pods may fail before the Job has."""
    active_deadline_seconds: Annotated[int, Field(ge=1, le=2592000)] | None = None
    """Seconds that a Job may take."""
    ttl_seconds_after_finished: Annotated[int, Field(ge=0, le=2592000)] | None = None
    """Seconds after which a Job that a CronJob has made is deleted when it has ended. A component
    of kind Job keeps its own: it would be made and run again."""
    restart_policy: Literal["OnFailure", "Never"] = "OnFailure"
    """Whether a container that failed is started again in its pod, or in a new one."""
