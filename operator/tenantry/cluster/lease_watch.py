"""The Lease as those see it who stand by: every change at the moment at which it happens.

Asking from time to time, as client-go does, finds a Lease that was given back after four seconds at
worst, and one that has run out as much later. A watch of one object costs the API server less than
that, and where it cannot be had, asking from time to time is what is left (``lease``).
"""

import asyncio
import random
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import replace
from typing import Final, Protocol

import orjson

from tenantry.api.base import Manifest
from tenantry.cluster.errors import ApiError, error_for
from tenantry.cluster.resources import LEASES, Resource
from tenantry.cluster.watching import SERVED, SILENCE
from tenantry.settings import JITTER_FACTOR
from tenantry.telemetry.logging import get_logger

_log = get_logger(__name__)

_PARAMS: Final = {"watch": "true", "allowWatchBookmarks": "true", "timeoutSeconds": str(SERVED)}
"""Without a resource version the API server begins by telling what is there."""


class Streams(Protocol):
    """What a watch needs of the client."""

    def lines(
        self, resource: Resource, params: dict[str, str], *, silence: float, namespace: str | None
    ) -> AsyncGenerator[bytes]:
        """A watch, line by line, an empty one first."""


class LeaseWatch:
    """Follows one Lease.

    Args:
        client: reads.
        namespace: the Lease's.
        name: the Lease's.
        heard: told of the Lease as it is now, or of None when it was deleted.

    Attributes:
        is_live: whether changes are being told as they happen.
    """

    def __init__(
        self, client: Streams, namespace: str, name: str, heard: Callable[[Manifest | None], None]
    ) -> None:
        self._client, self._namespace, self._heard = client, namespace, heard
        self._lease = replace(LEASES, fields=f"metadata.name={name}")
        self._told = ""
        self.is_live = False

    async def run(self, period: float, ended: Callable[[], None]) -> None:
        """Follow for ever.

        Args:
            period: seconds until the next attempt, and up to 1.2 times as many again.
            ended: told whenever there is no watch any more.
        """
        while True:
            await self._follow()
            ended()
            await asyncio.sleep(jittered(period))

    async def _follow(self) -> None:
        """Follow until the API server ends it or there is no way to it; the log tells why."""
        lines = self._client.lines(self._lease, _PARAMS, silence=SILENCE, namespace=self._namespace)
        try:
            async with aclosing(lines):
                async for line in lines:
                    self.is_live = True
                    if line:
                        self._take(orjson.loads(line))
        except ApiError as problem:
            self._tell(problem)
        finally:
            self.is_live = False

    def _take(self, event: Manifest) -> None:
        told: Manifest = event["object"]
        if event["type"] == "ERROR":
            raise error_for(int(told.get("code", 500)), told)
        if event["type"] != "BOOKMARK":
            self._heard(None if event["type"] == "DELETED" else told)

    def _tell(self, problem: ApiError) -> None:
        """Log a reason once, for it is tried again every few seconds."""
        if problem.reason != self._told:
            self._told = problem.reason
            _log.warning("lease not watched, asking from time to time", cause=str(problem))


def jittered(period: float) -> float:
    """The period, and up to 1.2 times as much again, so that replicas do not ask in step."""
    return period * (1 + random.uniform(0, JITTER_FACTOR))  # noqa: S311 - not a secret
