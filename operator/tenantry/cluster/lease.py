"""Leader election on a ``coordination.k8s.io/v1`` Lease, as client-go does it.

One replica works, the others stand by. A holder renews its Lease; whoever sees it unchanged for
the duration written in it may take it over. Times in the Lease are for people: what counts is when
this process saw it change, by its own monotonic clock, so clocks need not agree. The API server
settles races through resourceVersion. Kopf has no such election (its peering pauses all replicas of
the same priority), and that of ``kubernetes.aio`` neither gives its Lease back nor adds jitter.

The algorithm and its numbers are those of
https://pkg.go.dev/k8s.io/client-go/tools/leaderelection, but for two things (ADR 0023): who stands
by watches the Lease, so that it succeeds at the moment that the Lease is given back or ends; and a
leader asks ``holds`` before each write, so that one that stood still for a while writes no more.
"""

import asyncio
import math
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from time import monotonic
from typing import Any, Final, NoReturn, Protocol

from tenantry.api.base import Manifest
from tenantry.cluster.errors import ApiError, Conflict, NotFound, WentBack, check_order
from tenantry.cluster.identity import own_identity, own_namespace
from tenantry.cluster.lease_watch import LeaseWatch, Streams, jittered
from tenantry.settings import Settings
from tenantry.telemetry.logging import get_logger

API_VERSION: Final = "coordination.k8s.io/v1"
SPREAD: Final = 0.2
"""Seconds over which those who stand by spread when they see the Lease end at the same moment."""

_log = get_logger(__name__)


class LeaseLost(Exception):  # noqa: N818 - reads as what happened
    """Another replica may be leading now: this one must end."""


class Requests(Streams, Protocol):
    """What an election needs of the client."""

    async def request(self, method: str, path: str, body: Any = None) -> Manifest:
        """Send JSON, get JSON, or raise an ``ApiError``."""


class Elector:
    """One replica's part in the election.

    Use: ``await acquire()``, then ``hold()`` in a task beside the work; the process must end when
    that task does. When the work has stopped, ``await release()``.
    """

    def __init__(
        self,
        client: Requests,
        settings: Settings,
        *,
        identity: str | None = None,
        changed: Callable[[bool], None] = lambda _: None,
    ) -> None:
        """Prepare; nothing is sent yet.

        Args:
            client: sends the requests.
            settings: the ``lease_`` options.
            identity: what to write into the Lease; ``own_identity()`` unless given.
            changed: told when this replica becomes the leader, and when it is one no longer.
        """
        namespace = settings.lease_namespace or own_namespace()
        self._name = {"name": settings.lease_name, "namespace": namespace}
        self._path = f"/apis/{API_VERSION}/namespaces/{namespace}/leases"
        self._client = client
        self._settings = settings
        self._changed = changed
        self.identity = identity or own_identity()
        self._seen: Manifest | None = None
        self._seen_at = -math.inf
        self._is_stale = True
        self._renewed_at = -math.inf
        self._told_at = -math.inf
        self._newest = 0
        self._chance = asyncio.Event()
        self._watch = LeaseWatch(client, namespace, settings.lease_name, self._hear)
        self.is_leader = False

    def holds(self) -> bool:
        """Whether this replica may write: it leads, and its own clock says that it still may.

        A process that was stopped for a while, or whose machine was, knows by this that it is late
        before it knows of its successor.
        """
        deadline = self._renewed_at + self._settings.lease_renew_deadline
        return self.is_leader and monotonic() < deadline

    def unseen(self) -> float | None:
        """Seconds since the Lease was last seen, if that is longer than it should be.

        Infinite if it never was. A leader ends when it cannot see its Lease; this is for those who
        stand by, which are no use if they could not take over.
        """
        silence = monotonic() - self._told_at
        return silence if silence > 2 * self._settings.lease_duration else None

    async def acquire(self) -> None:
        """Wait until this replica is the leader, however long that takes."""
        _log.info("waiting to lead", identity=self.identity, **self._name)
        patience = self._settings.lease_renew_deadline
        if not await self._attempt(patience):
            async with self._watching():
                await self._until_free()
                while not await self._attempt(patience):
                    await self._until_free()
        self._lead(leads=True)

    async def hold(self) -> NoReturn:
        """Renew for as long as it goes.

        Raises:
            LeaseLost: another has it, or it could not be renewed in time.
            WentBack: the API server's state is an older one.
        """
        try:
            while True:
                await asyncio.sleep(self._settings.lease_retry_period)
                await self._renew()
        except (LeaseLost, WentBack):
            self._lead(leads=False)
            raise

    async def release(self) -> None:
        """Let the next leader start at once; does nothing if this replica does not lead.

        An API server that does not answer is no reason not to end: the Lease expires by itself.
        """
        if not self.is_leader:
            return
        self._lead(leads=False)
        try:
            async with asyncio.timeout(self._settings.lease_renew_deadline / 2):
                await self._look()  # a renewal that was cut off may have arrived all the same
                if self._holder == self.identity:
                    await self._put(self._spec(holder="", duration=1))
        except (ApiError, TimeoutError) as problem:
            _log.warning("lease not released", cause=str(problem) or "no answer", **self._name)

    @asynccontextmanager
    async def _watching(self) -> AsyncIterator[None]:
        """Hear of the Lease while the block lasts."""
        period = self._settings.lease_retry_period
        following = asyncio.create_task(self._watch.run(period, ended=self._chance.set))
        try:
            yield
        finally:
            following.cancel()
            await asyncio.wait([following])

    def _hear(self, lease: Manifest | None) -> None:
        """Take in what the watch tells; it may be later than an answer to a request."""
        self._told_at = monotonic()
        if lease is None:
            self._seen = None
        elif _version(lease) > _version(self._seen):
            self._saw(lease)
        if not self._holder:
            self._chance.set()

    async def _until_free(self) -> None:
        """Wait until the Lease may be free: given back, run out, or, unwatched, for a while."""
        patience = jittered(self._settings.lease_retry_period)
        left = self._seen_at + self._duration - monotonic()
        if self._watch.is_live and self._holder and left > 0:
            patience = left + random.uniform(0, SPREAD)  # noqa: S311 - not a secret
        with suppress(TimeoutError):
            async with asyncio.timeout(patience):
                await self._chance.wait()
        self._chance.clear()

    async def _renew(self) -> None:
        deadline = self._renewed_at + self._settings.lease_renew_deadline
        while (left := deadline - monotonic()) > 0:
            if await self._attempt(min(left, self._settings.lease_renew_deadline / 2)):
                return
            if self._is_held_by_another():
                raise LeaseLost(f"the lease was taken by {self._holder}")
            left = deadline - monotonic()
            await asyncio.sleep(min(self._settings.lease_retry_period, max(left, 0)))
        limit = self._settings.lease_renew_deadline
        raise LeaseLost(f"the lease could not be renewed within {limit:g} s")

    async def _attempt(self, patience: float) -> bool:
        """Try once to take or to renew the Lease; whether that went well."""
        started = monotonic()
        try:
            async with asyncio.timeout(patience):
                is_written = await self._take_or_renew()
        except (ApiError, TimeoutError) as problem:
            self._is_stale = True  # it may have been written after all
            _log.warning("lease not written", cause=str(problem) or "no answer", **self._name)
            return False
        if is_written:
            self._renewed_at = started
        return is_written

    async def _take_or_renew(self) -> bool:
        if self.is_leader and not self._is_stale:
            try:
                await self._write()
            except Conflict as problem:
                _log.info("lease was changed by another", cause=str(problem), **self._name)
            else:
                return True
        await self._look()
        if self._is_held_by_another():
            return False
        await self._write()
        return True

    async def _look(self) -> None:
        try:
            lease = await self._client.request("GET", f"{self._path}/{self._name['name']}")
        except NotFound:
            self._seen = None
        else:
            self._saw(lease)
        self._told_at, self._is_stale = monotonic(), False

    async def _write(self) -> None:
        spec = self._spec(holder=self.identity, duration=math.ceil(self._settings.lease_duration))
        if self._seen is not None:
            await self._put(spec)
            return
        lease = {"apiVersion": API_VERSION, "kind": "Lease", "metadata": self._name, "spec": spec}
        self._saw(await self._client.request("POST", self._path, lease))

    async def _put(self, spec: Manifest) -> None:
        lease = {**(self._seen or {}), "spec": spec}
        self._saw(await self._client.request("PUT", f"{self._path}/{self._name['name']}", lease))

    def _spec(self, *, holder: str, duration: int) -> Manifest:
        """What to write; the fields that are not ours (``strategy``) stay."""
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        known = self._known
        changes: Manifest = {
            "holderIdentity": holder,
            "leaseDurationSeconds": duration,
            "renewTime": now,
        }
        if holder == self.identity and self._holder != holder:
            changes["acquireTime"] = now
            changes["leaseTransitions"] = known.get("leaseTransitions", -1) + 1
        return {**known, **changes}

    def _saw(self, lease: Manifest) -> None:
        before, self._seen = self._known, lease
        newest, self._newest = self._newest, _version(lease)
        if self.is_leader:
            check_order(self._newest, newest)
        if self._known != before:
            self._seen_at = monotonic()

    @property
    def _known(self) -> Manifest:
        """The spec that was seen last; empty when there was no Lease, or an empty one."""
        return (self._seen or {}).get("spec") or {}

    @property
    def _holder(self) -> str:
        return str(self._known.get("holderIdentity") or "")

    @property
    def _duration(self) -> float:
        """Seconds that the Lease lasts, as it says itself."""
        return float(self._known.get("leaseDurationSeconds") or self._settings.lease_duration)

    def _is_held_by_another(self) -> bool:
        if self._holder in {"", self.identity}:
            return False
        return monotonic() < self._seen_at + self._duration

    def _lead(self, *, leads: bool) -> None:
        self.is_leader = leads
        self._changed(leads)
        _log.info("leading" if leads else "leading no longer", identity=self.identity, **self._name)


def _version(lease: Manifest | None) -> int:
    return int(lease["metadata"]["resourceVersion"]) if lease else 0
