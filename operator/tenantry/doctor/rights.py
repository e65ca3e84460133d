"""What the operator must be allowed to do, from the kinds that its client declares.

A contract test holds this to what the chart grants, and another holds that to what the API server's
audit log says the operator uses.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from tenantry.api.names import GROUP
from tenantry.cluster.guardrails import PLURALS
from tenantry.cluster.resources import (
    APPLICATIONS,
    CLUSTER_ROLES,
    CRDS,
    EVENTS,
    OPTIONAL,
    OPTIONAL_OF_APPLICATIONS,
    OWNED,
    OWNED_BY_APPLICATIONS,
    PODS,
    TENANTS,
    Resource,
)
from tenantry.doctor.facts import Installation, Right
from tenantry.policies.policy import API_VERSION as ADMISSION

HANDED_OUT: Final = ("admin", "edit", "view")
"""ClusterRoles that Tenants' owners, editors and viewers are bound to (``desired/access.py``)."""
_FOLLOWED: Final = ("list", "watch")
_WRITTEN: Final = ("create", "patch", "delete")
_TENANT: Final = (*_FOLLOWED, "patch", "get", "use", "selfservice", "operate")
"""``use`` and the last two do nothing by themselves: policies ask for them, or they are handed
out."""

FORBIDDEN: Final = (
    Right("get", "secrets"),
    Right("escalate", "clusterroles", CLUSTER_ROLES.group),
    Right("impersonate", "users"),
    Right("create", "pods/exec"),
)
"""What whoever owns the operator's token could take the cluster over with."""


def needed(place: Installation) -> Iterator[Right]:
    """Every right, the namespace's Lease among them."""
    yield from _of((TENANTS,), _TENANT)
    yield from _of((APPLICATIONS, PODS), _FOLLOWED)
    for one in (TENANTS, APPLICATIONS):
        yield Right("patch", f"{one.plural}/status", one.group)
    yield from _of((EVENTS,), (*_FOLLOWED, "create", "patch"))
    yield from _of((*OWNED, *OWNED_BY_APPLICATIONS), ("get", *_FOLLOWED, *_WRITTEN))
    yield from _of(OPTIONAL, (*_FOLLOWED, *_WRITTEN))
    yield from _of(OPTIONAL_OF_APPLICATIONS, ("get", *_FOLLOWED, *_WRITTEN))
    for plural in PLURALS.values():
        yield Right("list", plural, ADMISSION.partition("/")[0])
    for role in HANDED_OUT:
        yield Right("bind", CLUSTER_ROLES.plural, CLUSTER_ROLES.group, role)
    yield Right("get", CRDS.plural, CRDS.group, f"{TENANTS.plural}.{GROUP}")
    yield Right("create", "leases", "coordination.k8s.io", "", place.namespace)
    for verb in ("get", "update"):
        yield Right(verb, "leases", "coordination.k8s.io", place.lease, place.namespace)


def _of(resources: Iterable[Resource], verbs: tuple[str, ...]) -> Iterator[Right]:
    for one in resources:
        is_optional = one.is_optional and one is not APPLICATIONS
        for verb in verbs:
            yield Right(verb, one.plural, one.group, is_optional=is_optional)
