"""Suspended, parked and over-budget namespaces: reading works, starting does not.

A tenant is suspended by its Tenant; what runs goes on, and controllers replace what fails. A
namespace is parked when its tenant has more than it may have; nothing was started there, and
nothing is. One is over budget when its tenant's month has cost more than it may and the Tenant
says that this counts: nothing new starts, and whoever has access keeps it, to delete and to scale
down. The operator takes the tenant's roles away; these policies hold whoever still has
access by a RoleBinding of the tenant's own, and all that would start more by itself. An Application
counts as what the operator would make of it, whom nothing here holds back.
"""

from typing import Final

from tenantry.api.names import GROUP, STATE_LABEL, VERSION
from tenantry.policies.fragments import IN_TENANT, IS_TRUSTED_IN_PERSON, TENANT, is_subject, rule
from tenantry.policies.gateways import GATEWAY_GROUPS, GATEWAY_KINDS
from tenantry.policies.people import CORE, KEEPERS, is_one_of
from tenantry.policies.policy import Policy, Requirements, Resources, Validation
from tenantry.policies.workloads import APPS, BATCH, workloads

_HALTED: Final[Requirements] = (
    {"key": STATE_LABEL, "operator": "In", "values": ["suspended", "parked"]},
)
_STARTING_NOTHING: Final[Requirements] = (
    {"key": STATE_LABEL, "operator": "In", "values": ["suspended", "parked", "over-budget"]},
)
_STATE: Final = ("state", f"namespaceObject.metadata.labels['{STATE_LABEL}']")
_IN_STATE: Final = (
    f"{IN_TENANT} + variables.state + ': ' + request.operation.lowerAscii() + ' of ' + "
    "request.resource.resource + (request.?subResource.orValue('') == '' ? '' "
    ": '/' + request.subResource) + ' ' + (request.?name.orValue('') != '' ? request.name "
    ": dyn(object == null ? oldObject : object).?metadata.?name.orValue('')) + '; ' + "
    "(variables.state == 'parked' "
    "? 'the tenant has more namespaces than it may have: delete one, or ask a platform "
    "administrator for room' "
    ": variables.state == 'over-budget' "
    "? 'the budget of the month is spent: what runs goes on, deleting and kubectl scale to fewer "
    "replicas work; ask a platform administrator to raise spec.cost.budget of the Tenant' "
    ": 'reading works, starting and changing do not: ask a platform administrator')"
)
_WRITES: Final = ("CREATE", "UPDATE", "DELETE")
_UNTRUSTED: Final = ("untrusted", f"!{IS_TRUSTED_IN_PERSON}")
_SCALES: Final = ("deployments/scale", "replicasets/scale", "statefulsets/scale")
_IS_ASKED_ALREADY: Final = (
    "(request.resource.resource == 'applications' && oldObject != null && "
    "dyn(object).spec == dyn(oldObject).spec)"
)
"""Finalizers are taken off one that is being deleted."""
_IS_NODE: Final = "request.userInfo.username.startsWith('system:node:')"
_IS_SYSTEM: Final = (
    "request.userInfo.username.startsWith('system:serviceaccount:kube-system:') || "
    "(request.userInfo.username.startsWith('system:') && "
    "!request.userInfo.username.startsWith('system:serviceaccount:'))"
)


def _applications(*operations: str) -> Resources:
    return Resources(
        groups=(GROUP,), versions=(VERSION,), resources=("applications",), operations=operations
    )


STARTING: Final = Policy(
    name="suspension",
    purpose=(
        "Starts nothing in suspended, parked and over-budget namespaces; what runs in them stays."
    ),
    resources=(
        *workloads("CREATE", "UPDATE"),
        Resources(
            groups=("",),
            versions=("v1",),
            resources=("pods/ephemeralcontainers", "pods/resize", "replicationcontrollers/scale"),
            operations=("UPDATE",),
        ),
        Resources(groups=("apps",), versions=("v1",), resources=_SCALES, operations=("UPDATE",)),
        _applications("CREATE", "UPDATE"),
    ),
    match_conditions=(
        ("not-the-clusters-core", f"!({is_one_of(CORE)} || {_IS_NODE})"),
        _UNTRUSTED,
    ),
    variables=(TENANT, _STATE),
    validations=(
        Validation(
            expression=f"{_IS_ASKED_ALREADY} || "
            f"({is_one_of(KEEPERS)} && (variables.state != 'parked' || "
            "request.operation == 'UPDATE' || request.resource.resource != 'pods')) || "
            "(request.?subResource.orValue('') == 'scale' && "
            "dyn(object).spec.?replicas.orValue(0) <= dyn(oldObject).spec.?replicas.orValue(0))",
            message=_IN_STATE,
        ),
    ),
    has_modes=False,
    where=_STARTING_NOTHING,
)

CHANGING: Final = Policy(
    name="suspension-writes",
    purpose=(
        "Refuses the writes of a suspended tenant's own people and service accounts, whoever gave "
        "them access."
    ),
    resources=(
        Resources(
            groups=("",),
            versions=("v1",),
            resources=(
                "configmaps",
                "secrets",
                "services",
                "serviceaccounts",
                "persistentvolumeclaims",
            ),
            operations=_WRITES,
        ),
        Resources(
            groups=("networking.k8s.io",),
            versions=("v1",),
            resources=("ingresses", "networkpolicies"),
            operations=_WRITES,
        ),
        Resources(
            groups=("rbac.authorization.k8s.io",),
            versions=("v1",),
            resources=("roles", "rolebindings"),
            operations=_WRITES,
        ),
        Resources(
            groups=("",),
            versions=("v1",),
            resources=("pods", "replicationcontrollers"),
            operations=("DELETE",),
        ),
        Resources(groups=("apps",), versions=("v1",), resources=APPS, operations=("DELETE",)),
        Resources(groups=("batch",), versions=("v1",), resources=BATCH, operations=("DELETE",)),
        _applications("DELETE"),
        Resources(
            groups=("autoscaling", "policy"),
            versions=("v1", "v2"),
            resources=("horizontalpodautoscalers", "poddisruptionbudgets"),
            operations=_WRITES,
        ),
        Resources(
            groups=GATEWAY_GROUPS, versions=("*",), resources=GATEWAY_KINDS, operations=_WRITES
        ),
        Resources(
            groups=("",),
            versions=("v1",),
            resources=("pods/eviction", "serviceaccounts/token"),
            operations=("CREATE",),
        ),
        Resources(
            groups=("",),
            versions=("v1",),
            resources=(
                "pods/attach",
                "pods/exec",
                "pods/portforward",
                "pods/proxy",
                "services/proxy",
            ),
            operations=("CONNECT",),
        ),
    ),
    match_conditions=(("not-the-systems", f"!({_IS_SYSTEM})"), _UNTRUSTED),
    variables=(TENANT, _STATE, ("subjects", rule("subjects"))),
    validations=(
        Validation(expression=f"!({is_subject('variables.subjects')})", message=_IN_STATE),
    ),
    has_modes=False,
    where=_HALTED,
)
