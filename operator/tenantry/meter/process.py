"""The meter's process: put together, started in order, ended in order.

Start: take the store over, list what tells whose things are, then follow everything from where the
last process was. From then on the ledger is settled and written every minute. End: settle once
more. Whatever ends by itself ends the process, and so does another meter that takes the store over.
"""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import Final

from tenantry.cluster.client import Client
from tenantry.cluster.connection import Connection, connect
from tenantry.cluster.errors import ApiError
from tenantry.cluster.resources import Resource
from tenantry.cost.ledger import Ledger, Readings
from tenantry.cost.sightings import NodeClass
from tenantry.cost.store import Overtaken, StoreError, Writer, open_database
from tenantry.cost.store.writing import Outage, Taken
from tenantry.handlers.supervision import (
    OperatorFailed,
    Task,
    cancel,
    ended,
    first_of,
    raise_if_failed,
    stop_on_signals,
)
from tenantry.health import Pages, Probes, serving
from tenantry.meter.access import Access
from tenantry.meter.costs import Costs
from tenantry.meter.following import FOLLOWED, METERED, SURROUNDINGS, Follow
from tenantry.meter.http_api import CostApi
from tenantry.meter.metrics import MeterMetrics, State
from tenantry.meter.pages import CostPages
from tenantry.meter.reports import Reports
from tenantry.meter.usage import Usage
from tenantry.meter_settings import DAYS, MeterSettings
from tenantry.telemetry.logging import get_logger

log = get_logger(__name__)

BUILD: Final = ("tenantry", "kubernetes", "sqlalchemy")
"""Packages whose versions the metrics tell."""
_REVIEWS: Final = 8
_REVIEWS_PER_SECOND: Final = 50
_REVIEW_TIMEOUT: Final = 10.0
"""Seconds after which nobody waits any more for who somebody is."""


def now() -> int:
    """Seconds since 1970, by this machine's clock; it should be kept right, as a node's is."""
    return int(time.time())


@dataclass(slots=True)
class Meter:
    """Everything between the watches and the store.

    Args:
        writer: of the store.
        ledger: what is known.
        follows: the watches.
        settings: how often, and what is forgotten.
        metrics: told of it.
        usage: what pods use.
    """

    writer: Writer
    ledger: Ledger
    follows: Sequence[Follow]
    settings: MeterSettings
    metrics: MeterMetrics
    usage: Usage
    _outages: dict[int, Outage] = field(default_factory=dict)
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def run(self) -> None:
        """Settle and write, for ever.

        Raises:
            Overtaken: another meter writes now.
        """
        forgotten = 0
        while True:
            await asyncio.sleep(self.settings.flush_interval)
            await self.flush()
            if now() - forgotten >= DAYS:
                await self._forget()
                forgotten = now()

    async def flush(self, *, is_last: bool = False) -> None:
        """Settle and write once; what cannot be written now is written the next time.

        Args:
            is_last: whether the process ends after it.

        Raises:
            Overtaken: another meter writes now.
        """
        async with self._turn:
            readings = await self.usage.current(now())
            try:
                await self._write(readings, is_last=is_last)
            except Overtaken:
                raise
            except StoreError as problem:
                self.metrics.failed()
                log.warning("not written, will be tried again", cause=str(problem))

    async def _write(self, readings: Readings | None, *, is_last: bool) -> None:
        started = time.perf_counter()
        names = self.ledger.fresh()
        self.ledger.recall(names, await asyncio.to_thread(self.writer.recall, names))
        self._collect()
        until = min(follow.known_until() for follow in self.follows)
        versions = {one.resource.plural: one.version for one in self.follows if one.version}
        settlement = self.ledger.settle(until, readings)
        # Whether what happened before is told is known when all watches have begun.
        is_known = is_last or all(one.has_begun for one in self.follows)
        outages = tuple(self._outages.values()) if is_known else ()
        try:
            await asyncio.to_thread(self.writer.write, settlement, versions, outages)
        except BaseException:
            self.ledger.failed()
            raise
        self.ledger.committed(settlement)
        for one in outages:
            self._outages.pop(one.start)
            self.metrics.gap(one.end - one.start, is_recovered=one.is_recovered)
        seconds = time.perf_counter() - started
        self.metrics.wrote(seconds)
        log.debug("written", until=settlement.until, rows=len(settlement.rows), seconds=seconds)

    def _collect(self) -> None:
        for follow in self.follows:
            for one in follow.outages:
                self.lost(one)
            follow.outages = []

    def lost(self, outage: Outage) -> None:
        """A gap has come to be known; of those that begin together, all that is lost is told."""
        known = self._outages.get(outage.start)
        if known and not known.is_recovered:
            reason = known.reason if outage.is_recovered else f"{known.reason}; {outage.reason}"
            outage = Outage(known.start, max(known.end, outage.end), reason, is_recovered=False)
        self._outages[outage.start] = outage

    async def _forget(self) -> None:
        hours, days = int(self.settings.keep_hours), int(self.settings.keep_days)
        try:
            async with self._turn:
                await asyncio.to_thread(self.writer.forget, hours, days, now())
        except Overtaken:
            raise
        except StoreError as problem:
            log.warning("nothing forgotten", cause=str(problem))

    def state(self) -> State:
        """For the metrics."""
        return State(now() - self.ledger.until, self.ledger.sizes(), self.usage.is_served)


async def serve(settings: MeterSettings) -> None:
    """Meter until told to stop by SIGTERM or SIGINT.

    Args:
        settings: all options.

    Raises:
        ConnectionFailed: there is no way to an API server.
        StoreError: the database cannot be used.
        OperatorFailed: it cannot start, or something that it cannot do without has ended.
    """
    stop = asyncio.Event()
    stop_on_signals(stop)
    database = await asyncio.to_thread(open_database, settings.database)
    try:
        connection = await connect(settings.kubeconfig, settings.context)
        try:
            metrics = MeterMetrics({name: version(name) for name in BUILD})
            client = Client(
                connection, request_timeout=settings.request_timeout, observer=metrics.requested
            )
            costs = Costs(client, database)
            try:
                await costs.read()
            except ApiError as problem:
                raise OperatorFailed(f"cannot list RateCards: {problem}") from problem
            meter = await _assemble(client, settings, Writer(database), metrics, costs.class_of)
            metrics.watch(meter.state)
            await _serve(meter, costs, stop, connection)
        finally:
            await connection.close()
    finally:
        await asyncio.to_thread(database.close)


async def _assemble(
    client: Client,
    settings: MeterSettings,
    writer: Writer,
    metrics: MeterMetrics,
    node_class: NodeClass,
) -> Meter:
    taken = await asyncio.to_thread(writer.take_over, now())
    ledger = Ledger(taken.since, taken.until, node_class)
    ledger.restore(taken.rows)
    follows = [_follow(client, one, ledger, taken) for one in FOLLOWED]
    usage = Usage(client, settings.metrics_interval, settings.discovery_interval)
    meter = Meter(writer, ledger, follows, settings, metrics, usage)
    if not taken.is_new and taken.until < now():
        why = "no meter was running; the API server still told what happened"
        meter.lost(Outage(taken.until, now(), why, is_recovered=True))
    log.info("store taken over", until=taken.until, things=len(taken.rows), new=taken.is_new)
    return meter


def _follow(client: Client, resource: Resource, ledger: Ledger, taken: Taken) -> Follow:
    if taken.is_new or resource not in METERED:
        return Follow(client, resource, ledger, now)
    at = taken.versions.get(resource.plural, 0)
    return Follow(client, resource, ledger, now, version=at, alive=taken.until)


async def _serve(meter: Meter, costs: Costs, stop: asyncio.Event, connection: Connection) -> None:
    vital: list[Task] = []
    missing = ["the first list"]
    probes = Probes(problems=lambda: ended(vital), missing=lambda: missing)
    pages = _pages(costs, connection, meter.metrics)
    async with serving(meter.settings.listen, probes, meter.metrics, pages) as port:
        log.info("listening", port=port, server=connection.server)
        listing = asyncio.create_task(_list(meter), name="first list")
        await first_of(stop, [listing])
        if not listing.done():
            await cancel([listing])
            return
        raise_if_failed([listing])
        missing.clear()
        log.info("metering", **meter.ledger.sizes())
        vital += [
            asyncio.create_task(one.run(), name=f"watch of {one.resource.plural}")
            for one in meter.follows
        ]
        vital.append(asyncio.create_task(meter.run(), name="writing"))
        vital.append(asyncio.create_task(costs.run(), name="costs"))
        await first_of(stop, vital)
        if stop.is_set():
            await meter.flush(is_last=True)
        await cancel(vital)
        raise_if_failed(vital)


def _pages(costs: Costs, connection: Connection, metrics: MeterMetrics) -> Pages:
    """What tells people and programs what things cost.

    Whoever floods it with tokens keeps others waiting who ask, and nothing that the meter does: who
    somebody is, is asked by a client of its own, so many times a second.
    """
    asking = Client(
        connection,
        in_flight=_REVIEWS,
        writes_per_second=_REVIEWS_PER_SECOND,
        request_timeout=_REVIEW_TIMEOUT,
        observer=metrics.requested,
    )
    reports, release = Reports(costs.client, costs.database), version("tenantry")
    return CostPages(CostApi(Access(asking), reports, release), release).add_to


async def _list(meter: Meter) -> None:
    """What tells whose things are; and what is not followed from where somebody else was."""
    try:
        for follow in meter.follows:
            if not follow.version:
                await follow.relist()
            elif follow.resource in SURROUNDINGS:
                await follow.look()
    except ApiError as problem:
        raise OperatorFailed(f"cannot list what is metered: {problem}") from problem
