"""What of the admission policies is in place: a fact that the operator looks up and reports.

They do their work inside the API server, whether or not the operator runs. The operator only needs
to know whether a namespace's label can be believed, and who puts cost labels on pods.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final, Self

LABELS: Final = "tenantry-namespaces"
"""The policy that decides who may label a namespace as a tenant's."""
COST_LABELS: Final = "tenantry-cost-labels"
"""The policy that puts cost labels on what runs in a tenant's namespaces."""


@dataclass(frozen=True, slots=True)
class Guardrails:
    """Which admission policies are in place.

    Attributes:
        missing: names of the validating policies that are not installed or not bound.
        sets_cost_labels: whether a MutatingAdmissionPolicy puts cost labels on objects.
        has_admin_tier: whether the cluster knows ClusterNetworkPolicies.
    """

    missing: tuple[str, ...] = ()
    sets_cost_labels: bool = True
    has_admin_tier: bool = False

    @classmethod
    def of(
        cls,
        wanted: Collection[str],
        bound: Collection[str],
        mutating: Collection[str],
        *,
        has_admin_tier: bool = False,
    ) -> Self:
        """What is in place, by the names of what there is.

        Args:
            wanted: validating policies of this release.
            bound: validating policies that are there and bound.
            mutating: mutating policies that are there and bound.
            has_admin_tier: whether the cluster knows ClusterNetworkPolicies.
        """
        missing = tuple(sorted(name for name in wanted if name not in bound))
        return cls(missing, COST_LABELS in mutating, has_admin_tier)

    @property
    def guards_labels(self) -> bool:
        """Whether a tenant's label on a namespace is there by the hand of one who may."""
        return LABELS not in self.missing
