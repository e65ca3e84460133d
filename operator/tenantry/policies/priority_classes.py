"""Which priority classes pods name.

Mutating admission writes the cluster's default class into pods that name none, before they are
looked at, and nothing in the pod tells the two apart. So the policy asks the PriorityClass itself:
it is evaluated with each, and passes over all but the one that the pod names, and over the default.
The API server hears of a new class some milliseconds after it is made; who makes classes is no
tenant.
https://kubernetes.io/docs/concepts/scheduling-eviction/pod-priority-preemption/.
"""

from typing import Final

from tenantry.policies.fragments import listed, rule
from tenantry.policies.pod_specs import PODS, SPECS, TEMPLATES, pod_spec
from tenantry.policies.policy import Policy
from tenantry.policies.refusals import ASKING, refusal

_SYSTEM: Final = "system-"
"""Prefix of the classes of the cluster's own components, which evict everybody else: they are
allowed by their full name only."""

PRIORITY_CLASSES: Final = Policy(
    name="priority-classes",
    purpose="Pods name no priority class but those that the tenant may use.",
    resources=(PODS, *TEMPLATES),
    match_conditions=(
        (
            "is-named",
            f"{pod_spec('object')}.?priorityClassName.orValue('') == params.metadata.name",
        ),
        ("is-not-the-default", "!params.?globalDefault.orValue(false)"),
    ),
    variables=(
        *ASKING,
        *SPECS,
        ("classes", rule("priority-classes")),
        (
            "refused",
            (
                "[variables.spec.priorityClassName].filter(c, "
                "c != variables.old.?priorityClassName.orValue('') && "
                f"(c.startsWith('{_SYSTEM}') ? !(c in variables.classes) : "
                f"!{listed('c', 'variables.classes')}))"
            ),
        ),
    ),
    validations=(refusal("priority-classes", "refused", "priorityClassName "),),
    has_modes=True,
    param_kind={"apiVersion": "scheduling.k8s.io/v1", "kind": "PriorityClass"},
)
