"""Prometheus metrics: what was done is counted as it happens, what is so is read when asked.

Gauges about tenants, namespaces and caches are never set: a ``Snapshot`` is taken at each scrape,
so the series of a deleted tenant end with it. Nothing has a label whose values a tenant's users
choose freely; the only series that grow with the cluster are the quotas, one an entry of a
ResourceQuota.
"""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    Info,
    ProcessCollector,
    disable_created_metrics,
)
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from tenantry.telemetry.budgets import Spending, families
from tenantry.telemetry.looks import REQUEST_BUCKETS, Looks


@dataclass(frozen=True, slots=True)
class QuotaUsage:
    """One entry of a namespace's ResourceQuota, in base units: cores, bytes, objects.

    Attributes:
        resource: a key of ``spec.hard``, such as ``requests.cpu``.
    """

    tenant: str
    namespace: str
    resource: str
    hard: float
    used: float


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What is so at this moment.

    Attributes:
        queue_depth: keys that wait for a worker.
        cache_objects: how many objects are known, by kind.
        conditions: how many tenants have a condition in a status, by (type, status).
        namespaces: how many tenant namespaces are in a state.
        quotas: entries of all quotas.
        applications_queued: Applications that wait for a worker.
        applications: how many Applications are in a state.
        spendings: what tenants cost, as far as somebody tells.
    """

    queue_depth: int = 0
    cache_objects: Mapping[str, int] = field(default_factory=dict)
    conditions: Mapping[tuple[str, str], int] = field(default_factory=dict)
    namespaces: Mapping[str, int] = field(default_factory=dict)
    quotas: Sequence[QuotaUsage] = ()
    applications_queued: int = 0
    applications: Mapping[str, int] = field(default_factory=dict)
    spendings: Sequence[Spending] = ()


class Metrics:
    """Counts what happens. Each has a registry of its own, so two do not mix in one process."""

    def __init__(self, registry: CollectorRegistry, build: Mapping[str, str]) -> None:
        """Register everything.

        Args:
            registry: where to; scraped through ``health``.
            build: labels of ``tenantry_build_info``: versions of what runs.
        """
        disable_created_metrics()  # type: ignore[no-untyped-call]
        ProcessCollector(registry=registry)
        Info("tenantry_build", "Versions of the operator and its parts.", registry=registry).info(
            dict(build)
        )
        self._registry = registry
        self._take: Callable[[], Snapshot] = Snapshot
        self.tenants = Looks(registry, "tenantry", "a Tenant")
        self.applications = Looks(registry, "tenantry_application", "an Application")
        self._requests = Counter(
            "tenantry_api_requests_total",
            "Requests to the API server, by verb, kind and HTTP status (0: no answer came).",
            ["verb", "kind", "code"],
            registry=registry,
        )
        self._request_durations = Histogram(
            "tenantry_api_request_duration_seconds",
            "Time from sending a request to the API server to its answer, in seconds.",
            ["verb"],
            buckets=REQUEST_BUCKETS,
            registry=registry,
        )
        self._writes = Counter(
            "tenantry_writes_total",
            "Writes that the API server accepted, by kind and verb; leases and events of leader "
            "election are not among them.",
            ["kind", "verb"],
            registry=registry,
        )
        self._by_request: dict[tuple[str, str, int], tuple[Histogram, *tuple[Counter, ...]]] = {}
        self._leader = Gauge(
            "tenantry_leader",
            "1 on the replica that holds the lease (or needs none), 0 on those that stand by.",
            registry=registry,
        )

    def requested(self, verb: str, kind: str, code: int, seconds: float) -> None:
        """The API server has answered, or (code 0) has not.

        Args:
            verb: in the API's terms: get, list, create, patch, update, delete.
            kind: of the object, or of the items of the list.
            code: HTTP status.
            seconds: from sending to the whole answer.
        """
        series = self._by_request.get((verb, kind, code))
        if series is None:
            series = self._by_request[verb, kind, code] = self._series(verb, kind, code)
        duration, *counters = series
        duration.observe(seconds)
        for counter in counters:
            counter.inc()

    def _series(self, verb: str, kind: str, code: int) -> tuple[Histogram, *tuple[Counter, ...]]:
        """What a request counts in: looked up once, for there are hundreds a second."""
        duration = self._request_durations.labels(verb)
        requests = self._requests.labels(verb, kind, str(code))
        is_accepted = HTTPStatus.OK <= code < HTTPStatus.BAD_REQUEST
        if is_accepted and verb in {"create", "patch", "update", "delete"}:
            return duration, requests, self._writes.labels(kind, verb)
        return duration, requests

    def leads(self, *, is_leader: bool) -> None:
        """The replica has become the leader, or is none."""
        self._leader.set(is_leader)

    def watch(self, take: Callable[[], Snapshot]) -> None:
        """Serve the gauges, too, from what ``take`` gives at each scrape.

        ``take`` is called on the event loop, and what it gives is written out in a thread: it
        should be cheap, and must give values that do not change afterwards.
        """
        self._take = take

    async def page(self, accept: str) -> tuple[bytes, str]:
        """Everything in the text format that a scraper prefers.

        Thousands of namespaces make tens of thousands of lines, which take a third of a second
        to write: too long for an event loop that has watches to serve, hence the thread.

        Args:
            accept: the request's ``Accept`` header.

        Returns:
            The page and its content type.
        """
        encode, content_type = choose_encoder(accept)
        page = _Page(self._registry, self._take())
        return await asyncio.to_thread(encode, page), content_type


@dataclass(frozen=True, slots=True)
class _Page(Collector):
    """What has been counted and what is so, together, as the encoders want it."""

    counted: CollectorRegistry
    snapshot: Snapshot

    def collect(self) -> Iterator[Metric]:
        """All families."""
        yield from self.counted.collect()
        yield GaugeMetricFamily(
            "tenantry_queue_depth",
            "Tenants that wait in the queue for a worker.",
            value=self.snapshot.queue_depth,
        )
        yield _by_label(
            "cache_objects", "Objects in the cache, by kind.", "kind", self.snapshot.cache_objects
        )
        yield _by_label(
            "namespaces", "Tenant namespaces, by state.", "state", self.snapshot.namespaces
        )
        yield _tenants(self.snapshot.conditions)
        yield GaugeMetricFamily(
            "tenantry_application_queue_depth",
            "Applications that wait in the queue for a worker.",
            value=self.snapshot.applications_queued,
        )
        yield _by_label(
            "applications", "Applications, by state.", "state", self.snapshot.applications
        )
        yield from _quotas(self.snapshot.quotas)
        yield from families(self.snapshot.spendings)


def _by_label(name: str, about: str, label: str, numbers: Mapping[str, int]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(f"tenantry_{name}", about, labels=[label])
    for value, number in numbers.items():
        family.add_metric([value], number)
    return family


def _tenants(conditions: Mapping[tuple[str, str], int]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(
        "tenantry_tenants",
        "Tenants, by condition and its status.",
        labels=["condition", "status"],
    )
    for labels, number in conditions.items():
        family.add_metric(labels, number)
    return family


def _quotas(quotas: Sequence[QuotaUsage]) -> tuple[GaugeMetricFamily, GaugeMetricFamily]:
    labels = ["tenant", "namespace", "resource"]
    unit = "in cores, bytes or objects, as the resource has it."
    hard = GaugeMetricFamily(
        "tenantry_quota_hard", f"What a namespace may use, {unit}", None, labels
    )
    used = GaugeMetricFamily("tenantry_quota_used", f"What a namespace uses, {unit}", None, labels)
    for quota in quotas:
        where = (quota.tenant, quota.namespace, quota.resource)
        hard.add_metric(where, quota.hard)
        used.add_metric(where, quota.used)
    return hard, used
