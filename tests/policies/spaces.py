"""Namespaces of a tenant made by hand, as the operator would leave them; what is admitted there."""

import re
import secrets
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from cluster_api import ClusterApi
from tenantry.api.base import Manifest
from tenantry.cluster.errors import AlreadyExists, Forbidden

DEFAULTS: Final = {
    "registries": "*",
    "image-tags": "*",
    "image-pull-policies": "*",
    "priority-classes": "",
    "runtime-classes": "",
    "storage-classes": "*",
    "persistent-volumes": "",
    "ingress-classes": "*",
    "gateway-classes": "*",
    "hosts": "",
    "service-types": "ClusterIP\nNodePort\nLoadBalancer",
    "external-ips": "",
    "external-names": "",
    "load-balancer-source-ranges": "*",
    "node-selectors": "*",
    "tolerations": "",
    "workload-kinds": "CronJob\nDeployment\nJob\nStatefulSet",
    "subjects": "User:oscar\nServiceAccount:acme-web/*",
    "exemptions": "",
    "ingress-peers": "",
    "egress-peers": "",
}
"""What a Tenant that says nothing allows, by rule."""

TENANTS: Final = "tenants"
"""A group that may, everywhere, what owners may in their namespaces."""
_RBAC: Final = "rbac.authorization.k8s.io"
_FURTHER: Final = [
    {
        "apiGroups": [""],
        "resources": ["pods/ephemeralcontainers", "pods/resize", "podtemplates"],
        "verbs": ["*"],
    },
    {"apiGroups": ["tenantry.io"], "resources": ["applications"], "verbs": ["*"]},
    {
        "apiGroups": ["gateway.networking.k8s.io", "gateway.networking.x-k8s.io"],
        "resources": ["*"],
        "verbs": ["*"],
    },
]
"""What platform teams add to the ClusterRole ``admin``, which does not have it."""

_DENIAL: Final = re.compile(
    r"ValidatingAdmissionPolicy '[^']+' with binding '[^']+' denied request: "
)


@dataclass(frozen=True)
class Space:
    """A namespace of the tenant ``acme``."""

    namespace: str
    administrator: ClusterApi
    user: ClusterApi

    async def verdict(self, manifest: Manifest, *, by: ClusterApi | None = None) -> str:
        """Create an object as the tenant would, without keeping it; gives why it was refused.

        Nothing if it was admitted.
        """
        try:
            await (by or self.user).create(self.placed(manifest), dry_run=True)
        except Forbidden as refused:
            return reason(refused)
        return ""

    async def verdict_on_change(
        self,
        kind: str,
        name: str,
        patch: Any,
        subresource: str = "",
        *,
        by: ClusterApi | None = None,
    ) -> str:
        """Change an object as the tenant would, without keeping it; gives why it was refused."""
        try:
            await (by or self.user).patch(
                kind, name, patch, self.namespace, subresource, dry_run=True
            )
        except Forbidden as refused:
            return reason(refused)
        return ""

    async def made(self, manifest: Manifest) -> Manifest:
        """An object that the platform team made there, whatever the tenant may."""
        return await self.administrator.create(self.placed(manifest))

    def placed(self, manifest: Manifest) -> Manifest:
        """The manifest in this namespace."""
        return placed_in(self.namespace, manifest)

    async def annotate(self, annotations: dict[str, str]) -> None:
        """Annotate the namespace, as the platform team."""
        patch = {"metadata": {"annotations": annotations}}
        await self.administrator.patch("Namespace", self.namespace, patch)


MakeSpace = Callable[..., Awaitable[Space]]
"""``await space(registries="ghcr.io/acme")``: one namespace for each set of rules."""


AsSomebody = Callable[..., Awaitable[ClusterApi]]


def access() -> list[Manifest]:
    """What gives the group its rights."""
    role = {
        "apiVersion": f"{_RBAC}/v1",
        "kind": "ClusterRole",
        "metadata": {"name": "further-rights"},
        "rules": _FURTHER,
    }
    return [role, *(_everywhere(name) for name in ("admin", "further-rights"))]


def _everywhere(role: str) -> Manifest:
    return {
        "apiVersion": f"{_RBAC}/v1",
        "kind": "ClusterRoleBinding",
        "metadata": {"name": f"{TENANTS}-{role}"},
        "roleRef": {"apiGroup": _RBAC, "kind": "ClusterRole", "name": role},
        "subjects": [{"apiGroup": _RBAC, "kind": "Group", "name": TENANTS}],
    }


def placed_in(namespace: str, manifest: Manifest) -> Manifest:
    """The manifest in a namespace."""
    return manifest | {"metadata": manifest.get("metadata", {}) | {"namespace": namespace}}


def reason(refused: Forbidden) -> str:
    """What a policy says; all of it, if it was no policy that refused."""
    parts = _DENIAL.split(str(refused), maxsplit=1)
    return parts[-1]


async def make_space(
    administrator: ClusterApi, user: ClusterApi, rules: dict[str, str | None]
) -> Space:
    """A namespace with these rules beside the defaults; a rule that is None is left out.

    In the rules ``{own}`` stands for its name.
    """
    name = f"acme-{secrets.token_hex(3)}"
    annotations = {
        f"policy.tenantry.io/{rule}": value.replace("{own}", name)
        for rule, value in (DEFAULTS | rules).items()
        if value is not None
    }
    labels = {"tenantry.io/tenant": "acme", "policy.tenantry.io/mode": "enforce"}
    metadata = {"name": name, "labels": labels, "annotations": annotations}
    await administrator.create({"apiVersion": "v1", "kind": "Namespace", "metadata": metadata})
    account = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "default"}}
    with suppress(AlreadyExists):  # pods need it, and its controller takes a moment
        await administrator.create(placed_in(name, account))
    return Space(name, administrator, user)
