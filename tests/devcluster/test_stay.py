from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest
from tests.devcluster.conftest import Kubectl

if TYPE_CHECKING:
    from devcluster import DevCluster


@dataclass(frozen=True)
class Cli:
    """`python -m devcluster` in a directory."""

    directory: Path
    environment: dict[str, str]

    def __call__(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "devcluster", *arguments],
            cwd=self.directory,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )

    def pids(self) -> dict[str, int]:
        state = json.loads((self.directory / ".devcluster" / "cluster.json").read_text())
        return {name: one["pid"] for name, one in state["running"].items()}


@pytest.fixture
def cli(tmp_path: Path, environment: dict[str, str]) -> Cli:
    return Cli(tmp_path, environment)


def test_a_cluster_stays_is_mended_after_a_crash_and_leaves_nothing_behind(cli: Cli) -> None:
    up = cli("up", "--nodes", "1")
    assert up.returncode == 0, up.stderr
    assert "kubectl apply --server-side -f crds/" in up.stdout
    first = cli.pids()
    again = cli("up")
    assert (again.returncode, "is up already" in again.stdout) == (0, True)
    assert cli.pids() == first
    assert (cli("status").returncode, cli("status").stdout.count("MiB")) == (0, 5)

    psutil.Process(first["kube-apiserver"]).send_signal(signal.SIGKILL)
    psutil.wait_procs([psutil.Process(first["kube-apiserver"])], timeout=10)
    assert "ended" in cli("status").stdout
    mended = cli("up", "--nodes", "1")
    assert mended.returncode == 0, mended.stderr
    assert "kube-apiserver had ended: a new one took its place" in mended.stderr
    assert not any(map(psutil.pid_exists, first.values()))
    admin = Kubectl(Path(cli("kubeconfig").stdout.strip()))
    assert len(admin.json("get", "nodes")["items"]) == 1

    second = cli.pids()
    down = cli("down")
    assert "Stopped 5 programs" in down.stdout
    assert not any(map(psutil.pid_exists, second.values()))
    assert list(cli.directory.iterdir()) == []


def test_there_may_be_nothing_to_stop(cli: Cli) -> None:
    down = cli("down")
    assert (down.returncode, down.stdout) == (0, "No cluster is up here.\n")


def test_status_of_no_cluster_says_how_to_start_one(cli: Cli) -> None:
    status = cli("status")
    assert status.returncode == 1
    assert "what to do: Start one with `python -m devcluster up`." in status.stderr


def test_a_taken_port_stops_the_start_and_leaves_nothing(cli: Cli) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = str(listener.getsockname()[1])
        up = cli("up", "--port", port)
    assert up.returncode == 1
    assert f"Port {port} on 127.0.0.1 is taken by" in up.stderr
    assert list(cli.directory.iterdir()) == []


def test_what_a_cut_off_start_left_is_cleared_away_and_other_clusters_are_not(
    cli: Cli, cluster: DevCluster
) -> None:
    folder = cli.directory / ".devcluster"
    (folder / "pki").mkdir(parents=True)
    assert cli("down").returncode == 0
    assert not folder.exists()
    assert cluster.ready()


@pytest.mark.parametrize("command", ["up", "down", "status", "build", "kubeconfig"])
def test_every_command_helps_with_an_example(cli: Cli, command: str) -> None:
    assert f"python -m devcluster {command}" in cli(command, "--help").stdout
