"""What comes out: measures against their targets, and what explains them, as JSON."""

from __future__ import annotations

import os
import platform
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

import psutil

from devcluster.source import KUBERNETES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

SCHEMA: Final = 1
CPUINFO: Final = Path("/proc/cpuinfo")
TIMES: Final = "\N{MULTIPLICATION SIGN}"
"""The unit of ratios to the raw client."""
PACKAGES: Final = ("tenantry", "kopf", "kubernetes", "aiohttp", "orjson")


@dataclass(frozen=True)
class Scale:
    """How much is measured.

    Attributes:
        tenants: of three namespaces each, made at once.
        many: as many again, for the large cluster.
        rounds: pairs of runs, one for each side, order alternated.
        large_rounds: likewise on the large cluster.
        repeats: Tenants made one by one.
        repairs: objects deleted one by one.
        restarts: of the operator.
        present: Tenants that are there while it is measured what policies cost.
        blocks: with the policies, and as many without.
        pods: in each block.
        waves: of demand for a tenant's quota, each in another namespace.
        crowding: seconds after which it is measured how much of it is in use, and for how long.
        applications: of Bookinfo's size, made at once, each in a namespace of its own.
        application_rounds: pairs of runs, one for each side, order alternated.
        application_repeats: Applications made one by one.
        ailments: pods that fall ill, one by one.
        metered: pods that run at any time while the meter is measured.
        metered_rate: pods that come, and go, in a second.
        metered_for: seconds of that.
        history: tenants with a year of history.
        idle: seconds in which nothing is to be done.
        sweep: numbers of requests under way, of which the raw client gets the best.
        usage_interval: the operator's, in seconds; idleness begins after it.
        calm: seconds beyond it, after which nothing is left to do.
    """

    tenants: int = 200
    many: int = 667
    rounds: int = 4
    large_rounds: int = 1
    repeats: int = 40
    repairs: int = 48
    restarts: int = 5
    present: int = 1000
    blocks: int = 4
    pods: int = 100
    waves: int = 16
    crowding: float = 5
    applications: int = 500
    application_rounds: int = 1
    application_repeats: int = 20
    ailments: int = 20
    metered: int = 20_000
    metered_rate: int = 100
    metered_for: float = 90
    history: int = 1000
    idle: float = 30
    sweep: tuple[int, ...] = (16, 32, 64, 128)
    usage_interval: float = 10
    calm: float = 3


QUICK: Final = Scale(
    tenants=8, many=6, rounds=1, calm=1, large_rounds=1, repeats=4, repairs=8, restarts=1,
    present=20, blocks=1, pods=20, waves=2, crowding=1, idle=2, sweep=(32,), usage_interval=1,
    applications=3, application_repeats=1, ailments=1,
    metered=50, metered_rate=10, metered_for=3, history=2,
)  # fmt: skip


@dataclass(frozen=True)
class Bench:
    """What every measure is given.

    Attributes:
        scale: how much.
        options: further flags of the operator.
        say: told what is going on.
    """

    scale: Scale
    options: Mapping[str, str]
    say: Callable[[str], None]

    @property
    def flags(self) -> dict[str, str]:
        """All further flags of the operator."""
        return {"usage-interval": f"{self.scale.usage_interval}s", **self.options}


@dataclass(frozen=True)
class Measure:
    """One number and what it should be.

    Attributes:
        name: stable, for scripts.
        title: for a person.
        value: in ``unit``; ``TIMES`` is a ratio to the raw client.
        target: at least or at most this, as ``sense`` says.
        low: with ``high``, the spread over the rounds.
        detail: what explains it, in words that a table has no room for.
    """

    name: str
    title: str
    value: float
    unit: str
    target: float
    sense: Literal["at least", "at most"]
    low: float | None = None
    high: float | None = None
    detail: str = ""

    @property
    def is_met(self) -> bool:
        """Whether the target is."""
        if self.sense == "at least":
            return self.value >= self.target
        return self.value <= self.target


@dataclass
class Result:
    """What one part of the benchmark gave."""

    measures: list[Measure] = field(default_factory=list)
    runs: dict[str, Any] = field(default_factory=dict)
    """Everything that was measured, for those who want to compute for themselves."""

    def add(self, other: Result) -> None:
        """Take in another part's."""
        self.measures += other.measures
        self.runs |= other.runs


def report(result: Result, scale: Scale, facts: Mapping[str, Any]) -> dict[str, Any]:
    """The whole as JSON; see docs/performance.md."""
    return {
        "schema": SCHEMA,
        **facts,
        "machine": machine(),
        "scale": asdict(scale),
        "measures": [asdict(one) | {"met": one.is_met} for one in result.measures],
        "runs": result.runs,
    }


def machine() -> dict[str, Any]:
    """Where it ran: numbers of two machines cannot be compared, ratios can, somewhat."""
    return {
        "cpus": os.cpu_count(),
        "processor": _processor(),
        "memory_gb": round(psutil.virtual_memory().total / 1e9, 1),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "kubernetes": KUBERNETES,
        "packages": {name: version(name) for name in PACKAGES},
    }


def _processor() -> str:
    """The processor's name, where the system tells."""
    if CPUINFO.exists():
        for line in CPUINFO.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor()
