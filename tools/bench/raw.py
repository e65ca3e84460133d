"""The raw client: asyncio, aiohttp, and requests that were rendered before; a program of its own.

It does nothing but write: no cache, no watch, no comparison, no status but the one that it was
given. What remains is the order that no client can escape: a Tenant has a uid only once it is made,
and a namespace must be there before what is in it.

    python -m bench.raw create --script FILE --admin KUBECONFIG --identity KUBECONFIG
    python -m bench.raw each   ... a Tenant for each line on standard input, in the operator's order
    python -m bench.raw create --of applications ... Applications, and likewise each of them
    python -m bench.raw list   --identity KUBECONFIG PATH ... reads collections, as fast as it can

`create` and `each` say `ready` and wait for a line; each answer is a line of JSON. Times are those
of the machine's monotonic clock, which all processes share.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, Final

import orjson

from bench.api import Api, Write

UID: Final = b"@uid@"


class Player:
    """Plays the requests for a Tenant.

    Args:
        admin: who makes Tenants and Applications.
        identity: who makes all the rest: the operator's own identity.
        concurrency: requests under way at the same time.
    """

    def __init__(self, admin: Api, identity: Api, concurrency: int) -> None:
        self._admin, self._identity = admin, identity
        self._places = asyncio.Semaphore(concurrency)

    async def fast(self, script: dict[str, Any]) -> None:
        """All of a Tenant, with no order but the one that the API server demands."""
        uid = await self._first(script["tenant"])
        await self._send(script["hold"], uid)
        await asyncio.gather(
            self._sight(script, uid),
            *(self._namespace(space, uid) for space in script["namespaces"]),
        )
        await asyncio.gather(
            self._send(script["status"], uid),
            self._send(script["event"], uid),
        )

    async def ordered(self, script: dict[str, Any]) -> None:
        """All of a Tenant in the operator's order: limits before access."""
        uid = await self._first(script["tenant"])
        await self._send(script["hold"], uid)
        await asyncio.gather(*(self._guarded(space, uid) for space in script["namespaces"]))
        await self._sight(script, uid)
        await asyncio.gather(
            self._send(script["status"], uid),
            self._send(script["event"], uid),
        )

    async def _first(self, write: list[Any]) -> bytes:
        """What a person applies; gives its uid."""
        async with self._places:
            made = orjson.loads(await self._admin.send(Write(*write)))
        uid: str = made["metadata"]["uid"]
        return uid.encode()

    async def _namespace(self, space: dict[str, Any], uid: bytes) -> None:
        await self._send(space["make"], uid)
        content = (*space["guards"], *space["access"])
        await asyncio.gather(*(self._send(one, uid) for one in content))

    async def _guarded(self, space: dict[str, Any], uid: bytes) -> None:
        await self._send(space["make"], uid)
        await asyncio.gather(*(self._send(one, uid) for one in space["guards"]))
        await asyncio.gather(*(self._send(one, uid) for one in space["access"]))

    async def _sight(self, script: dict[str, Any], uid: bytes) -> None:
        """A ClusterRole, then its binding: none can be bound before it is there."""
        for write in script["sight"]:
            await self._send(write, uid)

    async def _send(self, write: list[Any], uid: bytes) -> None:
        method, path, content_type, body = write
        async with self._places:
            await self._identity.send(Write(method, path, content_type, body.replace(UID, uid)))


class ApplicationPlayer(Player):
    """Plays the requests for an Application, in a namespace that is there."""

    async def fast(self, script: dict[str, Any]) -> None:
        """All of an Application at once: the API server demands no order of these."""
        uid = await self._first(script["application"])
        await asyncio.gather(
            *(self._send(one, uid) for some in script["ground"] for one in some),
            *(self._send(one, uid) for some in script["stages"] for one in some),
        )
        await self._end(script, uid)

    async def ordered(self, script: dict[str, Any]) -> None:
        """All of an Application in the operator's order: what isolates before pods."""
        uid = await self._first(script["application"])
        for some in (*script["ground"], *script["stages"]):
            await asyncio.gather(*(self._send(one, uid) for one in some))
        await self._end(script, uid)

    async def _end(self, script: dict[str, Any], uid: bytes) -> None:
        told = (script["status"], *script["events"])
        await asyncio.gather(*(self._send(one, uid) for one in told))


PLAYERS: Final = {"tenants": Player, "applications": ApplicationPlayer}


async def create(player: Player, scripts: list[dict[str, Any]]) -> None:
    """Play all that the script has at once, after a line on standard input."""
    await _line()
    began = time.monotonic()
    await asyncio.gather(*(player.fast(script) for script in scripts))
    _say({"began": began, "ended": time.monotonic()})


async def each(player: Player, scripts: list[dict[str, Any]]) -> None:
    """Play one line of the script for each line on standard input."""
    for script in scripts:
        if not await _line():
            return
        began = time.monotonic()
        await player.ordered(script)
        _say({"name": script["name"], "began": began, "ended": time.monotonic()})


async def list_all(identity: Api, paths: list[str]) -> None:
    """Read collections side by side, and say how many objects they have."""
    began = time.monotonic()
    lists = await asyncio.gather(*(identity.get(path) for path in paths))
    count = sum(len(one["items"]) for one in lists)
    _say({"objects": count, "began": began, "ended": time.monotonic()})


async def run(options: argparse.Namespace) -> None:
    """Do what the command line says."""
    async with AsyncExitStack() as stack:
        identity = await stack.enter_async_context(Api(options.identity, options.concurrency))
        if options.command == "list":
            await list_all(identity, options.paths)
            return
        admin = await stack.enter_async_context(Api(options.admin, options.concurrency))
        player = PLAYERS[options.of](admin, identity, options.concurrency)
        scripts = _scripts(options.script)
        print("ready", flush=True)
        await (create if options.command == "create" else each)(player, scripts)
        await _line()  # stay until dismissed: what was used is asked of a living process


def _scripts(path: Path) -> list[dict[str, Any]]:
    """The requests, their bodies as bytes."""
    return [_encoded(orjson.loads(line)) for line in path.read_bytes().splitlines()]


def _encoded(part: Any) -> Any:
    """A script or a part of it; a request is a list that begins with its method."""
    if isinstance(part, dict):
        return {name: _encoded(below) for name, below in part.items()}
    if isinstance(part, list) and part and isinstance(part[0], str):
        return [*part[:3], part[3].encode()]
    return [_encoded(below) for below in part] if isinstance(part, list) else part


async def _line() -> str:
    return await asyncio.to_thread(sys.stdin.readline)


def _say(answer: dict[str, Any]) -> None:
    print(orjson.dumps(answer).decode(), flush=True)


def main() -> None:
    """Parse the command line and run."""
    parser = argparse.ArgumentParser(prog="python -m bench.raw", description=__doc__)
    parser.add_argument("command", choices=["create", "each", "list"])
    parser.add_argument("paths", nargs="*")
    parser.add_argument("--of", choices=[*PLAYERS], default="tenants")
    parser.add_argument("--script", type=Path)
    parser.add_argument("--admin", type=Path)
    parser.add_argument("--identity", type=Path, required=True)
    parser.add_argument("--concurrency", type=int, default=32)
    asyncio.run(run(parser.parse_intermixed_args()))


if __name__ == "__main__":
    main()
