"""The meter's options: what ``tenantry meter`` can be told, spelled as those of ``settings``."""

from typing import Annotated, Final, Self

from pydantic import Field, model_validator

from tenantry.option_values import Metavar, Seconds
from tenantry.settings import ProcessSettings

DAYS: Final = 24 * 3600
"""Seconds."""


class MeterSettings(ProcessSettings):
    """Everything that a meter can be told. Durations are seconds."""

    database: Annotated[str, Field(min_length=1), Metavar("URL")] = (
        "sqlite:////var/lib/tenantry/meter.db"
    )
    """Where to keep what was metered: sqlite:////path/to/file.db, or
    postgresql://user:password@host/name; a password is better given by the environment."""
    keep_hours: Annotated[Seconds, Field(ge=2 * DAYS)] = 62 * DAYS
    """For how long hours are kept; of older times there are days."""
    keep_days: Annotated[Seconds, Field(ge=62 * DAYS)] = 400 * DAYS
    """For how long days are kept; of older times there are months, which stay."""

    flush_interval: Seconds = 60
    """Between two writes to the database. Nothing is lost by a longer one; reports are older."""
    metrics_interval: Seconds = 60
    """Between two looks at what pods use, by the API metrics.k8s.io."""
    discovery_interval: Seconds = 600
    """Between two looks for that API, while it is not there."""

    @model_validator(mode="after")
    def _what_is_coarser_stays_longer(self) -> Self:
        if self.keep_days < self.keep_hours:
            raise ValueError("--keep-days: must not be shorter than --keep-hours")
        return self
