"""Small real things to test the dev cluster with: a Go module, kubectl, and one cluster for all."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from devcluster import DevCluster
from devcluster.source import Source

if TYPE_CHECKING:
    from collections.abc import Iterator

TOOLS = Path(__file__).parents[2] / "tools"
BIN = Path(sys.executable).parent


@dataclass(frozen=True)
class Kubectl:
    """kubectl as one user."""

    kubeconfig: Path

    def run(self, *arguments: str, stdin: Any = None) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [BIN / "kubectl", "--kubeconfig", self.kubeconfig, *arguments],
            input=None if stdin is None else json.dumps(stdin),
            capture_output=True,
            text=True,
            check=False,
        )

    def __call__(self, *arguments: str, stdin: Any = None) -> str:
        done = self.run(*arguments, stdin=stdin)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def json(self, *arguments: str) -> Any:
        return json.loads(self(*arguments, "--output=json"))


@pytest.fixture(scope="package")
def cluster() -> Iterator[DevCluster]:
    with DevCluster.start() as running:
        yield running


@pytest.fixture(scope="package")
def kubectl(cluster: DevCluster) -> Kubectl:
    return Kubectl(cluster.kubeconfig)


@pytest.fixture
def environment() -> dict[str, str]:
    """What a program of ours needs to be started from anywhere."""
    return {**os.environ, "PYTHONPATH": str(TOOLS)}


def go_module(folder: Path, main: str, requirements: str = "") -> Source:
    """Write a Go module with one program, `one`, and no dependencies."""
    (folder / "one").mkdir(parents=True)
    (folder / "go.mod").write_text(f"module example.org/tiny\n\ngo 1.27.0\n{requirements}")
    (folder / "go.sum").touch()
    (folder / "one" / "main.go").write_text(f"package main\n\n{main}\n")
    return Source("tiny", folder, {"one": "example.org/tiny/one"})


@pytest.fixture
def tiny(tmp_path: Path) -> Source:
    return go_module(tmp_path / "module", 'func main() { println("it runs") }')
