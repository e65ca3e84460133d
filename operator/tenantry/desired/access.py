"""Who may do what in a namespace: RoleBindings to ClusterRoles.

Owners, editors and viewers hold the ClusterRoles that Kubernetes itself maintains for this
(https://kubernetes.io/docs/reference/access-authn-authz/rbac/#user-facing-roles), so they grow with
the cluster's APIs. A suspended tenant may look and no more: everybody holds ``view``.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from tenantry.api.access import Subject
from tenantry.api.base import Manifest
from tenantry.api.names import FIELD_MANAGER
from tenantry.api.namespaces import NamespaceSpec
from tenantry.api.tenant import TenantSpec
from tenantry.desired.objects import owned

Role = tuple[str, str, Callable[[TenantSpec], list[Subject]]]
"""What a role is called here, its ClusterRole, who holds it."""

_RBAC: Final = "rbac.authorization.k8s.io"
_LONGEST_NAME: Final = 253
_VIEW: Final = "view"
_ACTIVE: Final[Sequence[Role]] = (
    ("owners", "admin", lambda spec: spec.owners),
    ("editors", "edit", lambda spec: spec.editors),
    ("viewers", _VIEW, lambda spec: spec.viewers),
)
_SUSPENDED: Final[Sequence[Role]] = (
    ("viewers", _VIEW, lambda spec: [*spec.owners, *spec.editors, *spec.viewers]),
)


@dataclass(frozen=True, slots=True)
class TenantBinding:
    """A RoleBinding that several of a tenant's namespaces have."""

    name: str
    cluster_role: str
    subjects: list[Manifest]
    only: frozenset[str] = frozenset()
    """Short names of the namespaces that have it; all of them when empty."""


def tenant_bindings(spec: TenantSpec) -> tuple[TenantBinding, ...]:
    """Every RoleBinding that a tenant's namespaces have."""
    roles = _SUSPENDED if spec.suspend else _ACTIVE
    of_roles = [
        TenantBinding(f"{FIELD_MANAGER}-{title}", cluster_role, subjects_of(who))
        for title, cluster_role, subjects in roles
        if (who := subjects(spec))
    ]
    further = [
        TenantBinding(
            _binding_name(b.cluster_role),
            b.cluster_role,
            subjects_of(b.subjects),
            frozenset(b.namespaces),
        )
        for b in sorted(spec.role_bindings, key=lambda b: b.cluster_role)
        if not spec.suspend or b.cluster_role == _VIEW
    ]
    return (*of_roles, *further)


def role_bindings(
    namespace: str,
    own: NamespaceSpec,
    labels: Mapping[str, str],
    of_tenant: Iterable[TenantBinding],
) -> Iterator[Manifest]:
    """Those of them that one namespace has."""
    for binding in of_tenant:
        if binding.only and own.name not in binding.only:
            continue
        made = owned(f"{_RBAC}/v1", "RoleBinding", namespace, labels, name=binding.name)
        made["roleRef"] = {"apiGroup": _RBAC, "kind": "ClusterRole", "name": binding.cluster_role}
        made["subjects"] = binding.subjects
        yield made


def _binding_name(cluster_role: str) -> str:
    """A name that no other binding of the tenant has.

    What follows ``tenantry-`` is ``role-`` here, ``owners`` and the like there, and a hash where a
    name would be too long; so a ClusterRole called ``owners`` or ``role-x`` meets none of them.
    """
    name = f"{FIELD_MANAGER}-role-{cluster_role}"
    if len(name) <= _LONGEST_NAME:
        return name
    return f"{FIELD_MANAGER}-hash-{hashlib.sha256(cluster_role.encode()).hexdigest()}"


def subjects_of(subjects: Iterable[Subject]) -> list[Manifest]:
    """Subjects as RBAC stores them, each once, in an order of their own."""
    unique = sorted({(s.kind, s.namespace, s.name) for s in subjects})
    return [
        {"kind": kind, "name": name, "namespace": namespace}
        if kind == "ServiceAccount"
        else {"apiGroup": _RBAC, "kind": kind, "name": name}
        for kind, namespace, name in unique
    ]
