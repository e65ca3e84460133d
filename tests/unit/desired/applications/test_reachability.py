"""Who can reach whom when two tenants both run Bookinfo: every pair, by an evaluator of its own."""

from itertools import product

import pytest

from bookinfo import application, bookinfo, component, surroundings
from reachability import Address, Cluster, End, Pod
from tenantry.api.application import Application
from tenantry.api.base import Manifest
from tenantry.desired.applications.labels import version_labels
from tenantry.desired.applications.network import network_policies
from tenantry.desired.applications.parts import parts
from tenantry.desired.applications.surroundings import Surroundings
from tenantry.desired.floor import default_policy, floor_selector
from tenantry.desired.network import network_policy

PRODUCTPAGE, DETAILS, RATINGS = "productpage-v1", "details-v1", "ratings-v1"
R1, R2, R3 = "reviews-v1", "reviews-v2", "reviews-v3"
PODS = (PRODUCTPAGE, DETAILS, R1, R2, R3, RATINGS)
CALLS = {
    *((PRODUCTPAGE, callee) for callee in (DETAILS, R1, R2, R3, RATINGS)),
    (R2, RATINGS),
    (R3, RATINGS),
}
TENANTS = ("acme-prod", "globex-prod")
DNS = Pod("kube-system", {"k8s-app": "kube-dns"}, "dns")
EDGE = Pod("ingress-nginx", {"app": "nginx"}, "edge")
PROMETHEUS = Pod("monitoring", {"app": "prometheus"}, "prometheus")
METADATA = Address("169.254.169.254")
WORLD = Address("203.0.113.7")


def pods_of(made: Application, around: Surroundings) -> dict[str, Pod]:
    """The pods of an Application, one of each version."""
    return {
        f"{part.name}-{version.name}": Pod(
            made.namespace, version_labels(part, version.name), f"{part.name}-{version.name}"
        )
        for part in parts(made, around.facts)
        for version in part.versions
    }


def namespace_policies(around: Surroundings, *, has_applications: bool = True) -> list[Manifest]:
    """The floor of a namespace and what takes Applications out of it."""
    name = around.facts.namespace
    selector = floor_selector(has_applications=has_applications)
    floor = network_policy(name, {}, around.network, (name,), selector)
    return [floor, default_policy(name, {})] if has_applications else [floor]


def cluster(*made: Application) -> tuple[Cluster, dict[tuple[str, str], Pod]]:
    """Everything that runs and all policies over it."""
    policies: list[Manifest] = []
    pods: dict[tuple[str, str], Pod] = {}
    for name in sorted({one.namespace for one in made}):
        policies += namespace_policies(surroundings(namespace=name))
    for one in made:
        others = [other for other in made if other is not one]
        around = surroundings(*others, namespace=one.namespace)
        policies += network_policies(one, around).manifests
        pods |= {(one.namespace, name): pod for name, pod in pods_of(one, around).items()}
    return Cluster(policies), pods


BOTH, RUNNING = cluster(*(bookinfo(name) for name in TENANTS))


@pytest.mark.parametrize(
    ("source", "target"), [*product(product(TENANTS, PODS), repeat=2)], ids="/".join
)
def test_a_pod_reaches_exactly_what_its_version_declares_in_its_own_tenant(
    source: tuple[str, str], target: tuple[str, str]
) -> None:
    is_declared = source[0] == target[0] and (source[1], target[1]) in CALLS
    caller, callee = RUNNING[source], RUNNING[target]
    assert BOTH.lets(caller, callee, 9080) is is_declared
    assert not BOTH.lets(caller, callee, 9081)
    assert not BOTH.lets(caller, callee, 9080, "UDP")
    assert BOTH.may(caller, callee, "Egress", ("TCP", 9080)) is is_declared
    assert BOTH.may(callee, caller, "Ingress", ("TCP", 9080)) is is_declared


@pytest.mark.parametrize("tenant", TENANTS)
@pytest.mark.parametrize("name", PODS)
def test_the_platform_and_the_world_meet_only_who_asks_for_them(tenant: str, name: str) -> None:
    pod = RUNNING[tenant, name]
    calls = any(caller == name for caller, _ in CALLS)
    assert BOTH.lets(pod, DNS, 53, "UDP") is calls
    assert BOTH.lets(pod, DNS, 53, "TCP") is calls
    assert not BOTH.lets(pod, DNS, 9153)
    assert BOTH.lets(EDGE, pod, 9080) is (name == PRODUCTPAGE)
    assert not BOTH.lets(EDGE, pod, 9090)
    assert not BOTH.lets(Pod("ingress-nginx", {}), pod, 9080)
    assert BOTH.lets(PROMETHEUS, pod, 9080) is (name == PRODUCTPAGE)
    assert not BOTH.lets(WORLD, pod, 9080)
    for address in (METADATA, WORLD, Address("10.0.0.1"), Address("2001:db8::1")):
        assert not BOTH.lets(pod, address, 80)


STRANGERS = [
    pytest.param(Pod("acme-prod", {}), id="a pod of the namespace that is of no Application"),
    pytest.param(
        Pod("acme-prod", {"tenantry.io/application": "nothing"}),
        id="a pod of the namespace that claims to be of an Application that is not there",
    ),
    pytest.param(
        Pod("globex-prod", {"tenantry.io/application": "bookinfo", "app": "productpage"}),
        id="a pod of another tenant with the caller's labels",
    ),
    pytest.param(
        Pod("evil", {"k8s-app": "kube-dns", "app": "nginx"}),
        id="a pod elsewhere with the platform's labels",
    ),
]


@pytest.mark.parametrize("stranger", STRANGERS)
@pytest.mark.parametrize("name", PODS)
def test_strangers_reach_nothing_and_are_not_reached(stranger: Pod, name: str) -> None:
    pod = RUNNING["acme-prod", name]
    assert not BOTH.lets(stranger, pod, 9080)
    assert not BOTH.lets(pod, stranger, 9080)


def test_the_label_alone_lets_a_pod_out_of_the_floor_into_nothing() -> None:
    claimed = Pod("acme-prod", {"tenantry.io/application": "nothing"})
    plain = Pod("acme-prod", {"app": "plain"})
    assert BOTH.lets(plain, plain, 80)
    others: list[End] = [plain, claimed, DNS, WORLD, METADATA, *RUNNING.values()]
    for other in others:
        assert not BOTH.lets(claimed, other, 53)
        assert not BOTH.lets(other, claimed, 80)


def test_without_applications_the_floor_holds_whoever_claims_the_label() -> None:
    around = surroundings()
    alone = Cluster(namespace_policies(around, has_applications=False))
    claimed = Pod("acme-prod", {"tenantry.io/application": "nothing"})
    assert alone.lets(claimed, Pod("acme-prod", {}), 80)
    assert not alone.lets(claimed, WORLD, 443)
    assert not alone.lets(claimed, Pod("globex-prod", {}), 80)


def test_before_its_policies_are_written_an_application_reaches_nothing() -> None:
    around = surroundings()
    early = Cluster(namespace_policies(around))
    pods = pods_of(bookinfo(), around).values()
    assert not any(early.lets(one, other, 9080) for one, other in product(pods, repeat=2))


def test_at_no_step_of_the_way_in_or_out_is_a_pod_without_a_policy() -> None:
    around = surroundings()
    floor = namespace_policies(around, has_applications=False)
    narrow, default = namespace_policies(around)
    pod = pods_of(bookinfo(), around)[RATINGS]
    for policies in ([*floor], [*floor, default], [narrow, default]):
        assert not Cluster(policies).lets(pod, WORLD, 443)
        assert not Cluster(policies).lets(Pod("globex-prod", {}), pod, 9080)


def test_an_application_that_is_left_to_the_floor_has_what_the_floor_has() -> None:
    around = surroundings()
    made = application(policy={"networkPolicy": "Disabled"})
    policies = [*namespace_policies(around), *network_policies(made, around).manifests]
    all_of_it = Cluster(policies)
    pods = pods_of(made, around).values()
    assert all(all_of_it.lets(one, other, 1234) for one, other in product(pods, repeat=2))
    assert all(all_of_it.lets(one, DNS, 53, "UDP") for one in pods)
    assert not any(all_of_it.lets(one, WORLD, 443) for one in pods)


def caller(namespace: str, **dependency: object) -> Application:
    there = {"namespace": "globex-prod", "application": "bookinfo", "component": "ratings"}
    depends = [{"external": there, **dependency}]
    made = component("web", "v1", "v2", dependsOn=depends)
    return application([made], name="shop", namespace=namespace)


ACCEPTS_WEB = {"namespace": "acme-prod", "application": "shop", "component": "web"}


@pytest.mark.parametrize(
    ("accepts", "dependency", "reaching"),
    [
        pytest.param([], {}, set(), id="nobody is accepted"),
        pytest.param([ACCEPTS_WEB], {}, {"web-v1", "web-v2"}, id="both agree"),
        pytest.param(
            [ACCEPTS_WEB], {"versions": ["v2"]}, {"web-v2"}, id="both agree, for one version"
        ),
        pytest.param(
            [{"namespace": "acme-prod", "application": "shop"}],
            {},
            {"web-v1", "web-v2"},
            id="all components are accepted",
        ),
        pytest.param([{"application": "shop"}], {}, set(), id="one of the callee's namespace is"),
        pytest.param([ACCEPTS_WEB | {"component": "job"}], {}, set(), id="another component is"),
        pytest.param([ACCEPTS_WEB | {"ports": ["grpc"]}], {}, set(), id="another port is"),
    ],
)
def test_another_tenants_application_is_reached_where_both_sides_agree(
    accepts: list[dict[str, str]], dependency: dict[str, object], reaching: set[str]
) -> None:
    callee = bookinfo("globex-prod", ratings={"accepts": accepts})
    network, pods = cluster(callee, caller("acme-prod", **dependency))
    for name in ("web-v1", "web-v2"):
        pod = pods["acme-prod", name]
        assert network.lets(pod, pods["globex-prod", RATINGS], 9080) is (name in reaching)
        assert not network.lets(pod, pods["globex-prod", DETAILS], 9080)
        assert not network.lets(pods["globex-prod", RATINGS], pod, 9080)


def test_being_accepted_by_one_side_alone_opens_nothing_at_the_other() -> None:
    callee = bookinfo("globex-prod", ratings={"accepts": [ACCEPTS_WEB]})
    silent = application([component("web")], name="shop")
    network, pods = cluster(callee, silent)
    assert not network.lets(pods["acme-prod", "web-v1"], pods["globex-prod", RATINGS], 9080)
