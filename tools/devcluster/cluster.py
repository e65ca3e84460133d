"""A running control plane: start, use, disturb, stop. The face of this package.

    with DevCluster.start() as cluster:
        kubectl("--kubeconfig", cluster.kubeconfig, "get", "nodes")

Each cluster has its own folder, ports and authorities, so several run side by side. By default it
ends with the process that started it, however that ends (see `supervisor`); with `stays=True` it
goes on until `attach` and `stop`, from wherever.
"""

from __future__ import annotations

import shutil
import signal
from typing import TYPE_CHECKING, Final

from devcluster import (
    build,
    control_plane,
    kubeconfig,
    layout,
    nodes,
    ports,
    processes,
    progress,
    readiness,
)
from devcluster.api import Api
from devcluster.certificates import Authority
from devcluster.errors import ComponentError
from devcluster.layout import Layout, Site
from devcluster.state import State

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path
    from types import TracebackType
    from typing import Self

    from devcluster.ports import Reservation
    from devcluster.processes import Running, Supervisor

GRACE: Final = 2.0
"""Seconds that a program has to end by itself when it is restarted. The API server closes its port
and answers what it has at once, but then waits a minute for watches, which controllers never
end."""
FIRST: Final = ("etcd", "kube-apiserver")
"""Started first; the others would only retry, with growing pauses, until the roles are there."""


class DevCluster:
    """A control plane that runs; made by `start` or `attach`.

    Args:
        where: Its folder.
        state: Its ports, command lines and processes.
        temporary: Whether the folder goes when the cluster stops.
    """

    def __init__(self, where: Layout, state: State, *, temporary: bool = False) -> None:
        self._layout = where
        self._state = state
        self._temporary = temporary
        self._reservation: Reservation | None = None
        self._supervisor: Supervisor | None = None
        self._api = Api(self.url, where)

    @classmethod
    def start(
        cls,
        directory: Path | None = None,
        *,
        nodes: int = 3,
        stays: bool = False,
        api_port: int | None = None,
    ) -> Self:
        """Build what is missing, start a cluster and wait until pods can run on it.

        Args:
            directory: Its folder, absent or empty, kept at the end; a temporary one, removed, if
                None.
            nodes: How many kwok nodes.
            stays: Whether it outlives the process that starts it.
            api_port: The API server's port; a free one if None.

        Raises:
            DevClusterError: It could not be built or started; the subclass says why. Nothing is
                left running.
        """
        programs = build.programs(progress.suited())
        wanted = {} if api_port is None else {"kube-apiserver": api_port}
        reservation = ports.reserve(control_plane.PORTS, wanted)
        try:
            site = Site(Layout(layout.empty_folder(directory)), programs, reservation.ports)
            state = State(site.ports, control_plane.command_lines(site), nodes)
            cluster = cls(site.layout, state, temporary=directory is None)
        except BaseException:
            reservation.release()
            raise
        cluster._reservation = reservation
        try:
            layout.prepare(site)
            cluster._bring_up(stays=stays)
        except BaseException:
            cluster.stop()
            raise
        return cluster

    @classmethod
    def attach(cls, directory: Path) -> Self:
        """Take hold of a cluster that was started with `stays`.

        Raises:
            StaleClusterError: The folder holds none.
        """
        where = Layout(directory.resolve())
        return cls(where, State.load(where.state))

    def __enter__(self) -> Self:
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
        return f"https://{ports.HOST}:{self._state.ports['kube-apiserver']}"

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
        """All writes to the API server but leases: an `audit.k8s.io/v1` Event a line, as JSON."""
        return self._layout.audit

    @property
    def pids(self) -> Mapping[str, int]:
        """Program -> process id, of what runs or ran last."""
        return {name: one.pid for name, one in self._state.running.items()}

    def alive(self) -> Mapping[str, bool]:
        """Tell for each program that was started whether its process exists."""
        return {name: one.find() is not None for name, one in self._state.running.items()}

    def ready(self) -> bool:
        """Tell whether everything runs and pods can be scheduled, now."""
        return (
            self._state.commands.keys() == self.alive().keys()
            and all(self.alive().values())
            and readiness.api_ready(self._api)
            and readiness.controllers_ready(self._api, self._state.ports)
            and readiness.workloads_ready(self._api, self._state.nodes)
        )

    def wait_ready(self, patience: float = readiness.PATIENCE) -> None:
        """Wait until everything runs and pods can be scheduled.

        Raises:
            ComponentError: A program has ended, or it takes longer than `patience` seconds.
        """
        readiness.until(self.ready, "The control plane", self._check, patience)

    def logs(self, program: str) -> str:
        """Give what a program has logged."""
        return self._layout.log(program).read_text(errors="replace")

    def kubeconfig_for(self, user: str, groups: Sequence[str] = ()) -> Path:
        """Give a kubeconfig with a client certificate for a user in some groups.

        The user has no rights but those that RBAC gives to the name and the groups. Asking again
        for the same user signs a new certificate.
        """
        name = "user-" + user.replace("/", "_")
        authority = Authority(self._layout.pair("ca"))
        pair = authority.client(self._layout.pair(name), user, groups)
        credentials = kubeconfig.with_certificate(pair)
        return kubeconfig.write(self._layout.kubeconfig(name), self.url, self.ca, credentials)

    def service_account_kubeconfig(self, namespace: str, name: str) -> Path:
        """Give a kubeconfig with a token for a service account that exists, valid for a day.

        Raises:
            DevClusterError: The API server refused, for instance because there is no such account.
        """
        body = {
            "apiVersion": "authentication.k8s.io/v1",
            "kind": "TokenRequest",
            "spec": {"expirationSeconds": 24 * 3600},
        }
        path = f"/api/v1/namespaces/{namespace}/serviceaccounts/{name}/token"
        credentials = kubeconfig.with_token(self._api.create(path, body)["status"]["token"])
        file = self._layout.kubeconfig(f"service-account-{namespace}-{name}")
        return kubeconfig.write(file, self.url, self.ca, credentials, namespace)

    def host(self, name: str, argv: Sequence[str]) -> Running:
        """Run another program beside the cluster, such as an operator; `stop` ends it too.

        It logs to `logs/NAME.log`. One of this name that runs already is ended first. Whether a
        guest lives has no bearing on whether the cluster is ready.
        """
        if name in self._state.guests:
            processes.terminate(self._state.guests[name], GRACE)
        guest = processes.spawn(name, tuple(argv), self._layout.log(name), self._group)
        self._state = self._state.with_guest(guest)
        self._state.save(self._layout.state)
        return guest

    def kill(self, program: str) -> None:
        """Kill a program with SIGKILL, as a crash would, and wait until it is gone."""
        processes.kill([self._state.running[program]])

    def restart(self, program: str) -> None:
        """Start a program again, ended first if it runs, and wait until the cluster is ready."""
        processes.terminate(self._state.running[program], GRACE)
        self._spawn(program)
        self.wait_ready()

    def pause(self, program: str) -> None:
        """Stop a program's clock (SIGSTOP): it holds its connections and answers nothing."""
        self._signal(program, signal.SIGSTOP)

    def resume(self, program: str) -> None:
        """Let a paused program go on."""
        self._signal(program, signal.SIGCONT)

    def stop(self) -> None:
        """End everything; remove the folder if it is a temporary one.

        With SIGKILL: nothing of its state is wanted any more, and a graceful end takes seconds.
        """
        processes.kill([*self._state.guests.values(), *self._state.running.values()])
        self._api.close()
        if self._supervisor:
            self._supervisor.dismiss()
            self._supervisor = None
        self._let_go_of_ports()
        if self._temporary:
            shutil.rmtree(self._layout.root, ignore_errors=True)

    def _bring_up(self, *, stays: bool) -> None:
        if not stays:
            doomed = self._layout.root if self._temporary else None
            self._supervisor = processes.Supervisor.start(self._layout.log("supervisor"), doomed)
        for program in FIRST:
            self._spawn(program)
        readiness.until(lambda: readiness.api_ready(self._api), "The API server", self._check)
        for program in self._state.commands:
            if program not in FIRST:
                self._spawn(program)
        nodes.allow_kwok(self._api)
        nodes.add(self._api, self._state.nodes)
        self.wait_ready()
        if stays:
            self._let_go_of_ports()

    @property
    def _group(self) -> int | None:
        return self._supervisor.running.pid if self._supervisor else None

    def _spawn(self, program: str) -> None:
        argv, log = self._state.commands[program], self._layout.log(program)
        started = processes.spawn(program, argv, log, self._group)
        self._state = self._state.with_process(started)
        self._state.save(self._layout.state)

    def _let_go_of_ports(self) -> None:
        if self._reservation:
            self._reservation.release()
            self._reservation = None

    def _check(self) -> None:
        readiness.all_alive(self._state.running.values(), self._layout)

    def _signal(self, program: str, number: signal.Signals) -> None:
        process = self._state.running[program].find()
        if process is None:
            raise ComponentError(f"{program} does not run.", "Restart it first.")
        process.send_signal(number)
