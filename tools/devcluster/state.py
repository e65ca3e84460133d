"""What is known of a cluster's processes, on disk: for whoever takes hold of it later.

Written before a cluster is ready and after every change, so that a crash loses nothing that runs.
"""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from devcluster.errors import StaleClusterError
from devcluster.processes import Running

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


@dataclass(frozen=True)
class State:
    """A cluster as it was started.

    Args:
        ports: Program -> port.
        commands: Program -> command line, in the order of starting.
        nodes: How many nodes it has.
        running: Program -> its last process.
        guests: What runs beside the control plane and ends with it, by name; see `DevCluster.host`.
    """

    ports: Mapping[str, int]
    commands: Mapping[str, tuple[str, ...]]
    nodes: int
    running: Mapping[str, Running] = dataclasses.field(default_factory=dict)
    guests: Mapping[str, Running] = dataclasses.field(default_factory=dict)

    def with_process(self, running: Running) -> State:
        """Give the state after a program was started."""
        return dataclasses.replace(self, running={**self.running, running.name: running})

    def with_guest(self, running: Running) -> State:
        """Give the state after a guest was started."""
        return dataclasses.replace(self, guests={**self.guests, running.name: running})

    def save(self, file: Path) -> None:
        """Write it, all or nothing."""
        fresh = file.with_suffix(".new")
        fresh.write_text(json.dumps(dataclasses.asdict(self), indent=2))
        fresh.replace(file)

    @classmethod
    def load(cls, file: Path) -> State:
        """Read it.

        Raises:
            StaleClusterError: There is none, or only a part of one.
        """
        try:
            content = json.loads(file.read_text())
            return cls(
                ports=content["ports"],
                commands={name: tuple(argv) for name, argv in content["commands"].items()},
                nodes=content["nodes"],
                running={name: Running(**one) for name, one in content["running"].items()},
                guests={name: Running(**one) for name, one in content.get("guests", {}).items()},
            )
        except (OSError, ValueError, LookupError, TypeError) as error:
            raise StaleClusterError(
                f"No cluster is up in {file.parent}: {error}.",
                "Start one with `python -m devcluster up`.",
            ) from error
