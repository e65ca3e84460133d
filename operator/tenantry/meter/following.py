"""What is metered, followed: each kind by a watch that goes on where the last process was.

The store has the resource version at which each watch stood when it was last written. A process
that starts goes on from there, and so hears of all that happened meanwhile, deletions and their
last words included, as long as the API server still knows (some minutes: etcd is compacted every
five, and the API server's own memory may be shorter). If it does not (410 Gone), a list tells what
is there, and of what came and went in between nobody knows: that is a gap.
"""

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from typing import Final

import orjson

from tenantry.api.base import Manifest
from tenantry.cluster.cache import NoCache
from tenantry.cluster.client import Client
from tenantry.cluster.resources import Resource
from tenantry.cluster.watching import SERVED, SILENCE, Watch
from tenantry.cost.known import Key, key_of
from tenantry.cost.ledger import Ledger
from tenantry.cost.store.writing import Outage
from tenantry.telemetry.logging import get_logger

log = get_logger(__name__)

PODS: Final = Resource("v1", "Pod", "pods")
NODES: Final = Resource("v1", "Node", "nodes", is_namespaced=False)
NAMESPACES: Final = Resource("v1", "Namespace", "namespaces", is_namespaced=False)
VOLUMES: Final = Resource("v1", "PersistentVolume", "persistentvolumes", is_namespaced=False)
VOLUME_CLAIMS: Final = Resource("v1", "PersistentVolumeClaim", "persistentvolumeclaims")
LOAD_BALANCERS: Final = Resource("v1", "Service", "services", fields="spec.type=LoadBalancer")

SURROUNDINGS: Final = (NAMESPACES, NODES, VOLUME_CLAIMS)
"""Listed whenever a process starts: they tell whose the rest is."""
METERED: Final = (NODES, VOLUMES, LOAD_BALANCERS, PODS)
"""Followed from where the last process was."""
FOLLOWED: Final = (NAMESPACES, VOLUME_CLAIMS, *METERED)

PAGE: Final = 250
"""Objects that are read at once: of pods, two megabytes or so."""

SETTLED: Final = 2
"""Seconds after which a watch that has said nothing is one that has nothing to say."""

Clock = Callable[[], int]
"""Seconds since 1970."""


class Follow(Watch):
    """One kind, followed into the ledger for ever.

    Args:
        client: reads.
        resource: the kind.
        ledger: hears of it.
        clock: the time.
        version: the resource version to go on from; 0 lists first.
        alive: the second in which the last one watched, if it goes on from that.
    """

    def __init__(
        self,
        client: Client,
        resource: Resource,
        ledger: Ledger,
        clock: Clock,
        *,
        version: int = 0,
        alive: int | None = None,
    ) -> None:
        super().__init__(client, NoCache(), resource, version, _unheard, lambda *_: None)
        self._ledger, self._clock = ledger, clock
        self._alive = clock() if alive is None else alive
        self._live_from, self._last_alive = 0, self._alive
        self._must_list = not version
        self._is_first = not version and alive is None
        self._connected_at: int | None = None
        self.has_begun = False
        self.outages: list[Outage] = []

    def known_until(self) -> int:
        """Up to when everything has been heard of: now, while the watch stands."""
        if not self._stands:
            return self._alive
        self.has_begun = True
        return self._clock()

    @property
    def _stands(self) -> bool:
        """Whether the API server serves it; that it does not is what it says first."""
        if self._connected_at is None:
            return False
        return self._alive >= self._connected_at or self._clock() - self._connected_at >= SETTLED

    async def _follow(self) -> None:
        if self._must_list:
            await self.relist()
        self._last_alive, self._live_from = self._alive, await self._current_version()
        params = {
            "watch": "true",
            "allowWatchBookmarks": "true",
            "resourceVersion": str(self.version),
            "timeoutSeconds": str(SERVED),
        }
        try:
            async with aclosing(self.client.lines(self.resource, params, silence=SILENCE)) as lines:
                async for line in lines:
                    self._failures = 0
                    if line:
                        self._take(orjson.loads(line))
                        self._alive = self._clock()
                    else:
                        self._connected_at = self._clock()
        finally:
            now = self._clock()
            if self._stands and now - max(self._alive, self._connected_at or 0) < SILENCE:
                self._alive = now  # it was heard to end; one that fell silent is not
            self._connected_at = None

    async def relist(self) -> None:
        """Compare the ledger with what is there.

        Raises:
            ApiError: it could not be finished; what was heard stays.
        """
        alive, known = self._alive, set(self._ledger.keys(self.resource.kind))
        version, listed = await self.look()
        known -= listed
        for key in known:
            if self._ledger.version(key) <= version:
                self._ledger.vanish(key, alive)
        self._note(alive, len(known))
        self.version, self._must_list, self._alive = version, False, self._clock()

    async def look(self) -> tuple[int, set[Key]]:
        """Let the ledger hear of all that is there; gives the list's version, and the keys.

        Raises:
            ApiError: it could not be finished; what was heard stays.
        """
        version, listed = 0, set[Key]()
        async for page in self.client.pages(self.resource, limit=PAGE):
            version = version or int(page["metadata"]["resourceVersion"])
            for item in page["items"]:
                manifest = {"apiVersion": "v1", "kind": self.resource.kind} | item
                listed.add(key_of(manifest))
                self._ledger.hear("", manifest, self._clock())
            await asyncio.sleep(0)  # a page is milliseconds of parsing: let others have a turn
        return version, listed

    def _note(self, alive: int, vanished: int) -> None:
        # What vanished within a second was lost within one, and is told all the same.
        now = max(self._clock(), alive + bool(vanished))
        if not self._is_first and self.resource in METERED and now > alive:
            why = (
                f"nobody watched {self.resource.plural}: {vanished} of them ended meanwhile, "
                "counted up to its start; what came and went in between is not known"
            )
            self.outages.append(Outage(alive, now, why, is_recovered=False))
            log.warning("gap", kind=self.resource.kind, seconds=now - alive, vanished=vanished)
        self._is_first = False

    async def _current_version(self) -> int:
        """The newest resource version: what a watch tells up to it is old news."""
        page = await anext(self.client.pages(self.resource, limit=1))
        return int(page["metadata"]["resourceVersion"])

    def _told(self, type_: str, manifest: Manifest) -> None:
        version = int(manifest["metadata"]["resourceVersion"])
        if type_ != "BOOKMARK":
            alive = self._last_alive if version <= self._live_from else None
            self._ledger.hear(type_, manifest, self._clock(), alive)
        self.version = version


def _unheard(_: str, __: Manifest) -> None:
    """The ledger hears it instead."""
