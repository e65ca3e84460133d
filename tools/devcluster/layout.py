"""What is where in a cluster's folder, and writing what its programs read before they start.

After `ports` and `certificates`, before `control_plane`, whose command lines name these files.
"""

from __future__ import annotations

import shutil
import string
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from devcluster import kubeconfig
from devcluster.certificates import Authority, Pair, token_key
from devcluster.errors import NoDiskError, StaleClusterError
from devcluster.ports import HOST

if TYPE_CHECKING:
    from devcluster.build import Programs

CONFIG: Final = Path(__file__).parent / "config"
SERVICE_ADDRESS: Final = "10.96.0.1"
"""The API server's own Service: the first address of the range for Services."""
KWOK_GROUP: Final = "system:nodes"
"""kwok stands in for kubelets: in this group its requests get the priority level of kubelets."""
SPACE: Final = 512 << 20
"""Bytes free for a cluster's state: etcd preallocates 64 MiB of log, a benchmark fills hundreds."""


@dataclass(frozen=True)
class Layout:
    """A cluster's folder, and what is where in it.

    Args:
        root: The folder.
    """

    root: Path

    @property
    def pki(self) -> Path:
        """Certificates and keys."""
        return self.root / "pki"

    @property
    def logs(self) -> Path:
        """One file for each program."""
        return self.root / "logs"

    @property
    def admin(self) -> Path:
        """The administrator's kubeconfig."""
        return self.root / "kubeconfig"

    @property
    def audit(self) -> Path:
        """The API server's audit log, one JSON object a line."""
        return self.logs / "audit.log"

    @property
    def state(self) -> Path:
        """What runs: see `cluster`."""
        return self.root / "cluster.json"

    def pair(self, name: str) -> Pair:
        """Where the certificate of this name is."""
        return Pair.named(self.pki, name)

    def kubeconfig(self, name: str) -> Path:
        """Where the kubeconfig of this name is."""
        return self.root / "kubeconfigs" / f"{name}.kubeconfig"

    def log(self, program: str) -> Path:
        """Where a program logs."""
        return self.logs / f"{program}.log"


@dataclass(frozen=True)
class Site:
    """All that the command lines depend on.

    Args:
        layout: The cluster's folder.
        programs: The programs' files.
        ports: Name from `PORTS` -> port.
    """

    layout: Layout
    programs: Programs
    ports: dict[str, int]

    @property
    def url(self) -> str:
        """The API server's address."""
        return f"https://{HOST}:{self.ports['kube-apiserver']}"

    def authority(self, name: str = "ca") -> Authority:
        """The cluster's authority, or etcd's."""
        return Authority(self.layout.pair(name))


def prepare(site: Site) -> None:
    """Write what the programs read: certificates, kubeconfigs, configuration."""
    layout = site.layout
    for folder in (layout.pki, layout.logs, layout.root / "kubeconfigs"):
        folder.mkdir(parents=True, mode=0o700)
    cluster, etcd = Authority.create(layout.pki, "ca"), Authority.create(layout.pki, "etcd-ca")
    etcd.server(layout.pair("etcd"), "etcd")
    etcd.client(layout.pair("apiserver-etcd-client"), "kube-apiserver-etcd-client")
    names = (
        "kubernetes",
        "kubernetes.default",
        "kubernetes.default.svc",
        "kubernetes.default.svc.cluster.local",
    )
    cluster.server(layout.pair("kube-apiserver"), "kube-apiserver", (*names, SERVICE_ADDRESS))
    for name in ("kube-controller-manager", "kube-scheduler", "kwok"):
        cluster.server(layout.pair(name), name)
    token_key(layout.pki)
    write_kubeconfigs(site, cluster)
    scheduler = string.Template((CONFIG / "scheduler.yaml").read_text())
    scheduler_kubeconfig = layout.kubeconfig("kube-scheduler")
    (layout.root / "scheduler.yaml").write_text(
        scheduler.substitute(kubeconfig=scheduler_kubeconfig)
    )


def write_kubeconfigs(site: Site, authority: Authority) -> None:
    """Write the kubeconfigs of the administrator and the programs, named as kubeadm does."""
    layout = site.layout
    identities = {
        layout.admin: ("kubernetes-admin", ["system:masters"]),
        layout.kubeconfig("kube-controller-manager"): ("system:kube-controller-manager", []),
        layout.kubeconfig("kube-scheduler"): ("system:kube-scheduler", []),
        layout.kubeconfig("kwok"): ("kwok", [KWOK_GROUP]),
    }
    for path, (user, groups) in identities.items():
        pair = authority.client(layout.pair(f"client-{path.stem}"), user, groups)
        kubeconfig.write(
            path, site.url, authority.pair.certificate, kubeconfig.with_certificate(pair)
        )


def empty_folder(directory: Path | None) -> Path:
    """Give an empty folder with room for a cluster's state.

    Args:
        directory: Which one; a new temporary one if None.

    Raises:
        StaleClusterError: The folder has something in it.
        NoDiskError: There is too little space.
    """
    root = (directory or Path(tempfile.mkdtemp(prefix="devcluster-"))).resolve()
    root.mkdir(parents=True, exist_ok=True, mode=0o700)
    if any(root.iterdir()):
        raise StaleClusterError(
            f"{root} is not empty.", "Stop the cluster in it, or choose another folder."
        )
    free = shutil.disk_usage(root).free
    if free < SPACE:
        raise NoDiskError(
            f"A cluster needs {SPACE >> 20} MiB in {root}, and {free >> 20} are free.",
            "Free some space, or set TMPDIR to a folder on a larger disk.",
        )
    return root
