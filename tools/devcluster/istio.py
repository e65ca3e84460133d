"""Istio's own validation, the one that its webhook asks, as a program: for tests of rendering.

Beside `build`, which keeps it in the same cache. Schemas cannot say all that Istio demands: that
weights sum to 100, which conditions may go together, what a host may look like.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from devcluster import build
from devcluster.source import Source

if TYPE_CHECKING:
    from collections.abc import Sequence

    from devcluster.progress import Progress

MODULE: Final = Path(__file__).parent / "istiomod"
PROGRAM: Final = "istio-validate"
SOURCE: Final = Source(
    PROGRAM,
    MODULE,
    {PROGRAM: f"tenantry.io/devcluster/{PROGRAM}"},
    linker_flags="-s -w",
    recipe=(MODULE / "main.go").read_text(),
)


def program(progress: Progress) -> Path:
    """Give the program; build it if it is not there.

    Args:
        progress: Told of what takes time.

    Raises:
        DevClusterError: It cannot be built; the subclass says why.
    """
    return build.ensure(SOURCE, build.cache(), progress) / PROGRAM


def said(manifests: Sequence[dict[str, Any]], validate: Path) -> list[str]:
    """Give what Istio says to objects of its kinds: a line for each error and warning.

    Args:
        manifests: The objects.
        validate: The program.
    """
    asked = subprocess.run(
        [validate], input=json.dumps(manifests), capture_output=True, text=True, check=True
    )
    lines: list[str] = json.loads(asked.stdout)
    return lines
