"""Pure: the admission policies that hold tenants to what is theirs. One file a concern.

This is the table of contents. The policies are the same for every cluster and every tenant:
``tenantry policies`` prints them, ``make generate`` writes them into the chart. To add one, write
it in a file named as users name the concern, and add a line here.
"""

from tenantry.api.base import Manifest
from tenantry.policies import (
    cost_labels,
    managed_objects,
    namespaces,
    readiness,
    self_service,
    suspension,
    tenant_label,
)
from tenantry.policies.policy import MutatingPolicy, Policy, documents

POLICIES: tuple[Policy | MutatingPolicy, ...] = (
    namespaces.IDENTITY,
    namespaces.RETAINED,
    tenant_label.TENANT_LABELS,
    self_service.IN_A_TENANT,
    self_service.PREFIXES,
    managed_objects.MANAGED_OBJECTS,
    readiness.READINESS,
    suspension.STARTING,
    suspension.CHANGING,
    cost_labels.SETTING,
    cost_labels.CHECKING,
    cost_labels.SELECTING,
)
"""Every policy, in the order in which a reader meets them."""


def manifests() -> list[Manifest]:
    """All policies, each followed by what binds it."""
    return [document for policy in POLICIES for document in documents(policy)]
