"""The ResourceQuota of a namespace: what it may take.

Four layers, each replacing the one before it key by key: a standard that is enough for a small
team; an equal share of ``spec.quota.hard``; ``spec.quota.perNamespace``; the namespace's own. What
a share says can only be lowered by the layers above it, so for each key of ``spec.quota.hard``
the namespaces' amounts never add up to more, whatever the layers say.
"""

from collections.abc import Mapping
from typing import Final

from tenantry.api.base import Manifest
from tenantry.api.namespaces import NamespaceSpec
from tenantry.api.quantities import amount, canonical, divide
from tenantry.api.quota import Quota
from tenantry.desired.objects import owned

STANDARD: Final[Mapping[str, str]] = {
    "configmaps": "100",
    "limits.cpu": "8",
    "limits.ephemeral-storage": "40Gi",
    "limits.memory": "16Gi",
    "persistentvolumeclaims": "10",
    "pods": "50",
    "requests.cpu": "4",
    "requests.ephemeral-storage": "20Gi",
    "requests.memory": "8Gi",
    "requests.storage": "50Gi",
    "secrets": "100",
    "services": "20",
    "services.loadbalancers": "0",
    "services.nodeports": "0",
}
"""What a namespace may take of which nobody has said anything. No node ports and no load
balancers: both reach past every network policy, and the second costs money."""

_ALSO_KNOWN_AS: Final[Mapping[str, str]] = {
    "cpu": "requests.cpu",
    "memory": "requests.memory",
    "ephemeral-storage": "requests.ephemeral-storage",
}
"""Keys that mean the same: https://kubernetes.io/docs/concepts/policy/resource-quotas/."""

Hard = dict[str, str]


class Shares:
    """What each namespace of a Tenant may take."""

    def __init__(self, quota: Quota, parts: int) -> None:
        """Divide the tenant's quota.

        Args:
            quota: as the Tenant has it.
            parts: how many namespaces share it, those that are only retained included, for they
                keep what they have.
        """
        self._shares = {key: divide(key, all_, parts) for key, all_ in quota.hard.items()}
        self._given = self._shares | self._within_shares(quota.per_namespace)
        self._hard = _with_standard(self._given)

    def of(self, own: NamespaceSpec) -> Hard:
        """The amounts of one namespace, by ResourceQuota key."""
        if not own.quota.hard:
            return self._hard
        return _with_standard(self._given | self._within_shares(own.quota.hard))

    def _within_shares(self, hard: Mapping[str, str | int]) -> Hard:
        return {
            key: share
            if (share := self._shares.get(key)) is not None and amount(share) < amount(value)
            else canonical(value)
            for key, value in hard.items()
        }


def resource_quota(namespace: str, labels: Mapping[str, str], hard: Hard) -> Manifest:
    """The ResourceQuota that says so."""
    return owned("v1", "ResourceQuota", namespace, labels) | {"spec": {"hard": hard}}


def _with_standard(given: Hard) -> Hard:
    """What is given, and the standard where nothing is given, be it under another name."""
    replaced = {_ALSO_KNOWN_AS.get(key, key.removeprefix("count/")) for key in given}
    standard = {key: value for key, value in STANDARD.items() if key not in replaced}
    return dict(sorted((standard | given).items()))
