"""A cluster that is only told of: lists and watches of pods that nobody runs, for the meter.

Twenty thousand pods that come and go a hundred times a second are more than a control plane on the
machine of a measurement can do, and what is to be measured is what hears of them. So this serves
what an API server would: pages, watches and bookmarks, with pods of a usual size. From when
until when each of them ran is told in the end, and must be what the meter has found.

``python -m bench.meter_feed PODS RATE`` writes its port, and on SIGTERM its truth, as JSON lines.
"""

from __future__ import annotations

import asyncio
import signal
import sys
import time
from collections import deque
from datetime import UTC, datetime
from itertools import count
from typing import Any, Final

import orjson
from aiohttp import web

TENANTS: Final = 1000
NODES: Final = 200
MILLICORES: Final = 100
KINDS: Final = {
    "pods": "Pod",
    "nodes": "Node",
    "namespaces": "Namespace",
    "persistentvolumes": "PersistentVolume",
    "persistentvolumeclaims": "PersistentVolumeClaim",
    "services": "Service",
}
ENVIRONMENT: Final = [{"name": f"SETTING_{n}", "value": "x" * 60} for n in range(24)]
"""What makes a pod's manifest as long as pods' manifests are: five kilobytes."""


def stamp(second: int) -> str:
    """A time as the API writes it."""
    return datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class Feed:
    """All objects, and those who watch.

    Args:
        pods: that run at any time.
        rate: that come, and go, in a second.
    """

    def __init__(self, pods: int, rate: int) -> None:
        self.rate = rate
        self.began = int(time.time())
        self.versions = count(1)
        self.version = 0
        self.objects: dict[str, dict[str, dict[str, Any]]] = {plural: {} for plural in KINDS}
        self.watches: dict[str, list[asyncio.Queue[bytes]]] = {plural: [] for plural in KINDS}
        self.names = count()
        self.running: deque[tuple[str, int]] = deque()
        self.ended: list[tuple[int, int]] = []
        self.came = 0
        for number in range(NODES):
            capacity = {"cpu": "64", "memory": "256Gi"}
            self.put("nodes", f"node-{number}", {"status": {"capacity": capacity}})
        for number in range(TENANTS):
            labels = {"tenantry.io/tenant": f"t{number}"}
            self.put("namespaces", f"t{number}-web", {}, labels=labels)
        for _ in range(pods):
            self.come(self.began)

    def put(self, plural: str, name: str, body: dict[str, Any], **metadata: Any) -> dict[str, Any]:
        """Store an object."""
        self.version = next(self.versions)
        known = {
            "name": name,
            "uid": f"{plural}-{name}",
            "resourceVersion": str(self.version),
            "creationTimestamp": stamp(self.began),
        }
        made = {"apiVersion": "v1", "kind": KINDS[plural], "metadata": known | metadata} | body
        self.objects[plural][name] = made
        return made

    def come(self, second: int) -> None:
        """A pod is made and scheduled at once."""
        number = next(self.names)
        name = f"web-{number}"
        scheduled = {
            "type": "PodScheduled",
            "status": "True",
            "lastTransitionTime": stamp(second),
        }
        container = {
            "name": "main",
            "image": "registry.example.com/team/web:1.0",
            "env": ENVIRONMENT,
            "resources": {"requests": {"cpu": f"{MILLICORES}m", "memory": "128Mi"}},
        }
        owner = {"kind": "ReplicaSet", "name": "web-5d9", "uid": "1", "controller": True}
        metadata = {
            "namespace": f"t{number % TENANTS}-web",
            "labels": {"app.kubernetes.io/name": "web", "pod-template-hash": "5d9"},
            "ownerReferences": [owner],
            "managedFields": [{"manager": "kubelet", "time": stamp(second)}],
        }
        spec = {"nodeName": f"node-{number % NODES}", "containers": [container]}
        status = {"phase": "Running", "conditions": [scheduled]}
        pod = self.put("pods", name, {"spec": spec, "status": status}, **metadata)
        self.running.append((name, second))
        self.tell("pods", "ADDED", pod)

    def go(self, second: int) -> None:
        """The oldest pod ends, and is deleted."""
        name, since = self.running.popleft()
        pod = self.objects["pods"].pop(name)
        ended = {"terminated": {"exitCode": 0, "finishedAt": stamp(second)}}
        statuses = [{"name": "main", "state": ended}]
        for event in ("MODIFIED", "DELETED"):
            self.version = next(self.versions)
            metadata = pod["metadata"] | {"resourceVersion": str(self.version)}
            status = pod["status"] | {"phase": "Succeeded", "containerStatuses": statuses}
            pod = pod | {"metadata": metadata, "status": status}
            self.tell("pods", event, pod)
        self.ended.append((since, second))

    def tell(self, plural: str, event: str, manifest: dict[str, Any]) -> None:
        """Give an event to those who watch."""
        if self.watches[plural]:
            line = orjson.dumps({"type": event, "object": manifest}) + b"\n"
            for queue in self.watches[plural]:
                queue.put_nowait(line)

    async def churn(self) -> None:
        """Pods come and go until cancelled, in ten portions a second."""
        loop = asyncio.get_running_loop()
        began, done = loop.time(), 0
        while True:
            await asyncio.sleep(0.1)
            due = int((loop.time() - began) * self.rate) - done
            now = int(time.time())
            for _ in range(due):
                self.come(now)
                self.go(now)
            done += due
            self.came = done

    async def collection(self, request: web.Request) -> web.StreamResponse:
        """A page of a list, or a watch."""
        plural = request.match_info["plural"]
        if plural not in KINDS:
            raise web.HTTPNotFound
        if request.query.get("watch"):
            return await self.watch(request, plural)
        names = list(self.objects[plural])
        start = int(request.query.get("continue") or 0)
        stop = start + int(request.query.get("limit", "500"))
        items = [self.objects[plural][name] for name in names[start:stop]]
        token = {"continue": str(stop)} if stop < len(names) else {}
        metadata = {"resourceVersion": str(self.version)} | token
        body = orjson.dumps({"metadata": metadata, "items": items})
        return web.Response(body=body, content_type="application/json")

    async def watch(self, request: web.Request, plural: str) -> web.StreamResponse:
        """Events from now on."""
        response = web.StreamResponse(headers={"Content-Type": "application/json"})
        await response.prepare(request)
        queue: asyncio.Queue[bytes] = asyncio.Queue()
        self.watches[plural].append(queue)
        bookmark = {"kind": KINDS[plural], "metadata": {"resourceVersion": str(self.version)}}
        await response.write(orjson.dumps({"type": "BOOKMARK", "object": bookmark}) + b"\n")
        while True:
            line = await queue.get()
            rest = [queue.get_nowait() for _ in range(queue.qsize())]
            await response.write(b"".join((line, *rest)))


async def main(pods: int, rate: int) -> None:
    """Serve until SIGTERM: one to begin the coming and going, one to end it, one to end."""
    feed = Feed(pods, rate)
    application = web.Application()
    application.router.add_get("/api/v1/{plural}", feed.collection)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    signals: asyncio.Queue[int] = asyncio.Queue()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, signals.put_nowait, 0)
    _say({"port": runner.addresses[0][1]})
    await signals.get()
    churn = asyncio.create_task(feed.churn())
    await signals.get()
    churn.cancel()
    running = [since for _, since in feed.running]
    _say({"ended": feed.ended, "running": running, "came": feed.came})
    await signals.get()


def _say(line: dict[str, Any]) -> None:
    sys.stdout.write(orjson.dumps(line).decode() + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main(*map(int, sys.argv[1:3])))
