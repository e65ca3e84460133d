"""The meter: memory and exactness at scale, and how soon a month of a year's history is read."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import tempfile
import time
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import orjson

from bench.meter_feed import MILLICORES
from bench.meter_history import history
from bench.operator_process import PROGRAM
from bench.result import Bench, Measure, Result
from bench.usage import MB, cpu_seconds, memory_of
from tenantry.cost.store import Reader, open_database

if TYPE_CHECKING:
    from asyncio.subprocess import Process
    from collections.abc import AsyncIterator

ENDING: Final = 60
_FAR: Final = datetime(2100, 1, 1, tzinfo=UTC)
_LONG_AGO: Final = datetime(2000, 1, 1, tzinfo=UTC)
_CONFIG: Final = """\
apiVersion: v1
kind: Config
clusters: [{{name: feed, cluster: {{server: "http://127.0.0.1:{port}"}}}}]
contexts: [{{name: feed, context: {{cluster: feed, user: nobody}}}}]
users: [{{name: nobody, user: {{}}}}]
current-context: feed
"""


async def measure(bench: Bench) -> Result:
    """Measure, once."""
    result = Result()
    with tempfile.TemporaryDirectory(prefix="tenantry-meter-") as name:
        folder = Path(name)
        bench.say(f"meter: {bench.scale.metered} pods, {bench.scale.metered_rate} a second")
        run = await _live(folder, bench)
        bench.say(f"meter: a year of {bench.scale.history} tenants")
        rows, answers, size = await asyncio.to_thread(history, folder, bench.scale.history)
    run["history"] = {"rows": rows, "bytes": size, "answers": answers}
    result.runs["meter"] = run
    result.measures = [*_of_live(run), *_of_history(answers, rows, size)]
    return result


async def _live(folder: Path, bench: Bench) -> dict[str, Any]:
    seconds, scale = bench.scale.metered_for, bench.scale
    async with _feed(scale.metered, scale.metered_rate) as (feed, port):
        config = folder / "kubeconfig"
        config.write_text(_CONFIG.format(port=port))
        url = f"sqlite:///{folder}/meter.db"
        async with _meter(config, url, folder / "meter.log") as meter:
            before = cpu_seconds({"meter": meter.pid})
            async with memory_of(meter.pid) as samples:
                feed.terminate()
                await asyncio.sleep(seconds)
                feed.terminate()
                truth = orjson.loads(await _line(feed))
            used = cpu_seconds({"meter": meter.pid})["meter"] - before["meter"]
    metered, since, until = _core_seconds(url)
    lives = [*truth["ended"], *((start, until) for start in truth["running"])]
    ran = sum(max(0, min(end, until) - max(start, since)) for start, end in lives)
    expected = Decimal(MILLICORES * ran) / 1000
    return {
        "memory": max(one.rss for one in samples),
        "cpu": used / seconds,
        "came": truth["came"],
        "seconds": seconds,
        "expected": float(expected),
        "metered": float(metered),
        "off": float(abs(metered - expected)),
    }


def _core_seconds(url: str) -> tuple[Decimal, int, int]:
    """What was metered, from which second up to which."""
    database = open_database(url, is_migrated=False)
    reader = Reader(database)
    extent = reader.extent()
    if extent is None:
        raise RuntimeError("the meter has written nothing")
    buckets = reader.buckets(_LONG_AGO, _FAR)
    total = sum((one.requested for one in buckets if one.resource == "cpu"), Decimal())
    database.close()
    return total, int(extent.since.timestamp()), int(extent.until.timestamp())


@asynccontextmanager
async def _feed(pods: int, rate: int) -> AsyncIterator[tuple[Process, int]]:
    command = (sys.executable, "-m", "bench.meter_feed", str(pods), str(rate))
    process = await asyncio.create_subprocess_exec(
        *command, stdout=subprocess.PIPE, cwd=Path(__file__).parents[1], limit=2**26
    )
    try:
        yield process, orjson.loads(await _line(process))["port"]
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


@asynccontextmanager
async def _meter(config: Path, url: str, log: Path) -> AsyncIterator[Process]:
    """A meter that has listed everything; it is ended well."""
    flags = ("--listen", "127.0.0.1:0", "--log-format", "json", "--flush-interval", "10s")
    with log.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            PROGRAM, "meter", "--kubeconfig", config, "--database", url, *flags, stderr=output
        )
    try:
        deadline = time.monotonic() + ENDING
        while '"metering"' not in await _told(log):
            if process.returncode is not None or time.monotonic() > deadline:
                raise RuntimeError(f"the meter did not start:\n{await _told(log)}")
            await asyncio.sleep(0.1)
        yield process
        process.terminate()
        if await asyncio.wait_for(process.wait(), ENDING):
            raise RuntimeError(f"the meter ended badly:\n{await _told(log)}")
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def _told(log: Path) -> str:
    return await asyncio.to_thread(log.read_text)


async def _line(process: Process) -> bytes:
    if process.stdout is None:
        raise RuntimeError("the feed has no output")
    return await process.stdout.readline()


def _of_live(run: dict[str, Any]) -> list[Measure]:
    pace = f"{run['came']} pods came and went in {run['seconds']} s"
    return [
        Measure(
            "meter-memory",
            "meter: most memory",
            run["memory"] / MB,
            "MB",
            400,
            "at most",
            detail=f"{pace}; {run['cpu']:.2f} cores used",
        ),
        Measure(
            "meter-exact",
            "meter: core-seconds off",
            run["off"],
            "core-s",
            0,
            "at most",
            detail=f"of {run['expected']:.1f}",
        ),
    ]


def _of_history(answers: dict[str, tuple[float, int]], rows: int, size: int) -> list[Measure]:
    (month, found), (days, of_days) = answers["all by month"], answers["all by day"]
    hours, of_hours = answers["one by hour"]
    slowest = max(month, hours)
    detail = (
        f"{found} buckets of all tenants in {month:.2f} s, {of_hours} of one in {hours:.2f} s, "
        f"{of_days} by days in {days:.2f} s; {rows / 1e6:.1f} million rows, {size / MB:.0f} MB"
    )
    return [
        Measure("meter-month", "meter: a month's query", slowest, "s", 2, "at most", detail=detail)
    ]
