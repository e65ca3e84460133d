"""What a metric is to whoever counts it, serves it and documents it: one value for all of them.

The catalogues (``catalogue`` of the operator, ``meter_catalogue``) are made of these.
"""

from collections.abc import Mapping
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


KIND: Final = "a kind of object, such as `Namespace`"

PROCESS: Final = tuple(
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
