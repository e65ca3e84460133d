"""What a tenant's people may do outside of their namespaces: see what is theirs, and make more.

Namespaces and Tenants are cluster-scoped, so a RoleBinding cannot let anybody see them. A
ClusterRole that names each does, and nothing of other tenants:
https://kubernetes.io/docs/reference/access-authn-authz/rbac/#referring-to-resources.

RBAC cannot limit by name what is created. So owners with self-service get ``create`` on namespaces
together with two verbs that nothing but admission policies asks for: ``use`` on their own Tenant,
and ``selfservice``, which says that their right to create namespaces comes from here and ends at
their tenant's border.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Final

from tenantry.api.access import Subject
from tenantry.api.base import Manifest
from tenantry.api.names import FIELD_MANAGER, GROUP, MANAGED_BY, MANAGED_BY_LABEL, TENANT_LABEL
from tenantry.api.tenant import Tenant
from tenantry.desired.access import subjects_of

_RBAC: Final = "rbac.authorization.k8s.io"
_LOOK: Final = ["get", "list", "watch"]


def cluster_roles(
    tenant: Tenant, namespaces: Collection[str], removable: Collection[str]
) -> list[Manifest]:
    """The ClusterRoles of a tenant's people, with their bindings.

    Args:
        tenant: as the API server has it.
        namespaces: full names of the namespaces that they may see.
        removable: full names of those that owners may delete: the ones that they made.
    """
    spec = tenant.spec
    people = [*spec.owners, *spec.editors, *spec.viewers]
    roles = [*_role(tenant, "", _seeing(tenant, namespaces), people)]
    if spec.namespace_options.self_service and not spec.suspend:
        roles += _role(tenant, ":owners", _making(tenant, removable), spec.owners)
    return roles


def _seeing(tenant: Tenant, namespaces: Collection[str]) -> Iterator[Manifest]:
    yield _rule(GROUP, "tenants", _LOOK, [tenant.name])
    if namespaces:
        yield _rule("", "namespaces", _LOOK, sorted(namespaces))


def _making(tenant: Tenant, removable: Collection[str]) -> Iterator[Manifest]:
    yield _rule(GROUP, "tenants", ["use"], [tenant.name])
    yield _rule(GROUP, "tenants", ["selfservice"])
    yield _rule("", "namespaces", ["create"])
    if removable:
        yield _rule("", "namespaces", ["delete"], sorted(removable))


def _rule(group: str, resource: str, verbs: list[str], names: Sequence[str] = ()) -> Manifest:
    named = {"resourceNames": [*names]} if names else {}
    return {"apiGroups": [group], "resources": [resource], "verbs": verbs} | named


def _role(
    tenant: Tenant, suffix: str, rules: Iterator[Manifest], people: Sequence[Subject]
) -> Iterator[Manifest]:
    name = f"{FIELD_MANAGER}:{tenant.name}{suffix}"
    labels = {MANAGED_BY_LABEL: MANAGED_BY, TENANT_LABEL: tenant.name}
    yield _object("ClusterRole", name, labels) | {"rules": [*rules]}
    yield _object("ClusterRoleBinding", name, labels) | {
        "roleRef": {"apiGroup": _RBAC, "kind": "ClusterRole", "name": name},
        "subjects": subjects_of(people),
    }


def _object(kind: str, name: str, labels: Mapping[str, str]) -> Manifest:
    metadata = {"name": name, "labels": labels}
    return {"apiVersion": f"{_RBAC}/v1", "kind": kind, "metadata": metadata}
