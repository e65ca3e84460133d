"""Docker, podman or buildah: whichever is there, and what it is told.

Whether a program is installed says little: a docker client without its daemon builds nothing, so
each is asked. All three read the same Dockerfile; they differ in how times in layers are fixed.
"""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime
from platform import machine
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

PROBES: Final[Mapping[str, tuple[str, ...]]] = {
    "docker": ("buildx", "inspect"),
    "podman": ("info",),
    "buildah": ("info",),
}
"""By program, in the order in which they are tried: what fails where it cannot build."""
ARCHITECTURES: Final = {"x86_64": "amd64", "aarch64": "arm64"}
"""What images call this machine's, by what the kernel does."""
ADVICE: Final = (
    "Install one of them and try again; on Debian and Ubuntu `apt-get install buildah` needs no "
    "daemon. Set CONTAINER_ENGINE to choose one that is there."
)


class ImageError(Exception):
    """The image could not be made or tried.

    Args:
        what: What happened.
        advice: What to do.
    """

    def __init__(self, what: str, advice: str) -> None:
        super().__init__(what)
        self.advice = advice


@dataclass(frozen=True)
class Plan:
    """What to build.

    Args:
        root: The repository.
        tag: What to call the image.
        version: Of the operator.
        revision: The commit that it is built from.
        epoch: When that was made, in seconds since the epoch; all times in the image are this one.
        platform: Such as `linux/arm64`; empty for this machine's.
        arguments: Further build arguments, such as BASE_IMAGE.
        labels: Further labels.
        is_local: Whether the bases are images of this machine, and nothing is to be fetched.
    """

    root: Path
    tag: str
    version: str
    revision: str
    epoch: int
    platform: str
    arguments: Mapping[str, str]
    labels: Mapping[str, str]
    is_local: bool = False


def choose(wanted: str = "") -> str:
    """Give the first program that can build, or the one that was asked for.

    Raises:
        ImageError: There is none, or the one that was asked for cannot.
    """
    tried = [wanted] if wanted else [*PROBES]
    answers = {name: _trouble(name) for name in tried}
    for name, trouble in answers.items():
        if not trouble:
            return name
    told = "; ".join(f"{name}: {trouble}" for name, trouble in answers.items())
    raise ImageError(f"Nothing here can build an image ({told}).", ADVICE)


def command(engine: str, plan: Plan) -> list[str]:
    """Give the command line that builds the image.

    The result is the same for the same commit, bases and engine:
    https://reproducible-builds.org/docs/source-date-epoch/.
    """
    created = datetime.fromtimestamp(plan.epoch, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    arguments = {
        "VERSION": plan.version,
        "REVISION": plan.revision,
        "CREATED": created,
        "SOURCE_DATE_EPOCH": str(plan.epoch),
        **plan.arguments,
    }
    line = [engine, *_verb(engine, plan), f"--tag={plan.tag}"]
    if engine != "docker":  # which tells the Dockerfile by itself
        arguments["BUILDPLATFORM"] = f"linux/{ARCHITECTURES.get(machine(), machine())}"
    if plan.platform:
        line.append(f"--platform={plan.platform}")
    line += [f"--build-arg={name}={value}" for name, value in arguments.items()]
    line += [f"--label={name}={value}" for name, value in plan.labels.items()]
    return [*line, str(plan.root)]


def build(engine: str, plan: Plan) -> None:
    """Build the image; what the engine says goes to the terminal.

    Raises:
        ImageError: It could not.
    """
    done = subprocess.run(command(engine, plan), check=False)
    if done.returncode:
        raise ImageError(
            f"{engine} could not build the image (exit code {done.returncode}).",
            "What it said is above. Behind a mirror, set BUILD_IMAGE and BASE_IMAGE.",
        )


def _verb(engine: str, plan: Plan) -> Sequence[str]:
    if engine == "docker":
        return "buildx", "build", "--load"
    pull = ("--pull=never",) if plan.is_local else ()
    # Buildah signs images with its own version, which says nothing of what is in them.
    unsigned = ("--identity-label=false",) if engine == "buildah" else ()
    return "build", f"--timestamp={plan.epoch}", *unsigned, *pull


def _trouble(name: str) -> str:
    """Why a program cannot build; empty if it can."""
    if name not in PROBES:
        return f"not one of {', '.join(PROBES)}"
    if shutil.which(name) is None:
        return "not installed"
    done = subprocess.run(
        [name, *PROBES[name]], capture_output=True, text=True, check=False, timeout=60
    )
    said = (done.stderr.strip() or done.stdout.strip()).splitlines()
    return "" if done.returncode == 0 else (said[-1][:200] if said else "it fails")
