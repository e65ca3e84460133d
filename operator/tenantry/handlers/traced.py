"""Traces of looks and requests, for those who asked for them (``--otlp-endpoint``).

The only place that knows that there may be traces; without them nothing here is on anybody's way.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING

from tenantry.cluster.client import RequestObserver
from tenantry.cluster.errors import ApiError
from tenantry.cluster.identity import own_identity
from tenantry.handlers.supervision import OperatorFailed
from tenantry.handlers.workers import Reconciles
from tenantry.outcomes import Failure
from tenantry.reconcile import Result
from tenantry.telemetry.logging import get_logger

if TYPE_CHECKING:
    from tenantry.telemetry.tracing import Tracing

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Traces:
    """What is put around looks and requests.

    Args:
        tracing: makes spans; None if there are to be none.
    """

    tracing: "Tracing | None"

    def around(self, reconciler: Reconciles, kind: str) -> Reconciles:
        """Looks at objects of a kind, each with a span."""
        return reconciler if self.tracing is None else _Traced(reconciler, kind, self.tracing)

    def beside(self, observer: RequestObserver) -> RequestObserver:
        """An observer of requests, and spans of them."""
        tracing = self.tracing
        if tracing is None:
            return observer

        def observe(verb: str, kind: str, code: int, seconds: float) -> None:
            observer(verb, kind, code, seconds)
            tracing.requested(verb, kind, code, seconds)

        return observe


@asynccontextmanager
async def traced(endpoint: str | None) -> AsyncIterator[Traces]:
    """Make traces while the block lasts, if there is somewhere to send them.

    Raises:
        OperatorFailed: there is, and the packages for it are missing.
    """
    if endpoint is None:
        yield Traces(None)
        return
    tracing = _tracing(endpoint)
    log.info("tracing", endpoint=endpoint)
    try:
        yield Traces(tracing)
    finally:
        await asyncio.to_thread(tracing.close)


def _tracing(endpoint: str) -> "Tracing":
    try:
        from tenantry.telemetry.tracing import Tracing  # noqa: PLC0415 - slow, and optional
    except ModuleNotFoundError as problem:
        raise OperatorFailed(
            f"--otlp-endpoint needs packages that are not installed ({problem.name}): "
            "pip install 'tenantry[tracing]'"
        ) from problem
    return Tracing(endpoint, version("tenantry"), own_identity())


@dataclass(frozen=True, slots=True)
class _Traced:
    """Looks at objects of one kind, each with a span."""

    reconciler: Reconciles
    kind: str
    tracing: "Tracing"

    async def reconcile(self, name: str, *, urgent: bool = False) -> Result:
        """As the reconciler does."""
        with self.tracing.look(self.kind, name, urgent=urgent) as look:
            try:
                result = await self.reconciler.reconcile(name, urgent=urgent)
            except ApiError as problem:
                look.end(0, [(problem.reason, str(problem))])
                raise
            look.end(result.changes, [_told(one) for one in result.failures])
            return result

    async def confess(self, name: str, reason: str, message: str) -> Result:
        """As the reconciler does."""
        return await self.reconciler.confess(name, reason, message)


def _told(failure: Failure) -> tuple[str, str]:
    return failure.reason, failure.message
