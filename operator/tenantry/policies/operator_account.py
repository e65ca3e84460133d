"""What the operator itself is held to, in case somebody else has its token.

RBAC cannot say "only in tenants' namespaces", nor "only what is named so". So what Kubernetes lets
the operator's ServiceAccount do would be enough for much more than it does: a ClusterRoleBinding to
``admin``, which it may bind, reads every Secret. These policies take that away, and the operator
never meets them. They are about ServiceAccounts that may ``operate`` tenants and not update them; a
person who runs the operator by hand is held by nothing but their own rights.
"""

from typing import Final

from tenantry.api.names import MANAGED_BY, MANAGED_BY_LABEL, PROTECTED_LABEL, TENANT_LABEL
from tenantry.policies.fragments import IS_ADMINISTRATOR, IS_OPERATOR
from tenantry.policies.namespaces import OURS
from tenantry.policies.policy import Policy, Resources, Validation

WRITES: Final = ("CREATE", "UPDATE", "DELETE")
OPERATOR: Final = (
    # Most requests are told by the name alone; RBAC is asked about few.
    ("is-an-account", "request.userInfo.username.startsWith('system:serviceaccount:')"),
    ("is-the-operator", f"{IS_OPERATOR} && !{IS_ADMINISTRATOR}"),
)
"""Match conditions: the operator's account asks."""
_OWN: Final = ("own", "request.userInfo.username.split(':')[2]")
"""Variable: the namespace that the operator's ServiceAccount is in."""

_IS_ITS_OWN: Final = (
    "oldObject != null && "
    f"oldObject.metadata.?labels[?'{MANAGED_BY_LABEL}'].orValue('') == '{MANAGED_BY}'"
)
_WAS_TENANTS: Final = (
    f"variables.labels.exists(k, {OURS}) || (oldObject != null && "
    f"oldObject.metadata.?annotations.orValue({{}}).exists(k, {OURS}))"
)
_BECOMES_TENANTS: Final = f"object != null && object.metadata.?labels[?'{TENANT_LABEL}'].hasValue()"

_CLUSTERS: Final = "['default', 'kube-node-lease', 'kube-public', 'kube-system', variables.own]"
"""CEL for namespaces that are no tenant's whatever their labels say."""

_LOOKS_LIKE_SYSTEM: Final = "variables.space.matches('^(kube|openshift)-|-system$')"
"""CEL for names of those who run the cluster. A tenant's may end like that as well (acme-system):
one that is made is no matter, and one that is there is the tenant's once others have labelled it.
"""


def _is_kept(labels: str, is_tenants: str) -> str:
    """CEL for whether a namespace is kept from the operator.

    Args:
        labels: CEL for its labels, before the request.
        is_tenants: CEL for whether it was a tenant's, before the request.
    """
    return (
        f"(variables.space in {_CLUSTERS} || '{PROTECTED_LABEL}' in {labels} || "
        f"(!({is_tenants}) && {_LOOKS_LIKE_SYSTEM}))"
    )


_IS_TENANTS: Final = f"'{TENANT_LABEL}' in variables.labels"
_IS_NEW_OR_TENANTS: Final = "oldObject == null || variables.wasTenants"
_REFUSAL: Final = (
    "'operator: ' + variables.space + ' is not a tenant\\'s: the cluster\\'s own namespaces, the "
    f"operator\\'s, and those with the label {PROTECTED_LABEL} are kept from it; a platform "
    "administrator may take the label off, or put a namespace of the system into a tenant'"
)

OBJECTS: Final = Policy(
    name="operator-objects",
    purpose=(
        "Keeps the operator's account out of the cluster's own namespaces, its own, and those that "
        "are labelled as protected."
    ),
    resources=(
        Resources(
            groups=("",),
            versions=("v1",),
            resources=(
                "configmaps",
                "limitranges",
                "resourcequotas",
                "serviceaccounts",
                "services",
            ),
            operations=WRITES,
        ),
        Resources(
            groups=("apps", "batch", "autoscaling", "policy"),
            versions=("*",),
            resources=(
                "cronjobs",
                "daemonsets",
                "deployments",
                "horizontalpodautoscalers",
                "jobs",
                "poddisruptionbudgets",
                "statefulsets",
            ),
            operations=WRITES,
        ),
        Resources(
            groups=("networking.k8s.io", "rbac.authorization.k8s.io"),
            versions=("v1",),
            resources=("ingresses", "networkpolicies", "rolebindings"),
            operations=WRITES,
        ),
        Resources(
            groups=(
                "autoscaling.k8s.io",
                "gateway.networking.k8s.io",
                "monitoring.coreos.com",
                "networking.istio.io",
                "security.istio.io",
                "telemetry.istio.io",
            ),
            versions=("*",),
            resources=("*",),
            operations=WRITES,
        ),
    ),
    match_conditions=OPERATOR,
    variables=(
        _OWN,
        ("space", "request.namespace"),
        ("labels", "namespaceObject.metadata.?labels.orValue({})"),
        ("isItsOwn", _IS_ITS_OWN),
    ),
    validations=(
        Validation(
            # What it made may go, after its namespace was taken out of the tenant.
            expression=f"!{_is_kept('variables.labels', _IS_TENANTS)} || variables.isItsOwn",
            message=_REFUSAL,
        ),
    ),
    has_modes=False,
    in_tenants_only=False,
)

NAMESPACES: Final = Policy(
    name="operator-namespaces",
    purpose=(
        "Holds the operator's account to namespaces that are a tenant's or become one, and never "
        "the cluster's own, its own, or those that are labelled as protected."
    ),
    resources=(
        Resources(
            groups=("",),
            versions=("v1",),
            resources=("namespaces", "namespaces/status", "namespaces/finalize"),
            operations=WRITES,
        ),
    ),
    match_conditions=OPERATOR,
    variables=(
        _OWN,
        ("space", "(object == null ? oldObject : object).metadata.name"),
        ("labels", "oldObject == null ? {} : oldObject.metadata.?labels.orValue({})"),
        ("wasTenants", _WAS_TENANTS),
        ("becomesTenants", _BECOMES_TENANTS),
    ),
    validations=(
        Validation(
            expression=f"!{_is_kept('variables.labels', _IS_NEW_OR_TENANTS)}",
            message=_REFUSAL,
        ),
        Validation(
            expression="variables.wasTenants || variables.becomesTenants",
            message="'operator: ' + variables.space + ' is no tenant\\'s, and is not put into one'",
        ),
    ),
    has_modes=False,
    in_tenants_only=False,
)

TENANTS: Final = Policy(
    name="operator-tenants",
    purpose="Holds the operator's account to the finalizers of Tenants: it writes no spec.",
    resources=(
        Resources(
            groups=("tenantry.io",),
            versions=("*",),
            resources=("tenants",),
            operations=("UPDATE",),
        ),
    ),
    match_conditions=OPERATOR,
    validations=(
        Validation(
            expression="dyn(object).spec == dyn(oldObject).spec && "
            "object.metadata.?labels == oldObject.metadata.?labels && "
            "object.metadata.?annotations == oldObject.metadata.?annotations && "
            "object.metadata.?ownerReferences == oldObject.metadata.?ownerReferences",
            message="'operator: tenant ' + object.metadata.name + ': its spec, labels and "
            "annotations are people\\'s to write'",
        ),
    ),
    has_modes=False,
    in_tenants_only=False,
)

PODS: Final = Policy(
    name="operator-pods",
    purpose="Holds the operator's account to the labels of pods and claims that others made.",
    resources=(
        Resources(
            groups=("",),
            versions=("v1",),
            resources=("persistentvolumeclaims", "pods"),
            operations=("UPDATE",),
        ),
    ),
    match_conditions=OPERATOR,
    validations=(
        Validation(
            expression="dyn(object).spec == dyn(oldObject).spec && "
            "object.metadata.?annotations == oldObject.metadata.?annotations",
            message="'operator: ' + request.resource.resource + ': ' + object.metadata.name + ' "
            "gets labels from the operator, and nothing else'",
        ),
    ),
    has_modes=False,
    in_tenants_only=False,
)
