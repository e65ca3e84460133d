"""Argo CD sees a Tenant as it is: its health check, run by a real Lua interpreter."""

from pathlib import Path
from typing import Any

import lupa
import pytest
import yaml

EXAMPLE = Path(__file__).parents[2] / "examples/argocd/argocd-cm.yaml"
KEY = "resource.customizations.health.tenantry.io_Tenant"


def condition(type_: str, status: str, reason: str = "Reconciled") -> dict[str, str]:
    return {"type": type_, "status": status, "reason": reason, "message": f"{type_} says so"}


def tenant(*conditions: dict[str, str], generation: int = 1, observed: int = 1) -> dict[str, Any]:
    status = {"observedGeneration": observed, "conditions": list(conditions)}
    return {"metadata": {"name": "acme", "generation": generation}, "status": status}


def health_of(manifest: dict[str, Any]) -> dict[str, str]:
    script = yaml.safe_load(EXAMPLE.read_text())["data"][KEY]
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
    assert health_of(manifest) == {"status": status, "message": message}
