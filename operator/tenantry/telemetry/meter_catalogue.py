"""Every metric of the meter, told once, as ``catalogue`` does for the operator."""

from collections.abc import Iterator, Mapping
from typing import Final

from tenantry.telemetry.catalogue import REQUESTS
from tenantry.telemetry.families import KIND, PROCESS, REQUEST_BUCKETS, Family

BUILD_INFO: Final = Family(
    "tenantry_meter_build_info",
    "gauge",
    "Versions of the meter and its parts; always 1.",
    {"tenantry": "its version", "kubernetes": "the client's", "sqlalchemy": "SQLAlchemy's"},
)
WRITE_DURATIONS: Final = Family(
    "tenantry_meter_write_duration_seconds",
    "histogram",
    "Time that a write to the database took, in seconds.",
    buckets=REQUEST_BUCKETS,
)
WRITE_FAILURES: Final = Family(
    "tenantry_meter_write_failures_total",
    "counter",
    "Writes to the database that failed; they are made up for by the next one.",
)
GAPS: Final = Family(
    "tenantry_meter_gap_seconds_total",
    "counter",
    "Seconds in which nobody metered, by whether the API server still told of them.",
    {"recovered": "`true` or `false`"},
    "2",
)
LAG: Final = Family(
    "tenantry_meter_lag_seconds",
    "gauge",
    "Seconds between now and the last one that has been charged.",
)
OBJECTS: Final = Family(
    "tenantry_meter_objects", "gauge", "Objects that are metered, by kind.", {"kind": KIND}, "6"
)
USAGE_AVAILABLE: Final = Family(
    "tenantry_meter_usage_available",
    "gauge",
    "1 where metrics.k8s.io tells what pods use, 0 where reports have no usage.",
)

SECTIONS: Final[Mapping[str, tuple[Family, ...]]] = {
    "Metering": (LAG, GAPS, OBJECTS, USAGE_AVAILABLE),
    "The store": (WRITE_DURATIONS, WRITE_FAILURES),
    "The meter itself": (BUILD_INFO, REQUESTS, *PROCESS),
}
"""What ``tenantry meter`` serves."""


def families() -> Iterator[Family]:
    """All that the meter serves."""
    for section in SECTIONS.values():
        yield from section
