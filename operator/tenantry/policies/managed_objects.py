"""What the operator owns in a tenant's namespace: quota, limits, isolation, roles.

They are the operator's by their labels, and by their names: nobody else makes objects that look
like its own, for it would take them for such and remove them, nor takes their names.
"""

from typing import Final

from tenantry.api.names import MANAGED_BY, MANAGED_BY_LABEL, TENANT_LABEL
from tenantry.policies.fragments import IN_TENANT, TENANT, UNTRUSTED
from tenantry.policies.people import CARETAKERS, is_one_of
from tenantry.policies.policy import Policy, Resources, Validation

_IS_OURS: Final = (
    "[object, oldObject].exists(o, o != null && ("
    f"(o.metadata.?labels[?'{MANAGED_BY_LABEL}'].orValue('') == '{MANAGED_BY}' && "
    f"o.metadata.?labels[?'{TENANT_LABEL}'].hasValue()) || "
    "(request.resource.resource != 'serviceaccounts' && "
    "(o.metadata.name == 'tenantry' || o.metadata.name.startsWith('tenantry-')))))"
)

_PULLS_IMAGES_OTHERWISE: Final = (
    "request.operation == 'UPDATE' && request.resource.resource == 'serviceaccounts' && "
    "dyn(object).?automountServiceAccountToken == dyn(oldObject).?automountServiceAccountToken && "
    "object.metadata.?labels == oldObject.metadata.?labels && "
    "object.metadata.?ownerReferences == oldObject.metadata.?ownerReferences && "
    "object.metadata.?finalizers == oldObject.metadata.?finalizers"
)
"""What of the ServiceAccount ``default`` is the tenant's own: how its pods get their images."""

_OPERATIONS: Final = ("CREATE", "UPDATE", "DELETE")

MANAGED_OBJECTS: Final = Policy(
    name="managed-objects",
    purpose=(
        "Keeps the quota, limits, isolation and roles that the operator owns in a tenant's "
        "namespace from everybody but the operator and platform administrators."
    ),
    resources=(
        Resources(
            groups=("",),
            versions=("v1",),
            resources=("resourcequotas", "resourcequotas/status", "limitranges", "serviceaccounts"),
            operations=_OPERATIONS,
        ),
        Resources(
            groups=("networking.k8s.io",),
            versions=("v1",),
            resources=("networkpolicies",),
            operations=_OPERATIONS,
        ),
        Resources(
            groups=("rbac.authorization.k8s.io",),
            versions=("v1",),
            resources=("rolebindings",),
            operations=_OPERATIONS,
        ),
    ),
    # The API server writes the status of a quota at each object that counts: who it is comes first.
    match_conditions=(
        ("not-a-caretaker", f"!({is_one_of(CARETAKERS)})"),
        ("is-the-operators", _IS_OURS),
        UNTRUSTED,
    ),
    variables=(
        TENANT,
        ("name", "(object == null ? oldObject : object).metadata.name"),
    ),
    validations=(
        Validation(
            expression=_PULLS_IMAGES_OTHERWISE,
            message=f"{IN_TENANT} + 'managed objects: ' + request.operation.lowerAscii() + ' of ' "
            "+ request.kind.kind + ' ' + variables.name + '; names tenantry and tenantry-* and the "
            f"label {MANAGED_BY_LABEL}={MANAGED_BY} are the operator\\'s: change the Tenant, or "
            "make one of your own under another name'",
        ),
    ),
    has_modes=False,
)
