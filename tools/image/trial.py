"""The operator from the image, as locked down as in its pod, through the demo on a dev cluster.

There is no container runtime in between that would have to be installed: the image's root is
mounted read-only in a mount namespace of its own, and the operator changes into it, as the image's
user, with no capability and no way to get one. It finds its identity where the kubelet puts it
(https://kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin/). Every program in
between gives its place to the next, so that the demo's signals reach the operator itself.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import shutil
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import psutil
import yaml

from demo import stage, tour
from devcluster import stay
from image.base import run
from image.engine import ImageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from demo.page import Page

ROOT: Final = Path(__file__).parents[2]
SHARED: Final = ("examples", "crds", ".venv")
"""What the demo finds in the folder that it is played in."""
LOG: Final = stay.FOLDER / "logs" / f"{stage.RELEASE}.log"
SECRETS: Final = "secrets/kubernetes.io/serviceaccount"
ENTER: Final = """
set -eu
root=$1 run=$2
shift 2
mount --bind "$root" "$root"
mount --rbind /dev "$root/dev"
mount -t proc proc "$root/proc"
mount --bind "$run" "$root/run"
mount -o remount,bind,ro "$root/run"
mount -o remount,bind,ro "$root"
exec env -i "$@"
"""
"""A script: the image's root, what is mounted over /run, then the environment and the command,
which begins with the programs that take rights away."""


@dataclass(frozen=True)
class Measured:
    """How long it takes, in seconds.

    Args:
        version: `tenantry version`, from nothing.
        start: From nothing until the operator knows the cluster and works.
        memory: Bytes that the operator takes at the end of the demo.
    """

    version: float
    start: float
    memory: int


def command(config: Mapping[str, Any], root: Path, run_folder: Path, *arguments: str) -> list[str]:
    """Give the command that starts the image's entry point with these arguments, locked down.

    Args:
        config: The image's own, which says what to run, as whom, and with which variables.
        root: Where the image is mounted.
        run_folder: What it finds in /run.
        arguments: Of the entry point.

    Raises:
        ImageError: The image would run as root.
    """
    user = config.get("User", "")
    if not user.replace(":", "").isdecimal() or user.startswith("0"):
        raise ImageError(f"The image's user is {user!r}, no number but 0.", "See the Dockerfile.")
    variables = [*config["Env"], *_server(run_folder)]
    less = ("setpriv", "--no-new-privs", "chroot", f"--userspec={user}", "--groups=", str(root))
    program = (*config["Entrypoint"], *arguments)
    unshare = shutil.which("unshare") or "unshare"
    namespace = (unshare, "--mount", "--propagation=private", "sh", "-c", ENTER, "enter")
    return [*namespace, str(root), str(run_folder), *variables, *less, *program]


def play(config: Mapping[str, Any], root: Path, folder: Path, page: Page) -> Measured:
    """Play the demo with the operator of a mounted image.

    Raises:
        ImageError: The operator is not as locked down as it should be.
        DemoFailedError: Something is not as the demo tells.
        DevClusterError: There is no cluster.
    """
    run_folder = folder / "run"
    version = _time_version(command(config, root, run_folder, "version"), run_folder)
    with _theatre(folder / "site"):
        theatre = stage.open_stage(page)
        stage.install(theatre, page)
        _identify(theatre, run_folder, config)
        began = time.monotonic()
        argv = command(config, root, run_folder, "run", "--leader-elect")
        stage.start_operator(theatre, page, argv)
        start = time.monotonic() - began
        operator = _running_in(root)
        _check_lock(operator, config)
        tour.play(theatre, page)
        return Measured(version, start, operator.memory_info().rss)


@contextlib.contextmanager
def _theatre(site: Path) -> Iterator[None]:
    """A folder that looks like the repository to the demo; its cluster ends with the block.

    The operator's log stays, beside the folder.
    """
    site.mkdir(parents=True, exist_ok=True)
    for name in SHARED:
        if not (site / name).is_symlink():
            (site / name).symlink_to(ROOT / name)
    before = Path.cwd()
    os.chdir(site)
    try:
        yield
    finally:
        if LOG.exists():
            shutil.copy(LOG, site.parent)
        stay.down(lambda _: None)
        os.chdir(before)


def _identify(theatre: stage.Stage, run_folder: Path, config: Mapping[str, Any]) -> None:
    """Put the ServiceAccount's token where a pod has it, for the image's user to read."""
    kubeconfig = theatre.cluster.service_account_kubeconfig(stage.NAMESPACE, stage.RELEASE)
    token = yaml.safe_load(kubeconfig.read_text())["users"][0]["user"]["token"]
    secrets = run_folder / SECRETS
    secrets.mkdir(parents=True, exist_ok=True)
    certificate = theatre.cluster.ca.read_text()
    files = {"token": token, "ca.crt": certificate, "namespace": stage.NAMESPACE}
    owner = int(config["User"].partition(":")[0])
    for name, text in files.items():
        (secrets / name).write_text(text)
        os.chown(secrets / name, owner, owner)
        (secrets / name).chmod(0o400)
    (run_folder / "server").write_text(theatre.cluster.url)


def _server(run_folder: Path) -> list[str]:
    """The API server's address, as the kubelet tells it."""
    told = run_folder / "server"
    if not told.exists():
        return []
    host, _, port = told.read_text().removeprefix("https://").partition(":")
    return [f"KUBERNETES_SERVICE_HOST={host}", f"KUBERNETES_SERVICE_PORT={port}"]


def _time_version(argv: list[str], run_folder: Path) -> float:
    run_folder.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()
    said = run(*argv, "--output=json")
    took = time.monotonic() - began
    if not json.loads(said)["version"]:
        raise ImageError("`tenantry version` says no version.", said)
    return took


def _running_in(root: Path) -> psutil.Process:
    """The process whose root is the image."""
    for process in psutil.process_iter():
        with contextlib.suppress(OSError):
            if Path(f"/proc/{process.pid}/root").readlink() == root:
                return process
    raise ImageError("No process runs in the image.", "See its log.")


def _check_lock(operator: psutil.Process, config: Mapping[str, Any]) -> None:
    """What the kernel says of the operator's rights, and that nothing can be written.

    Raises:
        ImageError: It has more than it should.
    """
    text = Path(f"/proc/{operator.pid}/status").read_text()
    status = dict(line.split(":", 1) for line in text.splitlines() if ":" in line)
    uid, _, gid = config["User"].partition(":")
    expected = {
        "Uid": [uid] * 4,
        "Gid": [gid or uid] * 4,
        "Groups": [],
        "NoNewPrivs": ["1"],
        "CapEff": ["0" * 16],
        "CapPrm": ["0" * 16],
    }
    found = {name: status[name].split() for name in expected}
    mounts = Path(f"/proc/{operator.pid}/mountinfo").read_text().splitlines()
    root = next(line.split() for line in mounts if line.split()[4] == "/")
    if found != expected or "ro" not in root[5].split(","):
        raise ImageError(f"The operator is not locked down: {found}, root {root[5]}", str(expected))
    _check_unwritable(Path(f"/proc/{operator.pid}/root/opt/tenantry"))


def _check_unwritable(folder: Path) -> None:
    """Try to write as root, from outside, through the operator's own mounts.

    Raises:
        ImageError: It can be done.
    """
    try:
        (folder / "trial").touch()
    except OSError as refused:
        if refused.errno == errno.EROFS:
            return
        raise
    raise ImageError("Root can write into the image's root.", "See how it is mounted.")
