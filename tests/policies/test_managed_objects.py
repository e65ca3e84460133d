"""What the operator owns in a tenant's namespace, against those who may do anything there."""

from functools import partial
from typing import Any

from policies.asking import At, apply, at, create
from policies.tables import Case, table
from policies.world import OWNED, World, own, space
from tenantry.api.base import Manifest
from waiting import eventually_gone

MINE: Manifest = {"metadata": {"labels": {"mine": "yes"}}}
BY_KIND = {one["kind"]: one for one in OWNED}
QUOTA, DEFAULT = at(BY_KIND["ResourceQuota"]), at(BY_KIND["ServiceAccount"])
ISOLATION, OWNERS = at(BY_KIND["NetworkPolicy"]), at(BY_KIND["RoleBinding"])


def refused(operation: str, kind: str, name: str = "tenantry") -> str:
    return (
        f"tenant acme: managed objects: {operation} of {kind} {name}; names tenantry and "
        "tenantry-* and the label app.kubernetes.io/managed-by=tenantry are the operator's: change "
        "the Tenant, or make one of your own under another name"
    )


def theirs(manifest: Manifest, name: str = "mine", **metadata: Any) -> Manifest:
    """The like, made by the tenant."""
    place = {"name": name, "namespace": manifest["metadata"]["namespace"]}
    return manifest | {"metadata": place | metadata}


WAYS = {
    f"{by} cannot {way} the {kind}": Case(who=by, asks=asks, hears=refused(operation, kind, name))
    for kind, one in BY_KIND.items()
    for name in (one["metadata"]["name"],)
    for by in ("olga", "stranger")
    for way, operation, asks in (
        ("merge into", "update", at(one).merge(MINE)),
        ("patch", "update", at(one).strategic(MINE)),
        (
            "JSON-patch",
            "update",
            at(one).json_patch({"op": "remove", "path": "/metadata/labels/tenantry.io~1tenant"}),
        ),
        ("replace", "update", at(one).replace(theirs(one, name))),
        ("apply over", "update", apply(theirs(one, name, labels={"mine": "yes"}))),
        ("delete", "delete", at(one).delete()),
    )
} | {
    f"nobody deletes the {kind} with all others": Case(
        who="olga",
        asks=At(kind=kind, namespace="acme-web").delete(),
        hears=refused("delete", kind, one["metadata"]["name"]),
    )
    for kind, one in BY_KIND.items()
}

TRICKS = {
    "the quota is not raised": Case(
        who="olga",
        asks=QUOTA.merge({"spec": {"hard": {"pods": "5000"}}}),
        hears=refused("update", "ResourceQuota"),
    ),
    "the quota's status is not forged": Case(
        who="olga",
        asks=QUOTA.sub("status").merge({"status": {"hard": {"pods": "5000"}}}),
        hears=refused("update", "ResourceQuota"),
    ),
    "an owner that is not there does not have it collected": Case(
        who="olga",
        asks=QUOTA.merge(
            {
                "metadata": {
                    "ownerReferences": [
                        {"apiVersion": "v1", "kind": "Pod", "name": "x", "uid": "1-2-3"}
                    ]
                }
            }
        ),
        hears=refused("update", "ResourceQuota"),
    ),
    "what looks like the operator's is not made": Case(
        who="olga",
        asks=create(own("NetworkPolicy", "mine", spec={"podSelector": {}})),
        hears=refused("create", "NetworkPolicy", "mine"),
    ),
    "what is theirs does not become the operator's": Case(
        who="olga",
        asks=At(kind="NetworkPolicy", name="web", namespace="acme-web").merge(
            {"metadata": {"labels": own("NetworkPolicy")["metadata"]["labels"]}}
        ),
        hears=refused("update", "NetworkPolicy", "web"),
    ),
    "the operator's names are not taken": Case(
        who="olga",
        asks=create(theirs(BY_KIND["RoleBinding"], "tenantry-viewers")),
        hears=refused("create", "RoleBinding", "tenantry-viewers"),
    ),
    "nor by a generated name": Case(
        who="olga",
        asks=create(theirs(BY_KIND["LimitRange"], "", generateName="tenantry-")),
        hears="tenant acme: managed objects: create of LimitRange tenantry-",
    ),
    "a token is not mounted by default": Case(
        who="olga",
        asks=DEFAULT.merge({"automountServiceAccountToken": True}),
        hears=refused("update", "ServiceAccount", "default"),
    ),
    "the default account pulls images with their secret": Case(
        who="olga", asks=DEFAULT.merge({"imagePullSecrets": [{"name": "registry"}]})
    ),
    "what they make they change": Case(
        who="olga",
        asks=At(kind="NetworkPolicy", name="web", namespace="acme-web").merge(MINE),
    ),
    "what they make they delete": Case(
        who="olga", asks=At(kind="NetworkPolicy", name="web", namespace="acme-web").delete()
    ),
    **{
        f"they make a {kind} of their own": Case(who="olga", asks=create(theirs(one)))
        for kind, one in BY_KIND.items()
    },
    "a ServiceAccount may be called after the product": Case(
        who="olga", asks=create(theirs(BY_KIND["ServiceAccount"], "tenantry"))
    ),
    "a chart that says it is managed by another is theirs": Case(
        who="olga",
        asks=create(
            theirs(BY_KIND["NetworkPolicy"], labels={"app.kubernetes.io/managed-by": "Helm"})
        ),
    ),
}

THOSE_WHO_MAY = {
    **{
        f"{who} changes the {kind}": Case(who=who, asks=at(one).merge(MINE))
        for kind, one in BY_KIND.items()
        for who in ("admin", "operator", "namespace-controller", "service-account-controller")
    },
    **{
        f"{who} deletes the {kind}": Case(who=who, asks=at(one).delete())
        for kind, one in BY_KIND.items()
        for who in ("admin", "namespace-controller")
    },
    "its controller writes the quota's status": Case(
        who="resourcequota-controller",
        asks=QUOTA.sub("status").merge({"status": {"used": {"pods": "1"}}}),
    ),
    "the namespace's end takes all": Case(
        who="namespace-controller", asks=At(kind="RoleBinding", namespace="acme-web").delete()
    ),
    "outside tenants the names are anybody's": Case(
        who="stranger",
        asks=create(own("NetworkPolicy", namespace="plain", spec={"podSelector": {}})),
    ),
}


async def test_a_tenants_namespace_ends_with_all_that_is_in_it(world: World) -> None:
    admin, name = world.admin, "acme-gone"
    await create(space(name, "acme")).by(admin, keep=True)
    for one in OWNED[:-1]:
        inside = one["metadata"] | {"namespace": name}
        await create(one | {"metadata": inside}).by(admin, keep=True)

    await world["nadia"].delete("Namespace", name)

    await eventually_gone(partial(admin.get, "Namespace", name))


@table(WAYS)
async def test_what_the_operator_owns_stays(world: World, case: Case) -> None:
    assert await case.verdict(world) == case.hears


@table(TRICKS)
async def test_tenants_have_what_they_make_and_nothing_else(world: World, case: Case) -> None:
    verdict = await case.verdict(world)

    assert verdict.startswith(case.hears)
    assert bool(verdict) == bool(case.hears)


@table(THOSE_WHO_MAY)
async def test_those_who_keep_the_cluster_going_are_not_hindered(world: World, case: Case) -> None:
    assert await case.verdict(world) == case.hears
