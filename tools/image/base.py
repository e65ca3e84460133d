"""Bases made of Debian's packages, where no registry is to be reached: the trial's, by default.

One to build in, and one to run in that is made as distroless images are: packages are unpacked and
nothing else, so that it has Python and its libraries but no shell and no package manager. Each of
its packages leaves its description in ``status.d``, for the SBOM.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING, Final

from image.engine import ImageError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

SUITE: Final = "trixie"
PYTHON: Final = "python3.13"
PACKAGES: Final = ("base-files", f"lib{PYTHON}-stdlib", f"{PYTHON}-minimal", "tzdata")
BUILD_PACKAGES: Final = ("ca-certificates", "python3", "python3-pip")
PREFIX: Final = "localhost/tenantry"
BUILD: Final = f"{PREFIX}-build"
CERTIFICATES: Final = "/etc/ssl/certs/ca-certificates.crt"
SEARCH: Final = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
MIRRORS: Final = ("PIP_INDEX_URL", "UV_DEFAULT_INDEX", "HTTPS_PROXY", "NO_PROXY")
"""Of this machine, which builds in the same surroundings."""
VARIANTS: Final = {"amd64": (), "arm64": ("--variant", "v8")}
"""Buildah takes `linux/arm64` for `linux/arm64/v8`, and an image without the one for another."""
TOOLS: Final = {"buildah": "buildah", "mmdebstrap": "mmdebstrap", "dpkg-deb": "dpkg"}
"""Programs, and the Debian packages that have them."""


def run(*argv: str) -> str:
    """Run a program; gives what it printed.

    Raises:
        ImageError: It failed; the message has the end of what it said.
    """
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    if done.returncode:
        said = (done.stderr.strip() or done.stdout.strip())[-1000:]
        raise ImageError(f"`{' '.join(argv[:3])}` failed: {said}", "See what it says.")
    return done.stdout.strip()


def check_tools() -> None:
    """Say what is missing.

    Raises:
        ImageError: Something is, or one is not root.
    """
    missing = [package for program, package in TOOLS.items() if shutil.which(program) is None]
    if missing:
        raise ImageError(
            f"{', '.join(missing)} is missing.", f"apt-get install -y {' '.join(missing)}"
        )
    if os.geteuid():
        raise ImageError(
            "Only root can mount an image and change root into it.", "sudo make image-test"
        )


def forget() -> None:
    """Remove the bases of before, so that they are made anew."""
    for name in run("buildah", "images", "--format", "{{.Name}}").splitlines():
        if name.startswith((BUILD, f"{PREFIX}-base-")):
            run("buildah", "rmi", "--force", name)


def building(folder: Path) -> str:
    """Make the base to build in, unless it is there; gives its name."""
    if not _is_there(BUILD):
        root = _bootstrap(folder / "build", "minbase", BUILD_PACKAGES)
        # Whom this machine trusts, such as its company's proxy, the build trusts.
        shutil.copy(CERTIFICATES, root / CERTIFICATES.lstrip("/"))
        kept = [f"{name}={os.environ[name]}" for name in MIRRORS if name in os.environ]
        _commit(root, BUILD, [SEARCH, f"SSL_CERT_FILE={CERTIFICATES}", *kept])
    return BUILD


def running(folder: Path, architecture: str = "amd64") -> str:
    """Make the base to run in, unless it is there; gives its name.

    Args:
        folder: For the work.
        architecture: As Debian and images call it.
    """
    name = f"{PREFIX}-base-{architecture}"
    if not _is_there(name):
        options = ("--skip=essential/unlink,cleanup/apt", f"--architectures={architecture}")
        root = _bootstrap(folder / f"base-{architecture}", "extract", PACKAGES, options)
        # What the scripts of packages would have made, had they been run.
        (root / "usr/bin/python3").symlink_to(PYTHON)
        (root / "var/run").rmdir()
        (root / "var/run").symlink_to("/run")
        _describe(root)
        _commit(root, name, [SEARCH], architecture)
    return name


def _describe(root: Path) -> None:
    """Keep what each package says of itself, and not the package."""
    packages = root / "var/cache/apt/archives"
    described = root / "var/lib/dpkg/status.d"
    described.mkdir()
    for package in packages.glob("*.deb"):
        name = package.name.partition("_")[0]
        (described / name).write_text(run("dpkg-deb", "--field", str(package)) + "\n")
    shutil.rmtree(root / "var/cache/apt")
    shutil.rmtree(root / "var/lib/apt")


def _bootstrap(
    root: Path, variant: str, packages: Sequence[str], options: Sequence[str] = ()
) -> Path:
    shutil.rmtree(root, ignore_errors=True)
    root.parent.mkdir(parents=True, exist_ok=True)
    include = f"--include={','.join(packages)}"
    run("mmdebstrap", f"--variant={variant}", include, *options, SUITE, str(root))
    return root


def _commit(root: Path, name: str, variables: Sequence[str], architecture: str = "") -> None:
    container = run("buildah", "from", "scratch")
    try:
        run("buildah", "add", "--quiet", container, str(root), "/")
        for one in variables:
            run("buildah", "config", "--env", one, container)
        if architecture:
            run("buildah", "config", "--arch", architecture, *VARIANTS[architecture], container)
        run("buildah", "commit", "--quiet", container, name)
    finally:
        run("buildah", "rm", container)
    shutil.rmtree(root)


def _is_there(name: str) -> bool:
    return name in run("buildah", "images", "--format", "{{.Name}}").splitlines()
