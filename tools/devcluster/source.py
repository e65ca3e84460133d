"""What the control plane is built from: the pinned Go module beside this file.

First in the flow. Nothing here runs Go, so that a finished build is found without a toolchain.
"""

from __future__ import annotations

import hashlib
import platform
import re
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
"""Programs that `go build` names otherwise: it takes the last path element that is not a major version."""

GOARCH: Final[Mapping[str, str]] = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64"}
"""`platform.machine()` in lower case -> Go's name for it."""


def go_mod() -> str:
    """Give the text of go.mod."""
    return (MODULE / "go.mod").read_text()


def version_of(module: str) -> str:
    """Give the version that go.mod requires of a module, such as `v1.37.2`.

    Raises:
        LookupError: go.mod does not require it.
    """
    found = re.search(rf"^\s+{re.escape(module)} (v\S+)", go_mod(), re.MULTILINE)
    if not found:
        raise LookupError(f"{MODULE / 'go.mod'} does not require {module}")
    return found[1]


def go_version() -> tuple[int, ...]:
    """Give the lowest Go version that go.mod accepts, such as `(1, 27, 3)`."""
    found = re.search(r"^go (\d+(?:\.\d+)*)$", go_mod(), re.MULTILINE)
    if not found:
        raise LookupError(f"{MODULE / 'go.mod'} has no go line")
    return tuple(map(int, found[1].split(".")))


def kubernetes_version() -> str:
    """Give the Kubernetes version, such as `v1.37.2`."""
    return version_of("k8s.io/kubernetes")


def linker_flags() -> str:
    """Give the -ldflags: no debug tables, and the version that Kubernetes' own build would write.

    Without it the API server calls itself v1.37.0-master+$Format:%H$, and clients that compare versions
    (Helm's kubeVersion, kubectl's skew warning) misjudge it.
    """
    version = kubernetes_version()
    major, minor, _ = version.removeprefix("v").split(".")
    facts = {"gitVersion": version, "gitMajor": major, "gitMinor": minor, "gitTreeState": "clean"}
    stamps = (f"-X k8s.io/component-base/version.{name}={value}" for name, value in facts.items())
    return " ".join(("-s", "-w", *stamps))


def target() -> tuple[str, str]:
    """Give this machine's (GOOS, GOARCH)."""
    machine = platform.machine().lower()
    return platform.system().lower(), GOARCH.get(machine, machine)


def key() -> str:
    """Name the build: what it is for a reader, and a hash over all that decides its content."""
    goos, goarch = target()
    content = "\0".join((go_mod(), (MODULE / "go.sum").read_text(), linker_flags(), goos, goarch))
    digest = hashlib.sha256(content.encode()).hexdigest()[:12]
    return f"kubernetes-{kubernetes_version()}-{goos}-{goarch}-{digest}"
