"""Whose a namespace is, and what its tenant is held to: nobody changes that but who may.

The operator writes all of it, platform administrators may. Whoever may ``use`` a tenant (GitOps
controllers, owners who serve themselves) puts namespaces into it and takes them out, by the label
alone. What no request changes is not looked at, so whoever finalizes or annotates a tenant's
namespace goes on doing so; a namespace without any key of Tenantry's is never touched.
"""

from typing import Final

from tenantry.api.names import (
    FIELD_MANAGER,
    MANAGED_BY,
    MANAGED_BY_LABEL,
    SELF_SERVICE_LABEL,
    STATE_LABEL,
    TENANT_LABEL,
)
from tenantry.policies.fragments import IS_SELF_SERVICE, UNTRUSTED, may_use
from tenantry.policies.policy import Policy, Resources, Validation

OURS: Final = r"k.matches('^([^/]+\\.)?tenantry\\.io/')"
"""Whether a key is Tenantry's own: ``tenantry.io/…``, ``policy.tenantry.io/…``."""

_CONCERNS_TENANTS: Final = (
    "[object, oldObject].exists(o, o != null && ("
    f"o.metadata.?labels.orValue({{}}).exists(k, {OURS}) || "
    f"o.metadata.?labels[?'{MANAGED_BY_LABEL}'].orValue('') == '{MANAGED_BY}' || "
    f"o.metadata.?annotations.orValue({{}}).exists(k, {OURS})))"
)

_SYSTEM: Final = (
    "object.metadata.name.matches('^(kube|openshift|tenantry)(-|$)|^default$') || "
    "(object.metadata.name.endsWith('-system') && "
    "!object.metadata.name.startsWith(variables.tenant.orValue('') + '-'))"
)
"""Namespaces of the cluster and of those who run it: ``kube-`` is reserved by Kubernetes, and
``-system`` is what its components call theirs (``istio-system``); ``acme-system`` may be acme's."""

_RIGHTS: Final = "^(pod-security[.]kubernetes|resource[.](kubernetes|k8s))[.]io/"
"""Labels by which Kubernetes itself gives a namespace rights: how privileged its pods may be, and
(``admin-access``) whether they may use devices that others have claimed:
https://kubernetes.io/docs/concepts/scheduling-eviction/dynamic-resource-allocation/."""

_LABELS: Final = (
    "(variables.labels.map(k, k) + variables.oldLabels.filter(k, !(k in variables.labels)))"
    f".filter(k, k != '{TENANT_LABEL}' && variables.labels[?k] != variables.oldLabels[?k] && "
    f"(k != '{SELF_SERVICE_LABEL}' || request.operation != 'CREATE') && "
    f"({OURS} || "
    f"(k == '{MANAGED_BY_LABEL}' && '{MANAGED_BY}' in "
    "[variables.labels[?k].orValue(''), variables.oldLabels[?k].orValue('')]) || "
    f"(variables.isTenants && k.matches('{_RIGHTS}'))))"
)
_ANNOTATIONS: Final = (
    "(variables.annotations.map(k, k) + "
    "variables.oldAnnotations.filter(k, !(k in variables.annotations)))"
    ".filter(k, variables.annotations[?k] != variables.oldAnnotations[?k] && "
    f"({OURS} || (variables.isTenants && "
    "(k.startsWith('scheduler.alpha.kubernetes.io/') || k == 'openshift.io/node-selector'))))"
)
"""What the PodNodeSelector and PodTolerationRestriction admission plugins read is kept as well."""


def _of(which: str, field: str, empty: str) -> str:
    """CEL for a field of the metadata, of an object that may not be there."""
    return f"{which} == null ? {empty} : {which}.metadata.?{field}.orValue({empty})"


_MOST: Final = 16_384
"""Characters of labels, annotations and finalizers that are not Tenantry's. Kubernetes takes 256
KiB of annotations; where others had filled them, the operator could write nothing any more, not
even that the tenant is suspended."""


def _weight(which: str, labels: str, annotations: str) -> str:
    """CEL for how many characters others have put on a Namespace."""
    return (
        f"({labels}.map(k, k.size() + {labels}[k].size()) + "
        f"{annotations}.filter(k, !{OURS}).map(k, k.size() + {annotations}[k].size()) + "
        f"({_of(which, 'finalizers', '[]')}).map(f, f.size())).sum()"
    )


def not_yours(tenant: str) -> str:
    """CEL for what is said of a tenant that is not theirs, and of one that does not exist alike.

    Args:
        tenant: CEL for its name.
    """
    return (
        f"'tenant ' + {tenant} + ': namespaces: ' + object.metadata.name + ' cannot be put into "
        "this tenant by ' + request.userInfo.username + '; use a tenant that you may use, and a "
        "name that begins with its prefix'"
    )


_WHOSE: Final = "'tenant ' + variables.oldTenant.orValue(variables.tenant.orValue('-')) + ': '"
_CHANGED: Final = "variables.tenant != variables.oldTenant"

IDENTITY: Final = Policy(
    name="namespaces",
    purpose=(
        "Keeps a namespace's tenant, policy, Pod Security level and cost labels from everybody but "
        "the operator, platform administrators and, for the tenant, who may use it."
    ),
    resources=(
        Resources(
            groups=("",),
            versions=("v1",),
            resources=("namespaces", "namespaces/status", "namespaces/finalize"),
            operations=("CREATE", "UPDATE"),
        ),
    ),
    match_conditions=(("concerns-tenants", _CONCERNS_TENANTS), UNTRUSTED),
    variables=(
        ("labels", _of("object", "labels", "{}")),
        ("oldLabels", _of("oldObject", "labels", "{}")),
        ("annotations", _of("object", "annotations", "{}")),
        ("oldAnnotations", _of("oldObject", "annotations", "{}")),
        ("tenant", f"variables.labels[?'{TENANT_LABEL}']"),
        ("oldTenant", f"variables.oldLabels[?'{TENANT_LABEL}']"),
        ("isTenants", "variables.tenant.hasValue() || variables.oldTenant.hasValue()"),
        ("keys", f"{_LABELS} + {_ANNOTATIONS}"),
        ("weight", _weight("object", "variables.labels", "variables.annotations")),
        ("oldWeight", _weight("oldObject", "variables.oldLabels", "variables.oldAnnotations")),
    ),
    validations=(
        Validation(
            expression=f"!({_CHANGED}) || !variables.tenant.hasValue() || "
            "(variables.tenant.value() != '' && "
            f"{may_use('variables.tenant.value()')})",
            message=not_yours("variables.tenant.orValue('-')"),
        ),
        Validation(
            expression=f"!({_CHANGED}) || !variables.oldTenant.hasValue() || "
            f"{may_use('variables.oldTenant.value()')}",
            message=f"{_WHOSE} + 'namespaces: ' + object.metadata.name + ' cannot be taken out of "
            "this tenant by ' + request.userInfo.username + '; ask a platform administrator'",
        ),
        Validation(
            expression=f"!({_CHANGED}) || !variables.tenant.hasValue() || !({_SYSTEM})",
            message="'tenant ' + variables.tenant.orValue('-') + ': namespaces: ' + "
            "object.metadata.name + ' belongs to the system; only platform administrators may "
            "put it into a tenant'",
        ),
        Validation(
            expression="size(variables.keys) == 0",
            message=f"{_WHOSE} + 'namespaces: change of ' + variables.keys.join(', ') + ' on ' + "
            "object.metadata.name + '; the operator keeps these as the Tenant says: change the "
            "Tenant'",
        ),
        Validation(
            expression=f"request.operation != 'CREATE' || !('{SELF_SERVICE_LABEL}' in "
            f"variables.labels) || {IS_SELF_SERVICE}",
            message=f"{_WHOSE} + 'namespaces: {SELF_SERVICE_LABEL} on ' + object.metadata.name + "
            "'; it is set where tenants make namespaces for themselves: leave it out'",
        ),
        Validation(
            expression="!variables.isTenants || "
            f"({_of('object', 'ownerReferences', '[]')}) == "
            f"({_of('oldObject', 'ownerReferences', '[]')})",
            message=f"{_WHOSE} + 'namespaces: change of ownerReferences on ' + "
            "object.metadata.name + '; a tenant\\'s namespace has no owner: its Tenant says how it "
            "ends'",
        ),
        Validation(
            expression="!variables.isTenants || request.operation != 'CREATE' || "
            "!object.metadata.?managedFields.orValue([])"
            f".exists(m, m.manager == '{FIELD_MANAGER}')",
            message=f"{_WHOSE} + 'namespaces: ' + object.metadata.name + ' made in the name of "
            f"the field manager {FIELD_MANAGER}; it is the operator\\'s: leave it out'",
        ),
        Validation(
            expression=f"!variables.isTenants || variables.weight <= {_MOST} || "
            "variables.weight <= variables.oldWeight",
            message=f"{_WHOSE} + 'namespaces: ' + string(variables.weight) + ' characters of "
            "labels, annotations and finalizers on ' + object.metadata.name + '; at most "
            f"{_MOST}, for the operator needs room for its own'",
        ),
    ),
    has_modes=False,
    in_tenants_only=False,
)

RETAINED: Final = Policy(
    name="retained-namespaces",
    purpose=(
        "Keeps namespaces that a Tenant's deletion policy retains from being deleted by anybody "
        "but platform administrators and the operator."
    ),
    resources=(
        Resources(
            groups=("",), versions=("v1",), resources=("namespaces",), operations=("DELETE",)
        ),
    ),
    match_conditions=(
        (
            "is-retained",
            f"oldObject.metadata.?labels[?'{STATE_LABEL}'].orValue('') == 'retained'",
        ),
        UNTRUSTED,
    ),
    validations=(
        Validation(
            expression="false",
            message=f"'tenant ' + oldObject.metadata.?labels[?'{TENANT_LABEL}'].orValue('-') + "
            "': namespaces: deletion of ' + oldObject.metadata.name + ', which is retained; only "
            "platform administrators may delete it'",
        ),
    ),
    has_modes=False,
    in_tenants_only=False,
)
