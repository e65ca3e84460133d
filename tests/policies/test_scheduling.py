"""Which nodes pods go to, and what runs them there."""

from contextlib import suppress
from typing import Any

import pytest

from policies.asking import Asking
from policies.spaces import AsSomebody, MakeSpace, Space
from policies.workload_manifests import TEMPLATED, container, pod, templated
from policies.world import World
from tenantry.api.base import Manifest
from tenantry.cluster.errors import AlreadyExists
from waiting import eventually

DAEMON_SETS = "system:serviceaccount:kube-system:daemon-set-controller"


def requiring(*requirements: Manifest, fields: bool = False) -> Manifest:
    """A required node affinity of one term."""
    terms = [{"matchFields" if fields else "matchExpressions": [*requirements]}]
    return {
        "nodeAffinity": {
            "requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": terms}
        }
    }


def requirement(key: str, operator: str, *values: str) -> Manifest:
    return {"key": key, "operator": operator} | ({"values": [*values]} if values else {})


NODES = "pool=acme\nzone=*\ndisk=ssd"
SELECTED: dict[str, tuple[dict[str, Any], str]] = {
    "no node": ({}, ""),
    "an allowed label": ({"nodeSelector": {"pool": "acme"}}, ""),
    "any value of a label": ({"nodeSelector": {"zone": "b", "disk": "ssd"}}, ""),
    "another value": ({"nodeSelector": {"pool": "globex"}}, "pool=globex"),
    "another label": ({"nodeSelector": {"zone": "a", "gpu": "yes"}}, "gpu=yes"),
    "a label that begins alike": ({"nodeSelector": {"zones": "a"}}, "zones=a"),
    "no value": ({"nodeSelector": {"pool": ""}}, "pool="),
    "allowed values": (
        {"affinity": requiring(requirement("pool", "In", "acme"))},
        "",
    ),
    "values of which one is not allowed": (
        {"affinity": requiring(requirement("pool", "In", "acme", "globex"))},
        "pool=globex",
    ),
    "what a label is not": (
        {"affinity": requiring(requirement("pool", "NotIn", "acme"))},
        "pool=*",
    ),
    "that a label is there": ({"affinity": requiring(requirement("pool", "Exists"))}, "pool=*"),
    "that a label is not there": (
        {"affinity": requiring(requirement("pool", "DoesNotExist"))},
        "pool=*",
    ),
    "more than": ({"affinity": requiring(requirement("cores", "Gt", "4"))}, "cores=*"),
    "whatever of a label that is free": (
        {"affinity": requiring(requirement("zone", "Exists"), requirement("zone", "NotIn", "a"))},
        "",
    ),
    "a node by its name": (
        {"affinity": requiring(requirement("metadata.name", "In", "n1"), fields=True)},
        "metadata.name=n1",
    ),
    "a preference": (
        {
            "affinity": {
                "nodeAffinity": {
                    "preferredDuringSchedulingIgnoredDuringExecution": [
                        {
                            "weight": 1,
                            "preference": {"matchExpressions": [requirement("pool", "Exists")]},
                        }
                    ]
                }
            }
        },
        "",
    ),
}


@pytest.mark.parametrize(("spec", "tried"), SELECTED.values(), ids=SELECTED)
async def test_nodes_are_selected_among_the_tenants(
    space: MakeSpace, spec: dict[str, Any], tried: str
) -> None:
    acme = await space(node_selectors=NODES)

    assert await acme.verdict(pod(**spec)) == (
        f"tenant acme: node-selectors: nodes with {tried}; allowed: pool=acme, zone=*, disk=ssd"
        if tried
        else ""
    )


async def test_a_second_term_counts(space: MakeSpace) -> None:
    acme = await space(node_selectors=NODES)
    affinity = requiring(requirement("pool", "In", "acme"))
    required = affinity["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]
    required["nodeSelectorTerms"].append({"matchExpressions": [requirement("x", "Exists")]})

    assert "nodes with x=*" in await acme.verdict(pod(affinity=affinity))


@pytest.mark.parametrize("kind", TEMPLATED)
async def test_templates_count(space: MakeSpace, kind: str) -> None:
    acme = await space(node_selectors=NODES)

    assert "pool=globex" in await acme.verdict(templated(kind, nodeSelector={"pool": "globex"}))
    assert await acme.verdict(templated(kind, nodeSelector={"pool": "acme"})) == ""


async def test_nodes_are_free_where_the_rule_says_so(space: MakeSpace) -> None:
    acme = await space()

    assert await acme.verdict(pod(nodeSelector={"pool": "globex"})) == ""


async def test_the_namespaces_own_node_selector_is_allowed(space: MakeSpace) -> None:
    acme = await space(node_selectors="zone=*")
    annotation = "scheduler.alpha.kubernetes.io/node-selector"
    await acme.annotate({annotation: "pool=acme, disk=ssd"})

    async def verdict() -> str:
        return await acme.verdict(pod(nodeSelector={"pool": "acme", "disk": "ssd"}))

    await eventually(verdict, lambda seen: seen == "")
    assert "pool=globex" in await acme.verdict(pod(nodeSelector={"pool": "globex"}))


async def test_only_daemon_sets_pin_pods_to_nodes(
    space: MakeSpace, as_somebody: AsSomebody
) -> None:
    acme = await space(node_selectors=NODES)
    controller = await as_somebody(DAEMON_SETS)
    pinned = pod(affinity=requiring(requirement("metadata.name", "In", "n1"), fields=True))
    elsewhere = pod(affinity=requiring(requirement("pool", "Exists")))

    assert await acme.verdict(pinned, by=controller) == ""
    assert "pool=*" in await acme.verdict(elsewhere, by=controller)


@pytest.mark.parametrize("made", [pod, *TEMPLATED])
async def test_no_node_is_named(space: MakeSpace, made: Any) -> None:
    acme = await space()
    named = made(nodeName="n1") if callable(made) else templated(made, nodeName="n1")

    assert await acme.verdict(named) == (
        "tenant acme: node-selectors: nodeName n1; "
        "leave it to the scheduler: choose nodes with nodeSelector"
    )


async def test_owners_do_not_bind_pods_to_nodes(space: MakeSpace) -> None:
    acme = await space()
    binding = {
        "apiVersion": "v1",
        "kind": "Binding",
        "metadata": {"name": "web"},
        "target": {"apiVersion": "v1", "kind": "Node", "name": "n1"},
    }
    root = f"/api/v1/namespaces/{acme.namespace}"

    for path in (f"{root}/pods/web/binding", f"{root}/bindings"):
        asking = Asking(method="POST", path=path, body=binding)
        assert "cannot create resource" in await asking.verdict(acme.user)


async def test_any_scheduler_may_be_named(space: MakeSpace) -> None:
    assert await (await space()).verdict(pod(schedulerName="mine")) == ""


def tolerating(key: str = "", operator: str = "Exists", **fields: Any) -> Manifest:
    return ({"key": key} if key else {}) | {"operator": operator} | fields


TOLERATED = {
    "an allowed taint": (tolerating("acme.example.com/own"), ""),
    "an allowed taint with a value": (tolerating("dedicated", "Equal", value="acme"), ""),
    "a taint that the cluster sets": (tolerating("node.kubernetes.io/not-ready"), ""),
    "an allowed prefix": (tolerating("team.example.com/a"), ""),
    "another's taint": (tolerating("globex.example.com/own"), "of globex.example.com/own"),
    "a control plane's": (
        tolerating("node-role.kubernetes.io/control-plane"),
        "of node-role.kubernetes.io/control-plane",
    ),
    "every taint": (tolerating(), "of every taint"),
    "every taint with an effect": (tolerating(effect="NoSchedule"), "of every taint"),
    "a taint that begins alike": (tolerating("dedicated2"), "of dedicated2"),
}


@pytest.mark.parametrize(("toleration", "tried"), TOLERATED.values(), ids=TOLERATED)
async def test_taints_of_others_are_not_tolerated(
    space: MakeSpace, toleration: Manifest, tried: str
) -> None:
    acme = await space(tolerations="acme.example.com/own\ndedicated\nteam.example.com/*")

    assert await acme.verdict(pod(tolerations=[toleration])) == (
        f"tenant acme: tolerations: toleration {tried}; "
        "allowed: acme.example.com/own, dedicated, team.example.com/*"
        if tried
        else ""
    )


async def test_every_taint_is_tolerated_where_the_rule_says_so(space: MakeSpace) -> None:
    assert await (await space(tolerations="*")).verdict(pod(tolerations=[tolerating()])) == ""


@pytest.fixture
async def running(space: MakeSpace) -> Space:
    """Where the pod ``web`` tolerates what the tenant may no longer."""
    acme = await space(runtime_classes="none")
    with suppress(AlreadyExists):
        await acme.made(pod(tolerations=[tolerating("old")]))
    return acme


def also(toleration: Manifest) -> list[Manifest]:
    return [{"op": "add", "path": "/spec/tolerations/-", "value": toleration}]


async def test_no_toleration_is_added_later(running: Space) -> None:
    verdict = running.verdict_on_change

    assert "toleration of new; allowed: none" in await verdict(
        "Pod", "web", also(tolerating("new"))
    )
    assert "every taint" in await verdict("Pod", "web", also(tolerating()))


async def test_what_everybody_tolerates_is_added_later(running: Space) -> None:
    condition = tolerating("node.kubernetes.io/disk-pressure")

    assert await running.verdict_on_change("Pod", "web", also(condition)) == ""


async def test_tolerations_from_before_stay(running: Space) -> None:
    label = {"metadata": {"labels": {"a": "b"}}}

    assert await running.verdict_on_change("Pod", "web", label) == ""


async def test_a_pod_that_waits_at_a_gate_cannot_go_elsewhere(space: MakeSpace) -> None:
    acme = await space(node_selectors=NODES, tolerations="gate")
    with suppress(AlreadyExists):
        await acme.made(pod(schedulingGates=[{"name": "example.com/wait"}]))
    elsewhere = {"spec": {"nodeSelector": {"pool": "globex"}}}

    assert "pool=globex" in await acme.verdict_on_change("Pod", "web", elsewhere)
    home = {"spec": {"nodeSelector": {"pool": "acme"}}}
    assert await acme.verdict_on_change("Pod", "web", home) == ""


@pytest.fixture(scope="module")
async def sandboxes(world: World) -> None:
    """Two runtime classes."""
    for name in ("gvisor", "kata-fast"):
        await world.admin.apply(
            {
                "apiVersion": "node.k8s.io/v1",
                "kind": "RuntimeClass",
                "metadata": {"name": name},
                "handler": "runc",
            }
        )


@pytest.mark.usefixtures("sandboxes")
@pytest.mark.parametrize("kind", ["Pod", *TEMPLATED])
async def test_runtime_classes_are_those_of_the_tenant(space: MakeSpace, kind: str) -> None:
    acme = await space(runtime_classes="kata-*")

    def made(runtime: str) -> Manifest:
        if kind == "Pod":
            return pod(runtimeClassName=runtime)
        return templated(kind, runtimeClassName=runtime)

    assert await acme.verdict(made("kata-fast")) == ""
    assert await acme.verdict(made("gvisor")) == (
        "tenant acme: runtime-classes: runtimeClassName gvisor; allowed: kata-*"
    )


async def test_the_largest_pod_is_within_the_cost_of_a_policy(space: MakeSpace) -> None:
    entries = "\n".join(f"key-{n}.example.com/{'x' * 40}=*" for n in range(63)) + "\npool=*"
    keys = "\n".join(f"key-{n}.example.com/{'x' * 40}" for n in range(63)) + "\nlast"
    acme = await space(node_selectors=entries, tolerations=keys)
    values = [f"v{n}" for n in range(64)]
    large = pod(
        containers=[container(name=f"c{n}") for n in range(50)],
        affinity=requiring(*(requirement("pool", "In", *values) for _ in range(8))),
        tolerations=[tolerating("last", "Equal", value=f"v{n}") for n in range(64)],
    )

    assert await acme.verdict(large) == ""
