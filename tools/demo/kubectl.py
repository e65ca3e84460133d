"""Acting on the cluster as somebody, by the very commands that a reader could type."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from demo.failure import claim

ROOT: Final = Path(__file__).parents[2]
"""Where `examples/` and `crds/` are; commands name files below it."""
PROGRAM: Final = Path(sys.executable).with_name("kubectl")

Manifest = dict[str, Any]


@dataclass(frozen=True)
class Said:
    """What a command said.

    Args:
        command: As a person would type it.
        is_done: Whether it did what it was asked to.
        out: Its standard output.
        err: Its standard error.
    """

    command: str
    is_done: bool
    out: str
    err: str


@dataclass(frozen=True)
class Kubectl:
    """kubectl in somebody's hands.

    Args:
        kubeconfig: Whose.
        cache: Where it keeps what it learns of the API; with the cluster, so that it goes with it.
    """

    kubeconfig: Path
    cache: Path

    def attempt(self, arguments: str, stdin: str = "") -> Said:
        """Run one command, whether it is let or not."""
        done = subprocess.run(
            [PROGRAM, *shlex.split(arguments)],
            cwd=ROOT,
            env=os.environ | {"KUBECONFIG": str(self.kubeconfig), "KUBECACHEDIR": str(self.cache)},
            input=stdin,
            text=True,
            capture_output=True,
            check=False,
        )
        return Said(f"kubectl {arguments}", done.returncode == 0, done.stdout, done.stderr)

    def run(self, arguments: str, stdin: str = "") -> Said:
        """Run one command.

        Raises:
            DemoFailedError: It failed.
        """
        said = self.attempt(arguments, stdin)
        claim(said.is_done, f"`{said.command}` works.", said.err or said.out)
        return said

    def get(self, arguments: str) -> Manifest:
        """Read an object, or a List of objects."""
        content: Manifest = json.loads(self.run(f"get {arguments} -o json").out)
        return content

    def items(self, arguments: str) -> list[Manifest]:
        """Read several objects."""
        return list(self.get(arguments)["items"])
