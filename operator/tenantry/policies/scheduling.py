"""Which nodes pods go to, and what runs them there: selectors, tolerations, runtime classes.

A pod goes through mutating admission before it is looked at, so what that adds counts as well:
tolerations of ``node.kubernetes.io/`` taints, which everybody has; the namespace's own node
selector; and what a RuntimeClass schedules by, which has to be allowed with it.
https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/.
"""

from typing import Final

from tenantry.policies.fragments import listed, rule
from tenantry.policies.people import DAEMON_SETS, is_one_of
from tenantry.policies.pod_specs import IS_POD, PODS, SPECS, TEMPLATES, pod_spec
from tenantry.policies.policy import Policy
from tenantry.policies.refusals import ASKING, refusal

_PLUGIN_ANNOTATION: Final = "scheduler.alpha.kubernetes.io/node-selector"
"""On the namespace: what the PodNodeSelector plugin adds to every pod, as ``key=value,…``."""

_CONDITIONS: Final = "node.kubernetes.io/"
"""Prefix of the taints that the cluster itself puts on nodes, and that the DaemonSet controller and
DefaultTolerationSeconds tolerate for everybody."""

_REQUIREMENT: Final = (
    "(e.operator == 'In' ? e.?values.orValue([]).map(v, e.key + '=' + v).join('\\n') "
    ": e.key + '=*')"
)
"""``key=value`` for each value; ``key=*`` for what could be any value, as when negated."""


def _required(spec: str) -> str:
    """CEL for what a pod requires of its nodes: a list of ``key=value``.

    Requirements of several terms are one list: strings joined and split again, for lists of lists
    cannot be flattened before Kubernetes 1.34.
    """
    terms = (
        f"{spec}.?affinity.?nodeAffinity.?requiredDuringSchedulingIgnoredDuringExecution"
        ".?nodeSelectorTerms.orValue([])"
    )
    fields = f"({IS_POD} && {is_one_of(DAEMON_SETS)} ? [] : t.?matchFields.orValue([]))"
    of_terms = (
        f"{terms}.map(t, (t.?matchExpressions.orValue([]) + {fields})"
        f".map(e, {_REQUIREMENT}).join('\\n')).join('\\n').split('\\n').filter(r, r != '')"
    )
    selected = f"{spec}.?nodeSelector.orValue({{}})"
    return f"({selected}.map(k, k + '=' + {selected}[k]) + {of_terms})"


_PLUGIN_SELECTOR: Final = (
    f"namespaceObject.metadata.?annotations[?'{_PLUGIN_ANNOTATION}'].orValue('')"
    ".split(',').map(p, p.trim())"
)

_ASKS_FOR_NODES: Final = (
    f"[{pod_spec('object')}].exists(s, has(s.runtimeClassName) || has(s.nodeSelector) || "
    f"s.?affinity.?nodeAffinity.hasValue() || s.?nodeName != {pod_spec('oldObject')}.?nodeName || "
    f"s.?tolerations.orValue([]).exists(t, !t.?key.orValue('').startsWith('{_CONDITIONS}')))"
)
"""Most pods ask for nothing: they cost one look."""

_OLD_TOLERATIONS: Final = "variables.old.?tolerations.orValue([])"

SCHEDULING: Final = Policy(
    name="scheduling",
    purpose="Pods go to the nodes that the tenant may choose, and run there as the tenant may.",
    resources=(PODS, *TEMPLATES),
    match_conditions=(("asks-for-nodes", _ASKS_FOR_NODES),),
    variables=(
        *ASKING,
        *SPECS,
        ("runtimes", rule("runtime-classes")),
        (
            "runtime",
            (
                "[variables.spec.?runtimeClassName.orValue('')].filter(r, "
                "r != '' && r != variables.old.?runtimeClassName.orValue('') && "
                f"!{listed('r', 'variables.runtimes')})"
            ),
        ),
        (
            "node",
            (
                "[variables.spec.?nodeName.orValue('')].filter(n, "
                "n != '' && n != variables.old.?nodeName.orValue('') && "
                # The mirror of a static pod, which runs already.
                "!('system:nodes' in request.userInfo.?groups.orValue([])))"
            ),
        ),
        ("selectors", rule("node-selectors")),
        ("known", _required("variables.old")),
        (
            "nodes",
            (
                f"'*' in variables.selectors ? [] : {_required('variables.spec')}.filter(r, "
                f"!((variables.selectors + {_PLUGIN_SELECTOR}).exists(e, r == e || "
                "e.endsWith('=*') && r.startsWith(e.substring(0, e.size() - 1)))) && "
                "!(r in variables.known))"
            ),
        ),
        ("tolerable", rule("tolerations")),
        (
            "tolerated",
            (
                "'*' in variables.tolerable ? [] : "
                "variables.spec.?tolerations.orValue([]).filter(t, "
                f"!t.?key.orValue('').startsWith('{_CONDITIONS}') && !(t in {_OLD_TOLERATIONS}) && "
                f"(t.?key.orValue('') == '' || !{listed('t.key', 'variables.tolerable')}))"
                ".map(t, t.?key.orValue('') == '' ? 'of every taint' : 'of ' + t.key)"
            ),
        ),
    ),
    validations=(
        refusal("runtime-classes", "runtime", "runtimeClassName "),
        refusal(
            "node-selectors",
            "node",
            "nodeName ",
            "'leave it to the scheduler: choose nodes with nodeSelector'",
        ),
        refusal("node-selectors", "nodes", "nodes with "),
        refusal(
            "tolerations",
            "tolerated",
            "toleration ",
        ),
    ),
    has_modes=True,
)
