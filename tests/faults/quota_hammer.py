"""Pods created and deleted at full speed in many namespaces, and a witness who counts.

The witness follows the API server's watches, which tell of each version of each object in the order
in which they were written: so what all ResourceQuotas of a tenant allow together is known at every
instant, and so is how many pods there are.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from itertools import count, cycle
from typing import Final

import workloads
from cluster_api import ClusterApi
from faults.keeper import Keeper
from tenantry.api.base import Manifest
from tenantry.cluster.cache import NoCache
from tenantry.cluster.client import Client
from tenantry.cluster.errors import Conflict, Forbidden, NotFound
from tenantry.cluster.listing import list_patiently
from tenantry.cluster.resources import Resource
from tenantry.cluster.watching import Watch

WRITERS: Final = 2
"""In each namespace, at the same time."""
KILLED_EVERY: Final = 1.3
"""Seconds between two kills; a process takes one to start."""
WANTS_MORE: Final = 0.65
"""How often a writer makes a pod rather than to delete one."""
LONGEST: Final = 120.0
"""Seconds that anybody hammers."""
PODS: Final = Resource("v1", "Pod", "pods")
QUOTAS: Final = Resource("v1", "ResourceQuota", "resourcequotas")


@dataclass(frozen=True, slots=True)
class Quota:
    """What a ResourceQuota says of pods."""

    spec: int
    status: int
    used: int

    @property
    def allows(self) -> int:
        return max(self.spec, self.status)


@dataclass
class Witness:
    """Counts what is allowed and what is there in some namespaces.

    Attributes:
        allowed: the most that all ResourceQuotas allowed together at any time.
        alive: the most pods that there were at any time.
        beyond: the most pods that there were, at any time, beyond what their namespaces' own
            ResourceQuotas allowed, together.
        versions: how many versions of ResourceQuotas were checked.
    """

    namespaces: frozenset[str]
    quotas: dict[str, Quota] = field(default_factory=dict)
    pods: dict[str, set[str]] = field(default_factory=dict)
    allowed: int = 0
    alive: int = 0
    beyond: int = 0
    versions: int = 0

    @asynccontextmanager
    async def watching(self, client: Client) -> AsyncIterator["Witness"]:
        """Follow a cluster while the context lasts."""
        following = [
            asyncio.create_task(await self._follow(client, QUOTAS, self.hear_quota)),
            asyncio.create_task(await self._follow(client, PODS, self.hear_pod)),
        ]
        try:
            yield self
            assert not any(one.done() for one in following), "a watch has missed something"
        finally:
            for one in following:
                one.cancel()
            await asyncio.wait(following)

    def hear_quota(self, type_: str, quota: Manifest) -> None:
        """A ResourceQuota has another version."""
        namespace = quota["metadata"]["namespace"]
        if namespace not in self.namespaces or quota["metadata"]["name"] != "tenantry":
            return
        self.versions += 1
        self.quotas.pop(namespace, None)
        if type_ != "DELETED":
            status = quota.get("status", {})
            self.quotas[namespace] = Quota(
                int(quota["spec"].get("hard", {}).get("pods", 0)),
                int(status.get("hard", {}).get("pods", 0)),
                int(status.get("used", {}).get("pods", 0)),
            )
        self.allowed = max(self.allowed, sum(one.allows for one in self.quotas.values()))

    def hear_pod(self, type_: str, pod: Manifest) -> None:
        """A pod has come or gone."""
        metadata = pod["metadata"]
        if metadata["namespace"] not in self.namespaces:
            return
        there = self.pods.setdefault(metadata["namespace"], set())
        (there.discard if type_ == "DELETED" else there.add)(metadata["uid"])
        self.alive = max(self.alive, sum(len(one) for one in self.pods.values()))
        self.beyond = max(self.beyond, sum(self._beyond(one) for one in self.pods))

    def _beyond(self, namespace: str) -> int:
        allows = self.quotas[namespace].allows if namespace in self.quotas else 0
        return max(0, len(self.pods[namespace]) - allows)

    async def _follow(
        self, client: Client, resource: Resource, hear: Callable[[str, Manifest], None]
    ) -> Coroutine[None, None, None]:
        cache = NoCache()
        version = await list_patiently(cache, client, resource, lambda *_: None)
        return Watch(client, cache, resource, version, hear, _missed).run()


def _missed(*_: object) -> None:
    raise AssertionError("the watch has missed something")


@dataclass
class Hammer:
    """Writers that make and delete pods as fast as the API server answers.

    Each wants as many pods as it can get, up to ``most``, and now and then deletes some; after each
    it rests for ``pace`` seconds.
    """

    api: ClusterApi
    namespaces: Sequence[str]
    most: int
    seed: int = 1
    pace: float = 0.0
    admitted: int = 0
    refused: int = 0
    _ended: asyncio.Event = field(default_factory=asyncio.Event)

    async def strike(self, seconds: float) -> None:
        """Hammer for so long."""
        writers = [
            asyncio.create_task(self._write(namespace, number))
            for namespace in self.namespaces
            for number in range(WRITERS)
        ]
        done, _ = await asyncio.wait(writers, timeout=seconds, return_when=asyncio.FIRST_EXCEPTION)
        self._ended.set()
        await asyncio.wait(writers)
        for one in done:
            one.result()

    @asynccontextmanager
    async def striking(self) -> AsyncIterator[None]:
        """Hammer while the context lasts."""
        striking = asyncio.create_task(self.strike(LONGEST))
        try:
            yield
        finally:
            self._ended.set()
            await striking

    async def _write(self, namespace: str, number: int) -> None:
        dice = random.Random(f"{self.seed} {namespace} {number}")  # noqa: S311 - not a secret
        own: list[str] = []
        for turn in count():
            if self._ended.is_set():
                return
            wants_more = len(own) < self.most and dice.random() < WANTS_MORE
            if wants_more and await self._create(namespace, f"p{number}-{turn}"):
                own.append(f"p{number}-{turn}")
            elif own:
                await self._delete(namespace, own.pop(dice.randrange(len(own))))
            await asyncio.sleep(self.pace)

    async def _create(self, namespace: str, name: str) -> bool:
        try:
            await self.api.create(workloads.pod(name, namespace))
        except (Forbidden, Conflict):  # no room, or too many at the same ResourceQuota
            self.refused += 1
            return False
        self.admitted += 1
        return True

    async def _delete(self, namespace: str, name: str) -> None:
        try:
            await self.api.delete("Pod", name, namespace)
        except NotFound:
            return


@asynccontextmanager
async def killing(keepers: Sequence[Keeper]) -> AsyncIterator[None]:
    """Kill one operator after the other while the context lasts; their keepers start them again."""

    async def kill() -> None:
        for keeper in cycle(keepers):
            await asyncio.sleep(KILLED_EVERY)
            keeper.kill()

    killer = asyncio.create_task(kill())
    try:
        yield
    finally:
        killer.cancel()
        with suppress(asyncio.CancelledError):
            await killer
