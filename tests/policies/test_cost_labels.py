"""Whom something is charged to: set as the namespace says, and not forged by any way in."""

from typing import Any

import pytest

import workloads
from cluster_api import ClusterApi
from policies.asking import At, apply, at, create
from policies.halted import workload
from policies.tables import Case, table
from policies.world import COST, World
from tenantry.api.base import Manifest
from waiting import eventually

WEB = "acme-web"
RIGHT = {"tenantry.io/tenant": "acme", **COST}
FORGED = {
    "tenantry.io/tenant": "globex",
    "tenantry.io/cost-center": "theirs",
    "tenantry.io/environment": "prod",
}
WORKLOADS = (
    "Deployment",
    "StatefulSet",
    "DaemonSet",
    "ReplicaSet",
    "ReplicationController",
    "Job",
    "CronJob",
)
KINDS = ("Pod", "Service", "PersistentVolumeClaim", *WORKLOADS)


def costly(kind: str, name: str = "costly", namespace: str = WEB, **labels: str) -> Manifest:
    """Something that costs."""
    made = {
        "Service": lambda: workloads.service(name, namespace),
        "PersistentVolumeClaim": lambda: _claim(name, namespace),
    }.get(kind, lambda: workload(kind, namespace, name))()
    if labels:
        made["metadata"]["labels"] = labels
    return made


def _claim(name: str, namespace: str) -> Manifest:
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {
            "accessModes": ["ReadWriteOnce"],
            "resources": {"requests": {"storage": "1Gi"}},
        },
    }


def cost(seen: Manifest) -> dict[str, str]:
    """The cost labels of an object."""
    labels = seen["metadata"].get("labels", {})
    return {key: value for key, value in labels.items() if key.startswith("tenantry.io/")}


@pytest.fixture(scope="module", autouse=True)
async def _there(world: World) -> None:
    for kind in KINDS:
        await create(costly(kind, "there")).by(world["olga"], keep=True)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("given", [{}, {"app": "x"}, FORGED], ids=["none", "others", "forged"])
async def test_what_costs_is_labelled_when_it_is_made(
    world: World, kind: str, given: dict[str, str]
) -> None:
    seen = await create(costly(kind, **given)).by(world["olga"])

    assert cost(seen) == RIGHT
    others = {key: value for key, value in given.items() if key not in FORGED}
    assert others.items() <= seen["metadata"]["labels"].items()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("who", ["olga", "admin"])
async def test_what_costs_stays_labelled_when_it_is_changed(
    world: World, kind: str, who: str
) -> None:
    there = At(kind=kind, name="there", namespace=WEB)
    ways = (
        there.merge({"metadata": {"labels": FORGED}}),
        there.strategic({"metadata": {"labels": dict.fromkeys(RIGHT)}}),
        there.json_patch({"op": "remove", "path": "/metadata/labels"}),
        apply(costly(kind, "there", **FORGED)),
    )

    seen = [await one.by(world[who]) for one in ways]

    assert [cost(one) for one in seen] == [RIGHT] * len(ways)


@pytest.mark.parametrize("kind", KINDS)
async def test_outside_tenants_labels_are_left_alone(world: World, kind: str) -> None:
    seen = await create(costly(kind, namespace="plain", **FORGED)).by(world["stranger"])

    assert cost(seen) == FORGED


@pytest.mark.parametrize("kind", ["Deployment", "Service", "PersistentVolumeClaim"])
async def test_an_apply_that_says_nothing_new_writes_nothing(world: World, kind: str) -> None:
    manifest = costly(kind, "quiet", app="quiet")
    olga = world["olga"]
    first = await apply(manifest).by(olga, keep=True)
    place = At(kind=kind, name="quiet", namespace=WEB)

    async def settled() -> tuple[str, str]:
        before = (await _get(olga, place))["metadata"]["resourceVersion"]
        await apply(manifest).by(olga, keep=True)
        return before, (await _get(olga, place))["metadata"]["resourceVersion"]

    assert cost(first) == RIGHT
    # Its controller may write in between, at first.
    await eventually(settled, lambda seen: seen[0] == seen[1])


async def _get(who: ClusterApi, place: At) -> Manifest:
    return await who._client.request("GET", place.path)


def forged(**pairs: str) -> str:
    told = ", ".join(f"tenantry.io/{key.replace('_', '-')}={value}" for key, value in pairs.items())
    return f"tenant acme: cost labels: {told}; they follow the namespace: leave them out"


SUBRESOURCES = {
    f"{kind}'s {subresource} does not forge them": Case(
        who="olga",
        asks=At(kind=kind, name="there", namespace=WEB, subresource=subresource).merge(
            {"metadata": {"labels": {"tenantry.io/cost-center": "theirs"}}}
        ),
        hears=forged(cost_center="theirs"),
    )
    for kind, subresource in (
        ("Pod", "status"),
        ("Service", "status"),
        ("PersistentVolumeClaim", "status"),
    )
} | {
    "a status is written with labels of one's own": Case(
        who="olga",
        asks=At(kind="Pod", name="there", namespace=WEB, subresource="status").merge(
            {"metadata": {"labels": {"mine": "x"}}}
        ),
    ),
}


@table(SUBRESOURCES)
async def test_what_no_policy_corrects_is_refused(world: World, case: Case) -> None:
    assert await case.verdict(world) == case.hears


async def test_a_debugged_pod_keeps_its_labels(world: World) -> None:
    there = At(kind="Pod", name="there", namespace=WEB, subresource="ephemeralcontainers")

    seen = await there.strategic({"metadata": {"labels": FORGED}}).by(world["olga"])

    assert cost(seen) == RIGHT


def selecting(kind: str, **selector: Any) -> Manifest:
    """A workload whose pods are selected so."""
    made = workload(kind, WEB, "costly")
    made["spec"]["template"]["metadata"] = {
        "labels": {"app": "costly", "tenantry.io/tenant": "acme"}
    }
    made["spec"]["selector"] = made["spec"]["selector"] | selector
    return made


REFUSED = (
    "tenant acme: cost labels: selector on tenantry.io/tenant; select pods by labels of your own, "
    "for these follow the namespace"
)
BY_LABELS = {"matchLabels": {"app": "costly", "tenantry.io/tenant": "acme"}}
BY_EXPRESSION = {"matchExpressions": [{"key": "tenantry.io/tenant", "operator": "Exists"}]}

SELECTORS = {
    **{
        f"a {kind} does not select by {how}": Case(
            who="olga", asks=create(selecting(kind, **selector)), hears=REFUSED
        )
        for kind in ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet")
        for how, selector in (("labels", BY_LABELS), ("expression", BY_EXPRESSION))
    },
    "a ReplicationController does not": Case(
        who="olga",
        asks=create(selecting("ReplicationController", **{"tenantry.io/tenant": "acme"})),
        hears=REFUSED,
    ),
    "a template may carry what it will": Case(who="olga", asks=create(selecting("Deployment"))),
    "a Service selects by them": Case(
        who="olga",
        asks=At(kind="Service", name="there", namespace=WEB).merge(
            {"spec": {"selector": {"tenantry.io/tenant": "acme"}}}
        ),
    ),
}


@table(SELECTORS)
async def test_workloads_select_pods_by_labels_that_stay(world: World, case: Case) -> None:
    assert await case.verdict(world) == case.hears


async def test_pods_that_controllers_make_are_labelled(world: World) -> None:
    async def pods() -> list[Manifest]:
        return await world.admin.list("Pod", WEB, "app=there")

    made = await eventually(pods)

    assert [cost(one) for one in made] == [RIGHT] * len(made)


@pytest.fixture
async def unlabelled(world: World) -> Any:
    """An API server that sets no labels, as before Kubernetes 1.36."""
    binding = await world.admin.get("MutatingAdmissionPolicyBinding", "tenantry-cost-labels")
    await world.admin.delete("MutatingAdmissionPolicyBinding", "tenantry-cost-labels")

    async def labelled() -> bool:
        return cost(await create(costly("Service")).by(world["olga"])) == RIGHT

    await eventually(labelled, lambda seen: not seen)
    yield
    del binding["metadata"]["resourceVersion"], binding["metadata"]["uid"]
    await world.admin.create(binding)
    await eventually(labelled)


@pytest.mark.usefixtures("unlabelled")
async def test_where_nothing_sets_them_forged_ones_are_refused(world: World) -> None:
    olga, there = world["olga"], at(costly("Service", "there"))

    for kind in KINDS:
        assert await create(costly(kind)).verdict(olga) == ""
        assert await create(costly(kind, **RIGHT)).verdict(olga) == ""
        assert await create(costly(kind, **FORGED)).verdict(olga) == forged(
            tenant="globex", cost_center="theirs", environment="prod"
        )
    changed = there.merge({"metadata": {"labels": {"tenantry.io/cost-center": "x"}}})
    assert await changed.verdict(olga) == forged(cost_center="x")
    assert await there.merge({"metadata": {"labels": {"mine": "x"}}}).verdict(olga) == ""
