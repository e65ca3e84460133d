"""The floor: what tenants' own network policies may open, and no more.

Network policies add up, so one that a tenant writes could let in or out what the operator's own
keeps shut. Each peer of each of its rules, with the rule's ports, must lie within a line of the
floor, which the operator writes on the namespace (``desired/admission.py`` has the grammar)::

    namespace=kube-system ports=UDP/53,TCP/53 pods=k8s-app=kube-dns
    cidr=0.0.0.0/0 except=10.0.0.0/8,169.254.0.0/16 ports=TCP/443

A namespace is known only by ``kubernetes.io/metadata.name``: other labels, and selectors that say
what a namespace is not, may narrow a peer further, but never make it a certain one. A rule that
names several namespaces or ports is looked at one by one, as the rules that it stands for.
https://kubernetes.io/docs/reference/kubernetes-api/policy-resources/network-policy-v1/.
"""

from typing import Final

from tenantry.api.names import NAMESPACE_NAME_LABEL
from tenantry.policies.fragments import rule
from tenantry.policies.policy import Policy, Resources
from tenantry.policies.refusals import ASKING, refusal

_NONE: Final = "'-'"
"""The floor where tenants may write no network policy at all."""


def _field(tokens: str, key: str) -> str:
    """CEL for the items of ``key=item,item`` among the tokens of a line; none if it is not there.

    A token of a line may have only one field of a kind, so at most one is found.
    """
    found = f"{tokens}.filter(x, x.startsWith('{key}='))"
    return f"({found} == [] ? [] : {found}[0].substring({len(key) + 1}).split(','))"


_PORT: Final = (
    "p.split('/')).map(p, p[1].matches('^[0-9]+(-[0-9]+)?$') ? "
    "{'protocol': dyn(p[0]), 'name': dyn(''), 'first': dyn(int(p[1].split('-')[0])), "
    "'last': dyn(p[1].contains('-') ? int(p[1].split('-')[1]) : int(p[1]))} : "
    "{'protocol': dyn(p[0]), 'name': dyn(p[1]), 'first': dyn(0), 'last': dyn(0)}"
)


def _floor(name: str) -> str:
    """CEL for the lines of a floor, taken apart once for all the rules of a policy."""
    return (
        f"{rule(name)}.map(l, l.split(' ')).map(t, {{"
        "'namespace': dyn(t[0].startsWith('namespace=') ? t[0].substring(10) : ''), "
        "'cidr': dyn(t[0].startsWith('cidr=') ? t[0].substring(5) : ''), "
        f"'except': dyn({_field('t', 'except')}), "
        f"'pods': dyn({_field('t', 'pods')}), "
        f"'ports': dyn({_field('t', 'ports')}.map(p, {_PORT}))}})"
    )


_PORT_WITHIN: Final = (
    "l.ports.exists(o, o.protocol == q.?protocol.orValue('TCP') && has(q.port) && "
    "(type(q.port) == int ? o.name == '' && o.first <= q.port && "
    "q.?endPort.orValue(q.port) <= o.last : o.name == q.port))"
)


def _ports_within(lines: str) -> str:
    """CEL for whether each port of the rule ``r`` is one of a line's; all ports of any, if none."""
    return (
        f"[{lines}].exists(ls, r.?ports.orValue([]) == [] ? ls.exists(l, l.ports == []) : "
        f"r.ports.all(q, ls.exists(l, l.ports == [] || {_PORT_WITHIN})))"
    )


_BLOCK_WITHIN: Final = (
    "l.cidr != '' && isCIDR(p.ipBlock.cidr) && cidr(l.cidr).containsCIDR(p.ipBlock.cidr) && "
    "l.except.all(e, !cidr(p.ipBlock.cidr).containsCIDR(e) && "
    "!cidr(e).containsCIDR(p.ipBlock.cidr) || p.ipBlock.?except.orValue([])"
    ".exists(x, isCIDR(x) && cidr(x).containsCIDR(e)))"
)

_SELECTOR: Final = "p.?namespaceSelector"
_PINNED: Final = (
    "(!has(p.namespaceSelector) ? [[request.namespace]] : "
    f"(({_SELECTOR}.?matchLabels[?'{NAMESPACE_NAME_LABEL}'].hasValue() ? "
    f"[[p.namespaceSelector.matchLabels['{NAMESPACE_NAME_LABEL}']]] : []) + "
    f"{_SELECTOR}.?matchExpressions.orValue([])"
    f".filter(e, e.key == '{NAMESPACE_NAME_LABEL}' && e.operator == 'In')"
    ".map(e, e.?values.orValue([]))))"
)
"""Lists of names, of which each says which namespaces a peer may be in; none if nothing does."""

_LABELS: Final = "p.?podSelector.?matchLabels.orValue({})"
_HAS_LABEL: Final = (
    f"k in {_LABELS}.map(n, n + '=' + {_LABELS}[n]) || "
    "p.?podSelector.?matchExpressions.orValue([]).exists(e, e.operator == 'In' && "
    "e.values.size() == 1 && k == e.key + '=' + e.values[0])"
)


def _is_within(floor: str) -> str:
    """CEL for whether the peer ``p`` of the rule ``r`` lies within a floor."""
    blocks = _ports_within(f"{floor}.filter(l, {_BLOCK_WITHIN})")
    pods = _ports_within(f"{floor}.filter(l, l.namespace == n && l.pods.all(k, {_HAS_LABEL}))")
    return (
        f"(has(p.ipBlock) ? {blocks} : "
        f"{_PINNED}.exists(names, names != [] && names.all(n, {pods})))"
    )


_PEER_TEXT: Final = (
    "has(p.ipBlock) ? 'ipBlock ' + p.ipBlock.cidr : !has(p.namespaceSelector) ? "
    f"'pods of its own namespace' : {_PINNED} == [] ? "
    f"'a namespaceSelector that does not name them by {NAMESPACE_NAME_LABEL}' : "
    f"'namespace ' + {_PINNED}[0].join(' or ')"
)
_PORTS_TEXT: Final = (
    "(r.?ports.orValue([]) == [] ? ' on every port' : ' on ' + r.ports.map(q, "
    "q.?protocol.orValue('TCP') + (has(q.port) ? '/' + string(q.port) : '') + "
    "(has(q.endPort) ? '-' + string(q.endPort) : '')).join(','))"
)


def _beyond(direction: str, peers: str, floor: str) -> str:
    """CEL for what the rules of a direction open beyond its floor, in words.

    Lists of the rules are one list: strings joined and split again, for lists of lists cannot be
    flattened before Kubernetes 1.34. Names, labels and blocks have no newlines.
    """
    return (
        f"object.spec.?{direction}.orValue([]).map(r, r.?{peers}.orValue([]) == [] ? "
        f"'everywhere' + {_PORTS_TEXT} : "
        f"r.{peers}.filter(p, !{_is_within(floor)})"
        f".map(p, ({_PEER_TEXT}) + {_PORTS_TEXT}).join('\\n')).join('\\n').split('\\n')"
        ".filter(b, b != '')"
    )


NETWORK_POLICIES: Final = Policy(
    name="network-policies",
    purpose="Network policies of tenants open nothing beyond the tenant's floor.",
    resources=(
        Resources(
            groups=("networking.k8s.io",),
            versions=("v1",),
            resources=("networkpolicies",),
            operations=("CREATE", "UPDATE"),
        ),
    ),
    match_conditions=(("is-new", "oldObject == null || object.spec != oldObject.spec"),),
    variables=(
        *ASKING,
        ("sources", rule("ingress-peers")),
        ("destinations", rule("egress-peers")),
        (
            "unwanted",
            (
                f"({_NONE} in variables.sources || {_NONE} in variables.destinations) ? "
                "['NetworkPolicy'] : []"
            ),
        ),
        ("ingressFloor", _floor("ingress-peers")),
        ("egressFloor", _floor("egress-peers")),
        (
            "letIn",
            "'*' in variables.sources || variables.unwanted != [] ? [] : "
            + _beyond("ingress", "from", "variables.ingressFloor"),
        ),
        (
            "letOut",
            "'*' in variables.destinations || variables.unwanted != [] ? [] : "
            + _beyond("egress", "to", "variables.egressFloor"),
        ),
    ),
    validations=(
        refusal(
            "ingress-peers",
            "unwanted",
            "a ",
            "'network policies of this tenant are its platform team\\'s: ask them'",
        ),
        refusal("ingress-peers", "letIn", "ingress from "),
        refusal("egress-peers", "letOut", "egress to "),
    ),
    has_modes=True,
)
