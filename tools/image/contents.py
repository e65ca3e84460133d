"""What came out of a build: its configuration, its size, its files."""

from __future__ import annotations

import contextlib
import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from image.base import run
from image.engine import ImageError

if TYPE_CHECKING:
    from collections.abc import Iterator

MACHINES: Final = {"amd64": 62, "arm64": 183}
"""The field e_machine of a program: https://gabi.xinuos.com/elf/a-emachine.html."""
_MACHINE: Final = slice(18, 20)
"""Where an ELF header has it."""


@dataclass(frozen=True)
class Image:
    """An image as a registry would have it.

    Args:
        digest: Of its manifest: the same bytes have the same one.
        config: What it says of how to run it.
        compressed: Bytes to fetch.
    """

    digest: str
    config: dict[str, Any]
    compressed: int


def read(tag: str, folder: Path) -> Image:
    """Read an image of this machine, as it would be pushed."""
    shutil.rmtree(folder, ignore_errors=True)
    run("buildah", "push", "--quiet", tag, f"oci:{folder}")
    digest = json.loads((folder / "index.json").read_text())["manifests"][0]["digest"]
    manifest = _blob(folder, digest)
    return Image(
        digest,
        _blob(folder, manifest["config"]["digest"])["config"],
        sum(layer["size"] for layer in manifest["layers"]),
    )


@contextlib.contextmanager
def mounted(tag: str) -> Iterator[Path]:
    """Give an image's root folder, while the block lasts."""
    container = run("buildah", "from", "--pull-never", tag)
    try:
        yield Path(run("buildah", "mount", container))
    finally:
        run("buildah", "rm", container)


def check(root: Path, architecture: str) -> int:
    """Look for what an image must not have; gives the number of its compiled modules.

    Raises:
        ImageError: It has a shell, a package manager, a file with the rights of its owner, or a
            module for another machine.
    """
    names = ("sh", "bash", "dash", "busybox", "apt", "apt-get", "dpkg", "pip", "pip3")
    found = [str(one) for name in names for one in root.glob(f"usr/*bin/{name}")]
    found += [str(one) for one in root.rglob("*") if _is_privileged(one)]
    modules = [*(root / "opt/tenantry").rglob("*.so")]
    wanted = MACHINES[architecture].to_bytes(2, "little")
    found += [str(one) for one in modules if one.read_bytes()[_MACHINE] != wanted]
    if found or not modules:
        raise ImageError(f"The image has what it must not: {found}", "See the Dockerfile.")
    return len(modules)


def size(root: Path) -> int:
    """Bytes on a node: of all files, without what a file system adds."""
    return sum(one.lstat().st_size for one in root.rglob("*") if one.is_file())


def _is_privileged(path: Path) -> bool:
    return path.is_file() and not path.is_symlink() and bool(path.stat().st_mode & 0o6000)


def _blob(folder: Path, digest: str) -> dict[str, Any]:
    algorithm, _, name = digest.partition(":")
    content: dict[str, Any] = json.loads((folder / "blobs" / algorithm / name).read_text())
    return content
