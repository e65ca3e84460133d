"""Where a tenant's objects are: those in its namespaces, and those in others."""

from collections import defaultdict
from collections.abc import Mapping

from tenantry.api.tenant import Tenant
from tenantry.cluster.cache import Cache
from tenantry.observed import Key, Observed

Tree = Mapping[str, Mapping[Key, Observed]]
"""A tenant's objects by namespace; the Namespace itself is among them."""


def tree_of(cache: Cache, tenant: Tenant) -> Tree:
    """The tenant's objects, in those namespaces that carry its label or that it lists."""
    everything = cache.of_tenant(tenant.name)
    spaces = {key[2] for key in everything if key[0] == "Namespace"}
    spaces |= {tenant.prefix + one.name for one in tenant.spec.namespaces}
    tree: dict[str, dict[Key, Observed]] = defaultdict(dict)
    for key, seen in everything.items():
        space = key[2] if key[0] == "Namespace" else key[1]
        if space in spaces:
            tree[space][key] = seen
    return tree


def elsewhere(cache: Cache, tenant: Tenant, tree: Tree) -> list[tuple[str, dict[Key, Observed]]]:
    """The tenant's objects in namespaces that are not its own, by namespace."""
    found: dict[str, dict[Key, Observed]] = defaultdict(dict)
    for key, seen in cache.of_tenant(tenant.name).items():
        if key[1] and key[1] not in tree:
            found[key[1]][key] = seen
    return sorted(found.items())
