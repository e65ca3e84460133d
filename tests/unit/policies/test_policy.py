"""From typed policies to manifests."""

import re
from typing import Any

import pytest

from tenantry import policies
from tenantry.policies import fragments
from tenantry.policies.policy import (
    MutatingPolicy,
    Policy,
    Resources,
    Validation,
    documents,
)

PODS = Resources(groups=("",), versions=("v1",), resources=("pods",), operations=("CREATE",))
CRDS_NAME = re.compile(r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?$")


def policy(**changes: Any) -> Policy:
    given = {
        "name": "example",
        "purpose": "Is an example.",
        "resources": (PODS,),
        "validations": (Validation(expression="a || b", message="'no'"),),
        "has_modes": False,
    }
    return Policy(**given | changes)


def test_a_policy_that_is_always_enforced_has_one_binding_for_tenants_namespaces() -> None:
    made, bound = documents(policy())

    assert made["kind"] == "ValidatingAdmissionPolicy"
    assert made["metadata"]["name"] == bound["metadata"]["name"] == "tenantry-example"
    assert made["metadata"]["annotations"] == {"kubernetes.io/description": "Is an example."}
    assert made["spec"] == {
        "failurePolicy": "Fail",
        "matchConstraints": {
            "resourceRules": [
                {
                    "apiGroups": [""],
                    "apiVersions": ["v1"],
                    "operations": ["CREATE"],
                    "resources": ["pods"],
                }
            ]
        },
        "validations": [
            {"expression": "a || b", "messageExpression": "'no'", "reason": "Forbidden"}
        ],
    }
    assert bound["spec"]["policyName"] == "tenantry-example"
    assert bound["spec"]["validationActions"] == ["Deny"]
    tenant, *_ = bound["spec"]["matchResources"]["namespaceSelector"]["matchExpressions"]
    assert tenant == {"key": "tenantry.io/tenant", "operator": "Exists"}


def test_the_clusters_own_namespaces_are_never_governed() -> None:
    _, bound = documents(policy())

    _, own = bound["spec"]["matchResources"]["namespaceSelector"]["matchExpressions"]
    assert (own["key"], own["operator"]) == ("kubernetes.io/metadata.name", "NotIn")
    assert "kube-system" in own["values"]


def test_every_mode_has_a_binding_and_each_namespace_one_of_them() -> None:
    _, *bindings = documents(policy(has_modes=True))

    assert [(one["metadata"]["name"], one["spec"]["validationActions"]) for one in bindings] == [
        ("tenantry-example", ["Deny"]),
        ("tenantry-example-warn", ["Warn", "Audit"]),
        ("tenantry-example-audit", ["Audit"]),
    ]
    modes = [
        one["spec"]["matchResources"]["namespaceSelector"]["matchExpressions"][-1]
        for one in bindings
    ]
    assert {one["key"] for one in modes} == {"policy.tenantry.io/mode"}
    assert [(one["operator"], one["values"]) for one in modes] == [
        ("NotIn", ["warn", "audit"]),
        ("In", ["warn"]),
        ("In", ["audit"]),
    ]


def test_with_modes_who_is_exempt_is_let_through_after_everything_else() -> None:
    made, *_ = documents(policy(has_modes=True, variables=(fragments.EXEMPT,)))

    assert made["spec"]["validations"][0]["expression"] == "(a || b) || variables.exempt"


def test_a_policy_for_the_whole_cluster_has_no_selector() -> None:
    _, bound = documents(policy(in_tenants_only=False))

    assert bound["spec"] == {"policyName": "tenantry-example", "validationActions": ["Deny"]}


def test_a_policy_may_ask_more_of_a_namespaces_labels() -> None:
    halted = {"key": "tenantry.io/state", "operator": "In", "values": ["suspended"]}

    _, bound = documents(policy(where=(halted,)))

    selector = bound["spec"]["matchResources"]["namespaceSelector"]
    assert selector["matchExpressions"][-1] == halted


def test_parameters_are_all_objects_of_their_kind_and_may_be_none() -> None:
    kind = {"apiVersion": "tenantry.io/v1alpha1", "kind": "Tenant"}

    made, bound = documents(policy(param_kind=kind, failure="Ignore"))

    assert made["spec"]["paramKind"] == kind
    assert made["spec"]["failurePolicy"] == "Ignore"
    assert bound["spec"]["paramRef"] == {"selector": {}, "parameterNotFoundAction": "Allow"}


def test_conditions_are_one_expression_that_ends_with_the_first_that_fails() -> None:
    made, _ = documents(policy(match_conditions=(("b", "1"), ("a", "2 || 3"))))

    assert made["spec"]["matchConditions"] == [{"name": "applies", "expression": "(1) && (2 || 3)"}]


def test_variables_keep_their_order() -> None:
    made, _ = documents(policy(variables=(("b", "1"), ("a", "2"))))

    assert made["spec"]["variables"] == [
        {"name": "b", "expression": "1"},
        {"name": "a", "expression": "2"},
    ]


def test_a_mutating_policy_patches_and_is_bound_without_actions() -> None:
    made, bound = documents(
        MutatingPolicy(name="example", purpose="Is one.", resources=(PODS,), patches=("[]",))
    )

    assert made["kind"] == "MutatingAdmissionPolicy"
    assert made["spec"]["mutations"] == [
        {"patchType": "JSONPatch", "jsonPatch": {"expression": "[]"}}
    ]
    assert bound["kind"] == "MutatingAdmissionPolicyBinding"
    assert set(bound["spec"]) == {"policyName", "matchResources"}


def test_no_two_manifests_have_one_name() -> None:
    made = [(one["kind"], one["metadata"]["name"]) for one in policies.manifests()]

    assert len(made) == len(set(made))
    assert all(CRDS_NAME.match(name) for _, name in made)


def test_mutating_policies_can_be_left_out() -> None:
    kinds = {one["kind"] for one in policies.manifests(mutating=False)}

    assert kinds == {"ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding"}
    assert len(policies.manifests()) == len(policies.manifests(mutating=False)) + len(
        policies.manifests(validating=False)
    )


@pytest.mark.parametrize("one", policies.POLICIES, ids=lambda one: one.name)
def test_every_policy_says_what_it_is_for(one: Policy | MutatingPolicy) -> None:
    assert re.fullmatch(r"[A-Z].*\.", one.purpose)


@pytest.mark.parametrize("one", policies.POLICIES, ids=lambda one: one.name)
def test_a_policy_with_modes_knows_who_is_exempt(one: Policy | MutatingPolicy) -> None:
    if isinstance(one, Policy) and one.has_modes:
        assert fragments.EXEMPT in one.variables


@pytest.mark.parametrize("one", policies.POLICIES, ids=lambda one: one.name)
def test_rbac_is_asked_after_everything_cheaper(one: Policy | MutatingPolicy) -> None:
    asks = ["authorizer" in expression for _, expression in one.match_conditions]

    assert asks == sorted(asks)
