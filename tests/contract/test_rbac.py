"""What the chart grants is what the operator's own tables say it needs, rule by rule.

That it is also exactly what the operator *does*, no verb more or less, is asked of the API
server's audit log in tests/e2e/test_permissions.py.
"""

import tomllib

import yaml

from examples import ROOT
from granted import METER, meter_rules, rights, roles, rules
from installation import CHART, NAMESPACE, RELEASE, chart
from tenantry.api.base import Manifest
from tenantry.cluster.resources import (
    APPLICATIONS,
    CRDS,
    EVENTS,
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
from tenantry.meter.following import FOLLOWED
from tenantry.meter.usage import POD_METRICS

RBAC = "rbac.authorization.k8s.io"


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


def test_what_may_be_bound_is_what_access_is_made_of_and_what_the_values_add() -> None:
    own = {role for _, role, _ in (*_ACTIVE, *_SUSPENDED)}

    (rule,) = [
        rule for rule in rules({"bindableClusterRoles": ["a", "view"]}) if "bind" in rule["verbs"]
    ]

    assert set(rule["resourceNames"]) == own | {"a"}
    assert len(rule["resourceNames"]) == len(set(rule["resourceNames"]))


def test_every_watched_kind_may_be_listed_and_watched_and_no_other() -> None:
    granted = set(rights(rules()))

    watched = {(one.group, one.plural) for one in (*WATCHED, FAILED_CREATIONS, RATE_CARDS)}
    listed = {(group, resource) for group, resource, given in granted if given == "list"}
    assert {(group, resource) for group, resource, given in granted if given == "watch"} == watched
    assert {group for group, _ in listed - watched} == {"admissionregistration.k8s.io"}


def test_what_costs_may_be_labelled_where_no_policy_does_it() -> None:
    without = set(rights(rules({"policies": {"mutating": False}})))

    labelled = {("", kind.plural, verb) for kind in CHARGED for verb in ("list", "watch", "patch")}
    assert labelled <= without
    assert without - set(rights(rules())) <= labelled


def test_every_written_kind_may_be_written_and_no_other() -> None:
    granted = set(rights(rules()))
    created = {(group, resource) for group, resource, verb in granted if verb == "create"}
    patched = {(group, resource) for group, resource, verb in granted if verb == "patch"}
    kinds = (*OWNED, *OPTIONAL, *OWNED_BY_APPLICATIONS, *OPTIONAL_OF_APPLICATIONS)
    owned = {(one.group, one.plural) for one in kinds}
    events = (EVENTS.group, EVENTS.plural)
    tenants = (TENANTS.group, TENANTS.plural)
    statuses = {(one.group, f"{one.plural}/status") for one in (TENANTS, APPLICATIONS, RATE_CARDS)}

    assert created == owned | {events, ("coordination.k8s.io", "leases")}
    assert patched == owned | {events, tenants} | statuses


def test_one_crd_may_be_read() -> None:
    (rule,) = [rule for rule in rules() if CRDS.plural in rule["resources"]]

    assert rule["verbs"] == ["get"]
    assert rule["resourceNames"] == [f"{TENANTS.plural}.{TENANTS.group}"]


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


def test_without_an_election_there_is_no_lease() -> None:
    granted = set(rights(rules({"leaderElection": {"enabled": False}})))

    assert "leases" not in {resource for _, resource, _ in granted}


def without_the_meter(values: Manifest | None = None) -> list[Manifest]:
    return [one for one in chart(values) if one["metadata"]["name"] != METER]


def test_every_role_is_bound_to_the_operators_service_account_alone() -> None:
    manifests = without_the_meter()
    account = {"kind": "ServiceAccount", "name": RELEASE, "namespace": NAMESPACE}
    own = {(one["kind"], one["metadata"]["name"]) for one in roles()}
    bindings = [one for one in manifests if "roleRef" in one]

    assert {(one["roleRef"]["kind"], one["roleRef"]["name"]) for one in bindings} == own
    assert [one["subjects"] for one in bindings] == [[account]] * len(own)
    (made,) = [one for one in manifests if one["kind"] == "ServiceAccount"]
    assert (made["metadata"]["name"], made["metadata"]["namespace"]) == (RELEASE, NAMESPACE)


def test_people_are_given_kinds_of_this_project_and_nothing_else() -> None:
    given = {right for role in roles(of_people=True) for right in rights(role["rules"])}

    assert {group for group, _, _ in given} == {TENANTS.group}
    written = {kind for _, kind, verb in given if verb not in {"get", "list", "watch"}}
    assert written == {APPLICATIONS.plural, RATE_CARDS.plural}


def test_prices_are_written_by_nobody_but_finops() -> None:
    for role in roles(of_people=True):
        writes = {
            (kind, verb)
            for _, kind, verb in rights(role["rules"])
            if kind == RATE_CARDS.plural and verb not in {"get", "list", "watch"}
        }
        assert not writes or role["metadata"]["name"].endswith("-finops")


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
    for name in ("clusterrole.yaml", "role-leases.yaml"):
        text = (CHART / "templates" / name).read_text()
        assert "#" in text.split("rules:")[1]


def test_every_object_is_labelled_as_the_charts() -> None:
    # The policies are the same whoever installs them.
    for manifest in (one for one in chart() if "AdmissionPolicy" not in one["kind"]):
        labels = manifest["metadata"]["labels"]
        assert labels["app.kubernetes.io/name"] == "tenantry"
        assert labels["app.kubernetes.io/managed-by"] == "Helm"
        assert RBAC not in labels.get("helm.sh/chart", "")


def test_the_meter_reads_what_it_follows_and_prices_writes_two_statuses_and_asks_who_may_see() -> (
    None
):
    granted = set(rights(meter_rules()))
    followed = {(one.group, one.plural, verb) for one in FOLLOWED for verb in ("list", "watch")}

    read = (POD_METRICS, RATE_CARDS, TENANTS, APPLICATIONS)
    listed = {(one.group, one.plural, "list") for one in read}
    told = {(one.group, f"{one.plural}/status", "patch") for one in (TENANTS, APPLICATIONS)}

    asked = {(one.group, one.plural, "create") for one in (TOKEN_REVIEWS, SUBJECT_ACCESS_REVIEWS)}

    assert granted == followed | listed | told | asked
    assert without_the_meter() == chart({"meter": {"enabled": False}})
    (binding,) = [one for one in chart() if "roleRef" in one and METER in str(one)]
    assert binding["subjects"] == [
        {"kind": "ServiceAccount", "name": METER, "namespace": NAMESPACE}
    ]
