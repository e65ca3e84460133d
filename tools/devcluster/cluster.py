"""A running control plane: start, use, disturb, stop. The face of this package.

    with DevCluster.start() as cluster:
        kubectl("--kubeconfig", cluster.kubeconfig, "get", "nodes")

Each cluster has its own folder, ports and authorities, so several run side by side. By default it ends with the
process that started it, however that ends (see `supervisor`); with `stays=True` it goes on until `attach` and
`stop`, from wherever.
"""

from __future__ import annotations

import dataclasses
import json
import shutil
import signal
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from devcluster import build, control_plane, kubeconfig, nodes, ports, processes, progress, readiness
from devcluster.api import Api
from devcluster.certificates import Authority, Pair
from devcluster.control_plane import Layout, Site
from devcluster.errors import ComponentError, NoDiskError, StaleClusterError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import TracebackType

    from devcluster.ports import Reservation
    from devcluster.processes import Running, Supervisor

SPACE: Final = 512 << 20
"""Bytes free for a cluster's state: etcd preallocates 64 MiB of log and a benchmark fills a few hundred."""
GRACE: Final = 10.0
"""Seconds that a program has to end by itself when it is restarted."""
FIRST: Final = ("etcd", "kube-apiserver")
"""Started first; the others only retry, with growing pauses, until the API server has its roles."""


@dataclass(frozen=True)
class Options:
    """How to start a cluster.

    Args:
        directory: Its folder, absent or empty; a temporary one, removed at the end, if None.
        nodes: How many kwok nodes.
        stays: Whether it outlives the process that starts it.
        api_port: The API server's port; a free one if None.
    """

    directory: Path | None = None
    nodes: int = 3
    stays: bool = False
    api_port: int | None = None


class DevCluster:
    """A control plane that runs.

    Args:
        layout: Its folder.
        site_ports: Who listens where.
        commands: Program -> command line.
        node_count: How many nodes it has.
    """

    def __init__(
        self,
        layout: Layout,
        site_ports: Mapping[str, int],
        commands: Mapping[str, Sequence[str]],
        node_count: int,
    ) -> None:
        self._layout = layout
        self._ports = dict(site_ports)
        self._commands = {name: tuple(argv) for name, argv in commands.items()}
        self._node_count = node_count
        self._running: dict[str, Running] = {}
        self._reservation: Reservation | None = None
        self._supervisor: Supervisor | None = None
        self._temporary = False
        self._api = Api(self.url, layout)

    @classmethod
    def start(
        cls,
        directory: Path | None = None,
        *,
        nodes: int = 3,
        stays: bool = False,
        api_port: int | None = None,
        report: progress.Progress | None = None,
    ) -> DevCluster:
        """Build what is missing, start a cluster and wait until pods can run on it.

        Args:
            directory: Its folder, absent or empty, kept at the end; a temporary one, removed, if None.
            nodes: How many kwok nodes.
            stays: Whether it outlives the process that starts it.
            api_port: The API server's port; a free one if None.
            report: Told of a build's progress; standard error if None.

        Raises:
            DevClusterError: It could not be built or started; the subclass says why. Nothing is left running.
        """
        programs = build.programs(report or progress.suited())
        root = prepared(directory)
        wanted = {} if api_port is None else {"kube-apiserver": api_port}
        reservation = ports.reserve(control_plane.PORTS, wanted)
        site = Site(Layout(root), programs, reservation.ports)
        control_plane.prepare(site)
        cluster = cls(site.layout, site.ports, control_plane.command_lines(site), nodes)
        cluster._reservation = reservation
        cluster._temporary = directory is None
        try:
            if not stays:
                doomed = root if directory is None else None
                cluster._supervisor = processes.Supervisor.start(site.layout.log("supervisor"), doomed)
            cluster._bring_up()
        except BaseException:
            cluster.stop()
            raise
        return cluster

    @classmethod
    def attach(cls, directory: Path) -> DevCluster:
        """Take hold of a cluster that was started with `stays`.

        Raises:
            StaleClusterError: The folder holds none.
        """
        layout = Layout(directory.resolve())
        try:
            state: dict[str, Any] = json.loads(layout.state.read_text())
        except (OSError, ValueError) as error:
            raise StaleClusterError(f"{directory} holds no cluster: {error}", "Start one.") from error
        cluster = cls(layout, state["ports"], state["commands"], state["nodes"])
        cluster._running = {one["name"]: processes.Running(**one) for one in state["running"]}
        return cluster

    def __enter__(self) -> DevCluster:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """The API server's address."""
        return f"https://{ports.HOST}:{self._ports['kube-apiserver']}"

    @property
    def directory(self) -> Path:
        """The cluster's folder."""
        return self._layout.root

    @property
    def kubeconfig(self) -> Path:
        """The administrator's kubeconfig (group system:masters)."""
        return self._layout.admin

    @property
    def ca(self) -> Path:
        """The certificate of the authority that signs for the API server and for users."""
        return self._layout.pair("ca").certificate

    @property
    def audit_log(self) -> Path:
        """Every write to the API server but leases, one JSON `audit.k8s.io/v1` Event a line."""
        return self._layout.audit

    @property
    def pids(self) -> Mapping[str, int]:
        """Program -> process id of what is known to run or to have run last."""
        return {name: one.pid for name, one in self._running.items()}

    def alive(self) -> Mapping[str, bool]:
        """Tell for each program whether its process exists."""
        return {name: one.find() is not None for name, one in self._running.items()}

    def ready(self) -> bool:
        """Tell whether everything runs and pods can be scheduled, now."""
        return (
            all(self.alive().values())
            and len(self._running) == len(self._commands)
            and readiness.api_ready(self._api)
            and readiness.controllers_ready(self._api, self._ports)
            and readiness.workloads_ready(self._api, self._node_count)
        )

    def logs(self, program: str) -> str:
        """Give what a program has logged."""
        return self._layout.log(program).read_text(errors="replace")

    def kubeconfig_for(self, user: str, groups: Sequence[str] = ()) -> Path:
        """Give a kubeconfig with a client certificate for a user in some groups.

        The user has no rights but those that RBAC gives to the name and the groups. Asking again for the same
        user signs a new certificate.
        """
        name = f"user-{user}".replace("/", "_")
        authority = Authority(self._layout.pair("ca"))
        pair: Pair = authority.client(self._layout.pair(name), user, groups)
        credentials = kubeconfig.with_certificate(pair)
        return kubeconfig.write(self._layout.kubeconfig(name), self.url, self.ca, credentials)

    def service_account_kubeconfig(self, namespace: str, name: str) -> Path:
        """Give a kubeconfig with a token for a service account that exists, valid for a day.

        Raises:
            DevClusterError: The API server refused, for instance because the account does not exist.
        """
        body = {
            "apiVersion": "authentication.k8s.io/v1",
            "kind": "TokenRequest",
            "spec": {"expirationSeconds": 24 * 3600},
        }
        path = f"/api/v1/namespaces/{namespace}/serviceaccounts/{name}/token"
        token = self._api.create(path, body)["status"]["token"]
        file = self._layout.kubeconfig(f"service-account-{namespace}-{name}")
        return kubeconfig.write(file, self.url, self.ca, kubeconfig.with_token(token), namespace)

    def kill(self, program: str) -> None:
        """Kill a program with SIGKILL, as a crash would, and wait until it is gone."""
        processes.kill([self._running[program]])

    def restart(self, program: str) -> None:
        """Start a program again, asking it to end first if it runs, and wait until the cluster is ready."""
        processes.terminate(self._running[program], GRACE)
        self._spawn(program)
        self.wait_ready()

    def pause(self, program: str) -> None:
        """Stop a program's clock (SIGSTOP): it holds its connections and answers nothing."""
        self._signal(program, signal.SIGSTOP)

    def resume(self, program: str) -> None:
        """Let a paused program go on."""
        self._signal(program, signal.SIGCONT)

    def wait_ready(self, patience: float = readiness.PATIENCE) -> None:
        """Wait until everything runs and pods can be scheduled.

        Raises:
            ComponentError: A program has ended, or it takes longer than `patience` seconds.
        """
        readiness.until(self.ready, "The control plane", self._check, patience)

    def stop(self) -> None:
        """End everything; remove the folder if it is a temporary one.

        With SIGKILL: nothing of its state is wanted any more, and a graceful end takes seconds.
        """
        processes.kill(self._running.values())
        self._running = {}
        self._api.close()
        if self._supervisor:
            self._supervisor.dismiss()
            self._supervisor = None
        if self._reservation:
            self._reservation.release()
            self._reservation = None
        if self._temporary:
            shutil.rmtree(self._layout.root, ignore_errors=True)

    def _bring_up(self) -> None:
        for program in FIRST:
            self._spawn(program)
        readiness.until(lambda: readiness.api_ready(self._api), "kube-apiserver", self._check)
        for program in self._commands:
            if program not in FIRST:
                self._spawn(program)
        nodes.allow_kwok(self._api)
        nodes.add(self._api, self._node_count)
        self.wait_ready()

    def _spawn(self, program: str) -> None:
        group = self._supervisor.running.pid if self._supervisor else None
        log = self._layout.log(program)
        self._running[program] = processes.spawn(program, self._commands[program], log, group)
        self._save()

    def _save(self) -> None:
        state = {
            "ports": self._ports,
            "commands": self._commands,
            "nodes": self._node_count,
            "running": [dataclasses.asdict(one) for one in self._running.values()],
        }
        fresh = self._layout.state.with_suffix(".new")
        fresh.write_text(json.dumps(state, indent=2))
        fresh.replace(self._layout.state)

    def _check(self) -> None:
        readiness.all_alive(self._running.values(), self._layout)

    def _signal(self, program: str, number: signal.Signals) -> None:
        process = self._running[program].find()
        if process is None:
            raise ComponentError(f"{program} does not run.", "Restart it first.")
        process.send_signal(number)


def prepared(directory: Path | None) -> Path:
    """Give an empty folder with room for a cluster's state.

    Raises:
        StaleClusterError: The folder has something in it.
        NoDiskError: There is too little space.
    """
    root = (directory or Path(tempfile.mkdtemp(prefix="devcluster-"))).resolve()
    root.mkdir(parents=True, exist_ok=True, mode=0o700)
    if any(root.iterdir()):
        raise StaleClusterError(f"{root} is not empty.", "Stop the cluster in it, or choose another folder.")
    free = shutil.disk_usage(root).free
    if free < SPACE:
        raise NoDiskError(
            f"A cluster needs {SPACE >> 20} MiB in {root}, and {free >> 20} are free.",
            "Free some space, or set TMPDIR to a folder on a larger disk.",
        )
    return root
