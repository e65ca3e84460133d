"""What Applications may ask for: refused where their authors hear at once, and to be corrected."""

from contextlib import suppress
from typing import Any

import pytest

from live_applications import application, component
from policies.spaces import MakeSpace, Space
from policies.world import World
from tenantry.api.base import Manifest
from tenantry.cluster.errors import AlreadyExists
from waiting import eventually

DIGEST = "@sha256:" + "a" * 64
CLAIM = {"name": "d", "mountPath": "/d", "storage": "1Gi"}
UNTAGGED = {"policy": {"image": {"allowLatest": True}}}


def shop(*components: Manifest, **spec: Any) -> Manifest:
    """An Application of these components."""
    return application("shop", "", *components, **spec)


def web(**fields: Any) -> Manifest:
    """One of one component."""
    return shop(component("web", **fields))


def exposed(*hosts: str) -> Manifest:
    return component("web", expose=[{"host": host} for host in hosts])


def versions(*images: str) -> list[Manifest]:
    return [{"name": f"v{number}", "image": image} for number, image in enumerate(images)]


def stateful(**claim: Any) -> Manifest:
    return web(kind="StatefulSet", volumeClaimTemplates=[CLAIM | claim])


ASKED = {
    "a host": (
        {"hosts": "app.example.com\n*.acme.example.com"},
        shop(exposed("a.acme.example.com", "www.example.com")),
        "hosts: host www.example.com; allowed: app.example.com, *.acme.example.com",
    ),
    "a wildcard": (
        {"hosts": "app.example.com"},
        shop(exposed("*.example.com")),
        "hosts: host *.example.com; ",
    ),
    "hosts of the rule": (
        {"hosts": "app.example.com\n*.acme.example.com"},
        shop(exposed("app.example.com", "*.b.acme.example.com"), component("b")),
        "",
    ),
    "any host": ({"hosts": "*"}, shop(exposed("www.example.com")), ""),
    "a host of a later component": ({}, shop(component("a"), exposed("b.com")), "host b.com; "),
    "a registry": (
        {"registries": "ghcr.io/acme"},
        web(image="evil.com/x:1"),
        "registries: image evil.com/x; allowed: ghcr.io/acme",
    ),
    "a registry of a version": (
        {"registries": "ghcr.io/acme"},
        web(versions=versions("ghcr.io/acme/web:1", "nginx:1")),
        "registries: image docker.io/library/nginx; ",
    ),
    "a registry of the defaults": (
        {"registries": "ghcr.io/acme"},
        shop(component("web", image="x:1"), defaults={"imageRegistry": "evil.com"}),
        "registries: image evil.com/x; ",
    ),
    "the tenant's registry by the defaults": (
        {"registries": "ghcr.io/acme"},
        shop(
            component("web", versions=versions("x:1", "ghcr.io/acme/b/c:2")),
            defaults={"imageRegistry": "ghcr.io/acme"},
        ),
        "",
    ),
    "the tag latest": (
        {"image_tags": "*\n!latest"},
        shop(component("web", image="nginx"), **UNTAGGED),
        "image-tags: image nginx; allowed: *, !latest, and every digest",
    ),
    "a tag where digests are demanded": (
        {"image_tags": ""},
        web(image="nginx:1"),
        "image-tags: image nginx:1; allowed: none, and every digest",
    ),
    "a digest": ({"image_tags": ""}, web(image="nginx" + DIGEST), ""),
    "how images are pulled": (
        {"image_pull_policies": "Always"},
        web(imagePullPolicy="Never"),
        "image-pull-policies: imagePullPolicy Never; ",
    ),
    "how images are pulled by default": (
        {"image_pull_policies": "Always"},
        shop(
            component("a", imagePullPolicy="Always"),
            component("b"),
            defaults={"imagePullPolicy": "Never"},
        ),
        "image-pull-policies: imagePullPolicy Never; ",
    ),
    "a DaemonSet": (
        {},
        web(kind="DaemonSet"),
        "workload-kinds: kind DaemonSet; allowed: CronJob, Deployment, Job, StatefulSet",
    ),
    "a DaemonSet where it is allowed": ({"workload_kinds": "DaemonSet"}, web(kind="DaemonSet"), ""),
    "any kind": ({"workload_kinds": "*"}, web(kind="DaemonSet"), ""),
    "a port": (
        {"service_types": "NodePort"},
        web(),
        "service-types: a port, and so a Service of type ClusterIP; allowed: NodePort",
    ),
    "a port of the defaults": (
        {"service_types": "NodePort"},
        shop(component("web", port=None), defaults={"port": 80}),
        "service-types: ",
    ),
    "no port": ({"service_types": "NodePort"}, web(port=None), ""),
    "a StatefulSet, which always has a Service": (
        {"service_types": "NodePort"},
        web(kind="StatefulSet", port=None),
        "service-types: ",
    ),
    "a priority": ({}, web(priorityClassName="high"), "priority-classes: priorityClassName high; "),
    "a priority by a prefix": ({"priority_classes": "h*"}, web(priorityClassName="high"), ""),
    "a priority of the system": (
        {"priority_classes": "*"},
        web(priorityClassName="system-node-critical"),
        "priority-classes: priorityClassName system-node-critical; ",
    ),
    "a storage class": (
        {"storage_classes": "fast"},
        stateful(storageClassName="slow"),
        "storage-classes: storageClassName slow; allowed: fast",
    ),
    "no storage class": (
        {"storage_classes": "fast"},
        stateful(),
        "storage-classes: storageClassName (none); allowed: fast",
    ),
    "no storage class where any is allowed": ({}, stateful(), ""),
    "a node": (
        {"node_selectors": "pool=a"},
        web(nodeSelector={"pool": "b"}),
        "node-selectors: nodeSelector pool=b; ",
    ),
    "a node by any value": ({"node_selectors": "pool=*"}, web(nodeSelector={"pool": "b"}), ""),
    "a node of the defaults": (
        {"node_selectors": "pool=a"},
        shop(component("web"), defaults={"nodeSelector": {"pool": "b"}}),
        "node-selectors: nodeSelector pool=b; ",
    ),
    "a node of the defaults that a component replaces": (
        {"node_selectors": "pool=a"},
        shop(component("web", nodeSelector={"pool": "a"}), defaults={"nodeSelector": {"x": "y"}}),
        "",
    ),
    "a toleration": (
        {},
        web(tolerations=[{"key": "gpu", "operator": "Exists"}]),
        "tolerations: toleration of gpu; allowed: none",
    ),
    "a toleration that everybody has": (
        {},
        web(tolerations=[{"key": "node.kubernetes.io/not-ready", "operator": "Exists"}]),
        "",
    ),
}


@pytest.mark.parametrize(("rules", "manifest", "said"), ASKED.values(), ids=ASKED)
async def test_applications_ask_for_what_the_tenant_may_use(
    space: MakeSpace, rules: dict[str, str], manifest: Manifest, said: str
) -> None:
    acme = await space(**rules)

    heard = await acme.verdict(manifest)

    assert heard.startswith(f"tenant acme: {said}" if said.count(":") > 0 else "")
    assert said in heard
    assert bool(said) == bool(heard)


PRIVILEGES = {
    "a root": ("restricted", {"runAsNonRoot": False}, "runAsNonRoot: false"),
    "user 0": (
        "restricted",
        {"runAsNonRoot": False, "runAsUser": 0},
        "runAsNonRoot: false",
    ),
    "escalation": (
        "restricted",
        {"allowPrivilegeEscalation": True},
        "allowPrivilegeEscalation: true",
    ),
    "a capability": (
        "restricted",
        {"capabilities": {"add": ["NET_BIND_SERVICE", "CHOWN"]}},
        "capabilities.add: CHOWN",
    ),
    "what restricted admits": (
        "restricted",
        {"capabilities": {"add": ["NET_BIND_SERVICE"]}, "readOnlyRootFilesystem": False},
        "",
    ),
    "what baseline admits": (
        "baseline",
        {"runAsNonRoot": False, "capabilities": {"add": ["CHOWN"]}},
        "",
    ),
    "more than baseline": (
        "baseline",
        {"capabilities": {"add": ["SYS_ADMIN"]}},
        "capabilities.add: SYS_ADMIN",
    ),
    "privileged": ("privileged", {"capabilities": {"add": ["SYS_ADMIN"]}}, ""),
}


@pytest.mark.parametrize(("level", "context", "tried"), PRIVILEGES.values(), ids=PRIVILEGES)
async def test_privileges_are_those_of_the_namespaces_pod_security(
    space: MakeSpace, level: str, context: Manifest, tried: str
) -> None:
    # A set of rules of its own for each level, and so a namespace that others do not see.
    acme = await space(image_tags=f"*\n!{level}")
    label = {"pod-security.kubernetes.io/enforce": level}
    await acme.administrator.patch("Namespace", acme.namespace, {"metadata": {"labels": label}})
    said = f"tenant acme: pod-security: securityContext.{tried}; more than level {level} admits"

    async def heard() -> list[str]:
        asked = (
            web(securityContext=context),
            shop(component("web"), defaults={"securityContext": context}),
            shop(component("web", securityContext={}), defaults={"securityContext": context}),
        )
        return [await acme.verdict(one) for one in asked]

    wanted = [said, said, ""] if tried else ["", "", ""]
    # The API server sees the label a moment later.
    await eventually(heard, wanted.__eq__)


@pytest.fixture
async def narrowed(space: MakeSpace) -> Space:
    """Where ``shop`` has a host and an image from before the rules were narrowed."""
    acme = await space(hosts="new.example.com", registries="ghcr.io/acme")
    with suppress(AlreadyExists):
        await acme.made(shop(exposed("old.example.com")))
    return acme


CHANGES = {
    "more pods": ({"replicas": 2}, ""),
    "an image of the tenant's": ({"image": "ghcr.io/acme/web:1"}, ""),
    "another foreign image": ({"image": "evil.com/x:1"}, "registries: image evil.com/x"),
    "a host of the tenant's": ({"expose": [{"host": "new.example.com"}]}, ""),
    "another foreign host": (
        {"expose": [{"host": "old.example.com"}, {"host": "b.com"}]},
        "hosts: host b.com",
    ),
}


@pytest.mark.parametrize(("change", "said"), CHANGES.values(), ids=CHANGES)
async def test_what_an_application_asked_for_before_hinders_no_change(
    narrowed: Space, change: Manifest, said: str
) -> None:
    spec = {"components": [exposed("old.example.com") | change]}

    heard = await narrowed.verdict_on_change("Application", "shop", {"spec": spec})

    assert said in heard
    assert bool(said) == bool(heard)


async def test_before_its_namespace_is_prepared_an_application_may_wait_there(world: World) -> None:
    unprepared = Space("acme-new", world.admin, world["olga"])
    prepared = Space("acme-web", world.admin, world["olga"])

    assert await unprepared.verdict(web(kind="DaemonSet")) == ""
    assert "workload-kinds" in await prepared.verdict(web(kind="DaemonSet"))


async def test_the_largest_rules_and_applications_are_within_the_cost_of_a_policy(
    space: MakeSpace,
) -> None:
    most = range(63)
    acme = await space(
        registries="\n".join((*(f"registry-{n}.example.com/{'x' * 100}" for n in most), "a.com")),
        image_tags="\n".join(("*", *(f"!~{n}-{'[a-z]+-' * 12}" for n in range(15)))),
        hosts="\n".join((*(f"*.{n}.{'x' * 60}.example.com" for n in most), "*.acme.com")),
        node_selectors="\n".join((*(f"{n}{'x' * 60}=y" for n in most), "pool=*")),
        tolerations="\n".join((*(f"~{n}[a-z]*" for n in most), "team-*")),
        storage_classes="\n".join((*(f"~{n}[a-z]*" for n in most), "fast*")),
    )

    def large(number: int, last: str = "a.acme.com") -> Manifest:
        hosts = [f"{'x' * 50}.{number}-{n}.acme.com" for n in range(7)]
        return exposed(*hosts, last) | {
            "name": f"c{number}",
            "image": None,
            "kind": "StatefulSet",
            "versions": versions(*(f"a.com/{'y' * 100}/{number}:v{n}.10.7-rc1" for n in range(8))),
            "nodeSelector": {"pool": str(number)},
            "tolerations": [{"key": f"team-{number}-{n}", "operator": "Exists"} for n in range(8)],
            "volumeClaimTemplates": [
                CLAIM | {"name": f"d{n}", "mountPath": f"/{n}", "storageClassName": f"fast{n}"}
                for n in range(8)
            ],
        }

    def told(*components: Manifest) -> Manifest:
        return shop(*({k: v for k, v in one.items() if v is not None} for one in components))

    fine = [large(number) for number in range(31)]

    assert await acme.verdict(told(*fine, large(31))) == ""
    assert "host evil.com" in await acme.verdict(told(*fine, large(31, "evil.com")))
