"""Waiting for something to become so, with a deadline and a message that helps."""

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from tenantry.cluster.errors import NotFound, Throttled

T = TypeVar("T")

PATIENCE = 20.0
"""Seconds. What is awaited takes milliseconds; a machine with two busy cores takes its time."""
SHORTEST, LONGEST = 0.02, 0.25
"""Seconds between two looks: at first as soon as anything could have happened, then rarer."""
MOST_SHOWN = 4000
"""Characters of what was seen last: a Tenant's status fits in."""


async def eventually(
    look: Callable[[], Awaitable[T]],
    until: Callable[[T], Any] = bool,
    *,
    within: float = PATIENCE,
) -> T:
    """Look again and again until what is seen is as it should be; gives it.

    An object that is not there (yet) is not as it should be, nor is an API server that asks for
    patience; any other error is the test's.

    Raises:
        AssertionError: it did not become so in time; shows what was seen last.
    """
    loop = asyncio.get_running_loop()
    started = loop.time()
    while True:
        try:
            seen = await look()
        except (NotFound, Throttled) as absent:
            last = str(absent)
        else:
            if until(seen):
                return seen
            last = repr(seen)[:MOST_SHOWN]
        waited = loop.time() - started
        if waited > within:
            wanted = "" if until is bool else f": {_source(until)}"
            raise AssertionError(f"not within {within:g} s{wanted}\nlast seen: {last}")
        await asyncio.sleep(min(max(waited / 10, SHORTEST), LONGEST))


async def eventually_gone(look: Callable[[], Awaitable[T]], *, within: float = PATIENCE) -> None:
    """Look again and again until there is nothing to see.

    Raises:
        AssertionError: it is still there after that time; shows it.
    """

    async def absent() -> tuple[bool, Any]:
        try:
            return False, await look()
        except NotFound:
            return True, None

    await eventually(absent, lambda seen: seen[0], within=within)


def _source(condition: Callable[..., Any]) -> str:
    try:
        return " ".join(inspect.getsource(condition).split())
    except OSError:
        return repr(condition)
