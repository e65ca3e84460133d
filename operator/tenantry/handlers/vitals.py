"""What the probes tell: is the process alive, and does it see what it has to see.

Liveness is what a restart heals: a task that has ended, a look that does not end. Readiness is what
waits for others: the first list, an API server that says nothing. A replica that cannot see its API
server must not be restarted for that, for the next one would see no more.
"""

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from tenantry.cluster.lease import Elector
from tenantry.cluster.watching import SILENCE, Watch
from tenantry.handlers.supervision import Task, ended
from tenantry.workqueue import WorkQueue

BLIND: Final = SILENCE + 15.0
"""Seconds without a word on a watch after which it is blind: the silence by which a dead connection
is known, and the time to open another."""
STUCK: Final = 900.0
"""Seconds after which a look is not slow but stuck. Every request has an end of its own within half
a minute; a tenant of two thousand namespaces was looked at in seconds."""


@dataclass(slots=True)
class Vitals:
    """What a process lives by; filled as it starts.

    Attributes:
        awaited: what is not there yet, for a person.
        tasks: those that must not end.
        watches: of all that the operator follows.
        queues: of what is looked at.
        elector: the replica's part in the election, if there is one.
    """

    awaited: list[str]
    tasks: list[Task] = field(default_factory=list)
    watches: list[Watch] = field(default_factory=list)
    queues: tuple[WorkQueue, ...] = ()
    elector: Elector | None = None

    def problems(self) -> list[str]:
        """What only a restart heals, a line each."""
        looks = [queue.oldest_look() for queue in self.queues]
        stuck = [f"a look has lasted {look:.0f} s" for look in looks if look > STUCK]
        return ended(self.tasks) + stuck

    def missing(self) -> list[str]:
        """What the replica has to wait for, a line each."""
        return [*self.awaited, *self._unseen_lease(), *self._blind()]

    def heard(self) -> dict[str, float]:
        """Unix time at which each kind's watch heard something last; without kinds not there."""
        now = time.time()
        silences = ((one.resource.known_as, one.silence()) for one in self.watches)
        return {kind: now - silence for kind, silence in silences if silence is not None}

    def _unseen_lease(self) -> Iterator[str]:
        elector = self.elector
        if elector and not elector.is_leader and (unseen := elector.unseen()) is not None:
            since = f"for {unseen:.0f} s" if math.isfinite(unseen) else "yet"
            yield f"the lease has not been seen {since}"

    def _blind(self) -> Iterator[str]:
        for one in self.watches:
            silence = one.silence()
            if silence is not None and silence > BLIND:
                yield f"the watch of {one.resource.plural} has heard nothing for {silence:.0f} s"
