"""Prometheus metrics: what was done is counted as it happens, what is so is read when asked.

Gauges about tenants, namespaces and caches are never set: a ``Snapshot`` is taken at each scrape,
so the series of a deleted tenant end with it. Nothing has a label whose values a tenant's users
choose freely; the only series that grow with the cluster are the quotas, one an entry of a
ResourceQuota. What each metric is called and means is told in ``catalogue``.
"""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Histogram,
    Info,
    ProcessCollector,
    disable_created_metrics,
)
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from tenantry.telemetry import budgets, catalogue
from tenantry.telemetry.budgets import Spending
from tenantry.telemetry.looks import Looks


@dataclass(frozen=True, slots=True)
class QuotaUsage:
    """One entry of a quota, in base units: cores, bytes, objects.

    Attributes:
        namespace: empty for a tenant as a whole.
        resource: a key of ``spec.hard``, such as ``requests.cpu``.
        scope: a name of ``spec.quota.scopes``, empty for all that is in the namespace.
    """

    tenant: str
    namespace: str
    resource: str
    hard: float
    used: float
    scope: str = ""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What is so at this moment.

    Attributes:
        queue_depth: keys that wait for a worker.
        oldest_look: seconds that the longest look under way has lasted.
        cache_objects: how many objects are known, by kind.
        heard: Unix time at which each kind's watch heard from the API server last.
        policies_missing: how many admission policies are not in place.
        tenants: how many tenants are in a state.
        conditions: how many tenants have a condition in a status, by (type, status).
        namespaces: how many tenant namespaces are in a state.
        quotas: entries of all quotas, of namespaces and of tenants as a whole.
        applications_queued: Applications that wait for a worker.
        applications: how many Applications are in a state.
        spendings: what tenants cost, as far as somebody tells.
    """

    queue_depth: int = 0
    oldest_look: float = 0.0
    cache_objects: Mapping[str, int] = field(default_factory=dict)
    heard: Mapping[str, float] = field(default_factory=dict)
    policies_missing: int = 0
    tenants: Mapping[str, int] = field(default_factory=dict)
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
        build_info = catalogue.BUILD_INFO
        name = build_info.name.removesuffix("_info")
        Info(name, build_info.about, registry=registry).info(dict(build))
        self._registry = registry
        self._take: Callable[[], Snapshot] = Snapshot
        self.tenants = Looks(registry, catalogue.TENANT_LOOKS)
        self.applications = Looks(registry, catalogue.APPLICATION_LOOKS)
        self._requests = catalogue.REQUESTS.counter(registry)
        self._request_durations = catalogue.REQUEST_DURATIONS.histogram(registry)
        self._writes = catalogue.WRITES.counter(registry)
        self._by_request: dict[tuple[str, str, int], tuple[Histogram, *tuple[Counter, ...]]] = {}
        self._leader = catalogue.LEADER.gauge(registry)

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
        now = self.snapshot
        yield catalogue.QUEUE_DEPTH.samples({(): now.queue_depth})
        yield catalogue.OLDEST_LOOK.samples({(): now.oldest_look})
        yield catalogue.CACHE_OBJECTS.samples(_alone(now.cache_objects))
        yield catalogue.WATCH_HEARD.samples(_alone(now.heard))
        yield catalogue.POLICIES_MISSING.samples({(): now.policies_missing})
        yield catalogue.TENANTS.samples(_alone(now.tenants))
        yield catalogue.TENANT_CONDITIONS.samples(now.conditions)
        yield catalogue.NAMESPACES.samples(_alone(now.namespaces))
        yield catalogue.APPLICATIONS_QUEUED.samples({(): now.applications_queued})
        yield catalogue.APPLICATIONS.samples(_alone(now.applications))
        yield from _quotas(now.quotas)
        yield from budgets.samples(now.spendings)


def _alone(numbers: Mapping[str, float]) -> dict[tuple[str, ...], float]:
    return {(value,): number for value, number in numbers.items()}


def _quotas(quotas: Sequence[QuotaUsage]) -> Iterator[Metric]:
    ours = {_place(one): one for one in quotas if one.namespace}
    whole = {_place(one): one for one in quotas if not one.namespace}
    yield catalogue.QUOTA_HARD.samples({where: one.hard for where, one in ours.items()})
    yield catalogue.QUOTA_USED.samples({where: one.used for where, one in ours.items()})
    yield catalogue.TENANT_QUOTA_HARD.samples({where: one.hard for where, one in whole.items()})
    yield catalogue.TENANT_QUOTA_USED.samples({where: one.used for where, one in whole.items()})


def _place(one: QuotaUsage) -> tuple[str, ...]:
    where = (one.tenant, one.namespace, one.scope) if one.namespace else (one.tenant,)
    return (*where, one.resource, unit_of(one.resource))


def unit_of(resource: str) -> str:
    """What a key of a ResourceQuota is counted in: ``cores``, ``bytes`` or ``objects``.

    The keys are those of https://kubernetes.io/docs/concepts/policy/resource-quotas/.
    """
    of_what = resource.rpartition("/")[2].removeprefix("requests.").removeprefix("limits.")
    if of_what == "cpu":
        return "cores"
    is_bytes = of_what in {"memory", "storage", "ephemeral-storage"}
    return "bytes" if is_bytes or of_what.startswith("hugepages-") else "objects"
