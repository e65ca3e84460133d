"""A series of kills at requests of given numbers, one process after the other.

Points are requests, counted from the start of each process (from now, for the first), so that they
are spread over all of what the operator does and are the same in every run. What becomes of the
request goes round: it never leaves; it is done and never answered; it has just been answered.

Each process is given something to do of its own: what was sent before a kill may be done by then,
so that what was there at first is used up sooner or later, depending on the machine.
"""

import asyncio
import random
import signal
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from faults.effects import after, before, between
from faults.keeper import Keeper
from faults.proxy import ANY_WRITE, FaultProxy, Rule

STAGES: Final = (before, between, after)
PATIENCE: Final = 30.0
"""Seconds until all have happened."""

Work = Callable[[], Awaitable[None]]
"""Gives the operator something to do, more than the most of requests that a kill waits for."""


async def starting() -> None:
    """What a process has to do anyway is enough, as for kills while it starts."""


def points(seed: int, count: int, most: int) -> list[int]:
    """Numbers of requests, from 1 to ``most``."""
    dice = random.Random(seed)  # noqa: S311 - not a secret
    return [dice.randint(1, most) for _ in range(count)]


class Kills:
    """The series, begun at once."""

    def __init__(
        self,
        keeper: Keeper,
        proxy: FaultProxy,
        at: Sequence[int],
        work: Work = starting,
        method: str = ANY_WRITE,
    ) -> None:
        self._keeper, self._proxy, self._method = keeper, proxy, method
        self._work = work
        self._left = list(at)
        self._ended = len(keeper.ends)
        self._arm()
        self._going_on = asyncio.create_task(self._go_on())

    async def over(self) -> None:
        """Wait until all have happened.

        Raises:
            AssertionError: there were too few requests for that, or a process ended by itself.
        """
        try:
            await asyncio.wait_for(self._going_on, PATIENCE)
        except TimeoutError:
            raise AssertionError(f"the kills at {self._left} were not reached") from None
        assert {end.code for end in self._keeper.ends[self._ended :]} == {-signal.SIGKILL}

    def _arm(self) -> None:
        stage = STAGES[len(self._left) % len(STAGES)]
        self._proxy.strike(Rule(stage(self._keeper.kill), self._method, first=self._left[0]))

    async def _go_on(self) -> None:
        # What a process has sent may arrive after its death; so the next kill is armed only when
        # there is a next process.
        before = self._ended
        while self._left:
            await self._work()
            before += 1
            await self._keeper.ended(before)
            del self._left[0]
            if self._left:
                self._arm()
