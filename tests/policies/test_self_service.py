"""Namespaces that a tenant's people make for themselves."""

from dataclasses import replace
from typing import Any

import pytest

from policies.asking import create
from policies.namespace_requests import LEVEL, TENANT, kept, made, not_yours
from policies.tables import Case, table
from policies.world import World


def unknown(name: str, who: str = "olga") -> str:
    return (
        f"tenant unknown: namespaces: {name} begins with the name of no tenant that {who} may use; "
        "begin it with the name of yours and a hyphen, or add the label tenantry.io/tenant, which "
        "a tenant with a prefix of its own needs"
    )


IN_ITS_NAME = (
    "tenant acme: namespaces: acme-x made in the name of the field manager tenantry; it is the "
    "operator's: leave it out"
)

CREATIONS = {
    "in their tenant": Case(who="olga", asks=create(made("acme-new-one", "acme"))),
    "by the name alone": Case(who="olga", asks=create(made("acme-x"))),
    "with a name that the API server completes": Case(
        who="olga", asks=create(made("", "acme", generateName="acme-ci-"))
    ),
    "with labels of their own": Case(
        who="olga", asks=create(made("acme-x", "acme", labels={"team": "blue"}))
    ),
    "with a prefix of its own": Case(who="umberto", asks=create(made("umb-x", "umbrella"))),
    "by an administrator, in no tenant": Case(who="admin", asks=create(made("anything"))),
    "by who may create them anyway, in no tenant": Case(who="nadia", asks=create(made("anything"))),
    "in the one with the longer name, of two that are theirs": Case(
        who="leo", asks=create(made("acme-labs-x"))
    ),
    "not in no tenant": Case(who="olga", asks=create(made("mine")), hears=unknown("mine")),
    "not by another's name": Case(
        who="olga", asks=create(made("globex-x")), hears=unknown("globex-x")
    ),
    "not by the name of nobody": Case(
        who="olga", asks=create(made("nobody-x")), hears=unknown("nobody-x")
    ),
    "not by a prefix of their own without the label": Case(
        who="umberto", asks=create(made("umb-x")), hears=unknown("umb-x", "umberto")
    ),
    "not in another tenant": Case(
        who="olga",
        asks=create(made("globex-x", "globex")),
        hears=not_yours("globex", "globex-x", "olga"),
    ),
    "not in one that is not there, in the same words": Case(
        who="olga",
        asks=create(made("nobody-x", "nobody")),
        hears=not_yours("nobody", "nobody-x", "olga"),
    ),
    "not with another tenant's name": Case(
        who="olga",
        asks=create(made("globex-x", "acme")),
        hears=not_yours("acme", "globex-x", "olga"),
    ),
    "not with a name that a longer prefix claims": Case(
        who="olga",
        asks=create(made("acme-labs-x")),
        hears=not_yours("acme-labs", "acme-labs-x", "olga"),
    ),
    "not with such a name that is generated": Case(
        who="olga",
        asks=create(made("", "acme", generateName="acme-labs-")),
        hears="tenant acme-labs: namespaces: acme-labs-",
    ),
    "with the name of their tenant, where it has a prefix of its own": Case(
        who="umberto", asks=create(made("umbrella-x", "umbrella"))
    ),
    "not under another name, where it has a prefix of its own": Case(
        who="umberto",
        asks=create(made("umbrellas-x", "umbrella")),
        hears=not_yours("umbrella", "umbrellas-x", "umberto"),
    ),
    "not by calling a name simple that is not": Case(
        who="olga",
        asks=create(made("acme-labs-x", "acme", labels={"tenantry.io/self-service": "simple"})),
        hears=not_yours("acme-labs", "acme-labs-x", "olga"),
    ),
    "not by looking like the operator's": Case(
        who="olga",
        asks=create(made("acme-x", "acme", labels={"app.kubernetes.io/managed-by": "tenantry"})),
        hears=kept("app.kubernetes.io/managed-by", "acme-x"),
    ),
    "by nobody who is not a tenant's": Case(
        who="gitops",
        asks=create(made("acme-x", "acme", labels={"tenantry.io/self-service": "simple"})),
        hears="tenant acme: namespaces: tenantry.io/self-service on acme-x; it is set where "
        "tenants make namespaces for themselves: leave it out",
    ),
    "not with a forged state": Case(
        who="olga",
        asks=create(made("acme-x", "acme", labels={"tenantry.io/state": "active"})),
        hears=kept("tenantry.io/state", "acme-x"),
    ),
    "not with a forged policy": Case(
        who="olga",
        asks=create(made("acme-x", annotations={"policy.tenantry.io/registries": "*"})),
        hears=kept("policy.tenantry.io/registries", "acme-x"),
    ),
    "not with a forged cost center": Case(
        who="olga",
        asks=create(made("acme-x", "acme", labels={"tenantry.io/cost-center": "theirs"})),
        hears=kept("tenantry.io/cost-center", "acme-x"),
    ),
    "not with a Pod Security level": Case(
        who="olga",
        asks=create(made("acme-x", "acme", labels={LEVEL: "privileged"})),
        hears=kept(LEVEL, "acme-x"),
    ),
    **{
        f"not with a right to devices that others use, by {group}": Case(
            who="olga",
            asks=create(made("acme-x", "acme", labels={f"{group}/admin-access": "true"})),
            hears=kept(f"{group}/admin-access", "acme-x"),
        )
        for group in ("resource.kubernetes.io", "resource.k8s.io")
    },
    "not in the operator's name, which would take it for one of its own": Case(
        who="olga",
        asks=replace(create(made("acme-x", "acme")), manager="tenantry"),
        hears=IN_ITS_NAME,
    ),
    "with annotations of their own": Case(
        who="olga", asks=create(made("acme-x", "acme", annotations={"note": "x" * 9000}))
    ),
    **{
        f"not so full of {what} that the operator has no room": Case(
            who="olga",
            asks=create(made("acme-x", "acme", **metadata)),
            hears="tenant acme: namespaces: ",
        )
        for what, metadata in {
            "annotations": {"annotations": {"note": "x" * 200_000}},
            "labels": {"labels": {f"example.com/{n}": "x" * 60 for n in range(300)}},
            "finalizers": {"finalizers": [f"example.com/{'x' * 50}{n}" for n in range(300)]},
        }.items()
    },
}


@table(CREATIONS)
async def test_a_tenants_people_make_namespaces(world: World, case: Case) -> None:
    verdict = await case.verdict(world)

    assert verdict.startswith(case.hears)
    assert bool(verdict) == bool(case.hears)


@pytest.mark.parametrize(
    ("metadata", "sort"),
    [
        pytest.param({"name": "acme-x"}, "simple", id="a word"),
        pytest.param({"name": "acme-x-y"}, "compound", id="several words"),
        pytest.param({"generateName": "acme-"}, "simple", id="a generated word"),
        pytest.param({"generateName": "acme-ci-"}, "compound", id="several, one generated"),
    ],
)
async def test_what_tenants_make_for_themselves_is_told_from_the_rest(
    world: World, metadata: dict[str, Any], sort: str
) -> None:
    space = {"apiVersion": "v1", "kind": "Namespace", "metadata": metadata}

    seen = await create(space).by(world["olga"])

    assert seen["metadata"]["labels"]["tenantry.io/self-service"] == sort


@pytest.mark.parametrize(
    ("who", "metadata", "tenant"),
    [
        pytest.param("olga", {"name": "acme-x"}, "acme", id="from the name"),
        pytest.param("olga", {"name": "acme-x-y-z"}, "acme", id="from a beginning of the name"),
        pytest.param("olga", {"name": "acme-" + "a-" * 15 + "z"}, "acme", id="from many parts"),
        pytest.param("olga", {"name": "acme--x"}, "acme", id="from an odd name"),
        pytest.param("leo", {"name": "acme-labs-x-y"}, "acme-labs", id="from the longest"),
        pytest.param("olga", {"generateName": "acme-ci-"}, "acme", id="from a generated name"),
        pytest.param("gitops", {"name": "acme-x"}, None, id="not for others"),
        pytest.param("admin", {"name": "acme-x"}, None, id="not for administrators"),
    ],
)
async def test_the_label_is_put_on_where_the_name_tells_it(
    world: World, who: str, metadata: dict[str, Any], tenant: str | None
) -> None:
    space = {"apiVersion": "v1", "kind": "Namespace", "metadata": metadata}

    seen = await create(space).by(world[who])

    assert seen["metadata"]["labels"].get(TENANT) == tenant
