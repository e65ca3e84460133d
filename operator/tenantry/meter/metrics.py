"""What the meter tells Prometheus of itself: how far it is, what it knows, what failed.

What each metric is called and means is told in ``telemetry.meter_catalogue``.
"""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from prometheus_client import (
    CollectorRegistry,
    Info,
    ProcessCollector,
    disable_created_metrics,
)
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from tenantry.telemetry import meter_catalogue as catalogue
from tenantry.telemetry.catalogue import REQUESTS


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
        disable_created_metrics()  # type: ignore[no-untyped-call]
        ProcessCollector(registry=self._registry)
        build_info = catalogue.BUILD_INFO
        name = build_info.name.removesuffix("_info")
        Info(name, build_info.about, registry=self._registry).info(dict(build))
        self._requests = REQUESTS.counter(self._registry)
        self._writes = catalogue.WRITE_DURATIONS.histogram(self._registry)
        self._failures = catalogue.WRITE_FAILURES.counter(self._registry)
        self._gaps = catalogue.GAPS.counter(self._registry)

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
        now = self.state
        yield catalogue.LAG.samples({(): now.lag})
        yield catalogue.OBJECTS.samples({(one,): n for one, n in now.objects.items()})
        if now.has_usage is not None:
            yield catalogue.USAGE_AVAILABLE.samples({(): now.has_usage})
