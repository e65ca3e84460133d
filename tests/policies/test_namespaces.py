"""Whose a namespace is, and what its tenant is held to: who may change it, by any way in."""

from policies.asking import At, apply, create
from policies.namespace_requests import (
    LEVEL,
    TENANT,
    annotations,
    kept,
    labels,
    made,
    not_yours,
    of,
)
from policies.tables import Case, table
from policies.world import World, space

WEB = At(kind="Namespace", name="acme-web")
PLAIN = At(kind="Namespace", name="plain")


def not_out(who: str) -> str:
    return (
        f"tenant acme: namespaces: acme-web cannot be taken out of this tenant by {who}; ask a "
        "platform administrator"
    )


OWNERS = (
    "tenant acme: namespaces: change of ownerReferences on acme-web; a tenant's namespace has no "
    "owner: its Tenant says how it ends"
)
OWNER = {"apiVersion": "v1", "kind": "ConfigMap", "name": "mine", "uid": "1-2-3"}
SYSTEM = "belongs to the system; only platform administrators may put it into a tenant"

MOVES = {
    "who may use a tenant puts a namespace into it": Case(
        who="gitops", asks=PLAIN.merge(of("acme"))
    ),
    "who may use both moves a namespace from one to the other": Case(
        who="gitops", asks=WEB.merge(of("globex"))
    ),
    "who may use a tenant takes a namespace out": Case(who="gitops", asks=WEB.merge(of(None))),
    "who may use a tenant makes a namespace in it": Case(
        who="gitops", asks=create(made("acme-made", "acme"))
    ),
    "who may use a tenant applies a namespace that is not there": Case(
        who="gitops", asks=apply(made("acme-made", "acme"))
    ),
    "who may not use a tenant does not put a namespace into it": Case(
        who="nadia", asks=PLAIN.merge(of("acme")), hears=not_yours("acme", "plain", "nadia")
    ),
    "who may not use a tenant does not make a namespace in it": Case(
        who="nadia",
        asks=create(made("acme-made", "acme")),
        hears=not_yours("acme", "acme-made", "nadia"),
    ),
    "a tenant that is not there is refused in the same words": Case(
        who="nadia", asks=PLAIN.merge(of("nobody")), hears=not_yours("nobody", "plain", "nadia")
    ),
    "no tenant's name is no tenant": Case(
        who="gitops", asks=PLAIN.merge(of("")), hears=not_yours("", "plain", "gitops")
    ),
    "a tenant that they may not use takes nothing from one that they may": Case(
        who="gitops",
        asks=WEB.merge(of("umbrella")),
        hears=not_yours("umbrella", "acme-web", "gitops"),
    ),
    "who may not use a tenant does not take a namespace out": Case(
        who="nadia", asks=WEB.merge(of(None)), hears=not_out("nadia")
    ),
    "not by a strategic patch": Case(
        who="nadia", asks=WEB.strategic(of(None)), hears=not_out("nadia")
    ),
    "not by a JSON patch": Case(
        who="nadia",
        asks=WEB.json_patch({"op": "remove", "path": "/metadata/labels/tenantry.io~1tenant"}),
        hears=not_out("nadia"),
    ),
    "not by replacing the whole": Case(
        who="nadia", asks=WEB.replace(made("acme-web")), hears=not_out("nadia")
    ),
    "not by server-side apply": Case(
        who="nadia",
        asks=apply(made("acme-web", "globex")),
        hears=not_yours("globex", "acme-web", "nadia"),
    ),
    "not through status": Case(
        who="nadia", asks=WEB.sub("status").merge(of(None)), hears=not_out("nadia")
    ),
    "not through status by a JSON patch": Case(
        who="nadia",
        asks=WEB.sub("status").json_patch(
            {"op": "replace", "path": "/metadata/labels/tenantry.io~1tenant", "value": "globex"}
        ),
        hears=not_yours("globex", "acme-web", "nadia"),
    ),
    "a platform administrator moves what they will": Case(
        who="admin", asks=WEB.merge(of("nobody"))
    ),
    "the operator takes namespaces in": Case(who="operator", asks=PLAIN.merge(of("acme"))),
}

KEYS = {
    "a cost label is kept": Case(
        who="gitops",
        asks=WEB.merge(labels(tenantry_io__cost_center="free")),
        hears=kept("tenantry.io/cost-center"),
    ),
    "the state is kept": Case(
        who="gitops",
        asks=At(kind="Namespace", name="acme-halted").merge(labels(tenantry_io__state=None)),
        hears=kept("tenantry.io/state", "acme-halted"),
    ),
    "the mode is kept": Case(
        who="gitops",
        asks=WEB.merge(labels(policy_tenantry_io__mode="audit")),
        hears=kept("policy.tenantry.io/mode"),
    ),
    "what stays as it was is no matter": Case(
        who="gitops",
        asks=WEB.merge(annotations(policy_tenantry_io__registries="*", note="x")),
        hears="",
    ),
    "a rule is not changed": Case(
        who="gitops",
        asks=WEB.merge(annotations(policy_tenantry_io__exemptions="User:gitops")),
        hears=kept("policy.tenantry.io/exemptions"),
    ),
    "a rule is not taken out": Case(
        who="gitops",
        asks=WEB.sub("status").merge(annotations(policy_tenantry_io__tolerations=None)),
        hears=kept("policy.tenantry.io/tolerations"),
    ),
    "the Pod Security level is kept": Case(
        who="gitops",
        asks=WEB.strategic({"metadata": {"labels": {LEVEL: "privileged"}}}),
        hears=kept(LEVEL),
    ),
    "the Pod Security level is not taken out through finalize": Case(
        who="nadia",
        asks=WEB.sub("finalize").replace(
            space("acme-web", "acme")
            | {"metadata": {"name": "acme-web", "labels": {TENANT: "acme"}}, "spec": {}}
        ),
        hears="tenant acme: namespaces: change of ",
    ),
    "the level of a namespace of no tenant is its own": Case(
        who="nadia", asks=PLAIN.merge({"metadata": {"labels": {LEVEL: "privileged"}}})
    ),
    "the mark of what the operator manages is not forged": Case(
        who="nadia",
        asks=PLAIN.merge({"metadata": {"labels": {"app.kubernetes.io/managed-by": "tenantry"}}}),
        hears=kept("app.kubernetes.io/managed-by", "plain", "-"),
    ),
    "the mark of what Helm manages is nobody's business": Case(
        who="nadia",
        asks=PLAIN.merge({"metadata": {"labels": {"app.kubernetes.io/managed-by": "Helm"}}}),
    ),
    "where its pods go is kept": Case(
        who="gitops",
        asks=WEB.merge(annotations(scheduler_alpha_kubernetes_io__node_selector="zone=a")),
        hears=kept("scheduler.alpha.kubernetes.io/node-selector"),
    ),
    "policy is not put on a namespace of no tenant": Case(
        who="nadia",
        asks=PLAIN.merge(annotations(policy_tenantry_io__registries="*")),
        hears=kept("policy.tenantry.io/registries", "plain", "-"),
    ),
    "a namespace is not born with a policy": Case(
        who="gitops",
        asks=create(made("acme-made", "acme", labels={"policy.tenantry.io/mode": "audit"})),
        hears=kept("policy.tenantry.io/mode", "acme-made"),
    ),
    "a namespace is not born with a level": Case(
        who="gitops",
        asks=apply(made("acme-made", "acme", labels={LEVEL: "privileged"})),
        hears=kept(LEVEL, "acme-made"),
    ),
    "a namespace has no owner": Case(
        who="gitops",
        asks=WEB.merge({"metadata": {"ownerReferences": [OWNER]}}),
        hears=OWNERS,
    ),
    "a namespace is not born with an owner": Case(
        who="gitops",
        asks=create(made("acme-web", "acme", generateName="", ownerReferences=[OWNER])),
        hears=OWNERS,
    ),
    "a namespace of no tenant may have one": Case(
        who="nadia", asks=PLAIN.merge({"metadata": {"ownerReferences": [OWNER]}})
    ),
    "other labels and annotations are free": Case(
        who="nadia", asks=WEB.merge(labels(team="blue") | annotations(example_com__note="x"))
    ),
    "no annotations are so many that the operator has no room": Case(
        who="nadia",
        asks=WEB.merge(annotations(note="x" * 17_000)),
        hears="tenant acme: namespaces: 17",
    ),
    "annotations of a namespace of no tenant are as many as it will": Case(
        who="nadia", asks=PLAIN.merge(annotations(note="x" * 17_000))
    ),
    "the operator writes all of them": Case(
        who="operator",
        asks=WEB.merge(labels(tenantry_io__cost_center="cc-2", policy_tenantry_io__mode="warn")),
    ),
    "a platform administrator writes all of them": Case(
        who="admin", asks=WEB.merge(annotations(policy_tenantry_io__registries="ghcr.io"))
    ),
    "a namespace that says nothing new is finalized": Case(
        who="namespace-controller", asks=WEB.sub("status").merge({"status": {}})
    ),
}

OF_THE_SYSTEM = {
    f"{name} is not pulled into a tenant": Case(
        who="gitops",
        asks=At(kind="Namespace", name=name).merge(of("acme")),
        hears=f"tenant acme: namespaces: {name} {SYSTEM}",
    )
    for name in ("default", "kube-system", "kube-node-lease", "tenantry-system", "shop-system")
} | {
    "a name of the system's is not made in a tenant": Case(
        who="gitops",
        asks=create(made("openshift-acme", "acme")),
        hears=f"tenant acme: namespaces: openshift-acme {SYSTEM}",
    ),
    "a tenant's own namespace may be called system": Case(
        who="gitops", asks=create(made("acme-system", "acme"))
    ),
    "a platform administrator may pull it in": Case(
        who="admin", asks=At(kind="Namespace", name="shop-system").merge(of("acme"))
    ),
    "a system namespace of no tenant changes as it will": Case(
        who="nadia", asks=At(kind="Namespace", name="kube-system").merge(labels(team="x"))
    ),
}

DELETIONS = {
    "who has the right deletes a tenant's namespace": Case(who="nadia", asks=WEB.delete()),
    "a retained namespace is not deleted": Case(
        who="nadia",
        asks=At(kind="Namespace", name="acme-kept").delete(),
        hears="tenant acme: namespaces: deletion of acme-kept, which is retained; only platform "
        "administrators may delete it",
    ),
    "a platform administrator deletes a retained namespace": Case(
        who="admin", asks=At(kind="Namespace", name="acme-kept").delete()
    ),
    "the operator deletes a retained namespace": Case(
        who="operator", asks=At(kind="Namespace", name="acme-kept").delete()
    ),
}


@table(MOVES)
async def test_a_tenants_label_is_for_who_may_use_the_tenant(world: World, case: Case) -> None:
    assert await case.verdict(world) == case.hears


@table(KEYS)
async def test_what_holds_a_tenant_is_the_operators(world: World, case: Case) -> None:
    verdict = await case.verdict(world)

    assert verdict.startswith(case.hears)
    assert bool(verdict) == bool(case.hears)


@table(OF_THE_SYSTEM)
async def test_the_system_stays_out_of_tenants(world: World, case: Case) -> None:
    assert await case.verdict(world) == case.hears


@table(DELETIONS)
async def test_what_is_retained_stays(world: World, case: Case) -> None:
    assert await case.verdict(world) == case.hears
