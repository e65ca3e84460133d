"""An admin-tier policy over a tenant's NetworkPolicies, where the cluster knows such a kind.

NetworkPolicies are additive: whoever may write one can open more. A ClusterNetworkPolicy of the
tier Admin is evaluated before them and can deny for good, so here other tenants are denied,
whatever anybody's NetworkPolicies say. What the Tenant opens is passed on, and its floor decides.
AdminNetworkPolicy is what the kind was before it had tiers; network plugins that know no other
still serve it: https://network-policy-api.sigs.k8s.io/.
"""

from collections.abc import Iterable, Mapping
from typing import Final, Literal

from tenantry.api.base import Manifest
from tenantry.api.names import FIELD_MANAGER, MANAGED_BY, MANAGED_BY_LABEL, TENANT_LABEL, AdminTier
from tenantry.api.tenant import Tenant
from tenantry.desired.objects import DesiredNamespace

API_VERSIONS: Final[Mapping[AdminTier, str]] = {
    "ClusterNetworkPolicy": "policy.networking.k8s.io/v1beta1",
    "AdminNetworkPolicy": "policy.networking.k8s.io/v1alpha1",
}
_PRIORITY: Final = 500
"""In the middle, so that a platform team can put its own before and after."""
_MOST_PEERS: Final = 25
"""Of a rule, by the schema of ClusterNetworkPolicy; that of the other kind is wider."""
_MOST_RULES: Final = 24
"""Of a direction, less the one that denies."""

Direction = Literal["from", "to"]


def admin_tier_policy(kind: AdminTier, tenant: Tenant, floors: Iterable[Manifest]) -> Manifest:
    """The policy of a tenant at the admin tier.

    Args:
        kind: that the cluster knows.
        tenant: whose it is.
        floors: the NetworkPolicies of its namespaces, and those of its Applications.
    """
    floors = list(floors)
    own = {"matchLabels": {TENANT_LABEL: tenant.name}}
    tier = {"tier": "Admin"} if kind == "ClusterNetworkPolicy" else {}
    return {
        "apiVersion": API_VERSIONS[kind],
        "kind": kind,
        "metadata": {
            "name": f"{FIELD_MANAGER}-{tenant.name}",
            "labels": {MANAGED_BY_LABEL: MANAGED_BY, TENANT_LABEL: tenant.name},
        },
        "spec": {
            **tier,
            "priority": _PRIORITY,
            "subject": {"namespaces": own},
            "ingress": _rules(tenant, floors, "ingress", "from"),
            "egress": _rules(tenant, floors, "egress", "to"),
        },
    }


def floors_of(spaces: Iterable[DesiredNamespace]) -> list[Manifest]:
    """The NetworkPolicies among what should be in a tenant's namespaces."""
    return [one for space in spaces for one in space.guards if one["kind"] == "NetworkPolicy"]


def _rules(
    tenant: Tenant, floors: list[Manifest], name: str, direction: Direction
) -> list[Manifest]:
    """What the floors open is passed on; other tenants are denied.

    More than fits into the schema is not passed on: then only what is said first is open between
    tenants. Peers outside of tenants are not concerned.
    """
    passed: list[Manifest] = []
    for floor in floors:
        for rule in floor["spec"].get(name, ()):
            for peer in rule.get(direction, ()):
                made = _peer(peer)
                if made and made not in passed:
                    passed.append(made)
    passed = passed[: _MOST_PEERS * _MOST_RULES]
    rules = [
        {"action": "Pass", direction: passed[first : first + _MOST_PEERS]}
        for first in range(0, len(passed), _MOST_PEERS)
    ]
    others = [
        {"key": TENANT_LABEL, "operator": "Exists"},
        {"key": TENANT_LABEL, "operator": "NotIn", "values": [tenant.name]},
    ]
    denied = [{"namespaces": {"matchExpressions": others}}]
    return [*rules, {"action": "Deny", direction: denied}]


def _peer(peer: Manifest) -> Manifest | None:
    """A peer in the other kind's terms; None for one that is no pod of another namespace."""
    selector = peer.get("namespaceSelector")
    if selector is None:
        return None
    if pods := peer.get("podSelector"):
        return {"pods": {"namespaceSelector": selector, "podSelector": pods}}
    return {"namespaces": selector}
