"""Whom something is charged to stands on it, as its namespace says, and cannot be forged.

The labels are written as the object is. Where the API server has no MutatingAdmissionPolicy the
operator writes them a moment later, so what lacks them is not refused; what contradicts the
namespace is, unless it did so before and is left as it was.

A workload must not select its pods by these labels: they follow the namespace, and pods that no
longer match would be made anew without end.
"""

from typing import Final

from tenantry.api.names import COST_LABELS
from tenantry.policies.fragments import IN_TENANT, TENANT, literal
from tenantry.policies.policy import MutatingPolicy, Policy, Resources, Validation
from tenantry.policies.workloads import APPS, BATCH

_KEYS: Final = literal(COST_LABELS)


def _charged(*operations: str) -> tuple[Resources, ...]:
    return (
        Resources(
            groups=("",),
            versions=("v1",),
            resources=("pods", "persistentvolumeclaims", "services", "replicationcontrollers"),
            operations=operations,
        ),
        Resources(groups=("apps",), versions=("v1",), resources=APPS, operations=operations),
        Resources(groups=("batch",), versions=("v1",), resources=BATCH, operations=operations),
    )


_AS_THE_NAMESPACE: Final = (
    "(has(object.metadata.labels) ? [] "
    ": [JSONPatch{op: 'add', path: '/metadata/labels', value: {}}]) + "
    f"{_KEYS}.filter(k, object.metadata.?labels[?k] != namespaceObject.metadata.labels[?k])"
    ".map(k, k in namespaceObject.metadata.labels "
    "? JSONPatch{op: 'add', path: '/metadata/labels/' + jsonpatch.escapeKey(k), "
    "value: namespaceObject.metadata.labels[k]} "
    ": JSONPatch{op: 'remove', path: '/metadata/labels/' + jsonpatch.escapeKey(k)})"
)

SETTING: Final = MutatingPolicy(
    name="cost-labels",
    purpose="Labels what costs with its tenant, cost center, department and environment.",
    resources=_charged("CREATE", "UPDATE"),
    patches=(_AS_THE_NAMESPACE,),
)

_FORGED: Final = (
    f"{_KEYS}.filter(k, object.metadata.?labels[?k].hasValue() && "
    "object.metadata.labels[?k] != namespaceObject.metadata.labels[?k] && "
    "(oldObject == null || "
    "object.metadata.labels[?k] != oldObject.metadata.?labels[?k]))"
)

CHECKING: Final = Policy(
    name="cost-labels",
    purpose="Refuses cost labels that are not those of the namespace.",
    resources=(
        *_charged("CREATE", "UPDATE"),
        Resources(
            groups=("",),
            versions=("v1",),
            resources=(
                "pods/ephemeralcontainers",
                "pods/resize",
                "pods/status",
                "persistentvolumeclaims/status",
                "services/status",
            ),
            operations=("UPDATE",),
        ),
    ),
    match_conditions=(
        (
            "labels-change",
            "oldObject == null || object.metadata.?labels != oldObject.metadata.?labels",
        ),
    ),
    variables=(TENANT, ("forged", _FORGED)),
    validations=(
        Validation(
            expression="size(variables.forged) == 0",
            message=f"{IN_TENANT} + 'cost labels: ' + variables.forged.map(k, k + '=' + "
            "object.metadata.labels[k]).join(', ') + '; they follow the namespace: leave them out'",
        ),
    ),
    has_modes=False,
)

_SELECTED: Final = (
    "(request.resource.resource == 'replicationcontrollers' "
    "? dyn(object).spec.?selector.orValue({}).map(k, k) "
    ": dyn(object).spec.?selector.?matchLabels.orValue({}).map(k, k) + "
    "dyn(object).spec.?selector.?matchExpressions.orValue([]).map(e, e.key))"
)

SELECTING: Final = Policy(
    name="cost-label-selectors",
    purpose="Refuses workloads that select their pods by cost labels, which follow the namespace.",
    resources=(
        Resources(
            groups=("",),
            versions=("v1",),
            resources=("replicationcontrollers",),
            operations=("CREATE", "UPDATE"),
        ),
        Resources(groups=("apps",), versions=("v1",), resources=APPS, operations=("CREATE",)),
        Resources(groups=("batch",), versions=("v1",), resources=("jobs",), operations=("CREATE",)),
    ),
    variables=(TENANT, ("keys", f"{_SELECTED}.filter(k, k in {_KEYS})")),
    validations=(
        Validation(
            expression="size(variables.keys) == 0",
            message=f"{IN_TENANT} + 'cost labels: selector on ' + variables.keys.join(', ') + "
            "'; select pods by labels of your own, for these follow the namespace'",
        ),
    ),
    has_modes=False,
)
