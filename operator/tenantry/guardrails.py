"""What of the admission policies is in place: a fact that the operator looks up and reports.

They do their work inside the API server, whether or not the operator runs. The operator only needs
to know whether a namespace's label can be believed, and who puts cost labels on pods.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final, Self

from tenantry.api.names import AdminTier

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
        admin_tier: the kind of policy that the cluster knows above NetworkPolicies, if any.
    """

    missing: tuple[str, ...] = ()
    sets_cost_labels: bool = True
    admin_tier: AdminTier | None = None

    @classmethod
    def of(
        cls,
        wanted: Collection[str],
        bound: Collection[str],
        mutating: Collection[str],
        *,
        admin_tier: AdminTier | None = None,
    ) -> Self:
        """What is in place, by the names of what there is.

        Args:
            wanted: validating policies of this release.
            bound: validating policies that are there and bound.
            mutating: mutating policies that are there and bound.
            admin_tier: the kind of policy that the cluster knows above NetworkPolicies, if any.
        """
        missing = tuple(sorted(name for name in wanted if name not in bound))
        return cls(missing, COST_LABELS in mutating, admin_tier)

    @property
    def guards_labels(self) -> bool:
        """Whether a tenant's label on a namespace is there by the hand of one who may."""
        return LABELS not in self.missing
