"""The values that go in and out of ``desired``."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from tenantry.api import names
from tenantry.api.base import Manifest


@dataclass(frozen=True, slots=True)
class Lease:
    """What a namespace has of the tenant's whole, and the generation in which it got it."""

    since: int = 0
    hard: Mapping[str, str] = field(default_factory=dict)


Leases = Mapping[tuple[str, str], Lease]
"""By full name of a namespace and scope; the scope is empty for ``spec.quota.hard``."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What rendering a Tenant depends on, beside the Tenant."""

    prefixes: Mapping[str, str] = field(default_factory=dict)
    """Of every Tenant in the cluster: name to the prefix of its namespaces' names."""
    unlisted: frozenset[str] = frozenset()
    """Full names of namespaces that were the tenant's and that it no longer lists: they are left
    as its deletion policy says."""
    members: frozenset[str] = frozenset()
    """Full names of namespaces that joined the tenant by its label, made by its owners or moved
    there by an administrator."""
    parked: frozenset[str] = frozenset()
    """Those that wait until the tenant may have more namespaces."""
    leases: Leases = field(default_factory=dict)
    """What its namespaces have been lent of ``spec.quota``."""
    held: frozenset[str] = frozenset()
    """Full names of namespaces that carry the tenant's label, listed or not. What a tenant has it
    keeps, even when a Tenant comes whose prefix claims the name: else nobody would take away the
    access of an owner that is gone."""
    foreign: frozenset[str] = frozenset()
    """Full names that it lists and that are somebody else's namespaces: no rule lets them in."""
    inhabited: Collection[str] = ()
    """Full names of namespaces, of whatever tenant, in which there are Applications."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a namespace that is listed will not be made."""

    reason: str
    message: str


@dataclass(frozen=True, slots=True)
class DesiredNamespace:
    """One namespace and what belongs into it, in the order in which it must be written."""

    name: str
    namespace: Manifest
    """The Namespace itself. First: nothing else can be without it."""
    closures: tuple[Manifest, ...] = ()
    """What closes pods that the floor leaves out. Second: before it does."""
    guards: tuple[Manifest, ...] = ()
    """Quota, limits, isolation, the default ServiceAccount: all that limits. Third."""
    access: tuple[Manifest, ...] = ()
    """RoleBindings: what lets people in. Last, and only when every guard is in place."""
    listed: bool = True
    """Whether the tenant has it, because it lists it or because it joined; if not, it is kept by
    the deletion policy Retain."""
    is_parked: bool = False
    """Whether it waits for room: then it is marked, and nothing else of it is written."""
    refusal: Refusal | None = None
    """Set when the namespace may not be made; then nothing of it is to be written."""


def owned(
    api_version: str,
    kind: str,
    namespace: str,
    labels: Mapping[str, str],
    *,
    name: str = names.FIELD_MANAGER,
) -> Manifest:
    """The beginning of an object that the operator owns in a namespace.

    Where one object of a kind says it all, it has the operator's name, so that it is found without
    a list and a second one is never made.
    """
    return {
        "apiVersion": api_version,
        "kind": kind,
        "metadata": {"name": name, "namespace": namespace, "labels": labels},
    }
