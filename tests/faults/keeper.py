"""The operator as an orchestrator keeps it: whenever it ends, it is started again.

A kubelet would wait longer and longer between two starts; here each is at once.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from operator_process import OperatorProcess

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
        """Wait until a process knows the cluster, however many it takes."""
        while True:
            operator = self.operator
            try:
                await operator.logged("cache complete")
            except AssertionError:
                if operator is self.operator and operator.code is None:
                    raise
                await asyncio.sleep(_LOOK)
            else:
                return

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
