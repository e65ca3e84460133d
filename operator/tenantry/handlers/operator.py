"""The operator process: put together, started in the right order, and ended in the right order.

Start: connect, take the lease, list everything, then let the workers go while the watches go on
from the lists. End: no new work, finish what was begun, then stop Kopf, then give the lease back.
Whatever
ends by itself (a dead watch, a lost lease) ends the process: an orchestrator starts it again, and a
blind operator is worse than none.
"""

import asyncio
import gc
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version
from typing import Final

import kopf
from prometheus_client import CollectorRegistry

from tenantry.cluster.apply import Writer
from tenantry.cluster.cache import Cache
from tenantry.cluster.client import Client
from tenantry.cluster.connection import Connection, connect
from tenantry.cluster.errors import ApiError, NotFound
from tenantry.cluster.events import EventRecorder, News
from tenantry.cluster.guardrails import look_up
from tenantry.cluster.lease import Elector
from tenantry.cluster.listing import list_all
from tenantry.cluster.resources import FOLLOWED, OPTIONAL_OF_APPLICATIONS, TENANTS, Resource
from tenantry.cluster.watching import Watch
from tenantry.desired.prefixes import Prefixes
from tenantry.handlers.applications import Applications
from tenantry.handlers.cost_labels import CostLabeller
from tenantry.handlers.engine import Engine
from tenantry.handlers.events import kopf_settings, register
from tenantry.handlers.guardrails import follow_guardrails
from tenantry.handlers.rate_cards import follow_rate_cards
from tenantry.handlers.refusals import follow_refusals
from tenantry.handlers.snapshot import snapshot
from tenantry.handlers.supervision import (
    OperatorFailed,
    Task,
    cancel,
    ended,
    first_of,
    raise_if_failed,
    stop_on_signals,
    unless_stopped,
)
from tenantry.handlers.workers import hands_of
from tenantry.health import Probes, serving
from tenantry.observed import key_of
from tenantry.plan import Change
from tenantry.reconcile import Reconciler
from tenantry.reconcile_application import ApplicationReconciler
from tenantry.settings import Settings
from tenantry.telemetry.logging import get_logger, log_change
from tenantry.telemetry.metrics import Metrics
from tenantry.workqueue import WorkQueue

log = get_logger(__name__)

BUILD: Final = ("tenantry", "kopf", "kubernetes")
"""Packages whose versions the metrics tell."""
GARBAGE: Final = 10_000
"""New objects, less those that are gone, at which Python looks for garbage cycles among them (its
own default is 700): two megabytes or so."""


def utc_now() -> str:
    """The time as the API writes it: RFC 3339, UTC, whole seconds."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def assemble(client: Client, settings: Settings) -> tuple[Engine, EventRecorder]:
    """Put the operator's insides together."""
    loop = asyncio.get_running_loop()
    cache, prefixes = Cache(), Prefixes()
    queue = WorkQueue(backoff=settings.backoff_base, backoff_limit=settings.backoff_max)
    recorder = EventRecorder(client, now=utc_now, clock=loop.time, failed=_event_failed)
    writer = Writer(client, cache, written=_log_change, overtaken=lambda owner, _: queue.add(owner))
    reconciler = Reconciler(client, cache, writer, recorder, utc_now, prefixes)
    of_applications = ApplicationReconciler(
        client, cache, writer, recorder, utc_now, index=reconciler.index
    )
    of_applications.platform = settings.platform
    applications = Applications(
        cache,
        WorkQueue(backoff=settings.backoff_base, backoff_limit=settings.backoff_max),
        of_applications,
    )
    interval = settings.usage_interval
    engine = Engine(cache, queue, writer, reconciler, prefixes, interval, applications)
    writer.overtaken = engine.overtaken
    return engine, recorder


def _log_change(change: Change, owner: str, cause: str) -> None:
    whose = {"application" if "/" in owner else "tenant": owner}
    log_change(log, change.verb.value, key_of(change.manifest), **whose, cause=cause)


def _event_failed(news: News, problem: ApiError) -> None:
    whose = {news.kind.lower(): f"{news.namespace}/{news.name}".lstrip("/")}
    log.warning("event not written", **whose, reason=news.reason, cause=str(problem))


async def serve(settings: Settings) -> None:
    """Run the operator until it is told to stop by SIGTERM or SIGINT.

    Raises:
        ConnectionFailed: there is no way to an API server.
        OperatorFailed: it cannot start, or something that it cannot do without has ended.
    """
    stop = asyncio.Event()
    stop_on_signals(stop)
    connection = await connect(settings.kubeconfig, settings.context)
    try:
        await _serve(settings, connection, stop)
    finally:
        await connection.close()


async def _serve(settings: Settings, connection: Connection, stop: asyncio.Event) -> None:
    metrics = Metrics(CollectorRegistry(), {name: version(name) for name in BUILD})
    client = Client(
        connection,
        in_flight=settings.max_in_flight_writes,
        writes_per_second=settings.writes_per_second,
        request_timeout=settings.request_timeout,
        observer=metrics.requested,
    )
    engine, recorder = assemble(client, settings)
    metrics.watch(partial(snapshot, engine))
    missing = ["the first list"]
    vital: list[Task] = []
    probes = Probes(problems=lambda: ended(vital), missing=lambda: missing)
    async with serving(settings.listen, probes, metrics) as port:
        log.info("listening", port=port, server=connection.server)
        async with _leading(client, settings, metrics, stop, missing) as lease:
            if stop.is_set():
                return
            versions = await unless_stopped(stop, _fill(engine, client))
            if versions is None:
                return
            missing.clear()
            hands = hands_of(engine, settings.workers, metrics)
            background = [
                *lease,
                *_background(engine, recorder, client, settings),
                *_watches(engine, client, versions, settings.discovery_interval),
            ]
            async with _watching(engine, connection, stop) as watches:
                vital += [*hands, *background, watches]
                await first_of(stop, vital)
                engine.queue.close()
                engine.applications.queue.close()
                if stop.is_set():
                    await asyncio.wait(hands, timeout=settings.drain_timeout)
                # What ended by itself may be the lease: then somebody else works already.
                await cancel([*hands, *background])
            raise_if_failed(vital)


@asynccontextmanager
async def _leading(
    client: Client,
    settings: Settings,
    metrics: Metrics,
    stop: asyncio.Event,
    missing: list[str],
) -> AsyncIterator[list[Task]]:
    """Hold the lease while the block lasts, if there is an election; gives the task that renews.

    A replica that stands by is ready: there is nothing that it misses.
    """
    if not settings.leader_elect:
        metrics.leads(is_leader=True)
        yield []
        return
    elector = Elector(client, settings, changed=lambda leads: metrics.leads(is_leader=leads))
    first_list = missing.copy()
    missing.clear()
    waiting = asyncio.create_task(elector.acquire(), name="election")
    await first_of(stop, [waiting])
    if not waiting.done():
        await cancel([waiting])
    raise_if_failed([waiting])
    missing.extend(first_list)
    try:
        yield [asyncio.create_task(elector.hold(), name="lease")] if elector.is_leader else []
    finally:
        await elector.release()


def _background(
    engine: Engine, recorder: EventRecorder, client: Client, settings: Settings
) -> list[Task]:
    return [
        asyncio.create_task(recorder.run(), name="event recorder"),
        asyncio.create_task(_resync(engine, client, settings.resync_interval), name="resync"),
        asyncio.create_task(follow_guardrails(engine, client), name="guardrails"),
        asyncio.create_task(CostLabeller(engine, client).run(), name="cost labels"),
        asyncio.create_task(follow_refusals(engine, client), name="refusals"),
        asyncio.create_task(follow_rate_cards(client, recorder), name="rate cards"),
    ]


def _watches(
    engine: Engine, client: Client, versions: Mapping[Resource, int], absence: float
) -> list[Task]:
    """Of all that is owned, going on from where it was listed."""

    def served(resource: Resource, *, is_it: bool) -> None:
        engine.applications.found_kind(resource.known_as, is_served=is_it)

    watches = (
        Watch(client, engine.cache, one, versions[one], engine.hear, engine.found, served, absence)
        for one in FOLLOWED
    )
    return [
        asyncio.create_task(watch.run(), name=f"watch of {watch.resource.plural}")
        for watch in watches
    ]


async def _fill(engine: Engine, client: Client) -> dict[Resource, int]:
    """The first list: after it, the cache is complete and every Tenant is in the queue."""
    try:
        engine.reconciler.guardrails = await look_up(client)
        versions = await list_all(engine.cache, client, engine.found)
    except NotFound as problem:
        raise OperatorFailed(
            f"the API server has no {TENANTS.plural}.{TENANTS.group}: install the CRDs first "
            "(tenantry crds | kubectl apply --server-side -f -)"
        ) from problem
    except ApiError as problem:
        raise OperatorFailed(f"cannot list what the operator watches: {problem}") from problem
    for kind in OPTIONAL_OF_APPLICATIONS:
        engine.applications.found_kind(kind.known_as, is_served=bool(versions[kind]))
    log.info("cache complete", **engine.cache.sizes())
    _spare_what_stays()
    return versions


def _spare_what_stays() -> None:
    """Keep Python's search for garbage cycles from what lives as long as the process.

    Requests leave hardly any cycles, yet their objects are enough of them to set off a search
    three times as often as one of this size finds something: a twentieth of the operator's time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(GARBAGE)


async def _resync(engine: Engine, client: Client, interval: float) -> None:
    """List everything again from time to time, for what a cut watch has missed."""
    while True:
        await asyncio.sleep(interval)
        try:
            await list_all(engine.cache, client, engine.found)
        except ApiError as problem:
            log.warning("resync failed", cause=str(problem))


@asynccontextmanager
async def _watching(
    engine: Engine, connection: Connection, stop: asyncio.Event
) -> AsyncIterator[Task]:
    """Kopf, watching Tenants until the block is left.

    Kopf takes the process's signals when it starts, and on its way out cancels every task that is
    younger than itself: so signals are taken back, and whatever must live on was made before.
    """
    end, ready = asyncio.Event(), asyncio.Event()
    claim = asyncio.create_task(_claim_signals(ready, stop), name="signals")
    watches = asyncio.create_task(
        kopf.operator(
            registry=register(engine, connection),
            settings=kopf_settings(),
            clusterwide=True,
            stop_flag=end,
            ready_flag=ready,
        ),
        name="watches",
    )
    try:
        yield watches
    finally:
        end.set()
        await asyncio.wait([watches])
        await cancel([claim])


async def _claim_signals(ready: asyncio.Event, stop: asyncio.Event) -> None:
    await ready.wait()
    stop_on_signals(stop)
