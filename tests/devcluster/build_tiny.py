"""Build a module as its own process: `python build_tiny.py MODULE ROOT`."""

from __future__ import annotations

import sys
from pathlib import Path

from rich.console import Console

from devcluster import build
from devcluster.progress import PlainProgress
from devcluster.source import Source

if __name__ == "__main__":
    module, root = map(Path, sys.argv[1:])
    source = Source("tiny", module, {"one": "example.org/tiny/one"})
    build.ensure(source, root, PlainProgress(Console(force_terminal=False, width=200)))
