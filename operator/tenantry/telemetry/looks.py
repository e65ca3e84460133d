"""Counts looks at objects of one kind: how many, how long, how long they waited."""

from typing import Final, Literal

from prometheus_client import CollectorRegistry, Counter, Histogram

Outcome = Literal["changed", "unchanged", "failed"]

REQUEST_BUCKETS: Final = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
RECONCILE_BUCKETS: Final = (0.001, 0.0025, *REQUEST_BUCKETS[1:], 60)


class Looks:
    """What workers do.

    Args:
        registry: where the families go.
        prefix: of their names.
        kind: with its article, for their descriptions.
    """

    def __init__(self, registry: CollectorRegistry, prefix: str, kind: str) -> None:
        self._reconciles = Counter(
            f"{prefix}_reconciles_total",
            f"Reconciles of {kind} that ended, by outcome.",
            ["outcome"],
            registry=registry,
        )
        self._durations = Histogram(
            f"{prefix}_reconcile_duration_seconds",
            f"Time from the start of a reconcile of {kind} to its end, in seconds.",
            buckets=RECONCILE_BUCKETS,
            registry=registry,
        )
        self._waits = Histogram(
            f"{prefix}_queue_latency_seconds",
            f"Time that {kind} waited in the queue for a worker, in seconds.",
            buckets=RECONCILE_BUCKETS,
            registry=registry,
        )

    def reconciled(self, outcome: Outcome, seconds: float) -> None:
        """A reconcile has ended."""
        self._reconciles.labels(outcome).inc()
        self._durations.observe(seconds)

    def dequeued(self, seconds: float) -> None:
        """A worker has taken a key that waited for so long."""
        self._waits.observe(seconds)
