"""Somebody who reads a page at a terminal and does all that it says, in order."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Final

import yaml

from docs.blocks import Block, Command, commands
from examples import ROOT
from tenantry.api.names import API_VERSION

NOT_SHARED: Final = {".git", ".devcluster"}
READY: Final = ("cache complete", "metering")
"""What `tenantry run` and `tenantry meter` log once they work."""
PATIENCE: Final = 60.0
INTERVAL: Final = 0.05
FRAGMENT_OF: Final = {
    "apiVersion": API_VERSION,
    "kind": "Tenant",
    "metadata": {"name": "fragment"},
    "spec": {"owners": [{"kind": "User", "name": "jane"}]},
}


class Reader:
    """Works in a folder that looks like the repository.

    Args:
        folder: for the reader alone.
        kubeconfig: of a cluster, if there is one yet.
        is_slow: slower than the operator, as people are; a page whose commands are for people
            need not wait for what takes milliseconds.
    """

    def __init__(self, folder: Path, kubeconfig: Path | None, *, is_slow: bool = False) -> None:
        self._is_slow = is_slow
        self._folder = folder / "tenantry"
        self._folder.mkdir()
        for entry in ROOT.iterdir():
            if entry.name not in NOT_SHARED:
                (self._folder / entry.name).symlink_to(entry)
        _write_helm(folder / "helm")
        self._state = folder / "environment"
        self._state.touch()
        self._log = folder / "background.log"
        self._background: list[subprocess.Popen[bytes]] = []
        paths = os.pathsep.join((str(folder), str(ROOT / ".venv" / "bin"), os.environ["PATH"]))
        own = {"PATH": paths, "HOME": str(folder), "KUBECACHEDIR": str(folder / "cache")}
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("KUBE", "TENANTRY_"))}
        # The user's caches: what the control plane is built into, and uv's.
        caches = {"XDG_CACHE_HOME": os.environ.get("XDG_CACHE_HOME", f"{Path.home()}/.cache")}
        self._environment = kept | caches | own
        if kubeconfig:
            self._environment["KUBECONFIG"] = str(kubeconfig)

    def follow(self, block: Block) -> None:
        """Do what a block says.

        Raises:
            AssertionError: it does not come out as the page says.
        """
        if "by" in block.options:
            return
        match block.language:
            case "console" if "background" in block.options:
                [command] = commands(block)
                self._start(command.line)
            case "console":
                for command in commands(block):
                    self._run(command)
            case "yaml" if "file" in block.options:
                (self._folder / block.options["file"]).write_text(block.text)
            case "yaml":
                self._offer(block.text)

    def leave(self) -> None:
        """End what runs in the background; it must end well."""
        for process in self._background:
            os.killpg(process.pid, signal.SIGTERM)
            assert process.wait(PATIENCE) == 0, self._log.read_text()[-2000:]

    @property
    def has_cluster(self) -> bool:
        """Whether ``make cluster`` has left something in the reader's folder."""
        return (self._folder / ".devcluster").exists()

    def stop_cluster(self) -> None:
        """Stop it if a page that broke off did not."""
        if self.has_cluster:
            self._run(Command("make cluster-down", ()))

    def _shell(self, line: str) -> list[str]:
        keep = f"declare -px > {self._state}"
        return ["bash", "-c", f"set -eu -o pipefail; . {self._state}; {line}\n{keep}"]

    def _run(self, command: Command) -> None:
        done = subprocess.run(
            self._shell(command.line),
            cwd=self._folder,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        said = f"$ {command.line}\n{done.stdout}"
        assert (done.returncode != 0) is command.is_refused, said
        self._compare(command.shown, done.stdout, said)
        if self._is_slow:
            self._pause()

    def _pause(self) -> None:
        """Until the operator has looked at every Tenant."""
        deadline = time.monotonic() + PATIENCE
        while not all(_is_seen(one) for one in self._tenants()):
            assert time.monotonic() < deadline, "the operator does not look"
            time.sleep(INTERVAL)

    def _tenants(self) -> list[dict[str, Any]]:
        listed = self._kubectl("get", "tenants", "-o", "json")
        return list(json.loads(listed)["items"])

    def _kubectl(self, *arguments: str, stdin: str = "") -> str:
        done = subprocess.run(
            ["kubectl", *arguments],
            cwd=self._folder,
            env=self._environment,
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def _compare(self, shown: tuple[str, ...], output: str, said: str) -> None:
        """Each line that is shown must be there, in this order; ``...`` is anything."""
        rest = [" ".join(line.split()) for line in output.splitlines()]
        for line in shown:
            pattern = re.escape(" ".join(line.split())).replace(r"\.\.\.", ".*")
            at = next((i for i, one in enumerate(rest) if re.fullmatch(pattern, one)), None)
            assert at is not None, f"this is not printed: {line}\n{said}"
            rest = rest[at + 1 :]

    def _start(self, line: str) -> None:
        with self._log.open("wb") as log:
            process = subprocess.Popen(
                self._shell(f"exec {line}"),
                cwd=self._folder,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._background.append(process)
        deadline = time.monotonic() + PATIENCE
        while not any(word in self._log.read_text() for word in READY):
            is_well = process.poll() is None and time.monotonic() < deadline
            assert is_well, f"$ {line}\n{self._log.read_text()[-2000:]}"
            time.sleep(INTERVAL)

    def _offer(self, text: str) -> None:
        """Have the API server say whether it would take a manifest."""
        for given in yaml.safe_load_all(text):
            manifest = json.dumps(given if "kind" in given else _completed(given))
            options = ("--server-side", "--dry-run=server", "--validate=strict", "-f", "-")
            self._kubectl("apply", *options, stdin=manifest)


def _write_helm(program: Path) -> None:
    """Helm comes as a library: a program of its name that uses it."""
    command = Path(__file__).with_name("helm_command.py")
    program.write_text(f'#!/bin/sh\nexec {sys.executable} {command} "$@"\n')
    program.chmod(0o755)


def _is_seen(tenant: dict[str, Any]) -> bool:
    return bool(tenant["status"].get("observedGeneration") == tenant["metadata"]["generation"])


def _completed(fragment: dict[str, Any]) -> dict[str, Any]:
    """A Tenant that says no more than the fragment."""
    return FRAGMENT_OF | {"spec": FRAGMENT_OF["spec"] | fragment["spec"]}
