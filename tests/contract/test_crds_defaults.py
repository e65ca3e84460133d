import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from examples import EXAMPLES
from tenantry.api.kinds import TENANT
from tenantry.api.tenant import TenantSpec
from tenantry.api.tenant_status import TenantStatus

Kubectl = Callable[..., str]

MANIFESTS = sorted(EXAMPLES.glob("*/tenant.yaml"))


def defaulted_by_model(spec: dict[str, Any]) -> dict[str, Any]:
    model = TenantSpec.model_validate(spec)
    return model.model_dump(mode="json", by_alias=True, exclude_none=True)


def test_a_minimal_tenant_has_the_server_s_and_the_model_s_defaults_alike(
    minimal: dict[str, Any],
) -> None:
    assert minimal["spec"] == defaulted_by_model(
        {"owners": [{"kind": "User", "name": "jane@example.com"}]}
    )


@pytest.mark.parametrize("path", MANIFESTS, ids=lambda path: path.parent.name)
@pytest.mark.usefixtures("established")
def test_an_example_is_admitted_with_the_defaults_that_the_model_has(
    kubectl: Kubectl, path: Path
) -> None:
    written = yaml.safe_load(path.read_text())

    stored = kubectl("create", "--dry-run=server", "-o", "json", "-f", str(path))

    assert json.loads(stored)["spec"] == defaulted_by_model(written["spec"])


def test_the_server_s_default_status_is_the_model_s(minimal: dict[str, Any]) -> None:
    status = TenantStatus.model_validate(TENANT.status_default)

    assert minimal["status"] == status.model_dump(mode="json", by_alias=True, exclude_none=True)
