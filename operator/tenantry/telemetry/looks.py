"""Counts looks at objects of one kind: how many, how long, how long they waited."""

from typing import Literal

from prometheus_client import CollectorRegistry

from tenantry.telemetry.families import Family

Outcome = Literal["changed", "unchanged", "failed"]


class Looks:
    """What workers do.

    Args:
        registry: where the families go.
        families: how many, how long, how long they waited: see ``families.looks``.
    """

    def __init__(
        self, registry: CollectorRegistry, families: tuple[Family, Family, Family]
    ) -> None:
        ended, durations, waits = families
        self._reconciles = ended.counter(registry)
        self._durations = durations.histogram(registry)
        self._waits = waits.histogram(registry)

    def reconciled(self, outcome: Outcome, seconds: float) -> None:
        """A reconcile has ended."""
        self._reconciles.labels(outcome).inc()
        self._durations.observe(seconds)

    def dequeued(self, seconds: float) -> None:
        """A worker has taken a key that waited for so long."""
        self._waits.observe(seconds)
