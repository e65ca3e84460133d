"""The cluster that stays: one for each directory, in `.devcluster`, until `down`.

`up` and `down` hold a lock on the folder, so that two at once come one after the other. What a
crash left is found by the recorded pid and start time, or by a command line that names this
folder's files, and never by a program's name alone: other clusters run the same programs.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias

from devcluster import locks, processes
from devcluster.cluster import DevCluster
from devcluster.errors import DevClusterError, StaleClusterError

FOLDER: Final = Path(".devcluster")
PATIENCE: Final = 20.0
"""Seconds that a cluster that was up gets to answer before it is given up."""
Say: TypeAlias = Callable[[str], None]


@dataclass(frozen=True)
class Outcome:
    """What `up` did.

    Args:
        cluster: The cluster.
        seconds: How long its start took; None if it was up.
        stale: What had to be cleared away first, if anything.
    """

    cluster: DevCluster
    seconds: float | None
    stale: str | None = None


def up(nodes: int, port: int | None, say: Say) -> Outcome:
    """Give this directory's cluster, started if it is not up.

    Args:
        nodes: How many nodes a new one gets.
        port: The API server's port for a new one; a free one if None.
        say: Told when another `up` or `down` has to be awaited.

    Raises:
        DevClusterError: It could not be started. Nothing is left.
    """
    with locks.folder(FOLDER, lambda: say("Another `up` or `down` is at work: waiting for it.")):
        stale = None
        if any(FOLDER.iterdir()):
            try:
                cluster = DevCluster.attach(FOLDER)
            except StaleClusterError:
                stale = f"{FOLDER} held what a cut-off start left; it was cleared away."
            else:
                if still_up(cluster):
                    return Outcome(cluster, None)
                stale = complaint(cluster)
                cluster.stop()
        clear()
        began = time.monotonic()
        try:
            cluster = DevCluster.start(FOLDER, nodes=nodes, stays=True, api_port=port)
        except BaseException:
            remove()
            raise
        return Outcome(cluster, time.monotonic() - began, stale)


def down(say: Say) -> int | None:
    """Stop this directory's cluster and remove its folder.

    Args:
        say: Told when another `up` or `down` has to be awaited.

    Returns:
        How many programs were stopped; None if there was no cluster.
    """
    if not FOLDER.exists():
        return None
    with locks.folder(FOLDER, lambda: say("Another `up` or `down` is at work: waiting for it.")):
        if not any(FOLDER.iterdir()):
            FOLDER.rmdir()
            return None
        try:
            cluster = DevCluster.attach(FOLDER)
        except StaleClusterError:
            ended = 0  # what a cut-off start left unrecorded is found by `remove`
        else:
            ended = sum(cluster.alive().values())
            cluster.stop()
        remove()
        return ended


def still_up(cluster: DevCluster) -> bool:
    """Tell whether a cluster is fine; one whose programs all run gets time to answer.

    Its objects are lost if it is not, which a busy moment must not be the reason for.
    """
    try:
        cluster.wait_ready(PATIENCE)
    except DevClusterError:
        return False
    return True


def complaint(cluster: DevCluster) -> str:
    """Say what is wrong with a cluster that is not ready."""
    ended = [program for program, runs in cluster.alive().items() if not runs]
    what = f"{', '.join(ended)} had ended" if ended else "it did not answer"
    return f"There was a cluster, but {what}: a new one took its place, without its objects."


def clear() -> None:
    """End what runs in the folder and empty it; the folder stays, for the lock is on it."""
    root = FOLDER.resolve()
    processes.kill(processes.of_folder(root))
    for entry in root.iterdir():
        if entry.is_dir():
            shutil.rmtree(entry)
        else:
            entry.unlink()


def remove() -> None:
    """End what runs in the folder and remove it."""
    clear()
    FOLDER.rmdir()
