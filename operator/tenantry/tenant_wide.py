"""Pure: what a tenant has outside of its namespaces, once it is known what became of them.

Its people see what is theirs; where the cluster can, other tenants are denied for good. Nothing of
it is left for a Tenant that is going.
"""

from collections.abc import Iterable, Sequence

from tenantry.api.base import Manifest
from tenantry.api.tenant import Tenant
from tenantry.desired.admin_tier import admin_tier_policy, floors_of
from tenantry.desired.cluster_roles import cluster_roles
from tenantry.desired.objects import DesiredNamespace
from tenantry.outcomes import NamespaceOutcome, Outcome


def tenant_wide(
    tenant: Tenant,
    outcome: Outcome,
    spaces: Sequence[DesiredNamespace],
    opened: Iterable[Manifest] = (),
) -> list[Manifest]:
    """The cluster-scoped objects of a tenant.

    Args:
        tenant: as the API server has it.
        outcome: what became of its namespaces.
        spaces: what should be in them.
        opened: NetworkPolicies of its Applications; not gone through where there is no admin tier.
    """
    if tenant.is_being_deleted and not tenant.spec.deletion_protection:
        return []
    own = [one for one in outcome.namespaces if _is_seen(one)]
    # Mutating policies come together: one marks what people make for themselves.
    is_marked = outcome.guardrails.sets_cost_labels
    made = [one.name for one in own if (one.self_served if is_marked else one.joined)]
    objects = cluster_roles(tenant, [one.name for one in own], made)
    if kind := outcome.guardrails.admin_tier:
        objects.append(admin_tier_policy(kind, tenant, [*floors_of(spaces), *opened]))
    return objects


def _is_seen(space: NamespaceOutcome) -> bool:
    """Whether the tenant's people may see a namespace: it is, or is about to be, the tenant's."""
    if space.state == "Failed":
        return space.is_listed
    return bool(space.uid) and space.state != "Retained"
