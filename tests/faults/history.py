"""What etcd was told, change by change: the one witness that misses nothing.

Watches of the API server break with it, and start over with what is there by then. etcd keeps
every revision (until the API server has it compact them, after five minutes), in one order for all
kinds. So "at every instant" can be checked: the changes are replayed, and after each one the rule
must hold.

The rule is isolation before access: as long as a namespace has one of the operator's RoleBindings,
it has its quota, its limits, its network policy and a default ServiceAccount that mounts no token.
What somebody else takes away is not the operator's doing, nor what a namespace loses while it is
being deleted.
"""

import asyncio
import base64
import json
import ssl
import time
from collections.abc import AsyncIterator, Container, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any, Final, Self

import aiohttp

from cluster_api import ClusterApi
from devcluster import DevCluster
from devcluster.layout import Layout
from devcluster.ports import HOST
from devcluster.state import State
from waiting import eventually

ROOT: Final = "/registry/"
FIRST, LAST = f"{ROOT}limitranges/", f"{ROOT}serviceaccounts0"
"""All kinds that matter, and some that do not, lie between these keys."""
GUARDS: Final = {
    "limitranges": "tenantry",
    "networkpolicies": "tenantry",
    "resourcequotas": "tenantry",
    "serviceaccounts": "default",
}
ACCESS: Final = "rolebindings"
_OURS: Final = b"tenantry.io/tenant"
"""Stored objects are protobuf, in which strings are what they are."""
_TERMINATING: Final = b"Terminating"


@dataclass(frozen=True, slots=True)
class Change:
    """One object, at one revision.

    Attributes:
        is_ours: whether it carries a tenant's label.
        is_gone: whether it was deleted, or is a namespace that is being deleted.
    """

    revision: int
    kind: str
    namespace: str
    name: str
    is_ours: bool
    is_gone: bool


class History:
    """The changes since it was opened."""

    def __init__(self, url: str, session: aiohttp.ClientSession, api: ClusterApi) -> None:
        self._url, self._session, self._api = url, session, api
        self._revision = 0
        self.changes: list[Change] = []

    @classmethod
    @asynccontextmanager
    async def of(cls, cluster: DevCluster, api: ClusterApi) -> AsyncIterator[Self]:
        """Follow a cluster's etcd while the context lasts."""
        layout = Layout(cluster.directory)
        own = layout.pair("apiserver-etcd-client")
        trust = ssl.create_default_context(cafile=str(layout.pair("etcd-ca").certificate))
        trust.load_cert_chain(own.certificate, own.key)
        port = State.load(layout.state).ports["etcd"]
        connector = aiohttp.TCPConnector(ssl=trust)
        timeout = aiohttp.ClientTimeout()
        async with aiohttp.ClientSession(connector=connector, timeout=timeout) as session:
            history = cls(f"https://{HOST}:{port}", session, api)
            following = asyncio.create_task(history._follow())
            try:
                await eventually(history._revision_seen)
                yield history
            finally:
                following.cancel()
                with suppress(asyncio.CancelledError):
                    await following

    async def breaches(self, excused: Container[str] = ()) -> list[str]:
        """Where there has been access without isolation up to now, by the operator's hand.

        Args:
            excused: namespaces in which a test has taken guards away itself.
        """
        await self._catch_up()
        state = _State()
        return [
            told
            for change in self.changes
            for told in state.after(change)
            if change.namespace not in excused
        ]

    async def _catch_up(self) -> None:
        """Wait until all up to now is known: a mark is made, and has to be seen."""
        mark = {"metadata": {"annotations": {"example.com/mark": str(time.monotonic())}}}
        marked = await self._api.patch("ServiceAccount", "default", mark, "default")
        revision = int(marked["metadata"]["resourceVersion"])
        await eventually(self._revision_seen, lambda seen: seen >= revision)

    async def _revision_seen(self) -> int:
        return self._revision

    async def _follow(self) -> None:
        while True:
            with suppress(aiohttp.ClientError):  # etcd is being restarted
                await self._read()
            await asyncio.sleep(0.1)

    async def _read(self) -> None:
        request: dict[str, Any] = {"key": _encoded(FIRST), "range_end": _encoded(LAST)}
        if self._revision:
            request["start_revision"] = str(self._revision + 1)
        asked = self._session.post(f"{self._url}/v3/watch", json={"create_request": request})
        buffer = b""
        async with asked as answer:
            async for chunk in answer.content.iter_any():
                *lines, buffer = (buffer + chunk).split(b"\n")
                for line in lines:
                    self._take(json.loads(line)["result"])

    def _take(self, result: dict[str, Any]) -> None:
        for event in result.get("events", ()):
            change = _change(event)
            if change is not None:
                self.changes.append(change)
            self._revision = max(self._revision, int(event["kv"]["mod_revision"]))
        if not self._revision:
            self._revision = int(result["header"]["revision"])


class _State:
    """Which namespaces have what, as far as the changes have been replayed."""

    def __init__(self) -> None:
        self._guards: dict[str, set[str]] = {}
        self._access: dict[str, set[str]] = {}
        self._going: set[str] = set()

    def after(self, change: Change) -> Iterator[str]:
        """Take in a change; tells of access that is not guarded afterwards."""
        space = change.namespace
        if change.kind == "namespaces":
            (self._going.add if change.is_gone else self._going.discard)(space)
            return
        if change.kind == ACCESS:
            _put(self._access.setdefault(space, set()), change)
        elif GUARDS.get(change.kind) == change.name:
            _put(self._guards.setdefault(space, set()), change)
        else:
            return
        missing = GUARDS.keys() - {one.partition("/")[0] for one in self._guards.get(space, ())}
        if self._access.get(space) and missing and space not in self._going:
            yield (
                f"revision {change.revision} ({change.kind} {change.name}): {space} has "
                f"{sorted(self._access[space])} and no {sorted(missing)}"
            )


def _put(known: set[str], change: Change) -> None:
    there = change.is_ours and not change.is_gone
    (known.add if there else known.discard)(f"{change.kind}/{change.name}")


def _change(event: dict[str, Any]) -> Change | None:
    stored = event["kv"]
    path = base64.b64decode(stored["key"]).decode().removeprefix(ROOT).split("/")
    kind, name = path[0], path[-1]
    if kind not in {*GUARDS, ACCESS, "namespaces"}:
        return None
    value = base64.b64decode(stored.get("value", ""))
    is_gone = event.get("type") == "DELETE" or (kind == "namespaces" and _TERMINATING in value)
    space = name if kind == "namespaces" else path[1]
    return Change(int(stored["mod_revision"]), kind, space, name, _OURS in value, is_gone)


def _encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()
