"""What the operator must be allowed to do: what its client declares, in the namespace looked at."""

from collections.abc import Iterator
from typing import Final

from tenantry.cluster.privileges import privileges
from tenantry.cluster.resources import CLUSTER_ROLES, OPTIONAL, OPTIONAL_OF_APPLICATIONS
from tenantry.doctor.facts import Installation, Right

FORBIDDEN: Final = (
    Right("get", "secrets"),
    Right("escalate", "clusterroles", CLUSTER_ROLES.group),
    Right("impersonate", "users"),
    Right("create", "pods/exec"),
)
"""What whoever owns the operator's token could take the cluster over with."""


def needed(place: Installation) -> Iterator[Right]:
    """Every right, the namespace's Lease among them, in an order that stays.

    Not those for labels of cost: where a policy sets them the chart does not grant these.
    """
    optional = {(one.group, one.plural) for one in (*OPTIONAL, *OPTIONAL_OF_APPLICATIONS)}
    for one in sorted(privileges()):
        if one.why == "cost labels":
            continue
        name = place.lease if one.is_local and one.name else one.name
        yield Right(
            one.verb,
            one.resource,
            one.group,
            name,
            place.namespace if one.is_local else "",
            is_optional=(one.group, one.resource) in optional,
        )
