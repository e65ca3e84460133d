"""Answers of the API server that are no JSON object, and when they were given.

For what is read once and for a person: the server's clock, metrics pages behind its proxy, the
events of a short watch. Everything else goes through ``client``.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Final

import aiohttp

from tenantry.cluster.connection import Connection
from tenantry.cluster.errors import Unreachable, error_for

TIMEOUT: Final = 10.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back.

    Attributes:
        ahead: seconds by which this machine's clock is ahead of the server's. The Date header has
            whole seconds (https://www.rfc-editor.org/rfc/rfc9110#field.date), so half a second is
            taken for the rest, and half the time that the answer took for its way.
    """

    text: str
    ahead: float


async def fetch(connection: Connection, path: str, *, timeout: float = TIMEOUT) -> Answer:  # noqa: ASYNC109 - of one request, as aiohttp has it
    """GET a path below the server's URL.

    Args:
        connection: to the API server.
        path: with its query, quoted.
        timeout: seconds that the whole answer may take.

    Raises:
        ApiError: the server or the network did not give it.
    """
    sent = datetime.now(UTC)
    try:
        async with connection.session.get(
            connection.server + path,
            headers=await connection.authorization(),
            timeout=aiohttp.ClientTimeout(total=timeout),
            proxy=connection.proxy,
        ) as response:
            came = datetime.now(UTC)
            text, code = await response.text(), response.status
            date = response.headers.get("Date")
    except (aiohttp.ClientError, TimeoutError, ConnectionError) as problem:
        why = str(problem) or type(problem).__name__
        raise Unreachable(f"GET {path.partition('?')[0]}: {why}") from problem
    if code >= HTTPStatus.BAD_REQUEST:
        raise error_for(code, {"message": text.strip()[:300]})
    return Answer(text, _ahead(sent, came, date))


def _ahead(sent: datetime, came: datetime, date: str | None) -> float:
    if not date:
        return 0.0
    here = sent + (came - sent) / 2
    return (here - parsedate_to_datetime(date)).total_seconds() - 0.5
