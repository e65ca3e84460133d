"""The operator as an orchestrator keeps it: whenever it ends, it is started again.

A kubelet would wait longer and longer between two starts; here each is at once.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import aiohttp
from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families

from operator_process import OperatorProcess
from waiting import eventually

_LOOK = 0.02


@dataclass(frozen=True, slots=True)
class End:
    """How a process ended.

    Attributes:
        code: its exit code; negative: the signal that killed it.
        records: what it had logged.
    """

    code: int
    records: list[dict[str, Any]]


class Keeper:
    """Keeps one operator running.

    Attributes:
        operator: the process that runs now.
        ends: of all the processes before it.
    """

    def __init__(self, kubeconfig: Path, folder: Path, **options: str) -> None:
        self._kubeconfig, self._folder, self._options = kubeconfig, folder, options
        self.ends: list[End] = []
        self._may_start = asyncio.Event()
        self._may_start.set()
        self.operator = self._launch()

    @classmethod
    @asynccontextmanager
    async def keeping(cls, kubeconfig: Path, folder: Path, **options: str) -> AsyncIterator[Self]:
        """Keep an operator running while the context lasts.

        Args:
            kubeconfig: whose identity it has.
            folder: where it logs, a file a process.
            options: of ``tenantry run``.
        """
        keeper = cls(kubeconfig, folder, **options)
        watching = asyncio.create_task(keeper._watch())
        try:
            yield keeper
        finally:
            watching.cancel()
            with suppress(asyncio.CancelledError):
                await watching
            keeper.operator.kill()
        assert keeper.defects() == []

    def kill(self) -> None:
        """End the process with SIGKILL."""
        self.operator.kill()

    @contextmanager
    def staying_down(self) -> Iterator[None]:
        """While the context lasts, a process that ends is not started again."""
        self._may_start.clear()
        try:
            yield
        finally:
            self._may_start.set()

    async def ready(self) -> None:
        """Wait until a process that runs knows the cluster, however many it takes."""
        while True:
            operator = self.operator
            with suppress(AssertionError):  # it has ended
                await operator.logged("cache complete")
            if operator is self.operator and operator.code is None:
                break
            await asyncio.sleep(_LOOK)
        await operator.logged("cache complete")

    async def looked_at(self, tenants: int) -> None:
        """Wait until the process has looked at so many tenants, and none waits for a look."""

        async def look() -> tuple[float, float]:
            [listening] = [one for one in self.operator.records() if one["message"] == "listening"]
            async with (
                aiohttp.ClientSession() as session,
                session.get(f"http://127.0.0.1:{listening['port']}/metrics") as answer,
            ):
                families = list(text_string_to_metric_families(await answer.text()))
            return _sum(families, "tenantry_reconciles"), _sum(families, "tenantry_queue_depth")

        await eventually(look, lambda seen: seen[0] >= tenants and seen[1] == 0)

    async def ended(self, times: int = 1) -> list[End]:
        """Wait until processes have ended so many times; gives all ends."""
        while len(self.ends) < times:  # noqa: ASYNC110 - a process's end rings no bell here
            await asyncio.sleep(_LOOK)
        return self.ends

    def records(self) -> list[dict[str, Any]]:
        """All that all processes have logged."""
        return [one for end in self.ends for one in end.records] + self.operator.records()

    def defects(self) -> list[dict[str, Any]]:
        """What the operator took for a defect of its own: faults are none."""
        return [one for one in self.records() if one["message"] == "unexpected"]

    def _launch(self) -> OperatorProcess:
        log = self._folder / f"operator-{len(self.ends)}.log"
        return OperatorProcess.launch(self._kubeconfig, log, **self._options)

    async def _watch(self) -> None:
        while True:
            code = self.operator.code
            if code is not None:
                self.ends.append(End(code, self.operator.records()))
                await self._may_start.wait()
                self.operator = self._launch()
            await asyncio.sleep(_LOOK)


def _sum(families: Iterable[Metric], name: str) -> float:
    """A metric's samples, added up; without those that only say when it was made."""
    return sum(
        sample.value
        for family in families
        if family.name == name
        for sample in family.samples
        if not sample.name.endswith("_created")
    )
