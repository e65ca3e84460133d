"""The one place where a request leaves for the API server.

JSON in, JSON out, over the official client's connection pool: no typed models on the hot path.
Writes pass a token bucket and a bounded number of places (``places``); repairs have places of their
own, so that an object that was deleted comes back at once even while hundreds of tenants are made.
Nothing is retried here: the queue retries the whole, from a fresh look at the world.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, nullcontext
from http import HTTPStatus
from time import perf_counter
from typing import Any, Final
from urllib.parse import urlencode

import aiohttp
import orjson
from aiolimiter import AsyncLimiter
from yarl import URL

from tenantry.api.base import Manifest
from tenantry.api.names import FIELD_MANAGER
from tenantry.cluster.connection import Connection
from tenantry.cluster.errors import NotLeading, Unreachable, body_of, error_for
from tenantry.cluster.places import Places
from tenantry.cluster.resources import Resource

JSON: Final = "application/json"
APPLY: Final = "application/apply-patch+yaml"
MERGE_PATCH: Final = "application/merge-patch+json"
JSON_PATCH: Final = "application/json-patch+json"

RequestObserver = Callable[[str, str, int, float], None]
"""Told of each request: verb, kind, HTTP status (0: none), seconds."""

_VERBS: Final = {
    "POST": "create",
    "PATCH": "patch",
    "PUT": "update",
    "DELETE": "delete",
    "GET": "get",
}


class Client:
    """Speaks to the API server as the field manager ``tenantry``, or as another."""

    field_manager: str = FIELD_MANAGER

    def __init__(
        self,
        connection: Connection,
        *,
        in_flight: int = 64,
        urgent_in_flight: int = 8,
        writes_per_second: float = 1000,
        request_timeout: float = 30.0,
        observer: RequestObserver | None = None,
    ) -> None:
        self._connection = connection
        self._places = Places(in_flight, urgent_in_flight)
        self._bucket = AsyncLimiter(writes_per_second, 1)
        self._timeout = aiohttp.ClientTimeout(total=request_timeout)
        self._observer = observer
        self._may_write: Callable[[], bool] = lambda: True

    def ask_before_writes(self, may_write: Callable[[], bool]) -> None:
        """From now on no write leaves but while ``may_write`` says so (requests of an election do).

        It is asked when a write has its turn, for a process may have stood still while it waited.
        """
        self._may_write = may_write

    async def create(self, resource: Resource, manifest: Manifest, *, urgent: bool) -> Manifest:
        """POST an object that should not exist yet; gives it as stored.

        Raises:
            AlreadyExists: it exists.
            ApiError: whatever else the server or the network answered.
        """
        path = resource.path(manifest["metadata"].get("namespace"))
        return await self._write("POST", path, manifest, resource, urgent=urgent)

    async def apply(
        self, resource: Resource, manifest: Manifest, *, urgent: bool, subresource: str = ""
    ) -> Manifest:
        """Server-side apply, by force: what the manifest says is the operator's from now on.

        See https://kubernetes.io/docs/reference/using-api/server-side-apply/.
        """
        path = _path(resource, manifest, subresource)
        return await self._write(
            "PATCH", path, manifest, resource, content_type=APPLY, urgent=urgent
        )

    async def patch(
        self,
        resource: Resource,
        manifest: Manifest,
        patch: Any,
        *,
        content_type: str = MERGE_PATCH,
        subresource: str = "",
        urgent: bool = False,
    ) -> Manifest:
        """Patch the object that the manifest names (merge patch unless said otherwise)."""
        path = _path(resource, manifest, subresource)
        return await self._write(
            "PATCH", path, patch, resource, content_type=content_type, urgent=urgent
        )

    async def delete(
        self, resource: Resource, manifest: Manifest, *, uid: str = "", urgent: bool = False
    ) -> Manifest:
        """Delete one object and, later, what it owns; with ``uid``, only if it is still that one.

        What a Job owns would else be left (its strategy's default in pkg/registry/batch/job).
        """
        options: Manifest = {
            "kind": "DeleteOptions",
            "apiVersion": "v1",
            "propagationPolicy": "Background",
        }
        if uid:
            options["preconditions"] = {"uid": uid}
        path = _path(resource, manifest)
        return await self._write("DELETE", path, options, resource, urgent=urgent)

    async def get(self, resource: Resource, name: str, namespace: str | None = None) -> Manifest:
        """One object, read from the server."""
        return await self._send("GET", resource.path(namespace, name), None, resource)

    async def pages(self, resource: Resource, *, limit: int = 500) -> AsyncIterator[Manifest]:
        """The whole collection, page by page, as consistent as one list.

        Each page is the List as the server gave it; all of them have the resourceVersion of the
        first. See https://kubernetes.io/docs/reference/using-api/api-concepts/.
        """
        token = ""
        while True:
            params = {"limit": str(limit)} | _selectors(resource)
            if token:
                params["continue"] = token
            path = f"{resource.path()}?{urlencode(params)}"
            page = await self._send("GET", path, None, resource, verb="list")
            yield page
            token = page["metadata"].get("continue", "")
            if not token:
                return

    async def lines(
        self,
        resource: Resource,
        params: dict[str, str],
        *,
        silence: float,
        namespace: str | None = None,
    ) -> AsyncGenerator[bytes]:
        """A watch of a collection, as the server sends it, until the server ends it.

        An empty line comes first, when the server has begun.

        Args:
            resource: the kind.
            params: of the watch; the resource's own selector is added.
            silence: seconds without a byte after which the connection counts as dead.
            namespace: only what is in it.

        Raises:
            ApiError: the server did not begin it, or the network cut it off.
        """
        path, query = resource.path(namespace), params | _selectors(resource)
        try:
            async with self._connection.session.get(
                self._url(f"{path}?{urlencode(query)}"),
                headers={"Accept": JSON} | await self._connection.authorization(),
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=10, sock_read=silence),
                proxy=self._connection.proxy,
            ) as response:
                if response.status >= HTTPStatus.BAD_REQUEST:
                    body, retry_after = await response.read(), response.headers.get("Retry-After")
                    raise error_for(response.status, body_of(body), retry_after)
                yield b""
                rest = b""
                # Not aiohttp's own lines: they have a limit that objects may exceed.
                async for chunk in response.content.iter_any():
                    *whole, rest = (rest + chunk).split(b"\n")
                    for line in whole:
                        yield line
        except (aiohttp.ClientError, TimeoutError, ConnectionError) as problem:
            why = str(problem) or type(problem).__name__
            raise Unreachable(f"watch {path}: {why}") from problem

    async def request(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        content_type: str = JSON,
        params: dict[str, str] | None = None,
    ) -> Manifest:
        """Any request; for what the verbs above do not cover.

        Raises:
            ApiError: the server or the network did not do it.
        """
        joint = "&" if "?" in path else "?"
        query = f"{joint}{urlencode(params)}" if params else ""
        return await self._exchange(method, path + query, body, content_type)

    async def _write(
        self,
        method: str,
        path: str,
        body: Any,
        resource: Resource,
        *,
        content_type: str = JSON,
        urgent: bool,
    ) -> Manifest:
        query = "" if method == "DELETE" else f"?fieldManager={self.field_manager}"
        if content_type == APPLY:
            query += "&force=true"
        async with self._places.one(urgent=urgent):
            return await self._send(method, path + query, body, resource, content_type=content_type)

    async def _send(
        self,
        method: str,
        path: str,
        body: Any,
        resource: Resource,
        *,
        content_type: str = JSON,
        verb: str = "",
    ) -> Manifest:
        verb = verb or _VERBS[method]
        bucket: AbstractAsyncContextManager[None] = (
            nullcontext() if method == "GET" else self._bucket
        )
        async with bucket:
            if method != "GET" and not self._may_write():
                raise NotLeading(f"{method} {_bare(path)}: not written, for another may lead")
            started, code = perf_counter(), HTTPStatus.OK.value
            try:
                return await self._exchange(method, path, body, content_type)
            except BaseException as problem:
                code = getattr(problem, "code", 0)
                raise
            finally:
                if self._observer:
                    self._observer(verb, resource.kind, code, perf_counter() - started)

    async def _exchange(self, method: str, path: str, body: Any, content_type: str) -> Manifest:
        headers = {"Accept": JSON, "Content-Type": content_type}
        headers |= await self._connection.authorization()
        data = None if body is None else orjson.dumps(body)
        try:
            async with self._connection.session.request(
                method,
                self._url(path),
                data=data,
                headers=headers,
                timeout=self._timeout,
                proxy=self._connection.proxy,
            ) as response:
                payload = await response.read()
                code, retry_after = response.status, response.headers.get("Retry-After")
        except (aiohttp.ClientError, TimeoutError, ConnectionError) as problem:
            why = str(problem) or type(problem).__name__
            raise Unreachable(f"{method} {_bare(path)}: {why}") from problem
        if code >= HTTPStatus.BAD_REQUEST:
            raise error_for(code, body_of(payload), retry_after)
        try:
            answer: Manifest = orjson.loads(payload)
        except orjson.JSONDecodeError as problem:
            raise Unreachable(f"{method} {_bare(path)}: the answer was cut short") from problem
        return answer

    def _url(self, path: str) -> URL:
        """The whole address, quoted already, so that nobody takes it apart to quote it."""
        return URL(self._connection.server + path, encoded=True)


def _selectors(resource: Resource) -> dict[str, str]:
    selectors = {"labelSelector": resource.selector, "fieldSelector": resource.fields}
    return {name: value for name, value in selectors.items() if value}


def _path(resource: Resource, manifest: Manifest, subresource: str = "") -> str:
    metadata = manifest["metadata"]
    path = resource.path(metadata.get("namespace"), metadata["name"])
    return f"{path}/{subresource}" if subresource else path


def _bare(path: str) -> str:
    """A path without its query, for a person."""
    return path.partition("?")[0]
