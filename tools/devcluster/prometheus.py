"""Prometheus' own tool and parser, as programs: for tests of metrics, alerts and dashboards.

Beside `build`, which keeps them in the same cache. They are built without service discoveries: a
fifth of what promtool is made of, and nothing to rules.
"""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from devcluster import build
from devcluster.source import Source

if TYPE_CHECKING:
    from collections.abc import Sequence

    from devcluster.progress import Progress

MODULE: Final = Path(__file__).parent / "prommod"
SELECTORS: Final = "promql-selectors"
PROMTOOL: Final = "promtool"
SOURCE: Final = Source(
    PROMTOOL,
    MODULE,
    {
        PROMTOOL: "github.com/prometheus/prometheus/cmd/promtool",
        SELECTORS: f"tenantry.io/devcluster/{SELECTORS}",
    },
    linker_flags="-s -w",
    tags="remove_all_sd",
    recipe=(MODULE / "main.go").read_text(),
)


@dataclass(frozen=True)
class Query:
    """What a query asks for.

    Args:
        metrics: Metric -> labels that it is selected by.
        labels: Labels that are grouped or matched by.
    """

    metrics: dict[str, set[str]]
    labels: set[str]


@dataclass(frozen=True)
class Prometheus:
    """The programs.

    Args:
        folder: Where they are.
    """

    folder: Path

    def promtool(self, *arguments: str | Path, given: str = "") -> subprocess.CompletedProcess[str]:
        """Run promtool; gives its exit code and what it wrote.

        Args:
            arguments: Its arguments.
            given: Its standard input.
        """
        return subprocess.run(
            [self.folder / PROMTOOL, *arguments],
            input=given,
            capture_output=True,
            text=True,
            check=False,
        )

    def asked(self, queries: Sequence[str]) -> list[Query]:
        """Tell what PromQL queries ask for, in their order.

        Args:
            queries: The queries.

        Raises:
            ValueError: One is no PromQL; the message says which and why.
        """
        said = subprocess.run(
            [self.folder / SELECTORS],
            input=json.dumps(queries),
            capture_output=True,
            text=True,
            check=True,
        )
        found = []
        for query, answer in zip(queries, json.loads(said.stdout), strict=True):
            if "error" in answer:
                raise ValueError(f"{query}: {answer['error']}")
            metrics: dict[str, set[str]] = {}
            for one in answer["selectors"]:
                metrics.setdefault(one["metric"], set()).update(one["labels"])
            found.append(Query(metrics, {*answer["grouping"]}))
        return found


def programs(progress: Progress) -> Prometheus:
    """Give the programs; build them if they are not there.

    Args:
        progress: Told of what takes time.

    Raises:
        DevClusterError: They cannot be built; the subclass says why.
    """
    return Prometheus(build.ensure(SOURCE, build.cache(), progress))
