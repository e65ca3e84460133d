"""What pods use, as the API metrics.k8s.io tells it where somebody serves it (metrics-server does).

That is a sample, not a count: the mean over a window of some seconds. It is taken for what a pod
used since the last one; where two are further apart than they should be, the time in between has no
usage, rather than one that was guessed. https://kubernetes.io/docs/reference/external-api/metrics.v1beta1/
"""

from decimal import Decimal
from typing import Final

from tenantry.api.quantities import amount
from tenantry.cluster.client import Client
from tenantry.cluster.errors import ApiError, NotFound
from tenantry.cluster.resources import Resource
from tenantry.cost.ledger import Readings
from tenantry.cost.lives import Amounts, amounts_of
from tenantry.meter.following import PAGE
from tenantry.telemetry.logging import get_logger

log = get_logger(__name__)

POD_METRICS: Final = Resource("metrics.k8s.io/v1beta1", "PodMetrics", "pods")
_LATE: Final = 2
"""Periods after which the last reading is no more taken for what went on since."""


class Usage:
    """Readings, from time to time.

    Args:
        client: reads.
        period: seconds between two, where they are served.
        absence: seconds between two looks for them, where they are not.
    """

    def __init__(self, client: Client, period: float, absence: float) -> None:
        self._client, self._period, self._absence = client, period, absence
        self._rates: dict[tuple[str, str], Amounts] = {}
        self._looked_at = self._read_at = 0
        self.is_served: bool | None = None

    async def current(self, now: int) -> Readings | None:
        """What pods use; None where nobody tells.

        Args:
            now: seconds since 1970.
        """
        pause = self._absence if self.is_served is False else self._period
        if now - self._looked_at >= pause:
            self._looked_at = now
            await self._look(now)
        longest = int(self._period * _LATE)
        if not self.is_served or now - self._read_at > longest:
            return None
        return Readings(now - longest, self._rates)

    async def _look(self, now: int) -> None:
        try:
            self._rates = await self._read()
        except NotFound:
            self._found(is_served=False)
        except ApiError as problem:
            log.warning("usage not read", cause=str(problem))
        else:
            self._read_at = now
            self._found(is_served=True)

    async def _read(self) -> dict[tuple[str, str], Amounts]:
        rates: dict[tuple[str, str], Amounts] = {}
        async for page in self._client.pages(POD_METRICS, limit=PAGE):
            for pod in page["items"]:
                metadata = pod["metadata"]
                total: dict[str, Decimal] = {}
                for container in pod.get("containers") or ():
                    for name, quantity in (container.get("usage") or {}).items():
                        total[name] = total.get(name, Decimal()) + amount(quantity)
                rates[metadata["namespace"], metadata["name"]] = amounts_of(total)
        return rates

    def _found(self, *, is_served: bool) -> None:
        if is_served != self.is_served:
            what = "usage is measured" if is_served else "usage is not measured: no metrics.k8s.io"
            log.info(what)
        self.is_served = is_served
