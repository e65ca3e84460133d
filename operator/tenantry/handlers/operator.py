"""The operator process: put together, started in the right order, and ended in the right order.

Start: connect, take the lease, list everything, then let the workers go while Kopf's watches catch
up. End: no new work, finish what was begun, then stop Kopf, then give the lease back. Whatever
ends by itself (a dead watch, a lost lease) ends the process: an orchestrator starts it again, and
a blind operator is worse than none.
"""

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import kopf
import structlog

from tenantry.cluster.apply import Writer
from tenantry.cluster.cache import Cache
from tenantry.cluster.client import Client
from tenantry.cluster.connection import Connection, connect
from tenantry.cluster.errors import ApiError, NotFound
from tenantry.cluster.events import EventRecorder, News
from tenantry.cluster.listing import list_all
from tenantry.cluster.resources import TENANTS
from tenantry.desired.prefixes import Prefixes
from tenantry.handlers.engine import Engine
from tenantry.handlers.events import kopf_settings, register
from tenantry.handlers.workers import work
from tenantry.observed import key_of
from tenantry.plan import Change
from tenantry.reconcile import Reconciler
from tenantry.settings import Settings
from tenantry.workqueue import WorkQueue

log = structlog.stdlib.get_logger(__name__)

URGENT_WORKERS = 2
"""Hands that take repairs and nothing else."""


class OperatorFailed(Exception):  # noqa: N818 - reads as what happened
    """The operator cannot start or go on; the message says what to do."""


def utc_now() -> str:
    """The time as the API writes it: RFC 3339, UTC, whole seconds."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def assemble(client: Client, settings: Settings) -> tuple[Engine, EventRecorder]:
    """Put the operator's insides together."""
    loop = asyncio.get_running_loop()
    cache, prefixes = Cache(), Prefixes()
    queue = WorkQueue(backoff=settings.backoff_base, backoff_limit=settings.backoff_max)
    recorder = EventRecorder(client, now=utc_now, clock=loop.time, failed=_event_failed)
    writer = Writer(client, cache, written=_log_change, overtaken=queue.add)
    reconciler = Reconciler(client, cache, writer, recorder, utc_now, prefixes)
    return Engine(cache, queue, writer, reconciler, prefixes, settings.usage_interval), recorder


def _log_change(change: Change, tenant: str, cause: str) -> None:
    kind, namespace, name = key_of(change.manifest)
    where = {"namespace": namespace} if namespace else {}
    log.info(change.verb.value, tenant=tenant, **where, object=f"{kind}/{name}", cause=cause)


def _event_failed(news: News, problem: ApiError) -> None:
    log.warning("event not written", tenant=news.tenant, reason=news.reason, cause=str(problem))


async def serve(settings: Settings) -> None:
    """Run the operator until it is told to stop by SIGTERM or SIGINT.

    Raises:
        ConnectionFailed: there is no way to an API server.
        OperatorFailed: it cannot start, or something that it cannot do without has ended.
    """
    stop = asyncio.Event()
    _stop_on_signals(stop)
    connection = await connect(settings.kubeconfig, settings.context)
    try:
        await _serve(settings, connection, stop)
    finally:
        await connection.close()


async def _serve(settings: Settings, connection: Connection, stop: asyncio.Event) -> None:
    client = Client(
        connection,
        in_flight=settings.max_in_flight_writes,
        writes_per_second=settings.writes_per_second,
        request_timeout=settings.request_timeout,
    )
    engine, recorder = assemble(client, settings)
    await _fill(engine, client)
    hands = [
        asyncio.create_task(
            work(engine.queue, engine.reconciler, urgent_only=number >= settings.workers),
            name=f"worker {number}",
        )
        for number in range(settings.workers + URGENT_WORKERS)
    ]
    background = [
        asyncio.create_task(recorder.run(), name="event recorder"),
        asyncio.create_task(_resync(engine, client, settings.resync_interval), name="resync"),
    ]
    async with _watching(engine, connection, stop) as watches:
        await _first_of(stop, [*hands, *background, watches])
        engine.queue.close()
        await asyncio.wait(hands, timeout=settings.drain_timeout)
        await _cancel([*hands, *background])
    _raise_if_failed([*hands, *background, watches])


async def _fill(engine: Engine, client: Client) -> None:
    """The first list: after it, the cache is complete and every Tenant is in the queue."""
    try:
        await list_all(engine.cache, client, engine.found)
    except NotFound as problem:
        raise OperatorFailed(
            f"the API server has no {TENANTS.plural}.{TENANTS.group}: install the CRDs first "
            "(tenantry crds | kubectl apply --server-side -f -)"
        ) from problem
    except ApiError as problem:
        raise OperatorFailed(f"cannot list what the operator watches: {problem}") from problem
    log.info("cache complete", **engine.cache.sizes())


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
) -> AsyncIterator[asyncio.Task[None]]:
    """Kopf, watching until the block is left.

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
        await _cancel([claim])


async def _claim_signals(ready: asyncio.Event, stop: asyncio.Event) -> None:
    await ready.wait()
    _stop_on_signals(stop)


def _stop_on_signals(stop: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)


async def _first_of(stop: asyncio.Event, tasks: list[asyncio.Task[None]]) -> None:
    """Wait until the process is told to stop, or something ends by itself."""
    stopping = asyncio.create_task(stop.wait(), name="stop")
    await asyncio.wait([stopping, *tasks], return_when=asyncio.FIRST_COMPLETED)
    await _cancel([stopping])


async def _cancel(tasks: list[asyncio.Task[Any]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)


def _raise_if_failed(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        problem = None if task.cancelled() else task.exception()
        if problem is not None:
            raise OperatorFailed(f"the {task.get_name()} ended: {problem}") from problem
