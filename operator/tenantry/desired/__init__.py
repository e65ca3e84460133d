"""Pure: a Tenant, and the facts about its surroundings, to the manifests that should be.

This is the table of contents. One file a concern, named as users name it; each gives manifests as
the API server would store them (defaults written out, quantities canonical), so that comparing
them with what is there needs no knowledge of defaulting. Nothing here awaits, reads the clock or
the environment, or depends on the order of a set: the same Tenant gives the same bytes.
"""

from tenantry.api.tenant import Tenant
from tenantry.desired.objects import DesiredNamespace, Facts


def desired_namespaces(tenant: Tenant, facts: Facts) -> list[DesiredNamespace]:
    """Every namespace that should be, with all that belongs into it, in the order of names.

    Args:
        tenant: as the API server has it.
        facts: what else matters: the prefixes of all tenants, the namespaces that carry this
            tenant's label although it does not list them.
    """
    raise NotImplementedError
