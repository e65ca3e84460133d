"""A reverse proxy between the operator and the API server, for faults that neither makes to order.

It ends the operator's TLS with a certificate of the cluster's own authority and passes on the
bearer token, so the API server sees the operator's requests as they are. Rules say which requests
suffer what (``effects``); whatever no rule matches passes through. All that passed is on record,
so a test can tell what was asked, what came of it, and whether the operator was told.

A connection that cannot be had to the API server is a connection that breaks for the operator.
"""

import asyncio
import random
import re
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import Final, Self

import aiohttp
from aiohttp import web

HOST: Final = "127.0.0.1"
ANY_WRITE: Final = "POST|PUT|PATCH|DELETE"
WRITES: Final = frozenset(ANY_WRITE.split("|"))
_FIRST_ERROR: Final = 400
_HOP_BY_HOP: Final = frozenset({"connection", "keep-alive", "transfer-encoding", "content-length"})

Effect = Callable[["Passage"], Awaitable[web.StreamResponse]]
"""What becomes of a request instead of passing through."""


@dataclass(slots=True)
class Exchange:
    """One request of the operator.

    Attributes:
        started: monotonic seconds.
        code: what the API server answered; 0 if it was not asked, or did not answer.
        is_delivered: whether the operator got that answer, whole.
        effect: the fault it suffered, by name.
    """

    method: str
    path: str
    is_watch: bool
    started: float
    code: int = 0
    is_delivered: bool = False
    effect: str = ""

    @property
    def is_accepted_write(self) -> bool:
        """Whether the API server did what was asked; an election's leases are not counted."""
        is_write = self.method in WRITES and "/leases" not in self.path
        return is_write and 0 < self.code < _FIRST_ERROR


@dataclass(slots=True, eq=False)
class Rule:
    """Which requests suffer what.

    Attributes:
        effect: what they suffer.
        method: their HTTP methods, by regular expression.
        path: a regular expression that is searched for in the path.
        is_watch: whether watches are meant, or all that is none.
        first: the number of the first matching request that suffers, from 1.
        times: how many suffer; None for all from then on.
        chance: how probable it is that one suffers.
        hits: when they came (monotonic seconds).
        is_hit: set once one has.
    """

    effect: Effect
    method: str = ".*"
    path: str = ""
    is_watch: bool = False
    first: int = 1
    times: int | None = 1
    chance: float = 1.0
    hits: list[float] = field(default_factory=list)
    is_hit: asyncio.Event = field(default_factory=asyncio.Event)
    _matches: int = 0

    def strikes(self, exchange: Exchange, dice: random.Random) -> bool:
        """Whether this request suffers; counts it."""
        is_meant = (
            exchange.is_watch == self.is_watch
            and re.fullmatch(self.method, exchange.method)
            and re.search(self.path, exchange.path)
        )
        if not is_meant or (self.times is not None and len(self.hits) >= self.times):
            return False
        self._matches += 1
        if self._matches < self.first or dice.random() >= self.chance:
            return False
        self.hits.append(exchange.started)
        self.is_hit.set()
        return True


class Passage:
    """One request on its way through; what effects are made of."""

    def __init__(self, request: web.Request, exchange: Exchange, proxy: "FaultProxy") -> None:
        self.request, self.exchange = request, exchange
        self._proxy = proxy
        self.is_cut = False

    @asynccontextmanager
    async def upstream(self) -> AsyncIterator[aiohttp.ClientResponse]:
        """The API server's answer, its body still to be read."""
        kept = {k: v for k, v in self.request.headers.items() if k.lower() != "host"}
        async with self._proxy.session.request(
            self.request.method,
            self._proxy.upstream + self.request.path_qs,
            headers={k: v for k, v in kept.items() if k.lower() not in _HOP_BY_HOP},
            data=await self.request.read() or None,
        ) as answer:
            self.exchange.code = answer.status
            yield answer

    async def pass_on(self) -> web.StreamResponse:
        """Forward the request, and the answer as it comes."""
        async with self.upstream() as answer:
            if not self.exchange.is_watch:
                body = await answer.read()
                return await self.deliver(_headed(answer), body)
            return await self.stream(_headed(answer), answer.content.iter_any())

    async def deliver(self, response: web.StreamResponse, body: bytes) -> web.StreamResponse:
        """Send a whole answer."""
        response.content_length = len(body)
        await response.prepare(self.request)
        await response.write(body)
        await response.write_eof()
        self.exchange.is_delivered = True
        return response

    async def stream(
        self, response: web.StreamResponse, chunks: AsyncIterator[bytes]
    ) -> web.StreamResponse:
        """Send an answer as it comes, until its end or until watches are ended."""
        await response.prepare(self.request)
        with self._proxy.streaming(self):
            async for chunk in chunks:
                await response.write(chunk)
        await response.write_eof()
        return response

    def drop(self) -> web.StreamResponse:
        """Break the connection to the operator."""
        if self.request.transport is not None:
            self.request.transport.abort()
        return web.Response(status=502)


class FaultProxy:
    """The proxy; started by ``FaultProxy.started``.

    Attributes:
        upstream: the API server's URL.
        session: the connections to it.
        exchanges: all requests so far.
    """

    def __init__(self, upstream: str, session: aiohttp.ClientSession, seed: int) -> None:
        self.upstream, self.session = upstream, session
        self.exchanges: list[Exchange] = []
        self._rules: list[Rule] = []
        self._dice = random.Random(seed)  # noqa: S311 - not a secret
        self._streams: dict[Passage, asyncio.Task[object]] = {}
        self.url = ""

    @classmethod
    @asynccontextmanager
    async def started(
        cls, upstream: str, authority: Path, pair: tuple[Path, Path], seed: int = 0
    ) -> AsyncIterator[Self]:
        """Serve on a free port while the context lasts.

        Args:
            upstream: the API server's URL.
            authority: the certificate of the authority that signs for it.
            pair: the proxy's own certificate and key.
            seed: of the dice that rules with a chance are decided by.
        """
        trust = ssl.create_default_context(cafile=str(authority))
        connector = aiohttp.TCPConnector(ssl=trust, limit=0)
        async with aiohttp.ClientSession(
            connector=connector, timeout=aiohttp.ClientTimeout(), auto_decompress=False
        ) as session:
            proxy = cls(upstream, session, seed)
            serving = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            serving.load_cert_chain(*pair)
            # Watches end with the operator; writes that are under way do not (see `_handle`).
            runner = web.ServerRunner(
                web.Server(proxy._handle, handler_cancellation=True, access_log=None),
                shutdown_timeout=0.1,
            )
            await runner.setup()
            site = web.TCPSite(runner, HOST, 0, ssl_context=serving)
            await site.start()
            proxy.url = f"https://{HOST}:{runner.addresses[0][1]}"
            try:
                yield proxy
            finally:
                await runner.cleanup()

    def strike(self, rule: Rule) -> Rule:
        """Let a rule hold from now on; of several that match, the first decides."""
        self._rules.append(rule)
        return rule

    def heal(self, *rules: Rule) -> None:
        """Let these rules hold no longer, or any."""
        self._rules = [one for one in self._rules if rules and one not in rules]

    def writes(self, path: str = "") -> list[Exchange]:
        """The writes that the API server accepted, Events aside; by a part of the path."""
        return [
            one
            for one in self.exchanges
            if one.is_accepted_write and "/events" not in one.path and re.search(path, one.path)
        ]

    def told_writes(self) -> list[Exchange]:
        """Those of them that the operator was told of; any other may be made again."""
        return [one for one in self.writes() if one.is_delivered]

    async def watched(self) -> list[str]:
        """The collections that are being watched, by their plurals."""
        return sorted(one.exchange.path.rpartition("/")[2] for one in self._streams)

    def end_watches(self, path: str = "") -> int:
        """Break every watch whose path matches; gives how many."""
        meant = [one for one in self._streams if re.search(path, one.exchange.path)]
        for passage in meant:
            passage.is_cut = True
            self._streams[passage].cancel()
        return len(meant)

    @contextmanager
    def streaming(self, passage: Passage) -> Iterator[None]:
        """While a watch is being streamed by the current task."""
        task = asyncio.current_task()
        assert task is not None
        self._streams[passage] = task
        try:
            yield
        finally:
            del self._streams[passage]

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        exchange = Exchange(
            request.method,
            request.path,
            is_watch=request.query.get("watch", "") in {"true", "1"},
            started=monotonic(),
        )
        self.exchanges.append(exchange)
        passage = Passage(request, exchange, self)  # type: ignore[arg-type]
        rule = next((one for one in self._rules if one.strikes(exchange, self._dice)), None)
        if rule is not None:
            exchange.effect = getattr(rule.effect, "__name__", "")
        going = asyncio.ensure_future(self._carry(passage, rule))
        try:
            # A write that has left does not come back because the operator has died meanwhile.
            return await (going if exchange.is_watch else asyncio.shield(going))
        except asyncio.CancelledError:
            if not passage.is_cut:
                raise
            return passage.drop()

    async def _carry(self, passage: Passage, rule: Rule | None) -> web.StreamResponse:
        try:
            return await (passage.pass_on() if rule is None else rule.effect(passage))
        except (aiohttp.ClientError, ConnectionError):  # either side has gone
            return passage.drop()


def _headed(answer: aiohttp.ClientResponse) -> web.StreamResponse:
    kept = {k: v for k, v in answer.headers.items() if k.lower() not in _HOP_BY_HOP}
    return web.StreamResponse(status=answer.status, headers=kept)
