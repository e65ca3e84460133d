"""The programs of the control plane: made once, into the user's cache.

After `source` and `toolchain`, before `cluster`. A build happens under a lock, in a folder of its
own, and takes its place by one rename: whoever looks sees all programs or none. A build that was
cut off leaves what it downloaded and compiled, and the next one goes on from there.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from devcluster import locks, toolchain
from devcluster.errors import NoDiskError
from devcluster.source import BUILT_AS, PINNED

if TYPE_CHECKING:
    from collections.abc import Callable

    from devcluster.progress import Progress
    from devcluster.source import Source
    from devcluster.toolchain import Toolchain

GIB: Final = 1 << 30
SPACE: Final = 6 * GIB
"""Bytes that a build needs while it runs: 3.7 GiB compiled packages, 0.6 modules, 0.4 programs, and
the linker's."""


@dataclass(frozen=True)
class Programs:
    """Where the programs are.

    Args:
        built: The folder with a finished build, or None if none was needed.
        ready: A folder that the user named, whose programs go first.
    """

    built: Path | None
    ready: Path | None = None

    def path(self, program: str) -> Path:
        """Give a program's file; the user's own if it is there."""
        if self.ready and (self.ready / program).exists():
            return self.ready / program
        if self.built is None:
            raise LookupError(f"{program} is neither built nor in {self.ready}")
        return self.built / program


def cache() -> Path:
    """Give the folder of all builds, by the XDG Base Directory Specification."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "tenantry" / "controlplane"


def programs(progress: Progress) -> Programs:
    """Give the programs, building what is missing.

    KUBEBUILDER_ASSETS is the variable by which controller-runtime's envtest names ready binaries;
    its downloads have etcd and kube-apiserver only, so the rest may still have to be built.

    Args:
        progress: Told of what takes time.

    Raises:
        DevClusterError: The build is not possible; the subclass says why.
    """
    assets = os.environ.get("KUBEBUILDER_ASSETS")
    ready = Path(assets) if assets else None
    if ready and all((ready / program).exists() for program in PINNED.packages):
        return Programs(None, ready)
    return Programs(ensure(PINNED, cache(), progress), ready)


def is_complete(source: Source, folder: Path) -> bool:
    """Tell whether a folder holds all programs.

    It appears by a rename with all of them in it; but people clean caches by hand.
    """
    return all(os.access(folder / program, os.X_OK) for program in source.packages)


def make(go: Toolchain, final: Path, progress: Progress, lock: int) -> None:
    """Build all programs and put them in place.

    The lock is handed down to the compiler, because killing a build does not end its children: the
    next build then waits for them instead of racing them.

    Args:
        go: What builds what.
        final: The folder to make.
        progress: Told of each step.
        lock: The file descriptor that holds the lock.
    """
    check_space(final.parent)
    progress.note(f"Building {final.name} into {final.parent} (once; some minutes on two cores).")
    fresh = go.work / "programs"
    shutil.rmtree(fresh, ignore_errors=True)
    packages = [f"-tags={go.source.tags}", *go.source.packages.values()]
    with progress.step("Download modules") as advance:
        needed = go.run(["list", "-deps", *packages], advance, [lock])
    with progress.step("Compile and link", len(needed)) as advance:
        options = ["-v", "-ldflags", go.source.linker_flags, "-o", f"{fresh}{os.sep}"]
        go.run(["build", *options, *packages], advance, [lock])
    for program in BUILT_AS.keys() & go.source.packages.keys():
        (fresh / BUILT_AS[program]).rename(fresh / program)
    shutil.rmtree(final, ignore_errors=True)
    fresh.rename(final)


def ensure(
    source: Source,
    root: Path,
    progress: Progress,
    *,
    is_complete: Callable[[Source, Path], bool] = is_complete,
    make: Callable[[Toolchain, Path, Progress, int], None] = make,
) -> Path:
    """Give the folder with what is made of a source; make it if it is not there.

    Args:
        source: What to build.
        root: The folder of all builds.
        progress: Told of what takes time.
        is_complete: Tells whether a folder holds all of it; programs unless another is given.
        make: Makes the folder, holding the lock of that file descriptor.
    """
    final = root / source.key()
    if is_complete(source, final):
        return final
    root.mkdir(parents=True, exist_ok=True)
    waiting = "Another build of the same is running: waiting for it."
    with locks.exclusive(root / f"{final.name}.lock", lambda: progress.note(waiting)) as lock:
        if not is_complete(source, final):
            work = root / f"{final.name}.work"
            make(toolchain.find(source, work), final, progress, lock)
            with progress.step("Clean up"):  # tens of thousands of files
                shutil.rmtree(work)
    return final


def check_space(folder: Path) -> None:
    """Refuse to begin a build that the disk has no room for.

    Raises:
        NoDiskError: There is too little.
    """
    free = shutil.disk_usage(folder).free
    if free < SPACE:
        raise NoDiskError(
            f"The build needs {SPACE / GIB:.0f} GiB in {folder}; {free / GIB:.1f} GiB are free.",
            "Free some space, or set XDG_CACHE_HOME to a folder on a larger disk. 0.4 GiB stay.",
        )
