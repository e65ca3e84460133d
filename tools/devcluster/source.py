"""What the control plane is built from: the pinned Go module beside this file.

First in the flow. Nothing here runs Go, so that a finished build is found without a toolchain.
"""

from __future__ import annotations

import hashlib
import platform
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

MODULE: Final = Path(__file__).parent / "gomod"

PACKAGES: Final[Mapping[str, str]] = {
    "etcd": "go.etcd.io/etcd/server/v3",
    "kube-apiserver": "k8s.io/kubernetes/cmd/kube-apiserver",
    "kube-controller-manager": "k8s.io/kubernetes/cmd/kube-controller-manager",
    "kube-scheduler": "k8s.io/kubernetes/cmd/kube-scheduler",
    "kwok": "sigs.k8s.io/kwok/cmd/kwok",
}
"""Program name -> Go package with its `main`."""

BUILT_AS: Final[Mapping[str, str]] = {"etcd": "server"}
"""Programs that `go build` names otherwise: it takes the last path element that is not a major
version."""

GOARCH: Final[Mapping[str, str]] = {
    "x86_64": "amd64",
    "amd64": "amd64",
    "aarch64": "arm64",
    "arm64": "arm64",
}
"""`platform.machine()` in lower case -> Go's name for it."""


@dataclass(frozen=True)
class Source:
    """A Go module with programs to build.

    Args:
        name: What its build is called, before the hash.
        module: The folder with go.mod and go.sum.
        packages: Program name -> Go package with its `main`.
        linker_flags: The -ldflags of every program.
        recipe: What else decides what is made of it; for things that are no programs.
        tags: Build tags, with commas.
    """

    name: str
    module: Path
    packages: Mapping[str, str]
    linker_flags: str = ""
    recipe: str = ""
    tags: str = ""

    def key(self) -> str:
        """Name the build: what it is for a reader, and a hash over all that decides its content."""
        goos, goarch = target()
        files = [(self.module / file).read_text() for file in ("go.mod", "go.sum")]
        further = [one for one in (self.recipe, self.tags) if one]
        content = "\0".join((*files, self.linker_flags, goos, goarch, *further))
        digest = hashlib.sha256(content.encode()).hexdigest()[:12]
        return f"{self.name}-{goos}-{goarch}-{digest}"

    def version_of(self, module: str) -> str:
        """Give the version that go.mod requires of a module, such as `v1.37.2`.

        Raises:
            LookupError: go.mod does not require it.
        """
        return self._find(rf"^\s+{re.escape(module)} (v\S+)", module)

    def go_version(self) -> tuple[int, ...]:
        """Give the lowest Go version that go.mod accepts, such as `(1, 27, 3)`."""
        return tuple(map(int, self._find(r"^go (\d+(?:\.\d+)*)$", "a Go version").split(".")))

    def _find(self, pattern: str, what: str) -> str:
        file = self.module / "go.mod"
        found = re.search(pattern, file.read_text(), re.MULTILINE)
        if not found:
            raise LookupError(f"{file} does not require {what}")
        return found[1]


def target() -> tuple[str, str]:
    """Give this machine's (GOOS, GOARCH)."""
    machine = platform.machine().lower()
    return platform.system().lower(), GOARCH.get(machine, machine)


def pinned() -> Source:
    """Give the control plane's source.

    The -ldflags drop debug tables and write the version that Kubernetes' own build would. Without
    it the API server calls itself v1.37.0-master+$Format:%H$, which clients that compare versions
    (Helm's kubeVersion, kubectl's skew warning) misjudge, and user agents in the audit log carry no
    version.
    """
    version = Source("", MODULE, PACKAGES).version_of("k8s.io/kubernetes")
    major, minor, _ = version.removeprefix("v").split(".")
    facts = {"gitVersion": version, "gitMajor": major, "gitMinor": minor, "gitTreeState": "clean"}
    stamps = (
        f"-X k8s.io/{package}.{name}={value}"
        for package in ("component-base/version", "client-go/pkg/version")
        for name, value in facts.items()
    )
    return Source(f"kubernetes-{version}", MODULE, PACKAGES, " ".join(("-s", "-w", *stamps)))


PINNED: Final = pinned()
KUBERNETES: Final = PINNED.version_of("k8s.io/kubernetes")
"""The Kubernetes version, such as `v1.37.2`."""
