"""The CRDs on the dev cluster, applied and asked about as people do: with kubectl."""

import json
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from devcluster import readiness
from examples import ROOT
from tenantry.api.kinds import APPLICATION, KINDS, TENANT

MINIMAL: dict[str, Any] = {
    "apiVersion": TENANT.api_version,
    "kind": TENANT.kind,
    "metadata": {"name": "minimal"},
    "spec": {"owners": [{"kind": "User", "name": "jane@example.com"}]},
}

HELLO: dict[str, Any] = {
    "apiVersion": APPLICATION.api_version,
    "kind": APPLICATION.kind,
    "metadata": {"name": "hello", "namespace": "default"},
    "spec": {"components": [{"name": "web", "image": "web:1.0", "port": 8080}]},
}

PATIENCE = 20.0


class Kubectl:
    """kubectl as the administrator."""

    def __init__(self, kubeconfig: Path) -> None:
        self._kubeconfig = kubeconfig

    def established(self, crd: str) -> None:
        """Wait until a CRD is served: ``kubectl wait`` fails on one without any condition yet."""
        until = time.monotonic() + PATIENCE
        while '"Established"' not in self("get", crd, "-o=jsonpath={.status.conditions}"):
            assert time.monotonic() < until, f"{crd} is not established"
        self("wait", "--for=condition=Established", crd, f"--timeout={PATIENCE:g}s")

    def __call__(self, *arguments: str, stdin: str = "") -> str:
        done = subprocess.run(
            ["kubectl", "--kubeconfig", self._kubeconfig, *arguments],
            input=stdin,
            text=True,
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert "Warning" not in done.stderr
        return done.stdout

    def would_create(self, manifests: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """What the API server would store, told with every refusal and warning."""
        stdin = json.dumps({"apiVersion": "v1", "kind": "List", "items": manifests})
        options = ("--dry-run=server", "--validate=strict", "--output=json")
        said = self("create", *options, "-f", "-", stdin=stdin)
        answers, at, decoder = [], 0, json.JSONDecoder()
        while at < len(said):
            answer, at = decoder.raw_decode(said, at)
            answers.append(answer)
            at += 1  # the end of the line
        return answers


@pytest.fixture(scope="session")
def kubectl(admin: Path) -> Kubectl:
    return Kubectl(admin)


@pytest.fixture(scope="session")
def established(kubectl: Kubectl) -> str:
    """The name of the Tenant's CRD; all are applied as documented and served."""
    kubectl("apply", "--server-side", "--validate=strict", "-f", str(ROOT / "crds"))
    for kind in KINDS:
        kubectl.established(f"crd/{kind.crd_name}")
    return f"crd/{TENANT.crd_name}"


@pytest.fixture(scope="session")
def published(kubectl: Kubectl, established: str) -> str:
    """The path of the group in the OpenAPI document, which follows the CRD a moment later."""
    del established
    path = f"apis/{TENANT.api_version}"
    readiness.until(
        lambda: path in kubectl("get", "--raw", "/openapi/v3"), "The schema", lambda: None
    )
    return path


@pytest.fixture
def minimal(kubectl: Kubectl, established: str) -> Iterator[dict[str, Any]]:
    """A Tenant with a name and one owner, as the API server answers when it is made."""
    del established
    stored = kubectl("create", "-o", "json", "-f", "-", stdin=json.dumps(MINIMAL))
    yield json.loads(stored)
    kubectl("delete", "tenant", "minimal")


@pytest.fixture
def hello(kubectl: Kubectl, established: str) -> Iterator[dict[str, Any]]:
    """An Application of one component, as the API server answers when it is made."""
    del established
    stored = kubectl("create", "-o", "json", "-f", "-", stdin=json.dumps(HELLO))
    yield json.loads(stored)
    kubectl("delete", "applications.tenantry.io", "hello", "--namespace=default")
