"""Whom the tenant's people give access to, and that they give no more than they hold."""

from contextlib import suppress
from typing import Any

import pytest

from policies.spaces import MakeSpace, Space
from tenantry.api.base import Manifest
from tenantry.cluster.errors import AlreadyExists, Forbidden

RBAC = "rbac.authorization.k8s.io"
SUBJECTS = (
    "User:oscar\nGroup:acme-team\nUser:~[^@]+@acme[.]example[.]com\nGroup:~acme-(dev|ops)[0-9]*\n"
    "ServiceAccount:acme-web/*\nServiceAccount:ci/deployer\nServiceAccount:~ops-[a-z]+/bot"
)


def subject(kind: str, name: str, namespace: str = "") -> Manifest:
    if kind == "ServiceAccount":
        return {"kind": kind, "name": name, "namespace": namespace}
    return {"apiGroup": RBAC, "kind": kind, "name": name}


def binding(*subjects: Manifest, role: str = "view", kind: str = "ClusterRole") -> Manifest:
    return {
        "apiVersion": f"{RBAC}/v1",
        "kind": "RoleBinding",
        "metadata": {"name": "given"},
        "roleRef": {"apiGroup": RBAC, "kind": kind, "name": role},
        "subjects": [*subjects],
    }


OWN = [
    subject("User", "oscar"),
    subject("User", "ann@acme.example.com"),
    subject("Group", "acme-team"),
    subject("Group", "acme-dev"),
    subject("Group", "acme-ops7"),
    subject("Group", "system:serviceaccounts:acme-web"),
    subject("ServiceAccount", "default", "acme-web"),
    subject("ServiceAccount", "deployer", "ci"),
    subject("ServiceAccount", "bot", "ops-a"),
]
STRANGERS = [
    subject("User", "eve"),
    subject("User", "oscar2"),
    subject("User", "Oscar"),
    subject("User", "acme-team"),
    subject("User", "ann@acme.example.com.evil.com"),
    subject("User", "ServiceAccount:acme-web/default"),
    subject("Group", "oscar"),
    subject("Group", "acme-team2"),
    subject("Group", "xacme-dev"),
    subject("Group", "acme-dev\nacme-team"),
    subject("Group", "*"),
    subject("ServiceAccount", "default", "acme-web2"),
    subject("ServiceAccount", "default", "globex-web"),
    subject("ServiceAccount", "deployer2", "ci"),
    subject("ServiceAccount", "bot", "ops-1"),
]
EVERYBODYS = [
    subject("Group", "system:authenticated"),
    subject("Group", "system:unauthenticated"),
    subject("Group", "system:masters"),
    subject("Group", "system:nodes"),
    subject("Group", "system:serviceaccounts"),
    subject("Group", "system:serviceaccounts:globex-web"),
    subject("Group", "system:serviceaccounts:acme-web2"),
    subject("Group", "system:serviceaccounts:ci"),
    subject("Group", "system:anything"),
    subject("User", "system:anonymous"),
    subject("User", "system:serviceaccount:globex-web:default"),
    subject("User", "system:serviceaccount:acme-web:default"),
    subject("User", "system:node:node-0"),
]


def told(one: Manifest) -> str:
    namespace = f"{one['namespace']}/" if one.get("namespace") else ""
    return f"{one['kind']} {namespace}{one['name']}".replace("\n", " ")


@pytest.mark.parametrize("one", OWN, ids=told)
async def test_access_is_given_to_the_tenants_own(space: MakeSpace, one: Manifest) -> None:
    acme = await space(subjects=SUBJECTS)

    assert await acme.verdict(binding(one)) == ""


@pytest.mark.parametrize("one", STRANGERS, ids=told)
async def test_access_is_not_given_to_strangers(space: MakeSpace, one: Manifest) -> None:
    acme = await space(subjects=SUBJECTS)

    assert await acme.verdict(binding(subject("User", "oscar"), one)) == (
        f"tenant acme: subjects: {told(one)}; allowed: " + SUBJECTS.replace("\n", ", ")
    )


@pytest.mark.parametrize("one", EVERYBODYS, ids=told)
@pytest.mark.parametrize("rule", [SUBJECTS, "*", "User:*\nGroup:*", "Group:~.*\nUser:~.*"])
async def test_access_is_never_given_to_everybody(
    space: MakeSpace, one: Manifest, rule: str
) -> None:
    acme = await space(subjects=rule)

    assert await acme.verdict(binding(one)) == (
        f"tenant acme: subjects: {told(one)}; names that begin with system: belong to the "
        "cluster: name users, groups or ServiceAccounts of the tenant"
    )


@pytest.mark.parametrize("one", [*OWN[:3], *STRANGERS], ids=told)
async def test_access_is_given_to_anybody_where_the_rule_says_so(
    space: MakeSpace, one: Manifest
) -> None:
    acme = await space(subjects="*")

    assert await acme.verdict(binding(one)) == ""


@pytest.mark.parametrize("rule", ["", None])
async def test_access_is_given_to_nobody_by_a_rule_that_is_empty_or_missing(
    space: MakeSpace, rule: str | None
) -> None:
    acme = await space(subjects=rule)

    for one in OWN:
        assert told(one) in await acme.verdict(binding(one))


async def test_a_binding_without_subjects_is_admitted(space: MakeSpace) -> None:
    acme = await space(subjects=SUBJECTS)

    assert await acme.verdict(binding()) == ""


@pytest.fixture
async def given(space: MakeSpace) -> Space:
    """Where the binding ``given`` names somebody who is no longer of the tenant."""
    acme = await space(subjects="User:oscar\nUser:ann")
    with suppress(AlreadyExists):
        await acme.made(binding(subject("User", "old")))
    return acme


@pytest.mark.parametrize(
    ("subjects", "said"),
    [
        ([subject("User", "old"), subject("User", "ann")], ""),
        ([subject("User", "ann")], ""),
        ([], ""),
        ([subject("User", "old"), subject("User", "eve")], "User eve"),
        ([subject("Group", "old")], "Group old"),
        ([subject("Group", "system:authenticated")], "system:authenticated"),
    ],
)
async def test_a_binding_changes_within_the_rules(
    given: Space, subjects: list[Manifest], said: str
) -> None:
    seen = await given.verdict_on_change("RoleBinding", "given", {"subjects": subjects})

    assert said in seen
    assert bool(said) == bool(seen)


async def test_cluster_admin_is_not_given_even_to_ones_own(space: MakeSpace) -> None:
    acme = await space(subjects=SUBJECTS)
    ruler = binding(subject("User", "oscar"), role="cluster-admin")

    with pytest.raises(Forbidden, match="attempting to grant RBAC permissions not currently held"):
        await acme.user.create(acme.placed(ruler), dry_run=True)


async def test_who_may_bind_cluster_admin_is_refused_as_well(
    space: MakeSpace, as_somebody: Any
) -> None:
    acme = await space(subjects=SUBJECTS)
    ruler = binding(subject("User", "oscar"), role="cluster-admin")
    binder = await as_somebody("bea")
    may_bind = {"apiGroups": [RBAC], "resources": ["clusterroles"], "verbs": ["bind"]}
    write = {"apiGroups": [RBAC], "resources": ["rolebindings"], "verbs": ["create"]}
    await acme.administrator.apply(role("ClusterRole", "binder", may_bind, write))
    bound = binding(subject("User", "bea"), role="binder") | {"kind": "ClusterRoleBinding"}
    bound["metadata"] = {"name": "binder"}
    await acme.administrator.apply(bound)

    assert await acme.verdict(ruler, by=binder) == (
        "tenant acme: subjects: roleRef cluster-admin; it may take down the guards of the "
        "namespace: bind admin, edit, view or a Role"
    )


def role(kind: str, name: str, *rules: Manifest) -> Manifest:
    return {
        "apiVersion": f"{RBAC}/v1",
        "kind": kind,
        "metadata": {"name": name},
        "rules": [*rules],
    }


HELD = {"apiGroups": [""], "resources": ["pods", "secrets"], "verbs": ["get", "create"]}
NOT_HELD = {
    "everything": {"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]},
    "quota": {"apiGroups": [""], "resources": ["resourcequotas"], "verbs": ["update"]},
    "the namespace": {"apiGroups": [""], "resources": ["namespaces"], "verbs": ["update"]},
    "endpoints": {
        "apiGroups": ["discovery.k8s.io"],
        "resources": ["endpointslices"],
        "verbs": ["create"],
    },
    "escalation": {"apiGroups": [RBAC], "resources": ["roles"], "verbs": ["escalate"]},
    "binding": {"apiGroups": [RBAC], "resources": ["rolebindings"], "verbs": ["bind"]},
    "impersonation": {"apiGroups": [""], "resources": ["groups"], "verbs": ["impersonate"]},
}


async def test_roles_grant_what_their_author_holds(space: MakeSpace) -> None:
    assert await (await space()).verdict(role("Role", "own", HELD)) == ""


@pytest.mark.parametrize("rule", NOT_HELD.values(), ids=NOT_HELD)
async def test_roles_grant_nothing_that_their_author_does_not_hold(
    space: MakeSpace, rule: Manifest
) -> None:
    acme = await space()

    with pytest.raises(Forbidden, match="attempting to grant RBAC permissions not currently held"):
        await acme.user.create(acme.placed(role("Role", "more", HELD, rule)), dry_run=True)


async def test_the_largest_binding_is_within_the_cost_of_a_policy(space: MakeSpace) -> None:
    entries = [f"Group:team-{n}-{'x' * 40}" for n in range(64)]
    entries += [f"ServiceAccount:acme-{n}/*" for n in range(64)]
    acme = await space(subjects="\n".join(entries))
    given = [subject("ServiceAccount", f"a{n}", "acme-63") for n in range(100)]

    assert await acme.verdict(binding(*given)) == ""
