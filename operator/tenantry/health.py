"""Three pages for those who watch over the operator: ``/healthz``, ``/readyz`` and ``/metrics``.

Served by every replica, leader or not, on the event loop that does the work: when the loop is
stuck, so is the probe, and the kubelet restarts the pod. Each answer closes its connection, for
when Kopf ends it waits five seconds for every task that is younger than itself, and a scraper's
idle connection is such a task.
"""

import socket
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import Protocol

from aiohttp import web

from tenantry.option_values import address_of


class ListenFailed(Exception):  # noqa: N818 - reads as what happened
    """The address cannot be listened on; the message says why and which flag changes it."""


class Metrics(Protocol):
    """What is scraped."""

    async def page(self, accept: str) -> tuple[bytes, str]:
        """The page in the form that an ``Accept`` header prefers, and its content type."""


@dataclass(frozen=True, slots=True)
class Probes:
    """Where the pages ask.

    Attributes:
        problems: what is wrong with the process and its watches, a line each; then ``/healthz``
            fails and the kubelet restarts the pod. Nothing that a restart does not heal.
        missing: what is not there yet, such as a kind that has not been listed; then ``/readyz``
            fails. Standing by for another leader is not missing anything.
    """

    problems: Callable[[], Sequence[str]]
    missing: Callable[[], Sequence[str]]


Pages = Callable[[web.Application], None]
"""Adds further pages to those that are served."""


@asynccontextmanager
async def serving(
    listen: str, probes: Probes, metrics: Metrics, pages: Pages | None = None
) -> AsyncIterator[int]:
    """Serve the pages while the context lasts.

    Args:
        listen: ``host:port``, ``:port`` or ``[IPv6]:port``; port 0 takes a free one.
        probes: asked at each request, on the event loop.
        metrics: likewise.
        pages: what is served beside them.

    Yields:
        The port.

    Raises:
        ListenFailed: the address is taken, or is none of this machine.
    """
    listener = _listener(listen)
    application = _application(probes, metrics)
    if pages:
        pages(application)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=1)
    try:
        await runner.setup()
        await web.SockSite(runner, listener).start()
        yield listener.getsockname()[1]
    finally:
        await runner.cleanup()
        listener.close()


def _application(probes: Probes, metrics: Metrics) -> web.Application:
    async def healthz(_: web.Request) -> web.Response:
        return _verdict(probes.problems())

    async def readyz(_: web.Request) -> web.Response:
        return _verdict(probes.missing())

    async def scrape(request: web.Request) -> web.Response:
        body, content_type = await metrics.page(request.headers.get("Accept", ""))
        response = web.Response(body=body, headers={"Content-Type": content_type})
        response.enable_compression()
        return response

    application = web.Application()
    application.router.add_get("/healthz", healthz)
    application.router.add_get("/readyz", readyz)
    application.router.add_get("/metrics", scrape)
    application.on_response_prepare.append(_close)
    return application


async def _close(_: web.Request, response: web.StreamResponse) -> None:
    response.force_close()
    response.headers["Connection"] = "close"  # too late here for aiohttp to say so itself


def _verdict(problems: Sequence[str]) -> web.Response:
    """``ok``, or 503 with a problem a line."""
    status = HTTPStatus.SERVICE_UNAVAILABLE if problems else HTTPStatus.OK
    return web.Response(status=status, text="\n".join(problems or ["ok"]) + "\n")


def _listener(listen: str) -> socket.socket:
    """One socket, for IPv4 and IPv6 where the machine has both, so that there is one port."""
    host, port = address_of(listen)
    try:
        if host is None and socket.has_dualstack_ipv6():
            return socket.create_server(("", port), family=socket.AF_INET6, dualstack_ipv6=True)
        family = socket.AF_INET6 if host and ":" in host else socket.AF_INET
        return socket.create_server((host or "", port), family=family)
    except OSError as problem:
        why = (problem.strerror or str(problem)).partition(" (while")[0].lower()
        raise ListenFailed(
            f"cannot listen on {listen}: {why}; choose another address with --listen"
        ) from problem
