"""Kubernetes Events about Tenants, Applications, RateCards: what a person should know, told once.

The same news about the same object raises the count of one Event instead of making another, and one
that has much to say is cut short: the numbers are client-go's (25 at once, then one in
five minutes; k8s.io/client-go/tools/record). Events are written in the background, after
everything that matters more.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

from tenantry.api.application import Application
from tenantry.api.base import Manifest
from tenantry.api.names import API_VERSION, FIELD_MANAGER
from tenantry.api.rate_card import RateCard
from tenantry.api.tenant import Tenant
from tenantry.cluster.client import Client
from tenantry.cluster.errors import ApiError, NotFound
from tenantry.cluster.resources import EVENTS

EVENT_NAMESPACE: Final = "default"
"""Where Kubernetes keeps the Events of cluster-scoped objects."""

_REMEMBERED = 4096
_BURST, _REFILL_SECONDS = 25.0, 300.0
_MAX_MESSAGE = 1024


@dataclass(frozen=True, slots=True)
class News:
    """Something to tell about an object."""

    kind: Literal["Tenant", "Application", "RateCard"]
    namespace: str
    """Of an Application; empty for what is cluster-scoped."""
    name: str
    uid: str
    type: Literal["Normal", "Warning"]
    reason: str
    message: str


class EventRecorder:
    """Writes Events, aggregated and limited by object.

    Args:
        client: writes them.
        now: RFC 3339 time.
        clock: monotonic seconds, for the limit.
        failed: told of an Event that could not be written.
    """

    def __init__(
        self,
        client: Client,
        *,
        now: Callable[[], str],
        clock: Callable[[], float],
        failed: Callable[[News, ApiError], None],
    ) -> None:
        self._client, self._now, self._clock, self._failed = client, now, clock, failed
        self._queue: asyncio.Queue[News] = asyncio.Queue(maxsize=1000)
        self._written: OrderedDict[News, tuple[str, int]] = OrderedDict()
        self._allowance: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self.dropped = 0

    def tell(
        self,
        about: Tenant | Application | RateCard,
        type_: Literal["Normal", "Warning"],
        reason: str,
        message: str,
    ) -> None:
        """Tell something about an object, soon and if it is not too much."""
        uid, text = about.metadata.uid, message[:_MAX_MESSAGE]
        if isinstance(about, Application):
            news = News("Application", about.namespace, about.name, uid, type_, reason, text)
        else:
            kind: Literal["Tenant", "RateCard"] = (
                "Tenant" if isinstance(about, Tenant) else "RateCard"
            )
            news = News(kind, "", about.name, uid, type_, reason, text)
        if self._queue.full() or not self._is_allowed(news.uid):
            self.dropped += 1
            return
        self._queue.put_nowait(news)

    async def run(self) -> None:
        """Write what is told, until cancelled."""
        while True:
            news = await self._queue.get()
            try:
                await self._write(news)
            except ApiError as problem:
                self._failed(news, problem)

    async def _write(self, news: News) -> None:
        name, count = self._written.pop(news, ("", 0))
        if count:
            try:
                await self._client.patch(
                    EVENTS,
                    {"metadata": {"namespace": _place(news), "name": name}},
                    {"count": count + 1, "lastTimestamp": self._now()},
                )
            except NotFound:  # Events live for an hour
                count = 0
        if not count:
            answer = await self._client.create(EVENTS, self._manifest(news), urgent=False)
            name = answer["metadata"]["name"]
        self._written[news] = (name, count + 1)
        if len(self._written) > _REMEMBERED:
            self._written.popitem(last=False)

    def _manifest(self, news: News) -> Manifest:
        now = self._now()
        return {
            "apiVersion": "v1",
            "kind": "Event",
            "metadata": {"generateName": f"{news.name}.", "namespace": _place(news)},
            "involvedObject": {
                "apiVersion": API_VERSION,
                "kind": news.kind,
                "name": news.name,
                "uid": news.uid,
            }
            | ({"namespace": news.namespace} if news.namespace else {}),
            "type": news.type,
            "reason": news.reason,
            "message": news.message,
            "source": {"component": FIELD_MANAGER},
            "reportingComponent": "tenantry.io/operator",
            "reportingInstance": "",
            "firstTimestamp": now,
            "lastTimestamp": now,
            "count": 1,
        }

    def _is_allowed(self, uid: str) -> bool:
        now = self._clock()
        tokens, since = self._allowance.pop(uid, (_BURST, now))
        tokens = min(_BURST, tokens + (now - since) / _REFILL_SECONDS)
        allowed = tokens >= 1
        self._allowance[uid] = (tokens - 1 if allowed else tokens, now)
        if len(self._allowance) > _REMEMBERED:
            self._allowance.popitem(last=False)
        return allowed


def _place(news: News) -> str:
    """The namespace that an Event must be in: that of what it is about."""
    return news.namespace or EVENT_NAMESPACE
