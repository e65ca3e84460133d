from typing import Any

import pytest

from rendering import spaces, tenant
from tenantry.desired.objects import Facts


def labels_of(**spec: Any) -> dict[str, str]:
    labels: dict[str, str] = spaces(tenant(**spec))["acme-prod"].namespace["metadata"]["labels"]
    return labels


def test_a_minimal_tenants_namespace_is_labelled_and_restricted() -> None:
    made = spaces(tenant())["acme-prod"].namespace
    rules = made["metadata"].pop("annotations")

    assert all(key.startswith("policy.tenantry.io/") for key in rules)
    assert made == {
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {
            "name": "acme-prod",
            "labels": {
                "app.kubernetes.io/managed-by": "tenantry",
                "pod-security.kubernetes.io/audit": "restricted",
                "pod-security.kubernetes.io/audit-version": "latest",
                "pod-security.kubernetes.io/enforce": "restricted",
                "pod-security.kubernetes.io/enforce-version": "latest",
                "pod-security.kubernetes.io/warn": "restricted",
                "pod-security.kubernetes.io/warn-version": "latest",
                "policy.tenantry.io/mode": "enforce",
                "tenantry.io/tenant": "acme",
            },
        },
    }


def test_a_namespaces_own_labels_lie_over_those_of_all() -> None:
    labels = labels_of(
        namespaces=[{"name": "prod", "labels": {"tier": "gold"}}],
        namespaceOptions={"labels": {"tier": "tin", "team": "a"}},
    )

    assert labels.items() >= {"tier": "gold", "team": "a"}.items()


def test_the_operators_labels_win_over_a_stored_tenants() -> None:
    labels = labels_of(
        namespaceOptions={
            "labels": {
                "tenantry.io/tenant": "other",
                "pod-security.kubernetes.io/enforce": "privileged",
            }
        }
    )

    assert labels["tenantry.io/tenant"] == "acme"
    assert labels["pod-security.kubernetes.io/enforce"] == "restricted"


@pytest.mark.parametrize(
    ("cost", "own", "expected"),
    [
        pytest.param({}, {}, {}, id="nothing said, nothing labelled"),
        pytest.param(
            {"costCenter": "CC-1", "department": "retail", "environment": "prod"},
            {},
            {
                "tenantry.io/cost-center": "CC-1",
                "tenantry.io/department": "retail",
                "tenantry.io/environment": "prod",
            },
            id="all three",
        ),
        pytest.param(
            {"environment": "prod"},
            {"environment": "test"},
            {"tenantry.io/environment": "test"},
            id="a namespace's own environment instead of the tenant's",
        ),
    ],
)
def test_cost_labels_are_on_everything_in_a_namespace(
    cost: dict[str, str], own: dict[str, str], expected: dict[str, str]
) -> None:
    space = spaces(tenant(cost=cost, namespaces=[{"name": "prod"} | own]))["acme-prod"]

    for manifest in (space.namespace, *space.guards, *space.access):
        cost_labels = {
            label: value
            for label, value in manifest["metadata"]["labels"].items()
            if label.startswith("tenantry.io/") and label != "tenantry.io/tenant"
        }
        assert cost_labels == expected


@pytest.mark.parametrize(
    ("of_tenant", "own", "expected"),
    [
        pytest.param({}, None, None, id="none, no annotation"),
        pytest.param({"b": "2", "a": "1"}, None, "a=1,b=2", id="the tenant's, in order"),
        pytest.param({"a": "1"}, {"c": "3"}, "c=3", id="the namespace's own instead"),
        pytest.param({"a": "1"}, {}, None, id="the namespace's own, any node"),
    ],
)
def test_the_node_selector_is_an_annotation(
    of_tenant: dict[str, str], own: dict[str, str] | None, expected: str | None
) -> None:
    differing = {} if own is None else {"nodeSelector": own}
    space = spaces(tenant(nodeSelector=of_tenant, namespaces=[{"name": "prod"} | differing]))

    annotations = space["acme-prod"].namespace["metadata"].get("annotations", {})
    assert annotations.get("scheduler.alpha.kubernetes.io/node-selector") == expected


def test_a_namespaces_pod_security_level_stands_instead_of_the_tenants() -> None:
    labels = labels_of(
        podSecurity={"level": "restricted", "version": "v1.37"},
        namespaces=[{"name": "prod", "podSecurity": "baseline"}],
    )

    assert labels["pod-security.kubernetes.io/enforce"] == "baseline"
    assert labels["pod-security.kubernetes.io/warn-version"] == "v1.37"


@pytest.mark.parametrize(
    ("prefix", "short", "reason"),
    [
        pytest.param("kube-", "apps", "ReservedName", id="of Kubernetes"),
        pytest.param("openshift-", "apps", "ReservedName", id="of OpenShift"),
        pytest.param("a" * 39 + "-", "b" * 24, "NameTooLong", id="64 characters"),
    ],
)
def test_a_name_that_no_tenant_may_have_is_refused(prefix: str, short: str, reason: str) -> None:
    [space] = spaces(
        tenant(namespaceOptions={"prefix": prefix}, namespaces=[{"name": short}])
    ).values()

    assert space.refusal
    assert space.refusal.reason == reason
    assert (space.guards, space.access) == ((), ())


@pytest.mark.parametrize("name", ["kube-system", "default", "openshift-dns", "openshift"])
def test_a_system_namespace_with_the_tenants_label_is_not_locked_in(name: str) -> None:
    space = spaces(tenant(), Facts(unlisted=frozenset({name})))[name]

    assert space.refusal
    assert space.refusal.reason == "ReservedName"
    assert not space.guards


def test_a_name_of_63_characters_is_taken() -> None:
    [space] = spaces(
        tenant(namespaceOptions={"prefix": "a" * 39 + "-"}, namespaces=[{"name": "b" * 23}])
    ).values()

    assert len(space.name) == 63
    assert space.refusal is None
