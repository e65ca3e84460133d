"""Whom the rules on what tenants run do not bind, and how strictly they bind the others."""

import json
from functools import partial
from pathlib import Path

import pytest
import yaml

from cluster_api import ClusterApi
from kubectl import told
from policies.ingresses import ingress
from policies.network_peers import opens
from policies.spaces import TENANTS, AsSomebody, MakeSpace, Space
from policies.workload_manifests import pod
from policies.world import World
from tenantry.api.base import Manifest
from waiting import eventually

REFUSED: dict[str, tuple[str, Manifest]] = {
    "images": ("registries", pod("evil.com/x")),
    "pull policies": ("image-pull-policies", pod("docker.io/x:1")),
    "scheduling": ("tolerations", pod("docker.io/x", tolerations=[{"operator": "Exists"}])),
    "priority classes": (
        "priority-classes",
        pod("docker.io/x", priorityClassName="system-node-critical"),
    ),
    "volumes": (
        "storage-classes",
        {
            "apiVersion": "v1",
            "kind": "PersistentVolumeClaim",
            "metadata": {"name": "data"},
            "spec": {
                "accessModes": ["ReadWriteOnce"],
                "resources": {"requests": {"storage": "1Gi"}},
            },
        },
    ),
    "services": (
        "service-types",
        {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {"name": "web"},
            "spec": {"type": "NodePort", "ports": [{"port": 80}]},
        },
    ),
    "hosts": ("hosts", ingress("globex.example.com")),
    "network policies": ("ingress-peers", opens(None)),
    "role bindings": (
        "subjects",
        {
            "apiVersion": "rbac.authorization.k8s.io/v1",
            "kind": "RoleBinding",
            "metadata": {"name": "given"},
            "roleRef": {
                "apiGroup": "rbac.authorization.k8s.io",
                "kind": "ClusterRole",
                "name": "view",
            },
            "subjects": [
                {"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "eve"},
            ],
        },
    ),
}
FAILURE = "validation.policy.admission.k8s.io/validation_failure"
"""https://kubernetes.io/docs/reference/labels-annotations-taints/audit-annotations/."""
NARROW = {
    "registries": "docker.io",
    "image_pull_policies": "Always",
    "storage_classes": "fast",
    "service_types": "ClusterIP",
}
each = pytest.mark.parametrize(("rule", "manifest"), REFUSED.values(), ids=REFUSED)


@each
async def test_the_tenants_people_are_bound(
    space: MakeSpace, rule: str, manifest: Manifest
) -> None:
    acme = await space(**NARROW)

    assert (await acme.verdict(manifest)).startswith(f"tenant acme: {rule}: ")


@each
async def test_platform_administrators_are_not_bound(
    space: MakeSpace, rule: str, manifest: Manifest
) -> None:
    del rule
    acme = await space(**NARROW)

    assert await acme.verdict(manifest, by=acme.administrator) == ""


@pytest.mark.parametrize("subject", ["User:oscar", "User:eve\nGroup:tenants"])
@each
async def test_who_is_exempt_is_not_bound(
    space: MakeSpace, rule: str, manifest: Manifest, subject: str
) -> None:
    del rule
    acme = await space(**NARROW, exemptions=subject)

    assert await acme.verdict(manifest) == ""


@pytest.mark.parametrize("subject", ["User:oscar2", "Group:oscar", "User:*", "*"])
async def test_an_exemption_is_for_whom_it_names(space: MakeSpace, subject: str) -> None:
    acme = await space(**NARROW, exemptions=subject)

    for rule, manifest in REFUSED.values():
        assert f"tenant acme: {rule}: " in await acme.verdict(manifest)


async def test_pods_are_looked_at_whoever_makes_them(
    space: MakeSpace, as_somebody: AsSomebody
) -> None:
    acme = await space(**NARROW)
    controller = await as_somebody("system:serviceaccount:kube-system:replicaset-controller")

    for rule, manifest in REFUSED.values():
        if manifest["kind"] == "Pod":
            assert f"tenant acme: {rule}: " in await acme.verdict(manifest, by=controller)


@pytest.fixture(scope="module")
async def deployer(world: World, as_somebody: AsSomebody) -> ClusterApi:
    """A controller with all rights, as those that deploy from repositories often have."""
    rbac = "rbac.authorization.k8s.io"
    account = {"kind": "ServiceAccount", "name": "deployer", "namespace": "gitops"}
    binding = {
        "apiVersion": f"{rbac}/v1",
        "kind": "ClusterRoleBinding",
        "metadata": {"name": "deployer"},
        "roleRef": {"apiGroup": rbac, "kind": "ClusterRole", "name": "cluster-admin"},
        "subjects": [account],
    }
    await world.admin.apply(binding)
    controller = await as_somebody("system:serviceaccount:gitops:deployer")
    await eventually(partial(controller.may, "create", "pods", "default"))
    return controller


@each
async def test_controllers_are_bound_whatever_they_may_do(
    space: MakeSpace, deployer: ClusterApi, rule: str, manifest: Manifest
) -> None:
    acme = await space(**NARROW)

    assert f"tenant acme: {rule}: " in await acme.verdict(manifest, by=deployer)


@each
async def test_controllers_can_be_exempt(
    space: MakeSpace, deployer: ClusterApi, rule: str, manifest: Manifest
) -> None:
    del rule
    acme = await space(**NARROW, exemptions="ServiceAccount:gitops/deployer")

    assert await acme.verdict(manifest, by=deployer) == ""


@pytest.mark.parametrize("of", ["network policies", "role bindings"])
async def test_the_operator_is_not_bound(space: MakeSpace, world: World, of: str) -> None:
    acme = await space(**NARROW)

    assert await acme.verdict(REFUSED[of][1], by=world["operator"]) == ""


@pytest.fixture(params=["warn", "audit"])
async def lenient(space: MakeSpace, request: pytest.FixtureRequest) -> Space:
    """A namespace of a tenant whose policy is being tried."""
    acme = await space(**NARROW, exemptions=f"User:{request.param}")
    labels = {"policy.tenantry.io/mode": request.param}
    await acme.administrator.patch("Namespace", acme.namespace, {"metadata": {"labels": labels}})
    await eventually(lambda: acme.verdict(pod("evil.com/x")), lambda seen: seen == "")
    return acme


@each
async def test_nobody_is_refused_while_a_policy_is_tried(
    lenient: Space, rule: str, manifest: Manifest
) -> None:
    del rule

    assert await lenient.verdict(manifest) == ""


async def test_who_asks_is_warned_or_only_the_audit_log_is_told(
    lenient: Space, world: World, oscar: Path, request: pytest.FixtureRequest
) -> None:
    is_warned = request.node.callspec.params["lenient"] == "warn"
    manifest = yaml.safe_dump(lenient.placed(pod("evil.com/x")))
    said = f"tenant acme: registries: image evil.com/x; allowed: {NARROW['registries']}"

    _, errors = await told(oscar, "create", "--dry-run=server", "-f", "-", stdin=manifest)

    assert (said in errors) is is_warned
    assert bool(errors) is is_warned
    [found] = await eventually(lambda: _recorded(world, lenient.namespace))
    assert found["policy"] == "tenantry-images"
    assert found["message"] == said


@pytest.fixture(scope="module")
def oscar(world: World) -> Path:
    """The tenant's user, as kubectl knows them."""
    written = world.cluster.kubeconfig_for("oscar", (TENANTS,))
    return written.rename(written.with_name("oscar"))


async def _recorded(world: World, namespace: str) -> list[Manifest]:
    """What the audit log says against what was asked for in a namespace with kubectl."""
    lines = world.cluster.audit_log.read_text(encoding="utf-8").splitlines()
    events = [json.loads(line) for line in lines if FAILURE in line and namespace in line]
    return [
        found
        for event in events
        if event["userAgent"].startswith("kubectl")
        for found in json.loads(event["annotations"][FAILURE])
    ]
