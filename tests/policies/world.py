"""A cluster with the policies in force and nobody at work: tenants' namespaces made by hand.

    acme        acme-web, acme-new (not done yet), acme-halted (suspended), acme-parked,
                acme-spent (over budget), acme-kept (retained)
    acme-labs   labs' names begin with acme's
    globex      globex-web
    umbrella    has a prefix of its own: umb-
    plain       a namespace of no tenant

RBAC lets each of them ask for everything that the policies are to refuse, so what stands in the
way is a policy and nothing else.
"""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

import installation
from cluster_api import ClusterApi
from devcluster import DevCluster
from policies.spaces import DEFAULTS
from tenancy import tenant
from tenantry.api.base import Manifest
from tenantry.cluster.errors import AlreadyExists
from tenantry.cluster.resources import BY_KIND

RULES: Final = DEFAULTS | {
    "hosts": "*",
    "subjects": "User:olga\nServiceAccount:acme-web/*\nServiceAccount:acme-halted/*",
    "ingress-peers": "*",
    "egress-peers": "*",
}
"""What acme is allowed: nothing that would stand in the way of these tests."""

COST: Final = {"tenantry.io/cost-center": "cc-1", "tenantry.io/department": "toys"}
KUBE_SYSTEM: Final = "system:serviceaccount:kube-system:"
_RBAC: Final = "rbac.authorization.k8s.io"


@dataclass(frozen=True)
class World:
    """The cluster, and everybody on it by name."""

    cluster: DevCluster
    people: dict[str, ClusterApi]

    @property
    def admin(self) -> ClusterApi:
        """The cluster's administrator."""
        return self.people["admin"]

    def __getitem__(self, who: str) -> ClusterApi:
        return self.people[who]


PEOPLE: Final = {
    "olga": ("olga", "tenantry:acme:owners"),  # owns acme, and serves herself
    "umberto": ("umberto",),  # owns umbrella, and serves himself
    "leo": ("leo",),  # owns acme and acme-labs, and serves himself
    "gitops": ("gitops",),  # may use acme and globex, and write every namespace
    "nadia": ("nadia",),  # may write every namespace, and use no tenant
    "stranger": ("stranger",),  # may do all in acme's namespaces, and is none of its people
    "ci": ("system:serviceaccount:acme-halted:ci", "system:serviceaccounts:acme-halted"),
    **{
        name: (KUBE_SYSTEM + name,)
        for name in (
            "replicaset-controller",
            "deployment-controller",
            "job-controller",
            "cronjob-controller",
            "horizontal-pod-autoscaler",
            "namespace-controller",
            "resourcequota-controller",
            "service-account-controller",
        )
    },
}
"""User and groups of each."""


def space(
    name: str, owner: str | None, *, done: bool = True, labels: Manifest | None = None
) -> Manifest:
    """A Namespace; of a tenant, as the operator would leave it when it is done."""
    given = {"tenantry.io/tenant": owner} if owner else {}
    metadata: Manifest = {"name": name, "labels": given | (labels or {})}
    if owner and done:
        metadata["labels"] |= {
            "policy.tenantry.io/mode": "enforce",
            "pod-security.kubernetes.io/enforce": "restricted",
            **COST,
        }
        metadata["annotations"] = {f"policy.tenantry.io/{key}": text for key, text in RULES.items()}
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": metadata}


SPACES: Final = (
    space("acme-web", "acme"),
    space("acme-new", "acme", done=False),
    space("acme-halted", "acme", labels={"tenantry.io/state": "suspended"}),
    space("acme-parked", "acme", labels={"tenantry.io/state": "parked"}),
    space("acme-spent", "acme", labels={"tenantry.io/state": "over-budget"}),
    space("acme-kept", "acme", labels={"tenantry.io/state": "retained"}),
    space("globex-web", "globex"),
    space("plain", None),
    space("shop-system", None),
)


def _role(name: str, *rules: Any) -> Manifest:
    return {
        "apiVersion": f"{_RBAC}/v1",
        "kind": "ClusterRole",
        "metadata": {"name": name},
        "rules": [
            {"apiGroups": [group], "resources": resources, "verbs": verbs}
            | ({"resourceNames": names} if names else {})
            for group, resources, verbs, names in rules
        ],
    }


def _bound(role: str, *subjects: str, namespace: str = "") -> Manifest:
    return {
        "apiVersion": f"{_RBAC}/v1",
        "kind": "RoleBinding" if namespace else "ClusterRoleBinding",
        "metadata": {"name": f"test-{role}"} | ({"namespace": namespace} if namespace else {}),
        "roleRef": {"apiGroup": _RBAC, "kind": "ClusterRole", "name": role},
        "subjects": [{"apiGroup": _RBAC, "kind": "User", "name": one} for one in subjects],
    }


_NAMESPACES: Final = ["namespaces", "namespaces/status", "namespaces/finalize"]


def _rights() -> list[Manifest]:
    """What lets everybody ask."""
    own = ("tenantry.io", ["tenants"])
    roles = [
        _role("namespace-writer", ("", _NAMESPACES, ["*"], [])),
        _role("gitops", (*own, ["use"], ["acme", "globex"])),
        _role("self-service", ("", ["namespaces"], ["create"], []), (*own, ["selfservice"], [])),
        _role("acme-people", (*own, ["use"], ["acme"])),
        _role("labs-people", (*own, ["use"], ["acme", "acme-labs"])),
        _role("umbrella-people", (*own, ["use"], ["umbrella"])),
    ]
    bindings = [
        _bound("namespace-writer", "gitops", "nadia", KUBE_SYSTEM + "namespace-controller"),
        _bound("gitops", "gitops"),
        _bound("self-service", "olga", "umberto", "leo"),
        _bound("labs-people", "leo"),
        _bound("acme-people", "olga"),
        _bound("umbrella-people", "umberto"),
    ]
    everybody = [user for user, *_ in PEOPLE.values()]
    within = [
        _bound("cluster-admin", *everybody, namespace=one["metadata"]["name"]) for one in SPACES
    ]
    return [*roles, *bindings, *within]


def own(kind: str, name: str = "tenantry", namespace: str = "acme-web", **body: Any) -> Manifest:
    """An object that the operator owns."""
    labels = {"app.kubernetes.io/managed-by": "tenantry", "tenantry.io/tenant": "acme"}
    return {
        "apiVersion": BY_KIND[kind].api_version,
        "kind": kind,
        "metadata": {"name": name, "namespace": namespace, "labels": labels},
    } | body


OWNED: Final = (
    own("ResourceQuota", spec={"hard": {"pods": "50"}}),
    own(
        "LimitRange",
        spec={"limits": [{"type": "PersistentVolumeClaim", "max": {"storage": "9Gi"}}]},
    ),
    own("NetworkPolicy", spec={"podSelector": {}, "policyTypes": ["Ingress"]}),
    own(
        "RoleBinding",
        "tenantry-owners",
        roleRef={"apiGroup": _RBAC, "kind": "ClusterRole", "name": "admin"},
        subjects=[{"apiGroup": _RBAC, "kind": "User", "name": "olga"}],
    ),
    own("ServiceAccount", "default", automountServiceAccountToken=False),
)
"""What the operator would have made in ``acme-web``."""

THEIRS: Final = (
    {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": "web", "namespace": "acme-web"},
        "spec": {"podSelector": {"matchLabels": {"app": "web"}}},
    },
)
"""What acme's people have made there."""


@asynccontextmanager
async def world() -> AsyncIterator[World]:
    """Build it, and take it down."""
    async with AsyncExitStack() as stack:
        cluster = stack.enter_context(DevCluster.start())

        async def connected(kubeconfig: Any) -> ClusterApi:
            return await stack.enter_async_context(ClusterApi.connected(kubeconfig))

        admin = await connected(cluster.kubeconfig)
        people = {"admin": admin}
        for name, (user, *groups) in PEOPLE.items():
            kubeconfig = cluster.kubeconfig_for(user, groups)
            # A colon sets several kubeconfigs apart, and users' names have them.
            people[name] = await connected(kubeconfig.rename(kubeconfig.with_name(name)))
        await installation.install(admin)
        people["operator"] = await connected(
            cluster.service_account_kubeconfig(installation.NAMESPACE, installation.RELEASE)
        )
        await _furnish(admin)
        yield World(cluster, people)


async def _furnish(admin: ClusterApi) -> None:
    options = {"umbrella": {"namespaceOptions": {"prefix": "umb-"}}}
    for name in ("acme", "acme-labs", "globex", "umbrella"):
        await admin.create(tenant(name, namespaces=[], **options.get(name, {})))
    for one in (*SPACES, *_rights(), *OWNED, *THEIRS):
        await admin.apply(one, force=True)
    for one in SPACES:
        await _ensure_account(admin, one["metadata"]["name"])


async def _ensure_account(admin: ClusterApi, namespace: str) -> None:
    """Pods need the ServiceAccount, and its controller takes a moment."""
    account = {"apiVersion": "v1", "kind": "ServiceAccount"}
    try:
        await admin.create(account | {"metadata": {"name": "default", "namespace": namespace}})
    except AlreadyExists:
        return
