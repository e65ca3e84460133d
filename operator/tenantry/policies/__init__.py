"""Pure: the admission policies that hold tenants to what is theirs. One file a concern.

This is the table of contents. The policies are the same for every cluster and every tenant:
``tenantry policies`` prints them, ``make generate`` writes them into the chart. To add one, write
it in a file named as users name the concern, and add a line here.
"""

from tenantry.api.base import Manifest
from tenantry.policies import (
    application_rules,
    cost_labels,
    hosts,
    images,
    managed_objects,
    namespaces,
    network_policies,
    operator_account,
    operator_cluster_wide,
    priority_classes,
    readiness,
    role_bindings,
    scheduling,
    self_service,
    services,
    suspension,
    tenant_label,
    volumes,
)
from tenantry.policies.policy import MutatingPolicy, Policy, documents

POLICIES: tuple[Policy | MutatingPolicy, ...] = (
    namespaces.IDENTITY,
    namespaces.RETAINED,
    tenant_label.LABELLING,
    self_service.IN_A_TENANT,
    self_service.PREFIXES,
    managed_objects.MANAGED_OBJECTS,
    readiness.READINESS,
    suspension.STARTING,
    suspension.CHANGING,
    cost_labels.SETTING,
    cost_labels.CHECKING,
    cost_labels.SELECTING,
    images.IMAGES,
    scheduling.SCHEDULING,
    priority_classes.PRIORITY_CLASSES,
    volumes.VOLUMES,
    services.SERVICES,
    hosts.HOSTS,
    application_rules.APPLICATION_RULES,
    network_policies.NETWORK_POLICIES,
    role_bindings.ROLE_BINDINGS,
    operator_account.OBJECTS,
    operator_account.NAMESPACES,
    operator_account.TENANTS,
    operator_account.PODS,
    operator_cluster_wide.GRANTS,
    operator_cluster_wide.NETWORK_TIER,
)
"""Every policy, in the order in which a reader meets them."""


def manifests(*, validating: bool = True, mutating: bool = True) -> list[Manifest]:
    """The policies, each followed by what binds it.

    Args:
        validating: whether to give those that refuse; every API server that Tenantry runs on has
            them.
        mutating: whether to give those that change what is written, which API servers have from
            Kubernetes 1.36 on.
    """
    wanted = {Policy: validating, MutatingPolicy: mutating}
    return [doc for policy in POLICIES if wanted[type(policy)] for doc in documents(policy)]
