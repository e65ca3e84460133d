"""What a Tenant allows, from its manifest to what its owner hears, operator or no operator.

Each rule both ways: what is forbidden is refused in words that name the tenant, the rule, what was
tried and what is allowed; its neighbour is admitted. ``tests/policies`` has the many cases of each.
"""

import secrets
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

import pytest

import workloads
from cluster_api import ClusterApi
from conftest import Site
from tenancy import OWNER, LiveTenant
from tenantry.api.base import Manifest
from tenantry.cluster.errors import Forbidden

RUNS, STOPPED = "the operator runs", "the operator has stopped"

ALLOWED = {
    "registries": ["registry.k8s.io"],
    "imageTags": ["*", "!latest"],
    "imagePullPolicies": ["IfNotPresent"],
    "priorityClasses": ["acme-*"],
    "runtimeClasses": [],
    "storageClasses": ["standard*"],
    "ingressClasses": ["public"],
    "hosts": ["*.acme.example.com"],
    "serviceTypes": ["ClusterIP", "NodePort"],
    "externalIPs": ["203.0.113.0/24"],
    "nodeSelectors": ["pool=shared"],
    "tolerations": ["team"],
    "subjects": ["User:guest"],
}


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One rule of a tenant's.

    Attributes:
        refused: what it forbids.
        hears: what is said to it, after the tenant's name.
        admitted: the neighbour that it allows.
    """

    refused: Manifest
    hears: str
    admitted: Manifest


def _pod(**spec: Any) -> Manifest:
    made = workloads.pod("web", "")
    return made | {"spec": made["spec"] | spec}


def _container(**fields: Any) -> Manifest:
    return workloads.pod("web", "", **fields)


def _service(**spec: Any) -> Manifest:
    made = workloads.service("web", "")
    return made | {"spec": made["spec"] | spec}


def _claim(**spec: Any) -> Manifest:
    asked = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": "web"},
        "spec": {"storageClassName": "standard"} | asked | spec,
    }


def _ingress(host: str, ingress_class: str = "public") -> Manifest:
    backend = {"service": {"name": "web", "port": {"number": 80}}}
    paths = [{"path": "/", "pathType": "Prefix", "backend": backend}]
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": {"name": "web"},
        "spec": {
            "ingressClassName": ingress_class,
            "rules": [{"host": host, "http": {"paths": paths}}],
        },
    }


def _ingress_policy(peer: Manifest) -> Manifest:
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": "web"},
        "spec": {"podSelector": {"matchLabels": {"app": "web"}}, "ingress": [{"from": [peer]}]},
    }


def _binding(kind: str, name: str) -> Manifest:
    group = "rbac.authorization.k8s.io"
    return {
        "apiVersion": f"{group}/v1",
        "kind": "RoleBinding",
        "metadata": {"name": "more"},
        "roleRef": {"apiGroup": group, "kind": "ClusterRole", "name": "view"},
        "subjects": [{"apiGroup": group, "kind": kind, "name": name}],
    }


RULES = {
    "images": Rule(
        refused=_container(image="docker.io/library/nginx:1"),
        hears="registries: image docker.io/library/nginx; allowed: registry.k8s.io",
        admitted=_container(image="registry.k8s.io/nginx:1"),
    ),
    "tags": Rule(
        refused=_container(image="registry.k8s.io/nginx:latest"),
        hears="image-tags: image registry.k8s.io/nginx:latest; "
        "allowed: !latest, *, and every digest",
        admitted=_container(image="registry.k8s.io/nginx:1"),
    ),
    "how images are pulled": Rule(
        refused=_container(imagePullPolicy="Always"),
        hears="image-pull-policies: ",
        admitted=_container(imagePullPolicy="IfNotPresent"),
    ),
    "priority": Rule(
        refused=_pod(priorityClassName="system-cluster-critical"),
        hears="priority-classes: ",
        admitted=_pod(),
    ),
    "tolerations": Rule(
        refused=_pod(tolerations=[{"key": "gpu", "operator": "Exists"}]),
        hears="tolerations: ",
        admitted=_pod(tolerations=[{"key": "team", "operator": "Exists"}]),
    ),
    "node selectors": Rule(
        refused=_pod(nodeSelector={"pool": "gold"}),
        hears="node-selectors: ",
        admitted=_pod(nodeSelector={"pool": "shared"}),
    ),
    "storage classes": Rule(
        refused=_claim(storageClassName="fast"),
        hears="storage-classes: ",
        admitted=_claim(storageClassName="standard-ssd"),
    ),
    "volumes by name": Rule(
        refused=_claim(volumeName="pv-of-globex"),
        hears="persistent-volumes: ",
        admitted=_claim(),
    ),
    "hosts": Rule(
        refused=_ingress("www.globex.example.com"),
        hears="hosts: ",
        admitted=_ingress("www.acme.example.com"),
    ),
    "ingress classes": Rule(
        refused=_ingress("www.acme.example.com", "internal"),
        hears="ingress-classes: ",
        admitted=_ingress("api.acme.example.com"),
    ),
    "types of Services": Rule(
        refused=_service(type="LoadBalancer"),
        hears="service-types: ",
        admitted=_service(type="ClusterIP"),
    ),
    "external addresses": Rule(
        refused=_service(externalIPs=["198.51.100.7"]),
        hears="external-ips: ",
        admitted=_service(externalIPs=["203.0.113.7"]),
    ),
    "the network's floor": Rule(
        refused=_ingress_policy({"namespaceSelector": {}}),
        hears="ingress-peers: ",
        admitted=_ingress_policy({"podSelector": {}}),
    ),
    "whom owners let in": Rule(
        refused=_binding("User", "mallory"),
        hears="subjects: ",
        admitted=_binding("User", "guest"),
    ),
    "groups that mean everybody": Rule(
        refused=_binding("Group", "system:authenticated"),
        hears="subjects: ",
        admitted=_binding("User", OWNER["name"]),
    ),
}


@dataclass(frozen=True)
class Guarded:
    """A tenant, and the cluster in its owner's hands."""

    tenant: LiveTenant
    owner: ClusterApi

    async def verdict(self, manifest: Manifest) -> str:
        """Create it as the owner, without keeping it; gives what is said against it."""
        placed = {**manifest["metadata"], "namespace": self.tenant.namespace()}
        try:
            await self.owner.create(manifest | {"metadata": placed}, dry_run=True)
        except Forbidden as refused:
            return str(refused)
        return ""


@pytest.fixture(scope="module", params=[RUNS, STOPPED])
async def guarded(site: Site, request: pytest.FixtureRequest) -> AsyncIterator[Guarded]:
    """A tenant that the operator has made, and then does or does not look after."""
    tenant = LiveTenant(site.api, f"t{secrets.token_hex(3)}")
    async with ClusterApi.connected(site.cluster.kubeconfig_for(OWNER["name"])) as owner:
        async with AsyncExitStack() as work:
            await work.enter_async_context(site.operator())
            await tenant.apply(allowed=ALLOWED, deletionPolicy="Delete")
            await tenant.ready()
            if request.param == STOPPED:
                await work.aclose()
            yield Guarded(tenant, owner)
        async with site.operator():
            await tenant.delete()
            await tenant.gone()


@pytest.mark.parametrize("what", RULES)
async def test_what_is_not_allowed_is_refused_and_its_neighbour_is_not(
    guarded: Guarded, what: str
) -> None:
    rule = RULES[what]

    assert f"tenant {guarded.tenant.name}: {rule.hears}" in await guarded.verdict(rule.refused)
    assert await guarded.verdict(rule.admitted) == ""


async def test_what_the_operator_made_stays_and_what_the_tenant_made_is_the_tenants(
    guarded: Guarded,
) -> None:
    space, owner = guarded.tenant.namespace(), guarded.owner
    await owner.create(workloads.config_map("own", space))
    await owner.delete("ConfigMap", "own", space)

    for kind in ("NetworkPolicy", "ServiceAccount"):
        name = "default" if kind == "ServiceAccount" else "tenantry"
        with pytest.raises(Forbidden, match=f"tenant {guarded.tenant.name}: "):
            await owner.delete(kind, name, space)
    for kind in ("ResourceQuota", "LimitRange"):
        with pytest.raises(Forbidden, match="cannot delete resource"):
            await owner.delete(kind, "tenantry", space)
