"""The raw client as a process: started, told to go, asked what it did."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import orjson

from bench.script import requests, write_script

if TYPE_CHECKING:
    from asyncio.subprocess import Process
    from collections.abc import AsyncIterator, Iterable, Sequence

    from bench.testbed import Testbed

TOOLS: Final = Path(__file__).parents[1]


class RawFailed(Exception):  # noqa: N818 - reads as what happened
    """The raw client has ended where it should have gone on."""


@dataclass(frozen=True)
class Raw:
    """A raw client that waits to be told."""

    process: Process

    @property
    def pid(self) -> int:
        """Its process id."""
        return self.process.pid

    async def go(self) -> dict[str, Any]:
        """Let it play what is next; gives its answer."""
        await self.start()
        return await self.done()

    async def start(self) -> None:
        """Let it play what is next."""
        assert self.process.stdin is not None  # noqa: S101 - it was asked for
        self.process.stdin.write(b"go\n")
        await self.process.stdin.drain()

    async def done(self) -> dict[str, Any]:
        """Wait for its answer."""
        answer: dict[str, Any] = orjson.loads(await _line(self.process))
        return answer


@asynccontextmanager
async def raw(
    bed: Testbed, command: str, tenants: Sequence[dict[str, Any]], concurrency: int
) -> AsyncIterator[Raw]:
    """A raw client with the requests for some Tenants, ready to go.

    Args:
        bed: where.
        command: ``create`` (all at once) or ``each`` (one for each `Raw.go`).
        tenants: what to make.
        concurrency: requests under way at the same time.
    """
    scripts = (requests(manifest) for manifest in tenants)
    async with playing(bed, command, scripts, concurrency) as client:
        yield client


@asynccontextmanager
async def playing(
    bed: Testbed,
    command: str,
    scripts: Iterable[dict[str, Any]],
    concurrency: int,
    *,
    of: str = "tenants",
) -> AsyncIterator[Raw]:
    """A raw client that has read its scripts, ready to go.

    Args:
        bed: where.
        command: as for ``raw``.
        scripts: the requests, as ``script`` or ``application_script`` renders them.
        concurrency: requests under way at the same time.
        of: ``tenants`` or ``applications``.
    """
    script = bed.folder / f"{of}-{time.monotonic_ns()}.jsonl"
    write_script(script, scripts)
    arguments = (
        *(command, "--of", of, "--script", str(script), "--admin", str(bed.cluster.kubeconfig)),
        *("--identity", str(bed.identity), "--concurrency", str(concurrency)),
    )
    process = await _spawn(*arguments)
    try:
        await _line(process)
        yield Raw(process)
    finally:
        if process.returncode is None:
            assert process.stdin is not None  # noqa: S101 - it was asked for
            process.stdin.close()
            await process.wait()


async def listed(bed: Testbed, paths: Sequence[str]) -> dict[str, Any]:
    """List collections in a new process; gives ``objects`` and seconds.

    Returns:
        ``whole``: from the start of the process to its answer; ``seconds``: of it, the lists.
    """
    began = time.monotonic()
    process = await _spawn("list", "--identity", str(bed.identity), *paths)
    answer = orjson.loads(await _line(process))
    whole = time.monotonic() - began
    await process.wait()
    seconds = answer["ended"] - answer["began"]
    return {"objects": answer["objects"], "whole": whole, "seconds": seconds}


async def _spawn(*arguments: str) -> Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bench.raw",
        *arguments,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": str(TOOLS)},
    )


async def _line(process: Process) -> bytes:
    assert process.stdout is not None  # noqa: S101 - it was asked for
    line = await process.stdout.readline()
    if not line:
        raise RawFailed(f"the raw client has ended ({await process.wait()})")
    return line
