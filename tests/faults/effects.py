"""What can befall a request: each is made by a function here and put in by a rule of the proxy."""

import asyncio
import json
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, Final

from aiohttp import web

from faults.proxy import Effect, Passage

REASONS: Final = {
    HTTPStatus.FORBIDDEN: "Forbidden",
    HTTPStatus.CONFLICT: "Conflict",
    HTTPStatus.GONE: "Expired",
    HTTPStatus.TOO_MANY_REQUESTS: "TooManyRequests",
    HTTPStatus.INTERNAL_SERVER_ERROR: "InternalError",
    HTTPStatus.SERVICE_UNAVAILABLE: "ServiceUnavailable",
    HTTPStatus.GATEWAY_TIMEOUT: "Timeout",
}


def refused(code: int, *, retry_after: int | None = None) -> Effect:
    """Answered with an error as the API server words it, and never asked."""

    async def refuse(passage: Passage) -> web.StreamResponse:
        headers = {"Content-Type": "application/json"}
        if retry_after is not None:
            headers["Retry-After"] = str(retry_after)
        response = web.StreamResponse(status=code, headers=headers)
        return await passage.deliver(response, json.dumps(_status(code)).encode())

    return refuse


def unanswered() -> Effect:
    """Done by the API server, and then the connection breaks: the operator cannot know."""

    async def lose(passage: Passage) -> web.StreamResponse:
        async with passage.upstream() as answer:
            await answer.read()
        return passage.drop()

    return lose


def slow(seconds: float) -> Effect:
    """Held up on its way there."""

    async def delay(passage: Passage) -> web.StreamResponse:
        await asyncio.sleep(seconds)
        return await passage.pass_on()

    return delay


def held(until: asyncio.Event) -> Effect:
    """Held up on its way there until something has happened."""

    async def hold(passage: Passage) -> web.StreamResponse:
        await until.wait()
        return await passage.pass_on()

    return hold


def truncated() -> Effect:
    """Answered with the first half of the body, as if that were all."""

    async def truncate(passage: Passage) -> web.StreamResponse:
        async with passage.upstream() as answer:
            body = await answer.read()
            response = web.StreamResponse(status=answer.status)
        await passage.deliver(response, body[: len(body) // 2])
        passage.exchange.is_delivered = False
        return response

    return truncate


def cut_mid_line(*, cleanly: bool = False) -> Effect:
    """A watch that breaks within its first event; cleanly: as if it had come to its end."""

    async def cut(passage: Passage) -> web.StreamResponse:
        async with passage.upstream() as answer:
            response = web.StreamResponse(status=answer.status)
            await response.prepare(passage.request)
            line = await answer.content.readany()
            await response.write(line.splitlines()[0][:-20])
        if cleanly:
            await response.write_eof()
            return response
        return passage.drop()

    return cut


def erring(code: int) -> Effect:
    """A watch that tells of nothing but an error: 410 when it has been away for too long."""

    async def err(passage: Passage) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "application/json"})
        event = {"type": "ERROR", "object": _status(code)}
        return await passage.deliver(response, json.dumps(event).encode() + b"\n")

    return err


def before(action: Callable[[], Any]) -> Effect:
    """Something happens, and the request never arrives."""

    async def act_before(passage: Passage) -> web.StreamResponse:
        action()
        return passage.drop()

    return act_before


def between(action: Callable[[], Any]) -> Effect:
    """Something happens after the API server has done it and before the operator knows."""

    async def act_between(passage: Passage) -> web.StreamResponse:
        async with passage.upstream() as answer:
            await answer.read()
        action()
        return passage.drop()

    return act_between


def after(action: Callable[[], Any]) -> Effect:
    """Something happens as soon as the operator has been answered."""

    async def act_after(passage: Passage) -> web.StreamResponse:
        response = await passage.pass_on()
        action()
        return response

    return act_after


def _status(code: int) -> dict[str, Any]:
    return {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Failure",
        "code": code,
        "reason": REASONS[HTTPStatus(code)],
        "message": f"a fault put in by a test ({code})",
    }
