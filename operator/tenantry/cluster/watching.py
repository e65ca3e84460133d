"""What the operator owns, followed from the first list on: each kind by a watch of its own.

Kopf watches Tenants; for owned objects its way from an event to a handler (a task, a queue, three
loggers and the causes of handlers that do not exist, for each object) took two fifths of the
operator's time while tenants are made, and its list after the start took all objects in a second
time (docs/performance.md). Here an event costs its JSON and a look into the cache,
and an echo of the operator's own write not even its JSON.

A watch goes on from the resource version where the list, or the last watch, ended. When the API
server does not know that version any more (410 Gone), the list is what tells of objects that were
deleted meanwhile: it is compared with the cache (``listing``).
See https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes.
"""

import asyncio
import random
import re
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass, field
from time import monotonic
from typing import Final, Protocol

import orjson

from tenantry.api.base import Manifest
from tenantry.cluster.cache import Cache
from tenantry.cluster.client import Client
from tenantry.cluster.errors import (
    ApiError,
    Gone,
    NotFound,
    Throttled,
    Unreachable,
    check_order,
    error_for,
)
from tenantry.cluster.listing import Found, list_into
from tenantry.cluster.resources import Resource


class Served(Protocol):
    """Told of an optional kind whether the API server has it."""

    def __call__(self, resource: Resource, /, *, is_it: bool) -> None:
        """It has, or it has not."""


Hear = Callable[[str, Manifest], None]
"""Told of an event: ADDED, MODIFIED or DELETED, and the object."""

SERVED: Final = 600
"""Seconds after which the API server is to end a watch, so that a new one may find another."""
SILENCE: Final = 75.0
"""Seconds without a byte after which a connection is dead: bookmarks come once a minute."""
SLACK: Final = 5.0
"""Seconds by which a connection's clock and this one's may differ."""
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 10.0
"""Seconds between two attempts; doubled with each that fails."""
ATTEMPTS: Final = 10
"""Failures in a row that time does not heal, after which the watch is given up: RBAC takes some
seconds after the API server's start until it knows whom to let in."""

_STORED: Final = re.compile(
    rb'\{"type":"(?:ADDED|MODIFIED)","object":\{"kind":"(\w+)","apiVersion":"[^"\\]+",'
    rb'"metadata":\{"name":"([^"\\]+)",(?:"generateName":"[^"\\]*",)?'
    rb'(?:"namespace":"([^"\\]+)",)?"uid":"[^"\\]+","resourceVersion":"(\d+)"'
)
"""How an event about an object begins, in the order that the API server gives built-in kinds. One
that begins otherwise is none the worse: it is parsed."""


@dataclass(slots=True)
class Watch:
    """One kind, followed for ever.

    Args:
        client: reads.
        cache: what a list is compared with.
        resource: the kind.
        version: the resource version of the list that the watch goes on from.
        hear: told of each event.
        found: told of what a later list finds.
        served: told of an optional kind whether it is there, again and again.
        absence: seconds between two looks for an optional kind that is not there.
    """

    client: Client
    cache: Cache
    resource: Resource
    version: int
    hear: Hear
    found: Found
    served: Served | None = None
    absence: float = 30.0
    _heard_at: float = field(default_factory=monotonic, init=False)
    _failures: int = field(default=0, init=False)
    _errors: int = field(default=0, init=False)
    _must_list: bool = field(default=False, init=False)

    def silence(self) -> float | None:
        """Seconds since the API server last told something; None for a kind that is not there."""
        return monotonic() - self._heard_at if self.version else None

    async def run(self) -> None:
        """Follow, through whatever time heals.

        Raises:
            ApiError: the API server keeps refusing; the process had better end than be blind.
            WentBack: its state is an older one.
        """
        while True:
            pause = 0.0
            try:
                await self._follow()
            except Gone:
                self._must_list = True
            except NotFound:
                if not self.resource.is_optional:
                    raise
                # The watch tells of it first, and the list then tells others of it.
                self._must_list, pause = True, 0.0 if self.version else self.absence
            except ApiError as problem:
                if not problem.is_transient and self._failures >= ATTEMPTS:
                    raise
                pause = problem.retry_after if isinstance(problem, Throttled) else 0.0
            await asyncio.sleep(max(pause, self._backoff()))

    async def _follow(self) -> None:
        if self._must_list:
            listed = await list_into(self.cache, self.client, self.resource, self.found)
            self.version = check_order(listed, self.version)
            self._must_list, self._heard_at = False, monotonic()
        if self.served and self.resource.is_optional:
            self.served(self.resource, is_it=bool(self.version))
        if not self.version:
            raise NotFound(f"there are no {self.resource.plural}")
        params = {
            "watch": "true",
            "allowWatchBookmarks": "true",
            "resourceVersion": str(self.version),
            "timeoutSeconds": str(SERVED),
        }
        async with aclosing(self.client.lines(self.resource, params, silence=SILENCE)) as lines:
            begun = False
            try:
                async for line in lines:
                    self._failures, self._heard_at, begun = 0, monotonic(), True
                    if line and not self._is_known(line):
                        self._take(orjson.loads(line))
            except Unreachable:
                # Not even bookmarks: perhaps it waits for a version that never was, after a restore
                # of etcd, or something was missed on the way. The list tells.
                self._must_list |= begun and monotonic() - self._heard_at > SILENCE - SLACK
                raise

    def _is_known(self, line: bytes) -> bool:
        """Whether it tells of no more than the cache has: nearly always, an own write's answer.

        Then it need not be parsed, which would cost ten times as much as this look at its start.
        """
        begin = _STORED.match(line)
        if begin is None:
            return False
        kind, name, namespace, stored = begin.groups(default=b"")
        version = int(stored)
        if self.cache.version((kind.decode(), namespace.decode(), name.decode())) < version:
            return False
        self.version, self._errors = version, 0
        return True

    def _take(self, event: Manifest) -> None:
        manifest = event["object"]
        if event["type"] == "ERROR":
            # Errors are counted by themselves: one alone, such as that a version is too old right
            # after a restart, need not wait as long as there was nobody to ask before.
            self._failures, self._errors = self._errors, self._errors + 1
            self._must_list = True  # what it would have told is found by the list
            raise error_for(int(manifest.get("code", 500)), manifest)
        self._errors = 0
        self._told(event["type"], manifest)

    def _told(self, type_: str, manifest: Manifest) -> None:
        self.version = check_order(int(manifest["metadata"]["resourceVersion"]), self.version)
        if type_ != "BOOKMARK":
            self.hear(type_, manifest)

    def _backoff(self) -> float:
        """Seconds until the next attempt, few after a watch that had begun.

        Else a balancer that ends idle connections would make the pauses longer and longer.
        """
        failures, self._failures = self._failures, self._failures + 1
        pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2.0 ** min(failures, 30))
        return pause * random.uniform(0.8, 1.2)  # noqa: S311 - jitter, not a secret
