"""JSON over one connection pool, with nothing in between: for instruments and raw client.

Not the operator's own client, for that is what is being measured. Only what the raw client needs
is imported here: it is also measured as a process from its start on.
"""

from __future__ import annotations

import asyncio
import base64
import ssl
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import aiohttp
import orjson
import yaml
from yarl import URL

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from types import TracebackType
    from typing import Self

JSON: Final = "application/json"
LINE: Final = 1 << 22
"""Bytes that one watch event may have."""

KEPT: Final = 120.0
"""Seconds for which a connection that is not used is kept: a turn may take long on a busy machine,
and who comes after it is not to pay for new ones."""


class Refused(Exception):  # noqa: N818 - reads as what happened
    """The API server did not accept a request: a benchmark whose writes fail measures nothing."""


class Write(NamedTuple):
    """One request that changes something.

    Attributes:
        method: HTTP method.
        path: below the server's URL, with the query.
        content_type: of the body.
        body: as it is sent, JSON.
    """

    method: str
    path: str
    content_type: str
    body: bytes


class Api:
    """One identity's connections to an API server.

    Args:
        kubeconfig: whose; its first cluster and first user.
        connections: how many at most; aiohttp makes the others wait.
    """

    def __init__(self, kubeconfig: Path, connections: int = 16) -> None:
        content = yaml.safe_load(kubeconfig.read_text())
        user = content["users"][0]["user"]
        self.server: str = content["clusters"][0]["cluster"]["server"]
        token = user.get("token")
        self.session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                limit=connections, ssl=_tls(content), keepalive_timeout=KEPT
            ),
            headers={"Accept": JSON} | ({"Authorization": f"Bearer {token}"} if token else {}),
            read_bufsize=LINE,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.session.close()

    async def send(self, write: Write) -> bytes:
        """Make a write; gives the answer as it came.

        Raises:
            Refused: the API server did not do it.
        """
        async with self.session.request(
            write.method,
            URL(self.server + write.path, encoded=True),
            data=write.body,
            headers={"Content-Type": write.content_type},
        ) as answer:
            return await _accepted(answer)

    async def get(self, path: str) -> dict[str, Any]:
        """Read an object or a list.

        Raises:
            Refused: there is none, or it may not be read.
        """
        async with self.session.get(URL(self.server + path, encoded=True)) as answer:
            content: dict[str, Any] = orjson.loads(await _accepted(answer))
            return content

    async def post(self, path: str, manifest: dict[str, Any]) -> dict[str, Any]:
        """Create an object; gives it as stored."""
        answer = await self.send(Write("POST", path, JSON, orjson.dumps(manifest)))
        content: dict[str, Any] = orjson.loads(answer)
        return content

    async def watch(self, path: str, version: str) -> AsyncIterator[dict[str, Any]]:
        """Watch a collection from a resource version on, until the caller stops.

        The API server ends watches that fall behind, and all of them now and then: then it goes
        on where it was.

        Raises:
            Refused: the API server does not let it go on.
        """
        endless = aiohttp.ClientTimeout(total=None)
        while True:
            query = f"?watch=1&allowWatchBookmarks=true&resourceVersion={version}"
            async with self.session.get(self.server + path + query, timeout=endless) as answer:
                if answer.status == 429:  # noqa: PLR2004 - a kind that is new is not served at once
                    await asyncio.sleep(float(answer.headers.get("Retry-After", 1)))
                    continue
                if answer.status != 200:  # noqa: PLR2004
                    raise Refused(await answer.text())
                async for line in answer.content:
                    event: dict[str, Any] = orjson.loads(line)
                    if event["type"] == "ERROR":
                        raise Refused(str(event["object"]))
                    version = event["object"]["metadata"]["resourceVersion"]
                    if event["type"] != "BOOKMARK":
                        yield event


async def _accepted(answer: aiohttp.ClientResponse) -> bytes:
    payload = await answer.read()
    if answer.status >= 400:  # noqa: PLR2004
        raise Refused(f"{answer.method} {answer.url}: {answer.status} {payload[:500].decode()}")
    return payload


def _tls(content: dict[str, Any]) -> ssl.SSLContext:
    """Trust in the cluster's authority, and the client certificate if the user has one."""
    authority = content["clusters"][0]["cluster"]["certificate-authority-data"]
    context = ssl.create_default_context(cadata=base64.b64decode(authority).decode())
    user = content["users"][0]["user"]
    if "client-certificate-data" in user:
        with tempfile.TemporaryDirectory() as folder:
            certificate, key = Path(folder, "certificate"), Path(folder, "key")
            certificate.write_bytes(base64.b64decode(user["client-certificate-data"]))
            key.write_bytes(base64.b64decode(user["client-key-data"]))
            context.load_cert_chain(certificate, key)
    return context
