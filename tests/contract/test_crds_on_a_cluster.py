import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from generate import examples
from tenantry.api.application_status import ApplicationStatus
from tenantry.api.crd import Kind
from tenantry.api.kinds import APPLICATION, KINDS, TENANT
from tenantry.api.tenant_status import TenantStatus

Kubectl = Callable[..., str]


every_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.kind)


@every_kind
@pytest.mark.usefixtures("established")
def test_the_api_server_has_nothing_against_the_schema(kubectl: Kubectl, kind: Kind) -> None:
    stored = json.loads(kubectl("get", f"crd/{kind.crd_name}", "-o", "json"))
    conditions = stored["status"]["conditions"]

    held = {each["type"]: each["status"] for each in conditions}
    assert held == {"NamesAccepted": "True", "Established": "True"}, "no NonStructuralSchema"


@every_kind
@pytest.mark.usefixtures("published")
def test_every_field_is_explained(kubectl: Kubectl, kind: Kind) -> None:
    explained = kubectl("explain", f"{kind.plural}.{kind.group}", "--recursive").splitlines()

    names = {line.split("\t")[0].strip() for line in explained if "\t<" in line}
    expected = {path.rpartition(".")[2] for path in examples.comments(kind)}
    assert expected - names == set()


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("tenant", "A Tenant is a share of the cluster"),
        ("tenant.spec.owners", "Hold the ClusterRole"),
        ("tenant.spec.network.dns.podLabels", "<map[string]string>"),
        ("tenant.spec.podSecurity.level", "restricted"),
        ("tenant.status.conditions", "<[]Object>"),
        ("tapp.spec.components.traffic.weights", "<map[string]integer>"),
    ],
)
@pytest.mark.usefixtures("published")
def test_kubectl_explains(kubectl: Kubectl, path: str, expected: str) -> None:
    assert expected in kubectl("explain", path)


@pytest.mark.parametrize("name", ["tn", "tenant", "tenants", "tenants.tenantry.io", "tenantry"])
@pytest.mark.usefixtures("minimal")
def test_kubectl_finds_tenants_by_each_name_and_by_category(kubectl: Kubectl, name: str) -> None:
    assert "tenant.tenantry.io/minimal" in kubectl("get", name, "-o", "name").splitlines()


@pytest.mark.parametrize("name", ["tapp", "application", "applications.tenantry.io", "tenantry"])
@pytest.mark.usefixtures("hello")
def test_kubectl_finds_applications_by_each_name_and_by_category(
    kubectl: Kubectl, name: str
) -> None:
    found = kubectl("get", name, "--namespace=default", "-o", "name").splitlines()

    assert "application.tenantry.io/hello" in found


@pytest.mark.usefixtures("minimal")
def test_kubectl_shows_the_columns(kubectl: Kubectl) -> None:
    head, row = kubectl("get", "tn", "minimal", "-o", "wide").splitlines()

    columns = [column.name.upper() for column in TENANT.columns]
    assert re.split(r"\s{2,}", head.strip()) == ["NAME", *columns]
    assert row.startswith("minimal ")


@pytest.mark.usefixtures("hello")
def test_kubectl_shows_the_columns_of_applications(kubectl: Kubectl) -> None:
    head, row = kubectl("get", "tapp", "hello", "--namespace=default", "-o", "wide").splitlines()

    columns = [column.name.upper() for column in APPLICATION.columns]
    assert re.split(r"\s{2,}", head.strip()) == ["NAME", *columns]
    assert re.split(r"\s{2,}", row)[:3] == ["hello", "Unknown", "Pending"]


def test_a_tenant_that_nobody_has_looked_at_waits(minimal: dict[str, Any]) -> None:
    status = TenantStatus.model_validate(minimal["status"])

    (ready,) = status.conditions
    assert (ready.type, ready.status, ready.reason) == ("Ready", "Unknown", "Pending")
    assert status.observed_generation < minimal["metadata"]["generation"]


def test_an_application_that_nobody_has_looked_at_waits(hello: dict[str, Any]) -> None:
    status = ApplicationStatus.model_validate(hello["status"])

    (ready,) = status.conditions
    assert (ready.type, ready.status, ready.reason) == ("Ready", "Unknown", "Pending")
    assert status.observed_generation < hello["metadata"]["generation"]
