"""What the meter tells Prometheus of itself: how far it is, what it knows, what failed."""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from prometheus_client import CollectorRegistry, Counter, Histogram, Info, ProcessCollector
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from tenantry.telemetry.looks import REQUEST_BUCKETS


@dataclass(frozen=True, slots=True)
class State:
    """What is so at this moment.

    Attributes:
        lag: seconds since the last one that has been charged.
        objects: how many are metered, by kind.
        has_usage: whether usage is measured; None before it was looked for.
    """

    lag: float = 0
    objects: Mapping[str, int] = field(default_factory=dict)
    has_usage: bool | None = None


class MeterMetrics:
    """Counts what happens.

    Args:
        build: versions of what runs.
    """

    def __init__(self, build: Mapping[str, str]) -> None:
        self._registry = CollectorRegistry()
        self._state: Callable[[], State] = State
        ProcessCollector(registry=self._registry)
        Info("tenantry_build", "Versions of the meter's parts.", registry=self._registry).info(
            dict(build)
        )
        self._requests = Counter(
            "tenantry_api_requests_total",
            "Requests to the API server, by verb, kind and HTTP status (0: no answer came).",
            ["verb", "kind", "code"],
            registry=self._registry,
        )
        self._writes = Histogram(
            "tenantry_meter_write_duration_seconds",
            "Time that a write to the database took, in seconds.",
            buckets=REQUEST_BUCKETS,
            registry=self._registry,
        )
        self._failures = Counter(
            "tenantry_meter_write_failures_total",
            "Writes to the database that failed; they are made up for by the next one.",
            registry=self._registry,
        )
        self._gaps = Counter(
            "tenantry_meter_gap_seconds_total",
            "Seconds in which nobody metered, by whether the API server still told of them.",
            ["recovered"],
            registry=self._registry,
        )

    def requested(self, verb: str, kind: str, code: int, seconds: float) -> None:
        """The API server has answered, or (code 0) has not."""
        del seconds
        self._requests.labels(verb, kind, str(code)).inc()

    def wrote(self, seconds: float) -> None:
        """A settlement is in the database."""
        self._writes.observe(seconds)

    def failed(self) -> None:
        """A settlement is not in the database."""
        self._failures.inc()

    def gap(self, seconds: int, *, is_recovered: bool) -> None:
        """A gap was recorded."""
        self._gaps.labels(str(is_recovered).lower()).inc(seconds)

    def watch(self, state: Callable[[], State]) -> None:
        """Serve what is so, too: asked at each scrape, on the event loop."""
        self._state = state

    async def page(self, accept: str) -> tuple[bytes, str]:
        """Everything in the text format that a scraper prefers, and its content type."""
        encode, content_type = choose_encoder(accept)
        return await asyncio.to_thread(encode, _Page(self._registry, self._state())), content_type


@dataclass(frozen=True, slots=True)
class _Page(Collector):
    counted: CollectorRegistry
    state: State

    def collect(self) -> Iterator[Metric]:
        """All families."""
        yield from self.counted.collect()
        yield GaugeMetricFamily(
            "tenantry_meter_lag_seconds",
            "Seconds between now and the last one that has been charged.",
            value=self.state.lag,
        )
        objects = GaugeMetricFamily(
            "tenantry_meter_objects", "Objects that are metered, by kind.", labels=["kind"]
        )
        for kind, count in self.state.objects.items():
            objects.add_metric([kind], count)
        yield objects
        if self.state.has_usage is not None:
            yield GaugeMetricFamily(
                "tenantry_meter_usage_available",
                "1 where metrics.k8s.io tells what pods use, 0 where reports have no usage.",
                value=self.state.has_usage,
            )
