"""What the operator itself may write that is of no namespace: the other half of `operator_account`.

What is in the whole cluster is told by its name alone: each is of one tenant.
"""

from typing import Final

from tenantry.api.names import FIELD_MANAGER, TENANT_LABEL
from tenantry.policies.operator_account import OPERATOR, WRITES
from tenantry.policies.policy import Policy, Resources, Validation

_NAME: Final = ("name", "(object == null ? oldObject : object).metadata.name")
_PREFIX: Final = f"{FIELD_MANAGER}-"
_SUBJECT: Final = (
    "object == null ? '' : dyn(object).spec.subject.?namespaces.?matchLabels"
    f"[?'{TENANT_LABEL}'].orValue('')"
)
_RULES: Final = (
    "object == null ? [] : "
    "dyn(object).spec.?ingress.orValue([]) + dyn(object).spec.?egress.orValue([])"
)

GRANTS: Final = Policy(
    name="operator-grants",
    purpose=(
        "Holds the operator's account to the ClusterRoles tenantry:TENANT and their bindings, so "
        "that it can hand out nothing in the whole cluster."
    ),
    resources=(
        Resources(
            groups=("rbac.authorization.k8s.io",),
            versions=("v1",),
            resources=("clusterroles", "clusterrolebindings"),
            operations=WRITES,
        ),
    ),
    match_conditions=OPERATOR,
    variables=(
        _NAME,
        ("binds", "object != null && request.resource.resource == 'clusterrolebindings'"),
    ),
    validations=(
        Validation(
            expression="variables.name.startsWith('tenantry:')",
            message="'operator: ' + request.resource.resource + ': ' + variables.name + ' is not "
            "of a tenant; those of tenants are called tenantry:TENANT'",
        ),
        Validation(
            expression="!variables.binds || (dyn(object).roleRef.kind == 'ClusterRole' && "
            "dyn(object).roleRef.name == variables.name)",
            message="'operator: ' + variables.name + ' binds another ClusterRole than its own, for "
            "the whole cluster'",
        ),
        Validation(
            expression="object == null || !object.metadata.?labels.orValue({})"
            ".exists(k, k.startsWith('rbac.authorization.k8s.io/'))",
            message="'operator: ' + variables.name + ' would be added to a ClusterRole of "
            "Kubernetes, by its labels'",
        ),
    ),
    has_modes=False,
    in_tenants_only=False,
)

NETWORK_TIER: Final = Policy(
    name="operator-network-tier",
    purpose=(
        "Holds the operator's account to policies above NetworkPolicies that are of one tenant's "
        "namespaces, and that open nothing."
    ),
    resources=(
        Resources(
            groups=("policy.networking.k8s.io",),
            versions=("*",),
            resources=("adminnetworkpolicies", "clusternetworkpolicies"),
            operations=WRITES,
        ),
    ),
    match_conditions=OPERATOR,
    variables=(
        _NAME,
        ("subject", _SUBJECT),
        ("rules", _RULES),
    ),
    validations=(
        Validation(
            expression=f"variables.name.startsWith('{_PREFIX}') && "
            f"(object == null || '{_PREFIX}' + variables.subject == variables.name)",
            message="'operator: ' + request.resource.resource + ': ' + variables.name + ' is not "
            f"of the namespaces of one tenant; those of tenants are called {_PREFIX}TENANT'",
        ),
        Validation(
            expression="variables.rules.all(r, r.action in ['Pass', 'Deny'])",
            message="'operator: ' + variables.name + ' would open what NetworkPolicies close'",
        ),
    ),
    has_modes=False,
    in_tenants_only=False,
)
