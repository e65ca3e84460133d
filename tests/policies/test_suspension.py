"""Suspended, parked and unfinished namespaces: what starts there, and what goes on."""

from typing import Any

import pytest

import workloads
from policies.asking import Asking, At, create
from policies.tables import Case, table
from policies.world import World
from tenantry.api.base import Manifest
from tenantry.cluster.errors import Forbidden
from waiting import eventually

HALTED, PARKED, NEW = "acme-halted", "acme-parked", "acme-new"
KEPT, WEB, PLAIN = "acme-kept", "acme-web", "plain"
UNKNOWN_IMAGE = (
    f"tenant acme: registries: image {workloads.IMAGE.split(':')[0]}; "
    "allowed: nothing before the operator has prepared the namespace"
)
KINDS = ("Pod", "Deployment", "ReplicaSet", "StatefulSet", "DaemonSet", "Job", "CronJob")


def workload(kind: str, namespace: str, name: str = "new") -> Manifest:
    """The least of a kind that runs, or makes something run."""
    deployment = workloads.deployment(name, namespace)
    template = deployment["spec"]["template"]
    selected = {"selector": deployment["spec"]["selector"], "template": template}
    job = {"template": {"spec": workloads.pod_spec() | {"restartPolicy": "Never"}}}
    specs: dict[str, tuple[str, Manifest]] = {
        "Pod": ("v1", workloads.pod_spec()),
        "Deployment": ("apps/v1", selected),
        "ReplicaSet": ("apps/v1", selected),
        "StatefulSet": ("apps/v1", selected | {"serviceName": name}),
        "DaemonSet": ("apps/v1", selected),
        "ReplicationController": ("v1", {"selector": {"app": name}, "template": template}),
        "Job": ("batch/v1", job),
        "CronJob": ("batch/v1", {"schedule": "0 0 * * *", "jobTemplate": {"spec": job}}),
    }
    api_version, spec = specs[kind]
    return {
        "apiVersion": api_version,
        "kind": kind,
        "metadata": {"name": name, "namespace": namespace},
        "spec": spec,
    }


def plural(kind: str) -> str:
    return At(kind=kind).path.rpartition("/")[2]


def suspended(operation: str, what: str) -> str:
    return (
        f"tenant acme: suspended: {operation} of {what}; reading works, starting and changing do "
        "not: ask a platform administrator"
    )


def parked(operation: str, what: str) -> str:
    return (
        f"tenant acme: parked: {operation} of {what}; the tenant has more namespaces than it may "
        "have: delete one, or ask a platform administrator for room"
    )


def unready(kind: str) -> str:
    return (
        f"tenant acme: readiness: {kind} in {NEW}, which does not carry the policy of its tenant "
        "yet; try again in a moment, or see kubectl get tenant acme"
    )


@pytest.fixture(scope="module", autouse=True)
async def _running(world: World) -> None:
    """What ran before the tenant was suspended, made by the administrator."""
    for namespace in (HALTED, WEB):
        for kind in ("Pod", "Deployment", "CronJob"):
            await create(workload(kind, namespace, "old")).by(world.admin, keep=True)


def scale(replicas: int) -> Asking:
    there = At(kind="Deployment", name="old", namespace=HALTED, subresource="scale")
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
        for kind in KINDS
    },
    **{
        f"elsewhere {who} creates a {kind}": Case(who=who, asks=create(workload(kind, namespace)))
        for kind in KINDS
        for who, namespace in (("olga", WEB), ("stranger", PLAIN), ("stranger", KEPT))
    },
}

_METADATA: Manifest = {"name": "new", "namespace": HALTED}
_WRITTEN: dict[str, Manifest] = {
    "ConfigMap": {"apiVersion": "v1"},
    "Secret": {"apiVersion": "v1"},
    "ServiceAccount": {"apiVersion": "v1"},
    "Service": {"apiVersion": "v1", "spec": {"ports": [{"port": 80}]}},
    "PersistentVolumeClaim": {
        "apiVersion": "v1",
        "spec": {
            "accessModes": ["ReadWriteOnce"],
            "resources": {"requests": {"storage": "1Gi"}},
        },
    },
    "Ingress": {
        "apiVersion": "networking.k8s.io/v1",
        "spec": {"defaultBackend": {"service": {"name": "x", "port": {"number": 80}}}},
    },
    "NetworkPolicy": {"apiVersion": "networking.k8s.io/v1", "spec": {"podSelector": {}}},
    "Role": {"apiVersion": "rbac.authorization.k8s.io/v1", "rules": []},
    "RoleBinding": {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "roleRef": {
            "apiGroup": "rbac.authorization.k8s.io",
            "kind": "ClusterRole",
            "name": "view",
        },
    },
}


def written(kind: str, **metadata: Any) -> Asking:
    return create(_WRITTEN[kind] | {"kind": kind, "metadata": _METADATA | metadata})


CHANGING = {
    **{
        f"{who} writes no {kind}": Case(
            who=who,
            asks=written(kind),
            hears=suspended("create", f"{plural(kind)} new"),
        )
        for kind in _WRITTEN
        for who in ("olga", "ci")
    },
    **{
        f"who is not the tenant's writes a {kind}": Case(who="stranger", asks=written(kind))
        for kind in _WRITTEN
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


@pytest.mark.parametrize("who", ["olga", "ci"])
async def test_a_suspended_tenants_people_do_not_get_into_a_container(
    world: World, who: str
) -> None:
    path = f"{old('Pod').sub('exec').path}?command=ls&stdout=true"

    with pytest.raises(Forbidden) as refused:
        await Asking(method="POST", path=path).by(world[who], keep=True)

    assert suspended("connect", "pods/exec old") in str(refused.value)


async def test_a_pod_that_is_deleted_is_replaced_by_the_real_controller(world: World) -> None:
    async def uids() -> set[str]:
        pods = await world.admin.list("Pod", HALTED, "app=old")
        return {one["metadata"]["uid"] for one in pods}

    before = await eventually(uids)
    for one in await world.admin.list("Pod", HALTED, "app=old"):
        await world.admin.delete("Pod", one["metadata"]["name"], HALTED)

    assert await eventually(uids, lambda seen: seen - before)
