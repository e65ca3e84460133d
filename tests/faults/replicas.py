"""Operators in an election, each behind a proxy of its own, so that it is known who wrote what."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final, Self

import installation
from faults.conftest import behind
from faults.effects import held
from faults.proxy import Exchange, FaultProxy, Rule
from operator_process import OperatorProcess
from waiting import eventually

DURATION: Final = 8.0
"""Seconds that the lease lasts: as much of a busy machine's time as 15 of another's."""
ELECTION: Final = {
    "leader_elect": "true",
    "lease_namespace": installation.NAMESPACE,
    "lease_duration": f"{DURATION}s",
    "lease_renew_deadline": "6s",
    "lease_retry_period": "1s",
}


@dataclass(frozen=True)
class Replica:
    """One operator."""

    operator: OperatorProcess
    proxy: FaultProxy

    @property
    def led_at(self) -> float:
        """Unix time since which it leads, or 0."""
        lines = (one for one in self.operator.records() if one["message"] == "leading")
        return next((datetime.fromisoformat(one["timestamp"]).timestamp() for one in lines), 0.0)

    @property
    def written(self) -> list[Exchange]:
        """What it wrote, and the API server accepted; leases aside."""
        return [one for one in self.proxy.exchanges if one.is_accepted_write]

    @property
    def told_written(self) -> list[Exchange]:
        """What of it it was told of."""
        return [one for one in self.written if one.is_delivered]

    def stop(self) -> None:
        """Tell it to end (SIGTERM)."""
        os.kill(self.operator.pid, signal.SIGTERM)

    def freeze(self) -> None:
        """Stop its clock (SIGSTOP): its connections stay, and what comes on them waits."""
        os.kill(self.operator.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        os.kill(self.operator.pid, signal.SIGCONT)

    def cut_off(self) -> None:
        """Let nothing through to the API server, nor back; nobody tells it so."""
        never = held(asyncio.Event())
        self.proxy.strike(Rule(never, times=None))
        self.proxy.strike(Rule(never, is_watch=True, times=None))
        self.proxy.end_watches()


@dataclass
class Replicas:
    """All operators of a test; none outlives it."""

    direct: Path
    folder: Path
    proxies: Callable[[], Awaitable[FaultProxy]]
    started: list[Replica] = field(default_factory=list)

    @classmethod
    @asynccontextmanager
    async def of(
        cls, direct: Path, folder: Path, proxies: Callable[[], Awaitable[FaultProxy]]
    ) -> AsyncIterator[Self]:
        """Start operators while the context lasts.

        Args:
            direct: the operator's kubeconfig.
            folder: where they log.
            proxies: starts a proxy.
        """
        made = cls(direct, folder, proxies)
        try:
            yield made
        finally:
            for one in made.started:
                one.operator.kill()

    async def leader(self, **options: str) -> Replica:
        """Start one and wait until it leads and has looked around."""
        one = await self._start(options)
        await one.operator.logged("cache complete")
        return one

    async def standby(self, **options: str) -> Replica:
        """Start one and wait until it stands by."""
        one = await self._start(options)
        await one.operator.logged("waiting to lead")

        async def watched() -> list[str]:
            return await one.proxy.watched()

        await eventually(watched, lambda seen: seen == ["leases"])
        return one

    async def _start(self, options: dict[str, str]) -> Replica:
        proxy, number = await self.proxies(), len(self.started)
        kubeconfig = behind(proxy, self.direct, self.folder / f"replica-{number}.kubeconfig")
        log = self.folder / f"replica-{number}.log"
        operator = OperatorProcess.launch(kubeconfig, log, **ELECTION, **options)
        self.started.append(Replica(operator, proxy))
        return self.started[-1]


async def successor(standbys: list[Replica]) -> Replica:
    """Wait until one of them leads, and be sure that it is one."""

    async def leading() -> list[Replica]:
        return [one for one in standbys if one.led_at]

    [one] = await eventually(leading)
    return one
