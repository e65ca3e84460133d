import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import BaseModel

from examples import EXAMPLES
from generate import examples
from tenantry.api.application import ApplicationSpec
from tenantry.api.application_status import ApplicationStatus
from tenantry.api.kinds import APPLICATION, TENANT
from tenantry.api.tenant import TenantSpec
from tenantry.api.tenant_status import TenantStatus

Kubectl = Callable[..., str]

MANIFESTS = sorted(EXAMPLES.glob("*/tenant.yaml"))


def defaulted_by_model(spec: dict[str, Any], model: type[BaseModel] = TenantSpec) -> dict[str, Any]:
    return model.model_validate(spec).model_dump(mode="json", by_alias=True, exclude_none=True)


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


def test_an_application_has_the_server_s_and_the_model_s_defaults_alike(
    hello: dict[str, Any],
) -> None:
    written = {"components": [{"name": "web", "image": "web:1.0", "port": 8080}]}

    assert hello["spec"] == defaulted_by_model(written, ApplicationSpec)


@pytest.mark.usefixtures("established")
def test_an_application_with_every_field_has_the_defaults_that_the_model_has(
    kubectl: Kubectl,
) -> None:
    manifest = examples.document(APPLICATION)
    manifest["metadata"]["namespace"] = "default"

    stored = kubectl(
        "create", "--dry-run=server", "-o", "json", "-f", "-", stdin=json.dumps(manifest)
    )

    assert json.loads(stored)["spec"] == defaulted_by_model(manifest["spec"], ApplicationSpec)


def test_the_server_s_default_status_of_an_application_is_the_model_s(
    hello: dict[str, Any],
) -> None:
    status = ApplicationStatus.model_validate(APPLICATION.status_default)

    assert hello["status"] == status.model_dump(mode="json", by_alias=True, exclude_none=True)
