"""Every metric there is, told once: the pages and the reference are made from this list.

Names follow https://prometheus.io/docs/practices/naming/: one prefix, base units at the end,
``_total`` for what is counted. No label has values that a tenant's users choose freely, so that
nobody can make series without end; how many a family has at most is told beside it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, Literal, TypeVar

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.metrics_core import GaugeMetricFamily

Type = Literal["counter", "gauge", "histogram"]
Values = TypeVar("Values", bound=tuple[str, ...])

REQUEST_BUCKETS: Final = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
"""Seconds; the last is what a request may take unless an option says otherwise."""
RECONCILE_BUCKETS: Final = (0.001, 0.0025, *REQUEST_BUCKETS[1:], 60)
"""Seconds."""


@dataclass(frozen=True, slots=True)
class Family:
    """A metric, as a scraper sees it.

    Attributes:
        name: in full, with its unit and ``_total``.
        type: what it is to Prometheus.
        about: what a sample says; a sentence.
        labels: label to what its values are.
        series: how many there may be at most, for a person; of a histogram, a number, without its
            buckets.
        buckets: of a histogram, the upper bounds.
    """

    name: str
    type: Type
    about: str
    labels: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    series: str = "1"
    buckets: tuple[float, ...] = ()

    def counter(self, registry: CollectorRegistry) -> Counter:
        """Begin to count."""
        return Counter(self.name, self.about, list(self.labels), registry=registry)

    def gauge(self, registry: CollectorRegistry) -> Gauge:
        """A gauge that is set whenever something changes."""
        return Gauge(self.name, self.about, list(self.labels), registry=registry)

    def histogram(self, registry: CollectorRegistry) -> Histogram:
        """Begin to sort what is observed into buckets."""
        return Histogram(
            self.name, self.about, list(self.labels), registry=registry, buckets=self.buckets
        )

    def samples(self, values: Mapping[Values, float]) -> GaugeMetricFamily:
        """A gauge whose samples are all taken at once.

        Args:
            values: by the labels' values, in their order.
        """
        taken = GaugeMetricFamily(self.name, self.about, labels=list(self.labels))
        for labels, value in values.items():
            taken.add_metric(labels, value)
        return taken


def looks(prefix: str, kind: str) -> tuple[Family, Family, Family]:
    """What is told of looks at one kind: how many ended, how long they took, how long they waited.

    Args:
        prefix: of the names.
        kind: with its article.
    """
    outcome = {"outcome": "`changed`, `unchanged` or `failed`"}
    return (
        Family(
            f"{prefix}_reconciles_total",
            "counter",
            f"Reconciles of {kind} that ended, by outcome.",
            outcome,
            "3",
        ),
        Family(
            f"{prefix}_reconcile_duration_seconds",
            "histogram",
            f"Time from the start of a reconcile of {kind} to its end, in seconds.",
            buckets=RECONCILE_BUCKETS,
        ),
        Family(
            f"{prefix}_queue_latency_seconds",
            "histogram",
            f"Time that {kind} waited in the queue for a worker, in seconds.",
            buckets=RECONCILE_BUCKETS,
        ),
    )


_KIND: Final = "a kind of object, such as `Namespace`"
_VERB: Final = "`get`, `list`, `create`, `update`, `patch` or `delete`"
_RESOURCE: Final = {
    "resource": "a key of a ResourceQuota, such as `requests.cpu`",
    "unit": "`cores`, `bytes` or `objects`",
}
_TENANT: Final = {"tenant": "a Tenant's name"}
_SPACE: Final = {
    **_TENANT,
    "namespace": "a namespace of it",
    "scope": "a name of `spec.quota.scopes`, empty for all that is in the namespace",
}
_UNIT: Final = "in cores, bytes or objects, as the unit says."

TENANT_LOOKS: Final = looks("tenantry", "a Tenant")
APPLICATION_LOOKS: Final = looks("tenantry_application", "an Application")

BUILD_INFO: Final = Family(
    "tenantry_build_info",
    "gauge",
    "Versions of the operator and its parts; always 1.",
    {"tenantry": "its version", "kopf": "Kopf's", "kubernetes": "the client's"},
)
LEADER: Final = Family(
    "tenantry_leader",
    "gauge",
    "1 on the replica that holds the lease (or needs none), 0 on those that stand by.",
)
POLICIES_MISSING: Final = Family(
    "tenantry_admission_policies_missing",
    "gauge",
    "Admission policies of this release that are not installed, or not bound.",
)
REQUESTS: Final = Family(
    "tenantry_api_requests_total",
    "counter",
    "Requests to the API server, by verb, kind and HTTP status (0: no answer came).",
    {"verb": _VERB, "kind": _KIND, "code": "an HTTP status, or `0`"},
    "some hundred",
)
REQUEST_DURATIONS: Final = Family(
    "tenantry_api_request_duration_seconds",
    "histogram",
    "Time from sending a request to the API server to its answer, in seconds.",
    {"verb": _VERB},
    "6",
    REQUEST_BUCKETS,
)
WRITES: Final = Family(
    "tenantry_writes_total",
    "counter",
    "Writes that the API server accepted, by kind and verb; leases of the election are not "
    "among them.",
    {"kind": _KIND, "verb": "`create`, `update`, `patch` or `delete`"},
    "one hundred",
)
WATCH_HEARD: Final = Family(
    "tenantry_watch_heard_timestamp_seconds",
    "gauge",
    "When the API server last said something on a watch, in seconds since 1970; bookmarks come "
    "once a minute. Only the leader watches.",
    {"kind": _KIND},
    "one a kind",
)
QUEUE_DEPTH: Final = Family(
    "tenantry_queue_depth", "gauge", "Tenants that wait in the queue for a worker."
)
OLDEST_LOOK: Final = Family(
    "tenantry_oldest_reconcile_seconds",
    "gauge",
    "For how long the longest of the reconciles that are under way has lasted, in seconds.",
)
CACHE_OBJECTS: Final = Family(
    "tenantry_cache_objects", "gauge", "Objects in the cache, by kind.", {"kind": _KIND}, "30"
)
TENANTS: Final = Family(
    "tenantry_tenants",
    "gauge",
    "Tenants, by state.",
    {"state": "`Pending`, `Active`, `Suspended`, `Degraded` or `Terminating`"},
    "5",
)
TENANT_CONDITIONS: Final = Family(
    "tenantry_tenant_conditions",
    "gauge",
    "Tenants that have a condition, by its type and status.",
    {"condition": "a type, such as `Ready` or `Stalled`", "status": "`True`, `False`, `Unknown`"},
    "36",
)
NAMESPACES: Final = Family(
    "tenantry_namespaces",
    "gauge",
    "Tenant namespaces, by state.",
    {"state": "as in `status.namespaces` of a Tenant"},
    "10",
)
TENANT_QUOTA_HARD: Final = Family(
    "tenantry_tenant_quota_hard",
    "gauge",
    f"What a Tenant may use as a whole, {_UNIT}",
    {**_TENANT, **_RESOURCE},
    "Tenants times keys of their quotas",
)
TENANT_QUOTA_USED: Final = Family(
    "tenantry_tenant_quota_used",
    "gauge",
    f"What a Tenant uses as a whole, {_UNIT}",
    {**_TENANT, **_RESOURCE},
    "Tenants times keys of their quotas",
)
QUOTA_HARD: Final = Family(
    "tenantry_quota_hard",
    "gauge",
    f"What a namespace may use now, {_UNIT}",
    {**_SPACE, **_RESOURCE},
    "entries of the ResourceQuotas",
)
QUOTA_USED: Final = Family(
    "tenantry_quota_used",
    "gauge",
    f"What a namespace uses, {_UNIT}",
    {**_SPACE, **_RESOURCE},
    "entries of the ResourceQuotas",
)
APPLICATIONS_QUEUED: Final = Family(
    "tenantry_application_queue_depth",
    "gauge",
    "Applications that wait in the queue for a worker.",
)
APPLICATIONS: Final = Family(
    "tenantry_applications",
    "gauge",
    "Applications, by state.",
    {"state": "`Pending`, `Progressing`, `Ready`, `Degraded` or `Terminating`"},
    "5",
)

_SPENT: Final = {**_TENANT, "currency": "of the RateCards, by ISO 4217"}

TENANT_COST: Final = Family(
    "tenantry_tenant_cost_month_to_date",
    "gauge",
    "What a Tenant has cost since the month began, in the currency; where a meter tells.",
    _SPENT,
    "Tenants",
)
TENANT_COST_PROJECTED: Final = Family(
    "tenantry_tenant_cost_projected",
    "gauge",
    "What the month will have cost a Tenant if it goes on like this, in the currency.",
    _SPENT,
    "Tenants",
)
TENANT_BUDGET_USED: Final = Family(
    "tenantry_tenant_budget_used_ratio",
    "gauge",
    "What part of its monthly budget a Tenant has spent; 1 is all of it.",
    _TENANT,
    "Tenants that have a budget",
)

METER_BUILD_INFO: Final = Family(
    "tenantry_meter_build_info",
    "gauge",
    "Versions of the meter and its parts; always 1.",
    {"tenantry": "its version", "kubernetes": "the client's", "sqlalchemy": "SQLAlchemy's"},
)
METER_WRITE_DURATIONS: Final = Family(
    "tenantry_meter_write_duration_seconds",
    "histogram",
    "Time that a write to the database took, in seconds.",
    buckets=REQUEST_BUCKETS,
)
METER_WRITE_FAILURES: Final = Family(
    "tenantry_meter_write_failures_total",
    "counter",
    "Writes to the database that failed; they are made up for by the next one.",
)
METER_GAPS: Final = Family(
    "tenantry_meter_gap_seconds_total",
    "counter",
    "Seconds in which nobody metered, by whether the API server still told of them.",
    {"recovered": "`true` or `false`"},
    "2",
)
METER_LAG: Final = Family(
    "tenantry_meter_lag_seconds",
    "gauge",
    "Seconds between now and the last one that has been charged.",
)
METER_OBJECTS: Final = Family(
    "tenantry_meter_objects", "gauge", "Objects that are metered, by kind.", {"kind": _KIND}, "6"
)
METER_USAGE_AVAILABLE: Final = Family(
    "tenantry_meter_usage_available",
    "gauge",
    "1 where metrics.k8s.io tells what pods use, 0 where reports have no usage.",
)

_PROCESS: Final = tuple(
    Family(name, "counter" if name.endswith("_total") else "gauge", about)
    for name, about in (
        ("process_cpu_seconds_total", "Processor time, of user and system, in seconds."),
        ("process_resident_memory_bytes", "Memory that is resident, in bytes."),
        ("process_virtual_memory_bytes", "Memory that is mapped, in bytes."),
        ("process_start_time_seconds", "When the process started, in seconds since 1970."),
        ("process_open_fds", "Open file descriptors."),
        ("process_max_fds", "File descriptors that may be open."),
    )
)

SECTIONS: Final[Mapping[str, tuple[Family, ...]]] = {
    "The replica": (BUILD_INFO, LEADER, POLICIES_MISSING, CACHE_OBJECTS),
    "Requests and watches": (REQUESTS, REQUEST_DURATIONS, WRITES, WATCH_HEARD),
    "Looks at Tenants": (*TENANT_LOOKS, QUEUE_DEPTH, OLDEST_LOOK),
    "Looks at Applications": (*APPLICATION_LOOKS, APPLICATIONS_QUEUED),
    "Tenants": (TENANTS, TENANT_CONDITIONS, NAMESPACES, TENANT_QUOTA_HARD, TENANT_QUOTA_USED),
    "Namespaces and Applications": (QUOTA_HARD, QUOTA_USED, APPLICATIONS),
    "What Tenants cost": (TENANT_COST, TENANT_COST_PROJECTED, TENANT_BUDGET_USED),
    "The process (on Linux)": _PROCESS,
}
"""What ``tenantry run`` serves, as a reader looks for it."""
METER_SECTIONS: Final[Mapping[str, tuple[Family, ...]]] = {
    "Metering": (METER_LAG, METER_GAPS, METER_OBJECTS, METER_USAGE_AVAILABLE),
    "The store": (METER_WRITE_DURATIONS, METER_WRITE_FAILURES),
    "The meter itself": (METER_BUILD_INFO, REQUESTS, *_PROCESS),
}
"""What ``tenantry meter`` serves."""


def families() -> Iterator[Family]:
    """All that the operator serves."""
    for section in SECTIONS.values():
        yield from section


def meter_families() -> Iterator[Family]:
    """All that the meter serves."""
    for section in METER_SECTIONS.values():
        yield from section
