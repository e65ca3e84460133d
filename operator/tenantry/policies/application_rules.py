"""What an Application asks for, where its author hears at once.

The operator holds each Application to all of its Tenant's rules (``governance``), whoever wrote it,
and that is the guard. What can be told from the manifest alone is refused here before it is stored;
what depends on the cluster, such as the class of what lets traffic in, and what takes sums, such as
the quota, is told by a condition. What an Application asked for before a rule came stays, so that
whoever mends something else in it is not hindered.
"""

from dataclasses import dataclass
from typing import Final

from tenantry.api.names import GROUP, MODE_LABEL, VERSION
from tenantry.api.pod_security import ADDABLE
from tenantry.policies.fragments import listed, literal, rule
from tenantry.policies.host_names import is_host_listed
from tenantry.policies.images import ABOUT_IMAGES, BY_OTHER_TAGS, FROM_ELSEWHERE
from tenantry.policies.policy import Named, Policy, Resources
from tenantry.policies.refusals import ASKING, refusal

_NO_CLASS: Final = "(none)"
"""Stands for the class of a claim without one: no StorageClass can have this name."""
_SYSTEM: Final = "system-"
"""As ``priority_classes`` has it."""
_CONDITIONS: Final = "node.kubernetes.io/"
"""As ``scheduling`` has it."""
_ADD: Final = "capabilities.add: "
_SERVED: Final = (
    "c.kind == 'StatefulSet' || c.kind in ['Deployment', 'DaemonSet'] && "
    "(has(c.port) || c.ports.size() > 0 || has({0}.spec.defaults.port))"
)
"""Whether a component has Services."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ask:
    """Something that components ask for, and the rule on it.

    Attributes:
        variable: what it is called here.
        rule: its name, as in the annotation's key.
        noun: before the first that is refused.
        of_component: CEL for what a component ``c`` asks for, a list of strings without newlines;
            ``{0}`` is the Application.
        is_allowed: CEL for whether ``x`` is among ``{0}``, the entries of the rule.
    """

    variable: str
    rule: str
    noun: str
    of_component: str
    is_allowed: str = "x in {0} || '*' in {0}"

    @property
    def variables(self) -> Named:
        """The entries of the rule, what was asked before, and what is refused."""
        entries, known = f"{self.variable}Rule", f"{self.variable}Known"
        is_allowed = self.is_allowed.format(f"variables.{entries}")
        return (
            (entries, rule(self.rule)),
            (known, _of_all(self.of_component, "oldObject")),
            (
                self.variable,
                (
                    f"{_of_all(self.of_component, 'object')}"
                    f".filter(x, !({is_allowed}) && !(x in variables.{known}))"
                ),
            ),
        )


def _of_all(of_component: str, of: str) -> str:
    """CEL for what all components of an Application ask for; nothing if there is no Application.

    Strings joined and split again, for lists of lists cannot be flattened before Kubernetes 1.34.
    """
    return (
        f"({of} == null ? [] : {of}.spec.components.map(c, "
        f"({of_component.format(of)}).join('\\n')).join('\\n').split('\\n').filter(x, x != ''))"
    )


def _own_or_default(field: str) -> str:
    """CEL for the text in a field of ``c``, or of the defaults where it is left out."""
    return f"[c.?{field}.orValue({{0}}.spec.?defaults.?{field}.orValue(''))]"


_IMAGES: Final = "[c.?image.orValue('')] + c.versions.map(v, v.image)"


def _images(of: str) -> str:
    """CEL for all images, with the registry of the defaults where they name none."""
    registry = f"{of}.spec.?defaults.?imageRegistry.orValue('')"
    return (
        f"{_of_all(_IMAGES, of)}.map(i, {registry} == '' || "
        f"i.matches('^([^/]*[.:][^/]*|localhost)/') ? i : {registry} + '/' + i)"
    )


_SELECTED: Final = (
    "[c.nodeSelector.size() > 0 ? c.nodeSelector : {0}.spec.defaults.nodeSelector]"
    ".map(s, s.map(k, k + '=' + s[k]).join('\\n'))"
)
_TOLERATED: Final = (
    "(c.tolerations.size() > 0 ? c.tolerations : {0}.spec.defaults.tolerations)"
    f".map(t, t.key).filter(k, !k.startsWith('{_CONDITIONS}'))"
)

_LOOSENED: Final = (
    "(has(c.securityContext) ? [c.securityContext] : "
    "has({0}.spec.defaults.securityContext) ? [{0}.spec.defaults.securityContext] : [])"
    ".map(s, ((s.?runAsNonRoot.orValue(true) ? [] : ['runAsNonRoot: false']) + "
    "(s.?runAsUser.orValue(1) == 0 ? ['runAsUser: 0'] : []) + "
    "(s.?allowPrivilegeEscalation.orValue(false) ? ['allowPrivilegeEscalation: true'] : []) + "
    f"s.?capabilities.?add.orValue([]).map(a, '{_ADD}' + a)).join('\\n'))"
)
_LEVEL: Final = (
    "namespaceObject.metadata.?labels[?'pod-security.kubernetes.io/enforce'].orValue('privileged')"
)
_ADMITTED: Final = (
    "variables.level == 'privileged' || "
    f"(x.startsWith('{_ADD}') ? x.substring({len(_ADD)}) in "
    f"(variables.level == 'baseline' ? {literal(sorted(ADDABLE['baseline']))} "
    f": {literal(sorted(ADDABLE['restricted']))}) : variables.level == 'baseline')"
)

_POD_SECURITY: Final[Named] = (
    ("level", _LEVEL),
    ("loosenedBefore", _of_all(_LOOSENED, "oldObject")),
    (
        "loosened",
        (
            f"{_of_all(_LOOSENED, 'object')}"
            f".filter(x, !({_ADMITTED}) && !(x in variables.loosenedBefore))"
        ),
    ),
)
"""Variables: fields of a security context that are more than the namespace's level admits."""

_ASKS: Final = (
    _Ask(
        variable="hosts",
        rule="hosts",
        noun="host ",
        of_component="c.expose.map(e, e.host)",
        is_allowed=is_host_listed("x", "{0}"),
    ),
    _Ask(
        variable="kinds",
        rule="workload-kinds",
        noun="kind ",
        of_component="[c.kind]",
    ),
    _Ask(
        variable="services",
        rule="service-types",
        noun="a port, and so a Service of type ",
        of_component=f"{_SERVED} ? ['ClusterIP'] : []",
    ),
    _Ask(
        variable="pulls",
        rule="image-pull-policies",
        noun="imagePullPolicy ",
        of_component=_own_or_default("imagePullPolicy"),
    ),
    _Ask(
        variable="priorities",
        rule="priority-classes",
        noun="priorityClassName ",
        of_component=_own_or_default("priorityClassName"),
        is_allowed=f"x.startsWith('{_SYSTEM}') ? x in {{0}} : {listed('x', '{0}')}",
    ),
    _Ask(
        variable="storage",
        rule="storage-classes",
        noun="storageClassName ",
        of_component=f"c.volumeClaimTemplates.map(t, t.?storageClassName.orValue('{_NO_CLASS}'))",
        is_allowed=f"'*' in {{0}} || x != '{_NO_CLASS}' && {listed('x', '{0}')}",
    ),
    _Ask(
        variable="nodes",
        rule="node-selectors",
        noun="nodeSelector ",
        of_component=_SELECTED,
        is_allowed="'*' in {0} || x in {0} || x.substring(0, x.indexOf('=')) + '=*' in {0}",
    ),
    _Ask(
        variable="taints",
        rule="tolerations",
        noun="toleration of ",
        of_component=_TOLERATED,
        is_allowed=listed("x", "{0}"),
    ),
)

APPLICATION_RULES: Final = Policy(
    name="application-rules",
    purpose="Applications ask for the hosts, images, kinds of workload, classes, nodes and "
    "privileges that the tenant may have.",
    resources=(
        Resources(
            groups=(GROUP,),
            versions=(VERSION,),
            resources=("applications",),
            operations=("CREATE", "UPDATE"),
        ),
    ),
    match_conditions=(("is-new", "oldObject == null || object.spec != oldObject.spec"),),
    variables=(
        *ASKING,
        ("known", f"oldObject == null ? [] : {_images('oldObject')}"),
        ("images", f"{_images('object')}.filter(i, !(i in variables.known))"),
        *FROM_ELSEWHERE,
        *BY_OTHER_TAGS,
        *_POD_SECURITY,
        *(variable for ask in _ASKS for variable in ask.variables),
    ),
    validations=(
        *ABOUT_IMAGES,
        refusal(
            "pod-security",
            "loosened",
            "securityContext.",
            "'more than level ' + variables.level + ' admits'",
        ),
        *(refusal(ask.rule, ask.variable, ask.noun) for ask in _ASKS),
    ),
    has_modes=True,
    # Before its namespace is prepared an Application waits, and says so.
    where=({"key": MODE_LABEL, "operator": "Exists"},),
)
