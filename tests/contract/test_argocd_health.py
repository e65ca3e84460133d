"""Argo CD sees Tenants and Applications as they are: its checks, run by a real Lua interpreter."""

from pathlib import Path
from typing import Any

import lupa
import pytest
import yaml

EXAMPLE = Path(__file__).parents[2] / "examples/argocd/argocd-cm.yaml"
KEY = "resource.customizations.health.tenantry.io_"
"""And the kind."""


def condition(type_: str, status: str, reason: str = "Reconciled") -> dict[str, str]:
    return {"type": type_, "status": status, "reason": reason, "message": f"{type_} says so"}


def tenant(*conditions: dict[str, str], generation: int = 1, observed: int = 1) -> dict[str, Any]:
    status = {"observedGeneration": observed, "conditions": list(conditions)}
    return {"metadata": {"name": "acme", "generation": generation}, "status": status}


def application(state: str, *conditions: dict[str, str], observed: int = 1) -> dict[str, Any]:
    status = {"observedGeneration": observed, "state": state, "conditions": list(conditions)}
    return {"metadata": {"name": "hello", "generation": 1}, "status": status}


def health_of(kind: str, manifest: dict[str, Any]) -> dict[str, str]:
    script = yaml.safe_load(EXAMPLE.read_text())["data"][KEY + kind]
    lua = lupa.LuaRuntime()
    check = lua.eval(f"function(obj) {script} end")
    return dict(check(lua.table_from(manifest, recursive=True)))


@pytest.mark.parametrize(
    ("manifest", "status", "message"),
    [
        pytest.param(
            {"metadata": {"name": "acme"}},
            "Progressing",
            "Waiting for the operator",
            id="a Tenant without a status is waiting",
        ),
        pytest.param(
            tenant(condition("Ready", "Unknown", "Pending"), observed=0),
            "Progressing",
            "The operator has not seen this generation yet",
            id="a Tenant that the operator has not looked at is waiting",
        ),
        pytest.param(
            tenant(condition("Ready", "True"), generation=2),
            "Progressing",
            "The operator has not seen this generation yet",
            id="a Tenant that was ready before its spec changed is waiting",
        ),
        pytest.param(
            tenant(condition("Ready", "True")), "Healthy", "Ready says so", id="ready is healthy"
        ),
        pytest.param(
            tenant(condition("Ready", "True", "Suspended")),
            "Suspended",
            "Ready says so",
            id="suspended is told as such",
        ),
        pytest.param(
            tenant(condition("Ready", "False", "ServerError")),
            "Progressing",
            "Ready says so",
            id="what time may heal is progressing",
        ),
        pytest.param(
            tenant(condition("Ready", "False"), condition("Stalled", "True")),
            "Degraded",
            "Stalled says so",
            id="what needs a person is degraded",
        ),
    ],
)
def test_argocd_tells_the_health_of_a_tenant(
    manifest: dict[str, Any], status: str, message: str
) -> None:
    assert health_of("Tenant", manifest) == {"status": status, "message": message}


@pytest.mark.parametrize(
    ("manifest", "status", "message"),
    [
        pytest.param(
            {"metadata": {"name": "hello"}},
            "Progressing",
            "Waiting for the operator",
            id="an Application without a status is waiting",
        ),
        pytest.param(
            application("Ready", condition("Ready", "True"), observed=0),
            "Progressing",
            "The operator has not seen this generation yet",
            id="an Application that was ready before its spec changed is waiting",
        ),
        pytest.param(
            application("Ready", condition("Ready", "True"), condition("Degraded", "False")),
            "Healthy",
            "Ready says so",
            id="ready is healthy",
        ),
        pytest.param(
            application("Pending", condition("Ready", "False", "NoTenant")),
            "Progressing",
            "Ready says so",
            id="waiting for a tenant is progressing",
        ),
        pytest.param(
            application("Progressing", condition("Ready", "False", "Progressing")),
            "Progressing",
            "Ready says so",
            id="pods on their way are progressing",
        ),
        pytest.param(
            application(
                "Degraded",
                condition("Ready", "False", "ImagePullBackOff"),
                condition("Degraded", "True"),
            ),
            "Degraded",
            "Ready says so",
            id="a workload that is kept from what it should be is degraded",
        ),
        pytest.param(
            application(
                "Degraded",
                condition("Ready", "False", "PolicyViolation"),
                condition("Degraded", "False"),
                condition("Stalled", "True"),
            ),
            "Degraded",
            "Ready says so",
            id="a broken rule of the Tenant is degraded",
        ),
        pytest.param(
            application("Ready", condition("TrafficManaged", "False"), condition("Ready", "True")),
            "Healthy",
            "Ready says so",
            id="traffic that nothing directs is no illness",
        ),
    ],
)
def test_argocd_tells_the_health_of_an_application(
    manifest: dict[str, Any], status: str, message: str
) -> None:
    assert health_of("Application", manifest) == {"status": status, "message": message}
