from typing import Any

import pytest

from rendering import tenant
from stored import stored
from tenantry.adoption import refusal_to_adopt
from tenantry.api.base import Manifest
from tenantry.api.tenant import Tenant
from tenantry.observed import Observed, observe

WANTED: Manifest = {
    "apiVersion": "v1",
    "kind": "Namespace",
    "metadata": {
        "name": "acme-prod",
        "labels": {"tenantry.io/tenant": "acme", "team": "a"},
        "annotations": {"note": "x"},
    },
}


def _existing(labels: dict[str, str], **annotations: str) -> Observed:
    metadata = {"name": "acme-prod", "labels": labels, "annotations": annotations}
    return observe(stored({"apiVersion": "v1", "kind": "Namespace", "metadata": metadata}))


def _tenant(policy: str, **status: Any) -> Tenant:
    made = tenant("acme", namespaceOptions={"adoptionPolicy": policy})
    return Tenant.parse(made.model_dump(by_alias=True) | {"status": status})


@pytest.mark.parametrize("policy", ["Never", "IfIdentical", "Always"])
def test_a_namespace_with_the_tenants_label_is_its_own(policy: str) -> None:
    existing = _existing({"tenantry.io/tenant": "acme", "team": "other"})

    assert refusal_to_adopt(_tenant(policy), WANTED, existing) is None


@pytest.mark.parametrize("policy", ["Never", "IfIdentical", "Always"])
def test_a_namespace_that_the_status_knows_is_its_own_without_any_label(policy: str) -> None:
    known = {"name": "acme-prod", "state": "Active", "uid": "u1"}

    assert refusal_to_adopt(_tenant(policy, namespaces=[known]), WANTED, _existing({})) is None


@pytest.mark.parametrize("policy", ["Never", "IfIdentical", "Always"])
def test_a_namespace_with_another_tenants_label_is_never_taken(policy: str) -> None:
    refused = refusal_to_adopt(_tenant(policy), WANTED, _existing({"tenantry.io/tenant": "b"}))

    assert refused
    assert refused.reason == "HeldByAnotherTenant"
    assert "acme-prod" in refused.message


def test_whose_namespace_it_is_stays_between_that_tenant_and_the_platform() -> None:
    refused = refusal_to_adopt(
        _tenant("Always"), WANTED, _existing({"tenantry.io/tenant": "rival"})
    )

    assert refused
    assert "rival" not in refused.message


def test_never_says_what_would_help() -> None:
    refused = refusal_to_adopt(_tenant("Never"), WANTED, _existing({}))

    assert refused
    assert refused.reason == "NotAdopted"
    assert "adoptionPolicy to IfIdentical or Always" in refused.message


@pytest.mark.parametrize(
    ("labels", "annotations", "told"),
    [
        pytest.param({"team": "b"}, {}, "label team ('b', not 'a')", id="a label"),
        pytest.param({}, {"note": "y"}, "annotation note ('y', not 'x')", id="an annotation"),
        pytest.param(
            {"team": "b"},
            {"note": "y"},
            "label team ('b', not 'a'), annotation note ('y', not 'x')",
            id="both",
        ),
    ],
)
def test_if_identical_names_what_would_be_overwritten(
    labels: dict[str, str], annotations: dict[str, str], told: str
) -> None:
    existing = _existing(labels, **annotations)

    refused = refusal_to_adopt(_tenant("IfIdentical"), WANTED, existing)

    assert refused
    assert refused.reason == "NotIdentical"
    assert told in refused.message
    assert refusal_to_adopt(_tenant("Always"), WANTED, existing) is None


@pytest.mark.parametrize("labels", [{}, {"team": "a"}, {"theirs": "z"}])
def test_if_identical_takes_what_would_only_be_added_to(labels: dict[str, str]) -> None:
    assert refusal_to_adopt(_tenant("IfIdentical"), WANTED, _existing(labels)) is None
