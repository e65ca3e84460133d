"""What the operator asks of the API server: each verb on each resource, and nothing else.

The client has no other requests than these. The chart's roles are checked against them rule by rule
(tests/contract/test_rbac.py), and so is what the API server's audit log shows of an operator that
has gone every way (tests/e2e/test_permissions.py): who adds a request, adds it here.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, Literal

from tenantry.api.names import GROUP
from tenantry.cluster.resources import (
    APPLICATIONS,
    CRDS,
    EVENTS,
    OPTIONAL,
    OPTIONAL_OF_APPLICATIONS,
    OWNED,
    OWNED_BY_APPLICATIONS,
    PODS,
    RATE_CARDS,
    TENANTS,
    Resource,
)
from tenantry.policies.policy import API_VERSION as _ADMISSION

Why = Literal["asked", "handed out", "election", "cost labels"]
"""``asked``: by the client, always. ``handed out``: held so that it may be given to a tenant's
people, or asked about by admission policies. ``election``: where replicas elect a leader. ``cost
labels``: where no MutatingAdmissionPolicy sets them."""


@dataclass(frozen=True, slots=True, order=True)
class Privilege:
    """One verb on one resource.

    Attributes:
        group: API group, empty for core.
        resource: the plural, with ``/`` and the subresource where one is meant.
        verb: of RBAC, https://kubernetes.io/docs/reference/access-authn-authz/authorization/.
        name: of the only object; empty for all.
        why: when it is needed.
        is_local: whether it is for the namespace of the release alone.
    """

    group: str
    resource: str
    verb: str
    name: str = ""
    why: Why = "asked"
    is_local: bool = False


_LOOK: Final = ("list", "watch")
_MAKE: Final = ("create", "patch", "delete")
_KEEP: Final = ("get", *_LOOK, *_MAKE)
"""get: an object of the same name that somebody made is read before it is taken over."""
_BINDABLE: Final = ("admin", "edit", "view")
_POLICIES: Final = tuple(
    f"{kind}admissionpol{rest}"
    for kind in ("validating", "mutating")
    for rest in ("icies", "icybindings")
)
_CHARGED: Final = ("pods", "persistentvolumeclaims", "services")


def privileges(bindable: Iterable[str] = ()) -> frozenset[Privilege]:
    """All that the operator may need.

    Args:
        bindable: names of ClusterRoles that Tenants may refer to, beside admin, edit and view.
    """
    return frozenset((*_asked(), *_handed_out(bindable), *_sometimes()))


def _asked() -> Iterator[Privilege]:
    for kind in (*OWNED, *OWNED_BY_APPLICATIONS, *OPTIONAL_OF_APPLICATIONS):
        yield from _each(kind, _KEEP)
    for kind in OPTIONAL:
        yield from _each(kind, (*_LOOK, *_MAKE))
    # Of a Tenant it writes the finalizer and the status; of Applications and RateCards the status.
    yield from _each(TENANTS, (*_LOOK, "patch"))
    for kind in (APPLICATIONS, RATE_CARDS):
        yield from _each(kind, _LOOK)
    for kind in (TENANTS, APPLICATIONS, RATE_CARDS):
        yield Privilege(kind.group, f"{kind.plural}/status", "patch")
    yield from _each(PODS, _LOOK)
    # The same news again raises the count of an Event.
    yield from _each(EVENTS, (*_LOOK, "create", "patch"))
    for plural in _POLICIES:
        yield Privilege(_ADMISSION.partition("/")[0], plural, "list")
    # A Tenant that is being deleted because its CRD is.
    yield Privilege(CRDS.group, CRDS.plural, "get", f"{TENANTS.plural}.{GROUP}")


def _handed_out(bindable: Iterable[str]) -> Iterator[Privilege]:
    for verb in ("get", "use", "selfservice", "operate"):
        yield Privilege(TENANTS.group, TENANTS.plural, verb, why="handed out")
    for role in (*_BINDABLE, *bindable):
        yield Privilege("rbac.authorization.k8s.io", "clusterroles", "bind", role, why="handed out")


def _sometimes() -> Iterator[Privilege]:
    group, plural = "coordination.k8s.io", "leases"
    # RBAC cannot limit by name what is created.
    yield Privilege(group, plural, "create", why="election", is_local=True)
    for verb in ("get", "update", "watch"):  # who stands by watches it
        yield Privilege(group, plural, verb, "tenantry", why="election", is_local=True)
    for plural in _CHARGED:
        for verb in (*_LOOK, "patch"):
            yield Privilege("", plural, verb, why="cost labels")


def _each(kind: Resource, verbs: Iterable[str]) -> Iterator[Privilege]:
    return (Privilege(kind.group, kind.plural, verb) for verb in verbs)
