import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from generate import examples
from tenantry.api.kinds import TENANT
from tenantry.api.tenant_status import TenantStatus

Kubectl = Callable[..., str]


def test_the_api_server_has_nothing_against_the_schema(kubectl: Kubectl, established: str) -> None:
    conditions = json.loads(kubectl("get", established, "-o", "json"))["status"]["conditions"]

    held = {each["type"]: each["status"] for each in conditions}
    assert held == {"NamesAccepted": "True", "Established": "True"}, "no NonStructuralSchema"


@pytest.mark.usefixtures("published")
def test_every_field_is_explained(kubectl: Kubectl) -> None:
    explained = kubectl("explain", "tenant", "--recursive").splitlines()

    names = {line.split("\t")[0].strip() for line in explained if "\t<" in line}
    expected = {path.rpartition(".")[2] for path in examples.comments(TENANT)}
    assert expected - names == set()


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("tenant", "A Tenant is a share of the cluster"),
        ("tenant.spec.owners", "Hold the ClusterRole"),
        ("tenant.spec.network.dns.podLabels", "<map[string]string>"),
        ("tenant.spec.podSecurity.level", "restricted"),
        ("tenant.status.conditions", "<[]Object>"),
    ],
)
@pytest.mark.usefixtures("published")
def test_kubectl_explains(kubectl: Kubectl, path: str, expected: str) -> None:
    assert expected in kubectl("explain", path)


@pytest.mark.parametrize("name", ["tn", "tenant", "tenants", "tenants.tenantry.io", "tenantry"])
@pytest.mark.usefixtures("minimal")
def test_kubectl_finds_tenants_by_each_name_and_by_category(kubectl: Kubectl, name: str) -> None:
    assert "tenant.tenantry.io/minimal" in kubectl("get", name, "-o", "name").splitlines()


@pytest.mark.usefixtures("minimal")
def test_kubectl_shows_the_columns(kubectl: Kubectl) -> None:
    head, row = kubectl("get", "tn", "minimal", "-o", "wide").splitlines()

    columns = [column.name.upper() for column in TENANT.columns]
    assert re.split(r"\s{2,}", head.strip()) == ["NAME", *columns]
    assert row.startswith("minimal ")


def test_a_tenant_that_nobody_has_looked_at_waits(minimal: dict[str, Any]) -> None:
    status = TenantStatus.model_validate(minimal["status"])

    (ready,) = status.conditions
    assert (ready.type, ready.status, ready.reason) == ("Ready", "Unknown", "Pending")
    assert status.observed_generation < minimal["metadata"]["generation"]
