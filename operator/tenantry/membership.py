"""Pure: which of the namespaces that carry a tenant's label are the tenant's, and why.

A namespace becomes a tenant's in one of two ways: the Tenant lists it, or somebody labels it who
may. Owners with self-service label their own at creation, administrators and GitOps controllers
move others in; who may is decided by admission policies, inside the API server. So a label is
believed only where those policies are in place. What was the tenant's and is listed no more is
left by its deletion policy instead.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from tenantry.api.names import SELF_SERVICE_LABEL, STATE_LABEL, TENANT_LABEL
from tenantry.api.tenant import Tenant
from tenantry.desired.namespaces import refusal
from tenantry.desired.objects import Refusal
from tenantry.desired.prefixes import holder, indexed
from tenantry.observed import Observed


@dataclass(frozen=True, slots=True)
class Membership:
    """The namespaces with a tenant's label, by full name, each in one of these."""

    listed: frozenset[str] = frozenset()
    members: frozenset[str] = frozenset()
    """Joined by their label, with room for them."""
    parked: frozenset[str] = frozenset()
    """Joined by their label, without room."""
    unlisted: frozenset[str] = frozenset()
    """Were the tenant's and are listed no more."""
    ending: frozenset[str] = frozenset()
    """Joined by their label, and being deleted."""
    self_served: frozenset[str] = frozenset()
    """Those of the joined that the tenant's people made for themselves, as a policy has marked."""
    strangers: Mapping[str, Refusal] = field(default_factory=dict)
    """Carry the label and are not the tenant's, with the reason."""

    @property
    def joined(self) -> frozenset[str]:
        """Those that are the tenant's by their label."""
        return self.members | self.parked | self.ending

    @property
    def refused(self) -> list[tuple[str, Refusal]]:
        """Those that are not the tenant's, with the reasons, in the order of names."""
        return sorted(self.strangers.items(), key=lambda one: one[0])

    @property
    def held(self) -> frozenset[str]:
        """Those that are or were the tenant's."""
        return self.listed | self.members | self.parked | self.unlisted


def membership(
    tenant: Tenant,
    spaces: Mapping[str, Observed],
    prefixes: Mapping[str, str] = MappingProxyType({}),
    *,
    is_guarded: bool,
) -> Membership:
    """Sort the namespaces that carry a tenant's label.

    Args:
        tenant: as the API server has it, with the status that remembers who joined.
        spaces: the Namespaces with its label, by name.
        prefixes: of all Tenants, name to prefix.
        is_guarded: whether admission policies guard the label.
    """
    listed = {tenant.prefix + one.name for one in tenant.spec.namespaces}
    if tenant.is_being_deleted and not tenant.spec.deletion_protection:
        listed = set()
    others = {name: seen for name, seen in spaces.items() if name not in listed}
    unlisted = {name for name, seen in others.items() if _was_listed(tenant, seen)}
    strangers = {
        name: why
        for name, seen in others.items()
        if name not in unlisted
        and (
            why := _stranger(tenant, name, seen, is_guarded=is_guarded)
            or _squatter(tenant, name, seen, prefixes)
        )
    }
    joined = {
        name: seen
        for name, seen in others.items()
        if name not in unlisted and name not in strangers
    }
    if tenant.is_being_deleted and not tenant.spec.deletion_protection:
        unlisted |= {name for name, seen in joined.items() if seen.uid in tenant.status.joined_uids}
        return Membership(unlisted=frozenset(unlisted), strangers=strangers)
    ending = {name for name, seen in joined.items() if seen.is_being_deleted}
    room = tenant.spec.namespace_options.max - len(tenant.spec.namespaces) - len(ending)
    members = set(_with_room(tenant, {n: s for n, s in joined.items() if n not in ending}, room))
    return Membership(
        listed=frozenset(listed & spaces.keys()),
        members=frozenset(members),
        parked=frozenset(joined.keys() - members - ending),
        unlisted=frozenset(unlisted),
        ending=frozenset(ending),
        self_served=frozenset(n for n, seen in joined.items() if SELF_SERVICE_LABEL in seen.labels),
        strangers=strangers,
    )


def _was_listed(tenant: Tenant, seen: Observed) -> bool:
    """Whether it is on record as listed, or was made by the operator for this Tenant.

    The second for one that was ended before it could tell the uid; and not for a former Tenant of
    the same name.
    """
    if seen.uid in tenant.status.joined_uids:
        return False
    is_made = bool(seen.made_at) and seen.made_at >= tenant.metadata.creation_timestamp
    return is_made or seen.uid in tenant.status.namespace_uids


def _stranger(tenant: Tenant, name: str, seen: Observed, *, is_guarded: bool) -> Refusal | None:
    """Why a namespace that is not listed is not the tenant's, its label notwithstanding."""
    if refused := refusal(name):
        return refused
    if seen.uid in tenant.status.joined_uids:
        return None
    if seen.labels.get(STATE_LABEL) == "retained":
        return Refusal(
            "Retained",
            f"{name} was kept when a former Tenant of this name ended: list it in "
            f"spec.namespaces, or take its label {STATE_LABEL} off, to have it join",
        )
    if _is_adopted(seen):
        return Refusal(
            "NotListed",
            f"{name} carries the label {TENANT_LABEL} by the operator's own hand, and is not "
            "listed any more: list it in spec.namespaces to have it back, or take the label off",
        )
    if not is_guarded:
        return Refusal(
            "LabelNotGuarded",
            f"{name} carries the label {TENANT_LABEL}, but the policies that guard it are not "
            "installed: list the namespace in spec.namespaces, or install them (tenantry policies "
            "| kubectl apply --server-side -f -)",
        )
    return None


def _squatter(
    tenant: Tenant, name: str, seen: Observed, prefixes: Mapping[str, str]
) -> Refusal | None:
    """Why a namespace that the tenant's people made may not have its name, which is another's.

    A policy holds them off other names; off longer prefixes it cannot, where theirs is not the
    tenant's name. What others moved in keeps its name, whosever prefix that begins with.
    """
    is_own_make = SELF_SERVICE_LABEL in seen.labels and name.startswith(tenant.prefix)
    if not is_own_make or seen.uid in tenant.status.joined_uids:
        return None
    owner = holder(name, tenant.name, tenant.prefix, indexed(prefixes))
    if owner == tenant.name:
        return None
    return Refusal(
        "NameBelongsToAnotherTenant",
        f"{name} belongs to Tenant {owner}, whose prefix it begins with: delete it, or take its "
        f"label {SELF_SERVICE_LABEL} off to have it join all the same",
    )


def _is_adopted(seen: Observed) -> bool:
    """Whether its label is the operator's alone, so that nobody asked for it to join.

    It was adopted while it was listed, by an operator that was ended before it could tell. What a
    policy labels as it is made belongs to no field manager, and has another label beside.
    """
    is_own = TENANT_LABEL in seen.own_labels and not seen.is_labelled_by_others
    return is_own and SELF_SERVICE_LABEL not in seen.labels


def _with_room(tenant: Tenant, joined: Mapping[str, Observed], room: int) -> Iterator[str]:
    """Those that are let in: who is in stays, then whoever came first, as long as there is room."""
    inside = {one.name for one in tenant.status.namespaces if one.joined and one.state != "Parked"}
    order = sorted(joined, key=lambda name: (name not in inside, joined[name].created_at, name))
    for place, name in enumerate(order):
        if name in inside or place < room:
            yield name
