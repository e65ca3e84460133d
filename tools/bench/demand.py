"""Namespaces in which Deployments want pods, and what becomes of it, as the API server tells it.

Pods are seen by a watch, refusals by the Events in which the ReplicaSet controller tells of them.
What all ResourceQuotas allow together is known for each version of each of them.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import orjson

from bench.api import JSON, Api, Write
from bench.testbed import TimedOut

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping, Sequence

QUOTA: Final = "tenantry"
DEPLOYMENT: Final = "wanted"
RESOURCES: Final = {"cpu": "1m", "memory": "1Mi", "ephemeral-storage": "1Mi"}
POD: Final[Mapping[str, Any]] = {
    "terminationGracePeriodSeconds": 0,
    "securityContext": {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}},
    "containers": [
        {
            "name": "main",
            "image": "registry.k8s.io/pause:3.10",
            "resources": {"requests": RESOURCES, "limits": RESOURCES},
            "securityContext": {
                "allowPrivilegeEscalation": False,
                "capabilities": {"drop": ["ALL"]},
            },
        }
    ],
}
"""The spec of every pod, as a tenant's defaults want it."""
PATIENCE: Final = 60.0


@dataclass
class Demand:
    """One tenant's namespaces, in which Deployments want pods.

    Attributes:
        total: the pods that there may be in all of them.
        alive: pods, by namespace.
        refused: when a refusal was first told of since the namespace was last watched for it.
        allows: what each ResourceQuota allows, the more of spec and status.
        used: what each ResourceQuota counts.
        most_allowed: the most that all of them allowed together at any time.
        most_alive: the most pods that there were at any time.
    """

    admin: Api
    namespaces: Sequence[str]
    total: int
    alive: dict[str, set[str]] = field(default_factory=dict)
    refused: dict[str, float] = field(default_factory=dict)
    allows: dict[str, int] = field(default_factory=dict)
    used: dict[str, int] = field(default_factory=dict)
    most_allowed: int = 0
    most_alive: int = 0
    news: asyncio.Condition = field(default_factory=asyncio.Condition)

    @property
    def there(self) -> int:
        """How many pods there are."""
        return sum(len(one) for one in self.alive.values())

    @asynccontextmanager
    async def followed(self) -> AsyncIterator[Demand]:
        """Hear of everything while the block lasts; there is nothing yet when it begins."""
        self.alive = {name: set() for name in self.namespaces}
        hears = {"pods": self._pod, "events": self._event, "resourcequotas": self._quota}
        starts = {
            one: (await self.admin.get(f"/api/v1/{one}?limit=1"))["metadata"]["resourceVersion"]
            for one in hears
        }
        async with asyncio.TaskGroup() as group:
            tasks = [
                group.create_task(self._follow(f"/api/v1/{one}", starts[one], hear))
                for one, hear in hears.items()
            ]
            yield self
            for task in tasks:
                task.cancel()

    async def want(self, namespace: str, replicas: int) -> float:
        """Ask for so many pods in a namespace, by a new Deployment; gives when that was.

        Of one that has often been refused the controllers' recorder tells no more.
        """
        path, began = f"/apis/apps/v1/namespaces/{namespace}/deployments", time.monotonic()
        await self.admin.post(path, _deployment(replicas))
        return began

    async def relent(self, namespace: str) -> None:
        """Want nothing more in a namespace; returns when its pods are gone."""
        path = f"/apis/apps/v1/namespaces/{namespace}/deployments/{DEPLOYMENT}"
        body = orjson.dumps({"propagationPolicy": "Foreground"})
        await self.admin.send(Write("DELETE", path, JSON, body))
        await self.until(lambda: not self.alive[namespace])

    async def until(self, what: Callable[[], bool], patience: float = PATIENCE) -> float:
        """Wait until something is so; gives when it was.

        Raises:
            TimedOut: it is not so after that time.
        """
        try:
            async with asyncio.timeout(patience), self.news:
                await self.news.wait_for(what)
        except TimeoutError:
            counts = {name: len(pods) for name, pods in self.alive.items()}
            raise TimedOut(f"within {patience:g} s; pods: {counts}") from None
        return time.monotonic()

    async def _follow(
        self, path: str, version: str, hear: Callable[[str, dict[str, Any]], None]
    ) -> None:
        async for event in self.admin.watch(path, version):
            if event["object"]["metadata"]["namespace"] in self.alive:
                hear(event["type"], event["object"])
                async with self.news:
                    self.news.notify_all()

    def _pod(self, type_: str, pod: dict[str, Any]) -> None:
        there = self.alive[pod["metadata"]["namespace"]]
        (there.discard if type_ == "DELETED" else there.add)(pod["metadata"]["uid"])
        self.most_alive = max(self.most_alive, self.there)

    def _event(self, type_: str, event: dict[str, Any]) -> None:
        is_refusal = event["reason"] == "FailedCreate" and "exceeded quota" in event["message"]
        if is_refusal and type_ != "DELETED":
            self.refused.setdefault(event["metadata"]["namespace"], time.monotonic())

    def _quota(self, type_: str, quota: dict[str, Any]) -> None:
        namespace, status = quota["metadata"]["namespace"], quota.get("status", {})
        if quota["metadata"]["name"] != QUOTA or type_ == "DELETED":
            return
        hard = [_pods(quota["spec"].get("hard")), _pods(status.get("hard"))]
        self.allows[namespace], self.used[namespace] = max(hard), _pods(status.get("used"))
        self.most_allowed = max(self.most_allowed, sum(self.allows.values()))


def _pods(amounts: dict[str, str] | None) -> int:
    return int((amounts or {}).get("pods", 0))


def _deployment(replicas: int) -> dict[str, Any]:
    labels = {"app": DEPLOYMENT}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": DEPLOYMENT},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": POD},
        },
    }
