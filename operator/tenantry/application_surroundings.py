"""Pure: what an Application's network and traffic depend on, from what is known of the cluster."""

from collections.abc import Callable, Iterable

from pydantic import ValidationError

from tenantry.allowances import is_listed, standard
from tenantry.api.application import Application
from tenantry.api.names import COST_LABELS
from tenantry.api.namespaces import UNLISTED
from tenantry.api.network import Network
from tenantry.api.platform import USUAL, Platform
from tenantry.api.tenant import Tenant
from tenantry.application_ground import ground_of
from tenantry.desired.applications.facts import ApplicationFacts
from tenantry.desired.applications.surroundings import Surroundings
from tenantry.observed import Key, Observed

Get = Callable[[Key], Observed | None]
"""Knows Namespaces, Tenants and Applications."""
_OWN = frozenset({"Active", "Retained", "Terminating", "Failed"})
"""States of the tenant's namespaces that its floor lets in."""


def surroundings_of(
    application: Application,
    tenant: Tenant,
    neighbours: Iterable[str],
    served: Iterable[str],
    get: Get,
    platform: Platform = USUAL,
) -> Surroundings:
    """The surroundings of an Application.

    Args:
        application: as the API server has it.
        tenant: whose it is.
        neighbours: keys of the Applications that it speaks of or that speak of it.
        served: optional kinds that the API server has.
        get: looks an object up.
        platform: what the cluster does not tell of it.
    """
    space = get(("Namespace", "", application.namespace))
    labels = space.labels if space else {}
    costs = {key: labels[key] for key in COST_LABELS if key in labels}
    found = (_neighbour(key, tenant, get) for key in sorted(neighbours))
    return Surroundings(
        facts=ApplicationFacts(application.namespace, costs, frozenset(served)),
        network=_floor(application.namespace, tenant),
        of_tenant=tuple(sorted(one.name for one in tenant.status.namespaces if one.state in _OWN)),
        neighbours={(one.namespace, one.name): one for one in found if one},
        platform=platform,
    )


def _floor(namespace: str, tenant: Tenant) -> Network:
    named = {tenant.prefix + one.name: one for one in tenant.spec.namespaces}
    return named.get(namespace, UNLISTED).network or tenant.spec.network


def _neighbour(key: str, tenant: Tenant, get: Get) -> Application | None:
    """Another Application, if this tenant's may meet it at all.

    Within a tenant they may. Those of two tenants may where both Tenants say so: whoever declares
    a dependency is one of the tenant's people, and its isolation is not theirs to lift.
    """
    namespace, _, name = key.partition("/")
    seen = get(("Application", namespace, name))
    _, other, wait = ground_of(namespace, get)
    if seen is None or other is None or wait is not None:
        return None
    if other.name != tenant.name and not (_admits(tenant, other) and _admits(other, tenant)):
        return None
    try:
        return Application.parse(seen.body | {"status": {}})
    except ValidationError:
        return None  # its own status says why


def _admits(tenant: Tenant, other: Tenant) -> bool:
    return is_listed(other.name, standard(tenant.spec.allowed, "tenants"))
