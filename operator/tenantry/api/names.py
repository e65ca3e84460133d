"""Every name that the operator shares with the cluster, written once.

Labels and annotations are an interface: network policies, cost reports and admission policies
select by them, and users script against them. So they live beside the models, below every layer
that reads or writes them.
"""

from typing import Final, Literal

GROUP: Final = "tenantry.io"
VERSION: Final = "v1alpha1"
API_VERSION: Final = f"{GROUP}/{VERSION}"

FIELD_MANAGER: Final = "tenantry"
METER: Final = f"{FIELD_MANAGER}-meter"
"""The field manager of what is metered: ``status.cost``, and nothing else."""
FINALIZER: Final = f"{GROUP}/finalizer"

MANAGED_BY_LABEL: Final = "app.kubernetes.io/managed-by"
MANAGED_BY: Final = "tenantry"

TENANT_LABEL: Final = f"{GROUP}/tenant"
COST_CENTER_LABEL: Final = f"{GROUP}/cost-center"
DEPARTMENT_LABEL: Final = f"{GROUP}/department"
ENVIRONMENT_LABEL: Final = f"{GROUP}/environment"
COST_LABELS: Final = (TENANT_LABEL, COST_CENTER_LABEL, DEPARTMENT_LABEL, ENVIRONMENT_LABEL)
"""On whatever costs: whose it is, and who pays."""
APPLICATION_LABEL: Final = f"{GROUP}/application"
COMPONENT_LABEL: Final = f"{GROUP}/component"
"""On all that an Application is made into: which it is, and which of its components."""
SECURITY_OVERRIDES_ANNOTATION: Final = f"{GROUP}/security-overrides"
"""On a workload: the fields in which it is less strict than by default, with commas."""
FILES_ANNOTATION: Final = f"{GROUP}/files"
"""On pods: a digest of their files, so that they are replaced when one changes."""

STATE_LABEL: Final = f"{GROUP}/state"
"""On a namespace that is not simply active: ``retained`` when its Tenant no longer lists it,
``suspended`` with its Tenant, ``parked`` while the Tenant has as many namespaces as it may,
``over-budget`` while the Tenant's month has cost more than it may."""

LEASE_ANNOTATION: Final = f"{GROUP}/lease"
"""On a ResourceQuota: the generation of the grant that its amounts were written from."""

APPLIED_ANNOTATION: Final = f"{GROUP}/applied"
"""On all that an Application is made into: a digest of what was applied last."""

POLICY_PREFIX: Final = f"policy.{GROUP}/"
"""Of the labels and annotations that admission policies read from a namespace."""
MODE_LABEL: Final = f"{POLICY_PREFIX}mode"
"""``enforce``, ``warn`` or ``audit``: which of a policy's bindings selects the namespace."""

PROTECTED_LABEL: Final = f"{GROUP}/protected"
"""On a namespace that the operator must not touch: platform administrators set it."""

SELF_SERVICE_LABEL: Final = f"{GROUP}/self-service"
"""On a namespace that a tenant's people made for themselves: what its name is made of, ``simple``
(the tenant's name, a hyphen and a word) or ``compound`` (anything else)."""

NAMESPACE_NAME_LABEL: Final = "kubernetes.io/metadata.name"
"""Set by the API server on every namespace to its own name; nobody can forge it."""

AdminTier = Literal["ClusterNetworkPolicy", "AdminNetworkPolicy"]
"""Kinds of policies above NetworkPolicies (https://network-policy-api.sigs.k8s.io/)."""

COMPONENT_NAME: Final = r"^[a-z]([-a-z0-9]*[a-z0-9])?$"
"""RFC 1035 label: what a Service may be called."""
