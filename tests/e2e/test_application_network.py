"""Who reaches whom, told from a live cluster's NetworkPolicies and pods by an evaluator of ours.

The evaluator knows nothing of Applications: it reads every policy and every pod as a network plugin
would. What no plugin runs here cannot show is packets.
"""

from functools import partial
from itertools import product
from typing import Final

from cluster_api import ClusterApi
from conftest import MakeTenant
from live_applications import LiveApplication, component
from reachability import Address, Cluster, Pod
from tenancy import LiveTenant, condition
from tenantry.api.base import Manifest
from tenantry.api.names import APPLICATION_LABEL
from waiting import eventually

FLOOR: Final = "tenantry"
CLOSED: Final = "tenantry-applications"
PAGE: Final = component(
    "productpage",
    dependsOn=[{"component": "details"}, {"component": "reviews"}, {"component": "ratings"}],
)
BEHIND: Final = (
    component("details"),
    component(
        "reviews",
        versions=[{"name": one, "image": f"example.com/reviews:{one}"} for one in ("v1", "v2")],
        dependsOn=[{"component": "ratings", "versions": ["v2"]}],
    ),
    component("ratings"),
)
NAMES: Final = ("productpage-v1", "details-v1", "reviews-v1", "reviews-v2", "ratings-v1")
CALLS: Final = {
    *(("productpage-v1", one) for one in NAMES[1:]),
    ("reviews-v2", "ratings-v1"),
}
DNS: Final = Pod("kube-system", {"k8s-app": "kube-dns"})
EDGE: Final = Pod("ingress-nginx", {"app": "nginx"})
METADATA: Final = Address("169.254.169.254")
WORLD: Final = Address("203.0.113.7")
SPEC: Final = {
    "allowed": {"hosts": ["*"]},
    "network": {
        "ingressControllers": [{"namespace": "ingress-nginx", "podLabels": {"app": "nginx"}}]
    },
}


async def _policies(api: ClusterApi, *namespaces: str) -> Cluster:
    lists = [await api.list("NetworkPolicy", one) for one in namespaces]
    return Cluster([policy for each in lists for policy in each])


async def _pods(api: ClusterApi, namespace: str) -> dict[str, Pod]:
    """A pod of each workload, by the workload's name."""
    return {
        f"{labels['app']}-{labels['version']}": Pod(namespace, labels)
        for one in await api.list("Pod", namespace)
        if APPLICATION_LABEL in (labels := one["metadata"]["labels"])
    }


async def _selector(api: ClusterApi, namespace: str) -> Manifest:
    floor = await api.get("NetworkPolicy", FLOOR, namespace)
    selector: Manifest = floor["spec"]["podSelector"]
    return selector


async def _names(api: ClusterApi, namespace: str) -> set[str]:
    return {one["metadata"]["name"] for one in await api.list("NetworkPolicy", namespace)}


async def test_two_tenants_run_bookinfo_and_each_pod_reaches_what_is_declared_and_nothing_else(
    api: ClusterApi, make_tenant: MakeTenant
) -> None:
    spaces = [(await make_tenant(suffix, **SPEC)).namespace() for suffix in ("", "-b")]
    for space in spaces:
        exposed = {"expose": [{"host": f"{space}.example.com"}]}
        await LiveApplication(api, "bookinfo", space).apply(PAGE | exposed, *BEHIND)
    for space in spaces:
        await LiveApplication(api, "bookinfo", space).ready()

    cluster = await _policies(api, *spaces)
    running = {
        (space, name): pod for space in spaces for name, pod in (await _pods(api, space)).items()
    }
    assert {name for _, name in running} == {*NAMES}
    for (source, caller), (target, callee) in product(running.items(), repeat=2):
        is_declared = source[0] == target[0] and (source[1], target[1]) in CALLS
        assert cluster.lets(caller, callee, 8080) is is_declared, (source, target)
        assert not cluster.lets(caller, callee, 8081)
    for (space, name), pod in running.items():
        calls = any(caller == name for caller, _ in CALLS)
        assert cluster.lets(pod, DNS, 53, "UDP") is calls, name
        assert cluster.lets(EDGE, pod, 8080) is (name == "productpage-v1"), name
        for stranger in (Pod(space, {}), Pod("default", pod.labels)):
            assert not cluster.lets(stranger, pod, 8080)
            assert not cluster.lets(pod, stranger, 8080)
        for address in (METADATA, WORLD):
            assert not cluster.lets(pod, address, 80)
            assert not cluster.lets(address, pod, 8080)


async def test_the_floor_lets_applications_out_with_the_first_and_takes_them_back_with_the_last(
    api: ClusterApi, make_tenant: MakeTenant
) -> None:
    space = (await make_tenant()).namespace()
    assert await _selector(api, space) == {}

    applications = [LiveApplication(api, name, space) for name in ("one", "two")]
    for one in applications:
        await one.apply(component(one.name))
        await one.ready()
    assert CLOSED in await _names(api, space)
    narrowed = await _selector(api, space)
    assert narrowed == {
        "matchExpressions": [{"key": APPLICATION_LABEL, "operator": "DoesNotExist"}]
    }

    await applications[0].delete()
    assert await _selector(api, space) == narrowed
    await applications[1].delete()

    await eventually(partial(_names, api, space), lambda seen: CLOSED not in seen)
    assert await _selector(api, space) == {}


async def test_what_closes_the_pods_of_applications_comes_back_at_once(
    api: ClusterApi, make_tenant: MakeTenant
) -> None:
    space = (await make_tenant()).namespace()
    hello = LiveApplication(api, "hello", space)
    await hello.apply()
    await hello.ready()
    before = await api.get("NetworkPolicy", CLOSED, space)

    await api.delete("NetworkPolicy", CLOSED, space)

    await eventually(
        partial(api.find, "NetworkPolicy", CLOSED, space),
        lambda seen: seen is not None and seen["metadata"]["uid"] != before["metadata"]["uid"],
    )


async def test_applications_of_two_tenants_meet_while_both_tenants_allow_it_and_both_agree(
    api: ClusterApi, make_tenant: MakeTenant
) -> None:
    calling, called = await make_tenant("-from"), await make_tenant("-to")
    caller, callee = await _agreed(api, calling, called)
    spaces = [calling.namespace(), called.namespace()]

    async def state() -> tuple[str, bool, bool, bool]:
        """What the caller says of the edge, and whether either end of it is open."""
        cluster = await _policies(api, *spaces)
        source, target = [(await _pods(api, one)).popitem()[1] for one in spaces]
        seen = await caller.get()
        enforced = condition(seen, "NetworkPolicyEnforced") or {}
        (dependency,) = seen["status"]["dependencies"]
        return (
            enforced.get("status", ""),
            dependency.get("allowed", True),
            cluster.may(source, target, "Egress", ("TCP", 8080)),
            cluster.may(target, source, "Ingress", ("TCP", 8080)),
        )

    await callee.ready()
    await eventually(partial(_pods, api, caller.namespace))
    closed, opened = ("False", False, False, False), ("True", True, True, True)
    assert await eventually(state, closed.__eq__)
    # One's word is not enough, whosever it is; when either takes it back both ends close.
    for caller_says, callee_says in ((1, 0), (1, 1), (1, 0), (0, 1), (1, 1), (0, 1)):
        await calling.apply(allowed={"tenants": [called.name] if caller_says else []})
        await called.apply(allowed={"tenants": [calling.name] if callee_says else []})
        await eventually(state, (opened if caller_says and callee_says else closed).__eq__)


async def _agreed(
    api: ClusterApi, calling: LiveTenant, called: LiveTenant
) -> tuple[LiveApplication, LiveApplication]:
    """Two Applications that both say that the one calls the other."""
    caller = LiveApplication(api, "shop", calling.namespace())
    callee = LiveApplication(api, "stock", called.namespace())
    there = {"namespace": callee.namespace, "application": "stock", "component": "api"}
    await caller.apply(component("web", dependsOn=[{"external": there}]))
    accepted = {"namespace": caller.namespace, "application": "shop", "component": "web"}
    await callee.apply(component("api", accepts=[accepted]))
    return caller, callee
