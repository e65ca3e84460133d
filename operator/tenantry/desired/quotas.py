"""The ResourceQuotas of a namespace: what it may take.

Three layers, each replacing the one before it key by key: a standard that is enough for a small
team; ``spec.quota.perNamespace``; the namespace's own. A key of ``spec.quota.hard`` is for the
whole tenant: of it a namespace has what it was lent (``lending``), and nothing before that. The
generation of the grant is written beside the amounts, so that a late write of an earlier one is
recognised.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from tenantry.api.base import Manifest
from tenantry.api.names import FIELD_MANAGER, LEASE_ANNOTATION
from tenantry.api.namespaces import NamespaceSpec
from tenantry.api.quantities import amount, canonical
from tenantry.api.quota import Quota, QuotaScope
from tenantry.desired.objects import Lease, Leases, owned

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

ALSO_KNOWN_AS: Final[Mapping[str, str]] = {
    "cpu": "requests.cpu",
    "memory": "requests.memory",
    "ephemeral-storage": "requests.ephemeral-storage",
}
"""Keys that mean the same: https://kubernetes.io/docs/concepts/policy/resource-quotas/."""

Hard = dict[str, str]


def quota_name(scope: str) -> str:
    """What the ResourceQuotas of a scope are called."""
    return f"{FIELD_MANAGER}-{scope}" if scope else FIELD_MANAGER


class Amounts:
    """What each namespace of a Tenant may take at the most."""

    def __init__(self, quota: Quota) -> None:
        """Lay the tenant's layers over the standard."""
        self._whole = {key: canonical(value) for key, value in quota.hard.items()}
        self._given = self._whole | self._within(quota.per_namespace)
        self._hard = _with_standard(self._given)

    def of(self, own: NamespaceSpec) -> Hard:
        """The most that one namespace may take, by ResourceQuota key, whatever it is lent."""
        if not own.quota.hard:
            return self._hard
        return _with_standard(self._given | self._within(own.quota.hard))

    def _within(self, hard: Mapping[str, str | int]) -> Hard:
        return {
            key: whole
            if (whole := self._whole.get(key)) is not None and amount(whole) < amount(value)
            else canonical(value)
            for key, value in hard.items()
        }


def resource_quotas(
    namespace: str, labels: Mapping[str, str], most: Hard, quota: Quota, leases: Leases
) -> Iterator[Manifest]:
    """The ResourceQuotas of a namespace.

    Args:
        namespace: its full name.
        labels: of everything that the operator makes in it.
        most: what it may take at the most.
        quota: the tenant's.
        leases: what the tenant's namespaces have been lent.
    """
    lease = leases.get((namespace, ""), Lease())
    lent = {key: lease.hard.get(key, "0") for key in quota.hard}
    made = owned("v1", "ResourceQuota", namespace, labels)
    if lent:
        made["metadata"]["annotations"] = {LEASE_ANNOTATION: str(lease.since)}
    yield made | {"spec": {"hard": most | lent if lent else most}}
    for scope in sorted(quota.scopes, key=lambda one: one.name):
        lease = leases.get((namespace, scope.name), Lease())
        yield _scoped(namespace, labels, scope, lease)


def _scoped(namespace: str, labels: Mapping[str, str], scope: QuotaScope, lease: Lease) -> Manifest:
    made = owned("v1", "ResourceQuota", namespace, labels, name=quota_name(scope.name))
    made["metadata"]["annotations"] = {LEASE_ANNOTATION: str(lease.since)}
    classes = {
        "scopeName": "PriorityClass",
        "operator": "In",
        "values": sorted(scope.priority_classes),
    }
    hard = {key: lease.hard.get(key, "0") for key in sorted(scope.hard)}
    return made | {"spec": {"hard": hard, "scopeSelector": {"matchExpressions": [classes]}}}


def _with_standard(given: Hard) -> Hard:
    """What is given, and the standard where nothing is given, be it under another name."""
    replaced = {ALSO_KNOWN_AS.get(key, key.removeprefix("count/")) for key in given}
    standard = {key: value for key, value in STANDARD.items() if key not in replaced}
    return dict(sorted((standard | given).items()))
