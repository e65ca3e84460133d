"""Each rule that a Tenant holds Applications to, broken once: at the door, and past it.

A tenant's own people hear at the door what their manifest alone tells. An administrator is let
through, and so is what a Tenant allowed before: the operator makes nothing of it and says why.
"""

import asyncio
from dataclasses import dataclass
from typing import Any, Final

import pytest

from cluster_api import ClusterApi
from conftest import AsUser, MakeTenant
from live_applications import LiveApplication, application, component
from tenancy import LiveTenant, condition
from tenantry.api.base import Manifest
from tenantry.cluster.errors import Forbidden
from waiting import eventually

ALLOWED: Final = {
    "registries": ["registry.k8s.io"],
    "imageTags": ["*", "!latest"],
    "imagePullPolicies": ["IfNotPresent"],
    "storageClasses": ["fast"],
    "ingressClasses": ["nginx"],
    "hosts": ["*.acme.example.com"],
    "serviceTypes": ["ClusterIP"],
    "nodeSelectors": ["pool=a"],
    "workloadKinds": ["Deployment", "StatefulSet"],
}
CLAIM: Final = {"name": "d", "mountPath": "/d", "storage": "1Gi"}
HOST: Final = {"host": "shop.acme.example.com", "type": "Ingress", "className": "nginx"}


@dataclass(frozen=True)
class Broken:
    """What breaks one rule and no other.

    Attributes:
        rule: the Tenant's field.
        door: what its author hears, after the tenant's name; empty where only the operator knows.
        component: what is asked for.
        spec: of the Application, beside the component.
    """

    rule: str
    door: str
    component: Manifest
    spec: Manifest


def _broken(rule: str, door: str = "", spec: Manifest | None = None, **fields: Any) -> Broken:
    return Broken(rule, door, component("web", **fields), spec or {})


def _claims(**claim: str) -> Manifest:
    return {"kind": "StatefulSet", "volumeClaimTemplates": [CLAIM | claim]}


BROKEN: Final = (
    _broken("spec.allowed.registries", "registries: image evil.com/x; ", image="evil.com/x:1"),
    _broken(
        "spec.allowed.imageTags",
        "image-tags: image registry.k8s.io/pause; ",
        {"policy": {"image": {"allowLatest": True}}},
        image="registry.k8s.io/pause",
        imagePullPolicy="IfNotPresent",
    ),
    _broken("spec.allowed.imagePullPolicies", "image-pull-policies: ", imagePullPolicy="Always"),
    _broken("spec.allowed.priorityClasses", "priority-classes: ", priorityClassName="high"),
    _broken("spec.allowed.storageClasses", "storage-classes: ", **_claims()),
    _broken("spec.allowed.ingressClasses", expose=[HOST | {"className": "public"}]),
    _broken("spec.allowed.hosts", "hosts: host x.com; ", expose=[HOST | {"host": "x.com"}]),
    _broken("spec.allowed.nodeSelectors", "node-selectors: ", nodeSelector={"pool": "b"}),
    _broken(
        "spec.allowed.tolerations",
        "tolerations: ",
        tolerations=[{"key": "k", "operator": "Exists"}],
    ),
    _broken("spec.allowed.workloadKinds", "workload-kinds: kind DaemonSet; ", kind="DaemonSet"),
    _broken(
        "spec.podSecurity.level",
        "pod-security: securityContext.runAsNonRoot: false; ",
        securityContext={"runAsNonRoot": False},
    ),
    _broken("spec.quota.hard[pods]", replicas=9),
    _broken(
        "spec.namespaces[web].quota.hard[requests.storage]",
        **_claims(storage="9Gi", storageClassName="fast"),
    ),
)


@pytest.fixture
async def strict(make_tenant: MakeTenant) -> LiveTenant:
    """A tenant with all the rules."""
    own = {"name": "web", "quota": {"hard": {"requests.storage": "5Gi"}}}
    return await make_tenant(allowed=ALLOWED, quota={"hard": {"pods": 8}}, namespaces=[own])


async def test_each_rule_is_told_at_the_door_or_by_the_operator_and_nothing_is_made(
    api: ClusterApi, as_user: AsUser, strict: LiveTenant
) -> None:
    space, owner = strict.namespace(), await as_user("olivia")

    async def ask(number: int, one: Broken) -> tuple[str, str]:
        """What its author hears, and what the operator says once an administrator applied it."""
        name = f"a{number}"
        heard = await _heard(owner, application(name, space, one.component, **one.spec))
        live = LiveApplication(api, name, space)
        await live.apply(one.component, **one.spec)
        said = await live.says("PolicyCompliant", "False", "PolicyViolation")
        await live.says("Ready", "False", "PolicyViolation")
        return heard, said["message"]

    answers = await asyncio.gather(*(ask(*each) for each in enumerate(BROKEN)))

    for one, (heard, said) in zip(BROKEN, answers, strict=True):
        assert (f"tenant {strict.name}: {one.door}" in heard) is bool(one.door), one.rule
        assert bool(heard) is bool(one.door), (one.rule, heard)
        assert f"({one.rule} of the Tenant)" in said
        assert said.count(" of the Tenant)") == 1, said
    for kind in ("Deployment", "StatefulSet", "DaemonSet", "Service", "Ingress"):
        assert await api.list(kind, space) == []


async def test_a_tenant_that_becomes_stricter_holds_what_runs_and_lets_it_go_on(
    api: ClusterApi, as_user: AsUser, strict: LiveTenant
) -> None:
    owner = await as_user("olivia")
    shop = LiveApplication(owner, "shop", strict.namespace())
    await shop.apply(component("web", expose=[HOST]))
    await shop.ready()

    await strict.apply(allowed=ALLOWED | {"serviceTypes": ["NodePort"]})

    async def told() -> str:
        found = condition(await shop.get(), "PolicyCompliant")
        return found["message"] if found else ""

    said = await eventually(told, lambda seen: "spec.allowed.serviceTypes" in seen)
    assert "component web: a Service of type ClusterIP is not among those allowed" in said
    assert {*await shop.has("Deployment")} == {"web-v1"}
    # What it asked for before hinders no change, and what is asked for anew is refused.
    await shop.apply(component("web", expose=[HOST], replicas=2))
    # The API server sees the namespace's new rules a moment later.
    await eventually(
        lambda: _heard(owner, application("new", strict.namespace())),
        lambda heard: "service-types: a port, and so a Service" in heard,
    )
    await strict.apply(allowed=ALLOWED)
    await shop.ready()
    assert len(await api.list("Deployment", strict.namespace())) == 1


async def _heard(owner: ClusterApi, manifest: Manifest) -> str:
    """What somebody hears who asks for it without its being kept; nothing if it is admitted."""
    try:
        await owner.create(manifest, dry_run=True)
    except Forbidden as refused:
        return str(refused)
    return ""
