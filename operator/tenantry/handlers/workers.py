"""The hands at the queue: each takes a tenant, has it reconciled, and says when to come back.

Whatever goes wrong with one tenant ends here: it becomes that tenant's condition and backoff.
"""

from time import perf_counter

from tenantry.cluster.errors import ApiError
from tenantry.reconcile import Reconciler, Result
from tenantry.telemetry.logging import get_logger
from tenantry.telemetry.metrics import Metrics, Outcome
from tenantry.workqueue import Work, WorkQueue

log = get_logger(__name__)


async def work(
    queue: WorkQueue, reconciler: Reconciler, metrics: Metrics, *, urgent_only: bool = False
) -> None:
    """Take work until the queue is closed.

    With ``urgent_only``, repairs and nothing else: so that there is always a hand for them.
    """
    while (item := await queue.get(urgent_only=urgent_only)) is not None:
        metrics.dequeued(item.waited)
        started = perf_counter()
        result = await _look(reconciler, item)
        metrics.reconciled(_outcome(result), perf_counter() - started)
        if result.failures:
            patience = max(failure.retry_after for failure in result.failures)
            delay = queue.retry(item.key, at_least=patience)
            reasons = sorted({failure.reason for failure in result.failures})
            log.warning(
                "retrying",
                tenant=item.key,
                seconds=round(delay, 2),
                reasons=reasons,
                cause=result.failures[0].message,
            )
        else:
            queue.done(item.key)


async def _look(reconciler: Reconciler, item: Work) -> Result:
    try:
        return await reconciler.reconcile(item.key, urgent=item.is_urgent)
    except ApiError as problem:
        return Result.failed(problem)
    except Exception as problem:
        log.exception("unexpected", tenant=item.key)
        message = f"{type(problem).__name__}: {problem}"
        return await _confess(reconciler, item.key, message)


async def _confess(reconciler: Reconciler, tenant: str, message: str) -> Result:
    """A defect of the operator's own: the tenant's people see it where they look."""
    try:
        return await reconciler.confess(tenant, "InternalError", message)
    except ApiError as problem:
        return Result.failed(problem)


def _outcome(result: Result) -> Outcome:
    if result.failures:
        return "failed"
    return "changed" if result.changes else "unchanged"
