"""What the chart grants is what the operator's own tables say it needs, rule by rule.

That it is also exactly what the operator *does*, no verb more or less, is asked of the API
server's audit log in tests/e2e/test_permissions.py.
"""

import tomllib
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest
import yaml

from charts import METER
from examples import ROOT
from granted import COMPONENT, grants, rights, roles, rules
from installation import CHART, NAMESPACE, RELEASE, chart
from tenantry.api.base import Manifest
from tenantry.cluster.privileges import Privilege, privileges
from tenantry.cluster.resources import (
    FAILED_CREATIONS,
    OPTIONAL,
    OPTIONAL_OF_APPLICATIONS,
    OWNED,
    OWNED_BY_APPLICATIONS,
    RATE_CARDS,
    SUBJECT_ACCESS_REVIEWS,
    TENANTS,
    TOKEN_REVIEWS,
    WATCHED,
)
from tenantry.desired.access import _ACTIVE, _SUSPENDED
from tenantry.handlers.cost_labels import CHARGED
from tenantry.meter.privileges import privileges as meter_privileges
from tenantry.policies import POLICIES
from tenantry.policies.policy import Policy
from tenantry.settings import Settings

RBAC = "rbac.authorization.k8s.io"
OPERATOR_POLICIES = [
    one for one in POLICIES if isinstance(one, Policy) and one.name.startswith("operator-")
]


def test_nothing_is_granted_by_a_wildcard() -> None:
    granted = set(rights(rules()))

    assert granted
    assert not any("*" in part for right in granted for part in right)


def test_nothing_is_granted_that_holds_secrets_or_runs_code() -> None:
    resources = {resource for _, resource, _ in rights(rules())}

    assert resources.isdisjoint({"secrets", "pods/exec", "serviceaccounts/token", "nodes", "roles"})


def test_pods_are_read_and_never_written() -> None:
    verbs = {verb for _, resource, verb in rights(rules()) if resource == "pods"}

    assert verbs == {"list", "watch"}


def test_nothing_lets_the_operator_become_more_than_it_is() -> None:
    verbs = {verb for _, _, verb in rights(rules())}

    assert verbs.isdisjoint({"escalate", "impersonate", "approve", "sign", "deletecollection"})
    binding = [rule for rule in rules() if "bind" in rule["verbs"]]
    assert [(rule["resources"], rule["resourceNames"]) for rule in binding] == [
        (["clusterroles"], ["admin", "edit", "view"])
    ]


def needed(*why: str, bindable: Iterable[str] = ()) -> set[Privilege]:
    """What the client declares for these reasons."""
    declared = privileges(bindable)
    return {replace(one, why="asked") for one in declared if one.why in {"asked", *why}}


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        pytest.param({}, needed("handed out", "election"), id="as it comes"),
        pytest.param(
            {"policies": {"mutating": False}},
            needed("handed out", "election", "cost labels"),
            id="where no policy sets cost labels",
        ),
        pytest.param(
            {"replicas": 1, "leaderElection": {"enabled": False}},
            needed("handed out"),
            id="without an election",
        ),
        pytest.param(
            {"bindableClusterRoles": ["a", "view"]},
            needed("handed out", "election", bindable=["a"]),
            id="with a ClusterRole more to hand out",
        ),
    ],
)
def test_the_chart_grants_exactly_what_the_client_declares(
    values: dict[str, Any], expected: set[Privilege]
) -> None:
    """Verb by verb, name by name; and what is of one namespace in that namespace."""
    assert grants(values) == expected


def test_the_election_is_granted_for_the_lease_that_the_values_name() -> None:
    named = {one.name for one in grants({"leaderElection": {"leaseName": "a"}}) if one.is_local}

    assert named == {"", "a"}
    assert {one.name for one in privileges() if one.is_local} == {"", Settings().lease_name}


def test_what_is_declared_is_what_the_operators_tables_say() -> None:
    declared = privileges()

    def of(*verbs: str) -> set[tuple[str, str]]:
        found = (one for one in declared if one.why == "asked" and one.verb in verbs)
        return {(one.group, one.resource) for one in found}

    assert of("watch") == {
        (one.group, one.plural) for one in (*WATCHED, FAILED_CREATIONS, RATE_CARDS)
    }
    kept = (*OWNED, *OPTIONAL, *OWNED_BY_APPLICATIONS, *OPTIONAL_OF_APPLICATIONS)
    assert of("delete") == {(one.group, one.plural) for one in kept}
    assert of("create") == of("delete") | {("", "events")}
    labelled = {(one.resource, one.verb) for one in declared if one.why == "cost labels"}
    assert labelled == {
        (kind.plural, verb) for kind in CHARGED for verb in ("list", "watch", "patch")
    }
    roles = {role for _, role, _ in (*_ACTIVE, *_SUSPENDED)}
    assert {one.name for one in declared if one.verb == "bind"} == roles


def test_what_is_of_one_namespace_is_granted_in_one_namespace() -> None:
    places = {
        one["metadata"]["namespace"]: {r for rule in one["rules"] for r in rule["resources"]}
        for one in chart()
        if one["kind"] == "Role"
    }

    assert places == {NAMESPACE: {"leases"}}


def test_the_policies_know_the_operator_by_a_verb_that_nobody_else_has() -> None:
    own = [(group, resource) for group, resource, verb in rights(rules()) if verb == "operate"]

    assert own == [(TENANTS.group, TENANTS.plural)]
    assert not any("update" in rule["verbs"] for rule in rules() if "tenants" in rule["resources"])


def without_the_meter(values: Manifest | None = None) -> list[Manifest]:
    return [one for one in chart(values) if one["metadata"]["labels"].get(COMPONENT) != "meter"]


def test_every_role_is_bound_to_the_operators_service_account_alone() -> None:
    manifests = without_the_meter()
    account = {"kind": "ServiceAccount", "name": RELEASE, "namespace": NAMESPACE}
    own = {(one["kind"], one["metadata"]["name"]) for one in roles()}
    bindings = [one for one in manifests if "roleRef" in one]

    assert {(one["roleRef"]["kind"], one["roleRef"]["name"]) for one in bindings} == own
    assert [one["subjects"] for one in bindings] == [[account]] * len(own)
    (made,) = [one for one in manifests if one["kind"] == "ServiceAccount"]
    assert (made["metadata"]["name"], made["metadata"]["namespace"]) == (RELEASE, NAMESPACE)


def test_people_write_applications_platform_administrators_tenants_and_finops_prices() -> None:
    written: dict[str, set[str]] = {}
    for role in (*roles(of="people"), *roles(of="finops")):
        for group, resource, verb in rights(role["rules"]):
            assert group == TENANTS.group
            if verb not in {"get", "list", "watch"}:
                written.setdefault(resource, set()).add(role["metadata"]["name"])

    assert written == {
        "applications": {"tenantry-applications-edit"},
        "tenants": {"tenantry-platform-administrator"},
        "ratecards": {"tenantry-finops"},
    }


def test_nobody_gets_to_write_tenants_by_a_role_of_kubernetes() -> None:
    """Who may is a platform administrator to the policies; cluster-wide edit is common."""
    for role in (*roles(of="people"), *roles(of="finops")):
        labels = role["metadata"]["labels"]
        aggregated = any("/aggregate-to-" in label for label in labels)
        given = set(rights(role["rules"]))
        writes = {("tenantry.io", kind, "update") for kind in ("tenants", "ratecards")} & given
        assert not (aggregated and writes)


def test_platform_administrators_are_bound_by_the_values() -> None:
    group = {"kind": "Group", "name": "platform", "apiGroup": RBAC}
    (binding,) = [
        one
        for one in chart({"platformAdministrators": [group]})
        if one["kind"] == "ClusterRoleBinding" and one["subjects"] == [group]
    ]

    assert binding["roleRef"]["name"] == f"{RELEASE}-platform-administrator"


def test_the_service_account_may_have_another_name() -> None:
    other = {"serviceAccount": {"name": "platform", "annotations": {"a": "b"}}}
    manifests = without_the_meter(other)

    (made,) = [one for one in manifests if one["kind"] == "ServiceAccount"]
    assert made["metadata"]["name"] == "platform"
    assert made["metadata"]["annotations"] == {"a": "b"}
    subjects = [one["subjects"][0]["name"] for one in manifests if "subjects" in one]
    assert set(subjects) == {"platform"}


def test_the_chart_has_the_version_of_the_package() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    about = yaml.safe_load((CHART / "Chart.yaml").read_text())

    assert about["version"] == about["appVersion"] == project["version"]
    assert about["name"] == project["name"]


def test_every_rule_says_why() -> None:
    """A platform team reads these before it installs anything."""
    for name in ("clusterrole.yaml", "role-leases.yaml", "meter-rbac.yaml"):
        text = (CHART / "templates" / name).read_text()
        assert "#" in text.split("rules:")[1]


def test_every_object_is_labelled_as_the_charts() -> None:
    # The policies are the same whoever installs them.
    for manifest in (one for one in chart() if "AdmissionPolicy" not in one["kind"]):
        labels = manifest["metadata"]["labels"]
        assert labels["app.kubernetes.io/name"] == "tenantry"
        assert labels["app.kubernetes.io/managed-by"] == "Helm"
        assert RBAC not in labels.get("helm.sh/chart", "")


def test_whatever_the_operator_may_write_a_policy_holds_it_to() -> None:
    """RBAC cannot say in which namespaces, nor under which names. Events tell, and are nobody's."""
    held = {
        (group, resource)
        for policy in OPERATOR_POLICIES
        for one in policy.resources
        for group in one.groups
        for resource in one.resources
    }
    written = {
        (one.group, one.resource)
        for one in privileges()
        if one.verb in {"create", "patch", "delete"} and not one.is_local
    }

    loose = {one for one in written if not {one, (one[0], "*")} & held}
    kinds = ("tenants", "applications", "ratecards")
    statuses = {(TENANTS.group, f"{plural}/status") for plural in kinds}
    assert loose == {("", "events")} | statuses


def test_the_chart_grants_the_meter_exactly_what_its_client_declares() -> None:
    assert grants(of="meter") == grants(METER, of="meter") == meter_privileges()
    written = {one.resource for one in meter_privileges() if one.verb not in {"list", "watch"}}
    reviews = {TOKEN_REVIEWS.plural, SUBJECT_ACCESS_REVIEWS.plural}
    assert written == {"tenants/status", "applications/status"} | reviews
    assert without_the_meter() == chart({"meter": {"enabled": False}})
    (binding,) = [
        one for one in chart() if "roleRef" in one and one["roleRef"]["name"] == f"{RELEASE}-meter"
    ]
    assert binding["subjects"] == [
        {"kind": "ServiceAccount", "name": f"{RELEASE}-meter", "namespace": NAMESPACE}
    ]
