"""Pods that come and go at full speed in all namespaces of a tenant but one.

What a quota that moves has to bear: each ResourceQuota is charged and recounted all the time, while
the one namespace that is spared waits for what the others do not need.
"""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, Any, Final

import orjson

from bench.api import JSON, Api, Refused, Write
from bench.demand import POD

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

MOST: Final = 2
"""Pods that each namespace has at most."""
NOW: Final = orjson.dumps({"gracePeriodSeconds": 0})
PAUSE: Final = 0.02
"""Seconds before the next try of one that was refused."""


@dataclass
class Hammer:
    """A writer in each namespace, as fast as the API server answers.

    Attributes:
        spared: the namespace in which nothing comes or goes.
        made: pods that were admitted.
        refused: pods that were not.
    """

    admin: Api
    namespaces: Sequence[str]
    spared: str = ""
    made: int = 0
    refused: int = 0
    _numbers: count[int] = field(default_factory=count)

    @asynccontextmanager
    async def striking(self) -> AsyncIterator[Hammer]:
        """Let pods come and go while the block lasts; those that are left then are deleted."""
        is_over = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            for namespace in self.namespaces:
                group.create_task(self._write(namespace, is_over))
            try:
                yield self
            finally:
                is_over.set()

    async def _write(self, namespace: str, is_over: asyncio.Event) -> None:
        path = f"/api/v1/namespaces/{namespace}/pods"
        there: deque[str] = deque()
        while not is_over.is_set():
            if namespace == self.spared or len(there) >= MOST:
                await self._delete(path, there)
            if namespace == self.spared or not await self._create(path, there):
                await asyncio.sleep(PAUSE)
        while there:
            await self._delete(path, there)

    async def _create(self, path: str, there: deque[str]) -> bool:
        name = f"hammer-{next(self._numbers)}"
        try:
            await self.admin.post(path, _pod(name))
        except Refused:
            self.refused += 1
            return False
        self.made += 1
        there.append(name)
        return True

    async def _delete(self, path: str, there: deque[str]) -> None:
        if there:
            one = f"{path}/{there.popleft()}"
            await self.admin.send(Write("DELETE", one, JSON, NOW))


def _pod(name: str) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "spec": POD}
