"""Which tenants need a look: a queue that merges bursts and never works on one tenant twice.

Kopf calls a handler for each event; a tenant that changes ten times while it is being reconciled
needs one more look, not ten. So handlers only name the tenant here. The semantics are those of
client-go's workqueue (k8s.io/client-go/util/workqueue): a key that is being processed and is
added again is processed once more afterwards; a key that failed comes back after an exponential
delay of its own, so that one broken tenant delays no other.

Repairs overtake: a key that was added as urgent is taken before all others, and one worker takes
nothing else. What only wants to be told some time, such as new figures of usage, waits until nobody
else does and nobody else is being worked on: while a platform team brings in hundreds of tenants,
theirs are made first.
"""

import asyncio
import math
import random
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

PATIENCE: Final = 60.0
"""Seconds for which work without hurry gives way to all other."""


@dataclass(frozen=True, slots=True)
class Work:
    """A tenant that needs a look.

    Attributes:
        waited: seconds from the first time it was added until now.
    """

    key: str
    is_urgent: bool
    waited: float


class WorkQueue:
    """De-duplicating, with three priorities and a backoff for each key.

    Args:
        backoff: seconds before the first retry of a key; doubled with each failure in a row.
        backoff_limit: the most seconds between two retries.
        clock: monotonic seconds.
    """

    def __init__(
        self,
        *,
        backoff: float = 0.2,
        backoff_limit: float = 60.0,
        clock: Callable[[], float] | None = None,
    ) -> None:
        self._backoff, self._limit = backoff, backoff_limit
        self._clock = clock or asyncio.get_running_loop().time
        self._urgent: OrderedDict[str, float] = OrderedDict()
        self._normal: OrderedDict[str, float] = OrderedDict()
        self._leisurely: OrderedDict[str, float] = OrderedDict()
        self._busy: dict[str, float] = {}
        self._unhurried: set[str] = set()
        self._again: dict[str, bool] = {}
        self._failures: dict[str, int] = {}
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._leisurely_timers: dict[str, asyncio.TimerHandle] = {}
        self._not_before: dict[str, float] = {}
        self._changed = asyncio.Event()
        self._is_closed = False

    def __len__(self) -> int:
        return len(self._urgent) + len(self._normal) + len(self._leisurely)

    @property
    def is_idle(self) -> bool:
        """Whether nothing waits (but for timers) and nothing is being worked on."""
        return not self._busy and not len(self)

    def oldest_look(self) -> float:
        """Seconds for which the longest of the looks that are under way has lasted."""
        return self._clock() - min(self._busy.values()) if self._busy else 0.0

    def add(self, key: str, *, urgent: bool = False) -> None:
        """The tenant needs a look; once, and now unless the API server has asked for time."""
        if self._is_closed:
            return
        if key in self._busy:
            self._again[key] = urgent or self._again.get(key, False)
            return
        patience = self._not_before.get(key, 0) - asyncio.get_running_loop().time()
        if patience > 0:
            self.add_after(key, patience)
            return
        self._leisurely.pop(key, None)
        if urgent and key in self._normal:
            self._urgent[key] = self._normal.pop(key)
        elif key not in self._urgent:
            (self._urgent if urgent else self._normal).setdefault(key, self._clock())
        self._changed.set()

    def add_after(self, key: str, delay: float) -> None:
        """The tenant needs a look in ``delay`` seconds, unless it gets one that is due sooner."""
        self._set(self._timers, key, delay, self._ring)

    def add_at_leisure(self, key: str, delay: float) -> None:
        """The tenant needs a look in ``delay`` seconds, or when nobody is in a hurry after that.

        It gives way to all who wait and to all who are being worked on: the workers would often
        empty the queue for a moment while hundreds of tenants are made. It waits for others no
        longer than ``PATIENCE``.
        """
        self._set(self._leisurely_timers, key, delay, self._ring_softly)

    async def get(self, *, urgent_only: bool = False) -> Work | None:
        """The next tenant, most urgent first; None once the queue is closed."""
        while not self._is_closed:
            if self._urgent:
                return self._take(self._urgent, is_urgent=True)
            if not urgent_only and (queue := self._has_waited() or self._normal or self._calm()):
                return self._take(queue, is_urgent=False)
            self._changed.clear()
            await self._changed.wait()
        return None

    def done(self, key: str) -> None:
        """The look is over and all is well."""
        self._failures.pop(key, None)
        self._not_before.pop(key, None)
        self._release(key)

    def retry(self, key: str, *, at_least: float = 0.0, at_most: float = math.inf) -> float:
        """The look is over and it must be repeated; gives the seconds until then.

        The delay doubles with each failure in a row and is spread by up to a fifth, so that
        tenants that failed together do not come back together.

        Args:
            key: what :meth:`get` gave.
            at_least: seconds that the API server asked for; nothing brings the key back sooner.
            at_most: seconds after which it is worth another try, however often it has failed.
        """
        failures = self._failures.get(key, 0)
        self._failures[key] = failures + 1
        delay = min(self._limit, at_most, self._backoff * 2.0 ** min(failures, 30))
        spread: float = random.uniform(0.9, 1.1)  # noqa: S311 - jitter, not a secret
        delay = max(at_least, delay * spread)
        self._not_before[key] = asyncio.get_running_loop().time() + at_least
        self._release(key)
        self.add_after(key, delay)
        return delay

    def close(self) -> None:
        """Accept nothing more and let the workers go; what waits is found again after a restart."""
        self._is_closed = True
        for timers in (self._timers, self._leisurely_timers):
            for timer in timers.values():
                timer.cancel()
            timers.clear()
        self._changed.set()

    def _set(
        self,
        timers: dict[str, asyncio.TimerHandle],
        key: str,
        delay: float,
        ring: Callable[[str], None],
    ) -> None:
        if self._is_closed:
            return
        loop = asyncio.get_running_loop()
        due = loop.time() + delay
        timer = timers.get(key)
        if timer is not None and timer.when() <= due:
            return
        if timer is not None:
            timer.cancel()
        timers[key] = loop.call_at(due, ring, key)

    def _has_waited(self) -> OrderedDict[str, float] | None:
        """What had no hurry, if the first of it has given way for long enough."""
        first = next(iter(self._leisurely.values()), None)
        is_due = first is not None and self._clock() - first > PATIENCE
        return self._leisurely if is_due else None

    def _calm(self) -> OrderedDict[str, float] | None:
        """What had no hurry, if nobody who has is being worked on."""
        return self._leisurely if self._busy.keys() == self._unhurried else None

    def _take(self, queue: OrderedDict[str, float], *, is_urgent: bool) -> Work:
        key, added = queue.popitem(last=False)
        self._busy[key] = now = self._clock()
        if queue is self._leisurely:
            self._unhurried.add(key)
        return Work(key, is_urgent, now - added)

    def _release(self, key: str) -> None:
        self._busy.pop(key, None)
        self._unhurried.discard(key)
        if key in self._again:
            self.add(key, urgent=self._again.pop(key))
        if self._leisurely:
            self._changed.set()

    def _ring(self, key: str) -> None:
        del self._timers[key]
        self.add(key)

    def _ring_softly(self, key: str) -> None:
        del self._leisurely_timers[key]
        if key in self._busy or key in self._not_before:
            self.add(key)
        elif key not in self._urgent and key not in self._normal:
            self._leisurely.setdefault(key, self._clock())
            self._changed.set()
