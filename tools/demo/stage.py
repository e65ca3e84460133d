"""Before the curtain: the cluster, Tenantry on it, the operator at work, and who takes part.

The cluster is the one that `make cluster` starts, and stays. The operator is `tenantry run` as
its chart's service account, so with no more rights than in production; the cluster hosts it, so
that `make cluster-down` ends it as well.
"""

from __future__ import annotations

import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import yaml

from demo.audit import AuditLog
from demo.failure import DemoFailedError, claim
from demo.kubectl import ROOT, Kubectl
from devcluster import stay
from devcluster.errors import ComponentError
from devcluster.source import KUBERNETES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from demo.kubectl import Manifest
    from demo.page import Page
    from devcluster import DevCluster

NODES: Final = 3
CHART: Final = ROOT / "helm" / "tenantry"
NAMESPACE: Final = "tenantry-system"
RELEASE: Final = "tenantry"
CRDS: Final = ("tenants.tenantry.io", "applications.tenantry.io")
OPERATOR: Final = f"system:serviceaccount:{NAMESPACE}:{RELEASE}"
HERE: Final = {"policies": {"mutating": True}, "crds": {"install": False}, "replicas": 0}
"""Values of the chart: what the cluster has, and that the operator runs beside it."""
PATIENCE: Final = 30.0
INTERVAL: Final = 0.02
OPTIONS: Final = ("--listen=127.0.0.1:0", "--log-format=json", "--usage-interval=1s")
"""Of the operator: a free port for its metrics; usage in the status tables soon, for the reader."""


@dataclass(frozen=True)
class Stage:
    """A cluster on which the demo plays.

    Args:
        cluster: The control plane.
        was_up: Whether it ran before.
        admin: The platform team.
    """

    cluster: DevCluster
    was_up: bool
    admin: Kubectl

    @property
    def audit(self) -> AuditLog:
        """Who wrote what."""
        return AuditLog(self.cluster.audit_log)

    def member(self, user: str, group: str) -> Kubectl:
        """Give kubectl in the hands of a user of a group, with a client certificate that says so.

        The name of a user's kubeconfig is `user-USER.kubeconfig` in the cluster's folder.
        """
        return Kubectl(self.cluster.kubeconfig_for(user, [group]), self.admin.cache)


def open_stage(page: Page) -> Stage:
    """Give a cluster that is up, started if it is not.

    Raises:
        DevClusterError: It could not be started; nothing is left of it.
    """
    with page.step("Control plane") as step:
        outcome = stay.up(NODES, None, page.note)
        cluster = outcome.cluster
        admin = Kubectl(cluster.kubeconfig, cluster.directory / "kubectl")
        how = "up already" if outcome.seconds is None else "etcd, API server, controllers"
        step.result = f"Kubernetes {KUBERNETES}: {how}; {NODES} nodes played by kwok"
        if outcome.stale:
            page.note(outcome.stale)
    return Stage(cluster, outcome.seconds is None, admin)


def install(stage: Stage, page: Page) -> None:
    """Install the CRDs and the operator's rights, as a platform team would."""
    with page.step("Tenantry") as step, ThreadPoolExecutor() as threads:
        crds = threads.submit(stage.admin.run, "apply --server-side --force-conflicts -f crds/")
        chart = rendered_chart()
        crds.result()
        for name in CRDS:
            _wait_for_conditions(stage.admin, f"crd/{name}")
        stage.admin.run(f"wait --for=condition=Established crd {' '.join(CRDS)} --timeout=20s")
        manifests = yaml.safe_dump_all([_namespace(NAMESPACE), *chart], sort_keys=False)
        stage.admin.run("apply --server-side --force-conflicts -f -", stdin=manifests)
        policies = sum(one["kind"].endswith("AdmissionPolicy") for one in chart)
        step.result = (
            f"{len(CRDS)} CRDs from crds/; of helm/tenantry the rights and {policies} policies"
        )


def as_installed(stage: Stage) -> list[str]:
    """Give the command of the operator that is installed beside this program."""
    identity = stage.cluster.service_account_kubeconfig(NAMESPACE, RELEASE)
    return [str(Path(sys.executable).with_name("tenantry")), "run", f"--kubeconfig={identity}"]


def start_operator(stage: Stage, page: Page, argv: Sequence[str] = ()) -> int:
    """Start the operator anew, and wait until it knows the cluster; gives the port it listens on.

    Args:
        stage: Where it works.
        page: Where it is told.
        argv: Its command, `as_installed` unless another is given.

    Raises:
        DemoFailedError: It ended, or is not ready in time.
    """
    with page.step("Operator") as step:
        log = stage.cluster.directory / "logs" / f"{RELEASE}.log"
        begin = log.stat().st_size if log.exists() else 0
        running = stage.cluster.host(RELEASE, [*(argv or as_installed(stage)), *OPTIONS])

        def said(message: str) -> dict[str, Any] | None:
            if running.find() is None:
                raise DemoFailedError("The operator runs.", log.read_text()[-2000:])
            records = (record for record in _records(log, begin) if record["message"] == message)
            return next(records, None)

        port: int = _until(lambda: said("listening"), "The operator")["port"]
        _until(lambda: said("cache complete"), "The operator's cache")
        step.result = f"tenantry run, as {OPERATOR}"
    return port


def rendered_chart() -> list[Manifest]:
    """Render the chart: the operator's rights, and the admission policies."""
    import helm_python as helm  # noqa: PLC0415 - while the CRDs are being applied

    with helm.Chart.load(CHART) as chart:
        rendered = chart.render(HERE, name=RELEASE, namespace=NAMESPACE)
    texts = [text for path, text in rendered.items() if path.endswith(".yaml")]
    return [one for text in texts for one in yaml.safe_load_all(text) if one]


def _wait_for_conditions(admin: Kubectl, name: str) -> None:
    """``kubectl wait`` fails on an object that has no condition at all yet."""
    until = time.monotonic() + PATIENCE
    while not (said := admin.run(f"get {name} -o=jsonpath={{.status.conditions}}")).out:
        claim(time.monotonic() < until, f"{name} has conditions soon.", said.command)


def _namespace(name: str) -> Manifest:
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}


def _records(log: Path, begin: int) -> Iterator[dict[str, Any]]:
    with log.open("rb") as file:
        file.seek(begin)
        for line in file:
            if line.endswith(b"\n") and line.startswith(b"{"):
                yield json.loads(line)


def _until(look: Callable[[], dict[str, Any] | None], what: str) -> dict[str, Any]:
    """Look again and again until there is something to see.

    Raises:
        ComponentError: There is nothing in time.
    """
    deadline = time.monotonic() + PATIENCE
    while (seen := look()) is None:
        if time.monotonic() > deadline:
            raise ComponentError(f"{what} is not ready after {PATIENCE:.0f} s.", "See its log.")
        time.sleep(INTERVAL)
    return seen
