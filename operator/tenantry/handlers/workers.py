"""The hands at a queue: each takes an object, has it reconciled, and says when to come back.

Whatever goes wrong with one object ends here: it becomes that object's condition and backoff.
"""

import asyncio
import math
from collections.abc import Callable
from time import perf_counter
from typing import Final, Protocol

from tenantry.cluster.errors import ApiError, Unreachable
from tenantry.handlers.engine import Engine
from tenantry.handlers.supervision import Task
from tenantry.reconcile import Result
from tenantry.telemetry.logging import get_logger
from tenantry.telemetry.looks import Looks, Outcome
from tenantry.telemetry.metrics import Metrics
from tenantry.workqueue import Work, WorkQueue

log = get_logger(__name__)

URGENT_WORKERS: Final = 2
"""Hands that take repairs and nothing else."""
APPLICATION_WORKERS: Final = 8
"""Applications that are reconciled at the same time."""

AWAY: Final = 15.0
"""Seconds between two looks, at most, while the API server does not answer at all: nothing is wrong
with what is looked at, and it should not wait for minutes when the API server is back."""


class Reconciles(Protocol):
    """Looks at objects of one kind."""

    async def reconcile(self, name: str, *, urgent: bool = False) -> Result:
        """Make the world as an object says."""

    async def confess(self, name: str, reason: str, message: str) -> Result:
        """Say in an object's status that it could not even be looked at."""


async def work(
    queue: WorkQueue,
    reconciler: Reconciles,
    metrics: Looks,
    *,
    subject: str = "tenant",
    looked: Callable[[str], None] = lambda _: None,
    urgent_only: bool = False,
) -> None:
    """Take work until the queue is closed.

    The log calls what it is about the subject; whoever ``looked`` tells hears of each look's end.
    With ``urgent_only``, repairs and nothing else: so that there is always a hand for them.
    """
    while (item := await queue.get(urgent_only=urgent_only)) is not None:
        metrics.dequeued(item.waited)
        started = perf_counter()
        result = await _look(reconciler, item, subject)
        metrics.reconciled(_outcome(result), perf_counter() - started)
        looked(item.key)
        if result.failures:
            patience = max(failure.retry_after for failure in result.failures)
            reasons = sorted({failure.reason for failure in result.failures})
            at_most = AWAY if reasons == [Unreachable.__name__] else math.inf
            delay = queue.retry(item.key, at_least=patience, at_most=at_most)
            log.warning(
                "retrying",
                **{subject: item.key},
                seconds=round(delay, 2),
                reasons=reasons,
                cause=result.failures[0].message,
            )
        else:
            queue.done(item.key)
        if result.look_again_in is not None:
            queue.add_after(item.key, result.look_again_in)


def hands_of(
    engine: Engine,
    workers: int,
    metrics: Metrics,
    around: Callable[[Reconciles, str], Reconciles] = lambda one, _: one,
) -> list[Task]:
    """All hands: for Tenants, for repairs of theirs alone, and for Applications.

    Args:
        engine: has the queues and who looks.
        workers: how many Tenants are looked at at the same time.
        metrics: counts.
        around: puts something around the looks at a kind.
    """
    for_each = around(engine.reconciler, "tenant")
    for_tenants = [
        asyncio.create_task(
            work(
                engine.queue,
                for_each,
                metrics.tenants,
                looked=engine.applications.looked_at_tenant,
                urgent_only=number >= workers,
            ),
            name=f"worker {number}",
        )
        for number in range(workers + URGENT_WORKERS)
    ]
    queue = engine.applications.queue
    reconciler = around(engine.applications.reconciler, "application")
    return for_tenants + [
        asyncio.create_task(
            work(
                queue,
                reconciler,
                metrics.applications,
                subject="application",
                looked=engine.looked_at_application,
            ),
            name=f"worker {number} of applications",
        )
        for number in range(APPLICATION_WORKERS)
    ]


async def _look(reconciler: Reconciles, item: Work, subject: str) -> Result:
    try:
        return await reconciler.reconcile(item.key, urgent=item.is_urgent)
    except ApiError as problem:
        return Result.failed(problem)
    except Exception as problem:
        log.exception("unexpected", **{subject: item.key})
        message = f"{type(problem).__name__}: {problem}"
        return await _confess(reconciler, item.key, message)


async def _confess(reconciler: Reconciles, name: str, message: str) -> Result:
    """A defect of the operator's own: the object's people see it where they look."""
    try:
        return await reconciler.confess(name, "InternalError", message)
    except ApiError as problem:
        return Result.failed(problem)


def _outcome(result: Result) -> Outcome:
    if result.failures:
        return "failed"
    return "changed" if result.changes else "unchanged"
