"""What is on the cluster: the tenants, and everything that the operator made for them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from demo.failure import DemoFailedError

if TYPE_CHECKING:
    from demo.kubectl import Kubectl, Manifest

OWNED: Final = (
    "Namespace",
    "ResourceQuota",
    "LimitRange",
    "NetworkPolicy",
    "ServiceAccount",
    "RoleBinding",
)
"""Kinds, in the order in which they are written."""
TENANT: Final = "tenantry.io/tenant"
_PLURALS: Final = ",".join(f"{kind.lower()}s" for kind in OWNED).replace("policys", "policies")


@dataclass(frozen=True)
class World:
    """A look at the cluster.

    Args:
        tenants: Name -> Tenant.
        owned: What carries the operator's label, of all kinds.
    """

    tenants: dict[str, Manifest]
    owned: list[Manifest]

    @classmethod
    def read(cls, kubectl: Kubectl) -> World:
        """Look."""
        with ThreadPoolExecutor() as threads:
            tenants = threads.submit(kubectl.items, "tenants")
            selector = "app.kubernetes.io/managed-by=tenantry"
            owned = threads.submit(kubectl.items, f"{_PLURALS} -A -l {selector}")
        named = {one["metadata"]["name"]: one for one in tenants.result()}
        return cls(named, owned.result())

    def of(self, kind: str, *, tenant: str = "", namespace: str = "") -> list[Manifest]:
        """Give the objects of a kind, of a tenant or in a namespace."""
        return [
            one
            for one in (self.of_tenant(tenant) if tenant else self.owned)
            if one["kind"] == kind
            and namespace in {"", one["metadata"].get("namespace", one["metadata"]["name"])}
        ]

    def of_tenant(self, tenant: str) -> list[Manifest]:
        """Give everything of a tenant, of all kinds."""
        return [one for one in self.owned if one["metadata"]["labels"][TENANT] == tenant]

    def the(self, kind: str, namespace: str) -> Manifest:
        """Give the one object of a kind in a namespace.

        Raises:
            DemoFailedError: There is none, or several.
        """
        found = self.of(kind, namespace=namespace)
        if len(found) != 1:
            raise DemoFailedError(f"{namespace} has one {kind}.", f"{len(found)} of them")
        return found[0]

    def namespaces(self, tenant: str) -> list[str]:
        """Give the full names of a tenant's namespaces."""
        return sorted(one["metadata"]["name"] for one in self.of("Namespace", tenant=tenant))
