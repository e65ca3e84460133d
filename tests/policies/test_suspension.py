"""Suspended, parked and unfinished namespaces: what starts there, and what goes on."""

import pytest

import workloads
from policies.asking import Asking, At, create
from policies.halted import (
    HALTED,
    NEW,
    PARKED,
    SPENT,
    WRITTEN,
    parked,
    plural,
    spent,
    suspended,
    unready,
    workload,
    written,
)
from policies.spaces import AsSomebody, MakeSpace
from policies.tables import Case, table
from policies.world import World
from tenantry.api.base import Manifest
from tenantry.cluster.errors import Forbidden
from waiting import eventually

KEPT, WEB, PLAIN = "acme-kept", "acme-web", "plain"
UNKNOWN_IMAGE = (
    f"tenant acme: registries: image {workloads.IMAGE.split(':')[0]}; "
    "allowed: nothing before the operator has prepared the namespace"
)
KINDS = ("Pod", "Deployment", "ReplicaSet", "StatefulSet", "DaemonSet", "Job", "CronJob")


@pytest.fixture(scope="module", autouse=True)
async def _running(world: World) -> None:
    """What ran before the tenant was suspended, made by the administrator."""
    for namespace in (HALTED, SPENT, WEB):
        for kind in ("Pod", "Deployment", "CronJob", "Application"):
            await create(workload(kind, namespace, "old")).by(world.admin, keep=True)


def scale(replicas: int, namespace: str = HALTED) -> Asking:
    there = At(kind="Deployment", name="old", namespace=namespace, subresource="scale")
    return there.merge({"spec": {"replicas": replicas}})


MARK: Manifest = {"metadata": {"annotations": {"note": "x"}}}


def old(kind: str, namespace: str = HALTED) -> At:
    return At(kind=kind, name="old", namespace=namespace)


STARTING = {
    **{
        f"{who} creates no {kind} in a suspended namespace": Case(
            who=who,
            asks=create(workload(kind, HALTED)),
            hears=suspended("create", f"{plural(kind)} new"),
        )
        for kind in KINDS
        for who in ("olga", "stranger", "ci")
    },
    **{
        f"{who} creates no {kind} in a parked namespace": Case(
            who=who,
            asks=create(workload(kind, PARKED)),
            hears=parked("create", f"{plural(kind)} new"),
        )
        for kind in ("Pod", "Deployment")
        for who in ("olga", "stranger")
    },
    **{
        f"nor does {who} through an Application": Case(
            who=who,
            asks=create(workload("Application", HALTED)),
            hears=suspended("create", "applications new"),
        )
        for who in ("olga", "stranger", "ci")
    },
    "nor through an Application that is there": Case(
        who="olga",
        asks=old("Application").merge({"spec": {"description": "x"}}),
        hears=suspended("update", "applications old"),
    ),
    "an Application that is being deleted is let go": Case(
        who="stranger", asks=old("Application").merge(MARK)
    ),
    "nor through an Application in a parked namespace": Case(
        who="olga",
        asks=create(workload("Application", PARKED)),
        hears=parked("create", "applications new"),
    ),
    **{
        f"{who} creates no {kind} beyond the budget": Case(
            who=who,
            asks=create(workload(kind, SPENT)),
            hears=spent("create", f"{plural(kind)} new"),
        )
        for kind in ("Pod", "Deployment", "CronJob", "Application")
        for who in ("olga", "stranger")
    },
    "nothing is scaled up beyond the budget": Case(
        who="olga", asks=scale(5, SPENT), hears=spent("update", "deployments/scale old")
    ),
    "beyond the budget a schedule starts no Job": Case(
        who="cronjob-controller",
        asks=create(workload("Job", SPENT)),
        hears=spent("create", "jobs new"),
    ),
    "beyond the budget what fails is replaced": Case(
        who="replicaset-controller", asks=create(workload("Pod", SPENT))
    ),
    "to be within the budget again one scales down": Case(who="olga", asks=scale(0, SPENT)),
    "and deletes": Case(who="olga", asks=old("CronJob", SPENT).delete()),
    "and writes what does not run": Case(who="olga", asks=written("ConfigMap", namespace=SPENT)),
    "nor through the older kind": Case(
        who="olga",
        asks=create(workload("ReplicationController", HALTED)),
        hears=suspended("create", "replicationcontrollers new"),
    ),
    "a Deployment is not changed": Case(
        who="olga",
        asks=old("Deployment").merge(MARK),
        hears=suspended("update", "deployments old"),
    ),
    "a Deployment is not scaled up": Case(
        who="olga", asks=scale(5), hears=suspended("update", "deployments/scale old")
    ),
    "the autoscaler does not scale up": Case(
        who="horizontal-pod-autoscaler",
        asks=scale(5),
        hears=suspended("update", "deployments/scale old"),
    ),
    "the autoscaler scales down": Case(who="horizontal-pod-autoscaler", asks=scale(0)),
    "a schedule starts no Job": Case(
        who="cronjob-controller",
        asks=create(workload("Job", HALTED)),
        hears=suspended("create", "jobs new"),
    ),
    "no container is put into a running pod": Case(
        who="olga",
        asks=old("Pod")
        .sub("ephemeralcontainers")
        .strategic(
            {"spec": {"ephemeralContainers": [workloads.pod_spec(name="x")["containers"][0]]}}
        ),
        hears=suspended("update", "pods/ephemeralcontainers old"),
    ),
    "what fails is replaced": Case(
        who="replicaset-controller", asks=create(workload("Pod", HALTED))
    ),
    "a rollout goes on": Case(
        who="deployment-controller", asks=create(workload("ReplicaSet", HALTED))
    ),
    "a Job is counted": Case(who="job-controller", asks=old("Pod").merge(MARK)),
    "nothing is replaced in a parked namespace": Case(
        who="replicaset-controller",
        asks=create(workload("Pod", PARKED)),
        hears=parked("create", "pods new"),
    ),
    **{
        f"a platform administrator creates a {kind}": Case(
            who="admin", asks=create(workload(kind, HALTED))
        )
        for kind in (*KINDS, "Application")
    },
    **{
        f"elsewhere {who} creates a {kind}": Case(who=who, asks=create(workload(kind, namespace)))
        for kind in (*KINDS, "Application")
        for who, namespace in (("olga", WEB), ("stranger", PLAIN), ("stranger", KEPT))
    },
}

CHANGING = {
    **{
        f"{who} writes no {kind}": Case(
            who=who,
            asks=written(kind),
            hears=suspended("create", f"{plural(kind)} new"),
        )
        for kind in WRITTEN
        for who in ("olga", "ci")
    },
    **{
        f"who is not the tenant's writes a {kind}": Case(who="stranger", asks=written(kind))
        for kind in WRITTEN
        if kind != "RoleBinding"
    },
    "nothing is changed": Case(
        who="ci",
        asks=At(kind="ConfigMap", name="kube-root-ca.crt", namespace=HALTED).merge(MARK),
        hears=suspended("update", "configmaps kube-root-ca.crt"),
    ),
    "nothing is deleted": Case(
        who="ci", asks=old("Deployment").delete(), hears=suspended("delete", "deployments old")
    ),
    "no Application is deleted": Case(
        who="ci", asks=old("Application").delete(), hears=suspended("delete", "applications old")
    ),
    "nothing is deleted with all others": Case(
        who="ci",
        asks=At(kind="CronJob", namespace=HALTED).delete(),
        hears=suspended("delete", "cronjobs old"),
    ),
    "elsewhere it is": Case(who="olga", asks=old("Deployment", WEB).delete()),
}

READINESS = {
    **{
        f"{who} creates no {kind}": Case(
            who=who, asks=create(workload(kind, NEW)), hears=unready(kind)
        )
        for kind in (*KINDS, "ReplicationController")
        for who in ("olga", "admin", "replicaset-controller")
    },
    "what does not run is made": Case(who="olga", asks=written("ConfigMap", namespace=NEW)),
}


@table(STARTING)
async def test_nothing_starts_and_what_runs_goes_on(world: World, case: Case) -> None:
    assert await case.verdict(world) == case.hears


@table(CHANGING)
async def test_a_suspended_tenants_people_look_and_touch_nothing(world: World, case: Case) -> None:
    assert await case.verdict(world) == case.hears


@table(READINESS)
async def test_nothing_starts_before_the_operator_is_done(world: World, case: Case) -> None:
    verdict = await case.verdict(world)

    # Of several policies that refuse, the API server names any; administrators hear of one only.
    assert verdict == case.hears or (case.who != "admin" and verdict == UNKNOWN_IMAGE)


@pytest.mark.parametrize("who", ["olga", "ci"])
async def test_a_suspended_tenants_people_read(world: World, who: str) -> None:
    assert await world[who].get("Pod", "old", HALTED)
    assert await world[who].list("Deployment", HALTED)


REACHED = {
    "by exec": ("pods/old/exec?command=ls&stdout=true", "connect of pods/exec old"),
    "through the API server": ("pods/old/proxy/", "connect of pods/proxy old"),
    "through a Service": ("services/old/proxy/", "connect of services/proxy old"),
}


@pytest.mark.parametrize("who", ["olga", "ci"])
@pytest.mark.parametrize(("path", "what"), REACHED.values(), ids=REACHED)
async def test_a_suspended_tenants_people_do_not_get_into_a_container(
    world: World, who: str, path: str, what: str
) -> None:
    asking = Asking(method="POST", path=f"/api/v1/namespaces/{HALTED}/{path}")

    with pytest.raises(Forbidden) as refused:
        await asking.by(world[who], keep=True)

    assert f"tenant acme: suspended: {what}" in str(refused.value)


@pytest.mark.parametrize("who", ["olga", "ci"])
async def test_a_suspended_tenants_people_evict_nothing_and_get_no_tokens(
    world: World, who: str
) -> None:
    eviction: Manifest = {
        "apiVersion": "policy/v1",
        "kind": "Eviction",
        "metadata": {"name": "old", "namespace": HALTED},
    }
    token: Manifest = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest"}
    account = At(kind="ServiceAccount", name="default", namespace=HALTED).sub("token")
    asked = {
        old("Pod").sub("eviction").path: (eviction, "pods/eviction old"),
        account.path: (token | {"spec": {}}, "serviceaccounts/token default"),
    }

    for path, (body, what) in asked.items():
        verdict = await Asking(method="POST", path=path, body=body).verdict(world[who])
        assert verdict == suspended("create", what)


async def test_a_controller_with_all_rights_starts_nothing_for_a_tenant_that_is_suspended(
    as_somebody: AsSomebody,
) -> None:
    argo = await as_somebody("system:serviceaccount:argocd:controller", "system:masters")

    verdict = await create(workload("Deployment", HALTED)).verdict(argo)

    assert verdict == suspended("create", "deployments new")


async def test_everybodys_writes_are_refused_where_everybody_may_be_let_in(
    space: MakeSpace,
) -> None:
    acme = await space(subjects="*", exemptions="User:of-this-test")
    state = {"metadata": {"labels": {"tenantry.io/state": "suspended"}}}
    await acme.administrator.patch("Namespace", acme.namespace, state)
    settings = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "settings"}}

    said = await eventually(lambda: acme.verdict(settings))

    assert said == suspended("create", "configmaps settings")


async def test_a_pod_that_is_deleted_is_replaced_by_the_real_controller(world: World) -> None:
    async def uids() -> set[str]:
        pods = await world.admin.list("Pod", HALTED, "app=old")
        return {one["metadata"]["uid"] for one in pods}

    before = await eventually(uids)
    for one in await world.admin.list("Pod", HALTED, "app=old"):
        await world.admin.delete("Pod", one["metadata"]["name"], HALTED)

    assert await eventually(uids, lambda seen: seen - before)
