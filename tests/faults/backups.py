"""etcd's state, saved and restored: as an administrator does it, with everything else stopped.

See https://kubernetes.io/docs/tasks/administer-cluster/configure-upgrade-etcd/#restoring-an-etcd-cluster.
"""

import shutil
from pathlib import Path
from typing import Final

from devcluster import DevCluster, readiness

ETCD: Final = "etcd"
STORES: Final = (ETCD, "kube-apiserver")
"""Started first."""


def save(cluster: DevCluster) -> None:
    """Keep a copy of the state as it is now."""
    cluster.kill(ETCD)
    shutil.copytree(_data(cluster), _copy(cluster))
    cluster.restart(ETCD)


def restore(cluster: DevCluster) -> None:
    """Stop everything, put the copy in the state's place, and start everything."""
    programs = [*cluster.pids]
    for program in reversed(programs):
        cluster.kill(program)
    shutil.rmtree(_data(cluster))
    _copy(cluster).rename(_data(cluster))
    for program in STORES:
        cluster._spawn(program)
    readiness.until(
        lambda: readiness.api_ready(cluster._api),
        "The API server",
        lambda: None,
        readiness.PATIENCE,
    )
    for program in programs:
        if program not in STORES:
            cluster._spawn(program)
    cluster.wait_ready()


def _data(cluster: DevCluster) -> Path:
    return cluster.directory / ETCD


def _copy(cluster: DevCluster) -> Path:
    return cluster.directory / "backup"
