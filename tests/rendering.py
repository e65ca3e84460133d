"""Tenants by a few words, and what they become by kind."""

from typing import Any

from tenantry.api.base import Manifest
from tenantry.api.tenant import Tenant
from tenantry.desired import desired_namespaces
from tenantry.desired.objects import DesiredNamespace, Facts

OWNER = {"kind": "Group", "name": "owners"}


def tenant(name: str = "acme", *, being_deleted: bool = False, **spec: Any) -> Tenant:
    """A Tenant with one owner and, unless others are given, the namespace ``prod``."""
    metadata = {"name": name}
    if being_deleted:
        metadata["deletionTimestamp"] = "2026-01-01T00:00:00Z"
    defaults = {"owners": [OWNER], "namespaces": [{"name": "prod"}]}
    return Tenant.parse({"metadata": metadata, "spec": defaults | spec})


def spaces(tenant: Tenant, facts: Facts | None = None) -> dict[str, DesiredNamespace]:
    """What a Tenant becomes, by the full names of namespaces."""
    return {space.name: space for space in desired_namespaces(tenant, facts or Facts())}


def of_kind(space: DesiredNamespace, kind: str) -> list[Manifest]:
    """The objects of one kind in a namespace."""
    return [one for one in (*space.guards, *space.access) if one["kind"] == kind]


def the(kind: str, tenant: Tenant, namespace: str = "acme-prod") -> Manifest:
    """The one object of a kind in a namespace."""
    [manifest] = of_kind(spaces(tenant)[namespace], kind)
    return manifest
