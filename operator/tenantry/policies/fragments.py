"""CEL that several policies share: whose namespace it is, what is allowed there, who is asking.

What a tenant is allowed stands on its Namespace, an annotation for each rule, its entries joined
by newlines; CEL reads it through ``namespaceObject``. Who somebody is is asked of RBAC through
``authorizer``. That costs an evaluation of all their rules, so it comes last in every condition.
"""

from collections.abc import Iterable
from typing import Final

from tenantry.api.names import GROUP, TENANT_LABEL

POLICY_GROUP: Final = f"policy.{GROUP}"
"""Before ``/`` and a rule's name: the annotations with what a tenant is allowed."""

_TENANTS: Final = f"authorizer.group('{GROUP}').resource('tenants')"

IS_ADMINISTRATOR: Final = f"{_TENANTS}.check('update').allowed()"
"""Platform administrators are those who may update Tenants."""

IS_OPERATOR: Final = f"{_TENANTS}.check('operate').allowed()"
"""The verb is in the chart's ClusterRole, and nothing else in the cluster knows it."""

IS_SELF_SERVICE: Final = f"{_TENANTS}.check('selfservice').allowed()"
"""Users whose right to create namespaces comes from Tenantry."""

TENANT: Final = ("tenant", f"namespaceObject.metadata.labels['{TENANT_LABEL}']")
"""Variable: whose namespace it is. For policies in tenants' namespaces, which all have the label.
"""

IS_TRUSTED: Final = f"({IS_OPERATOR} || {IS_ADMINISTRATOR})"
"""The operator, or a platform administrator."""

UNTRUSTED: Final = ("untrusted", f"!{IS_TRUSTED}")
"""Match condition: neither the operator nor a platform administrator asks."""

_SERVICE_ACCOUNT: Final = "system:serviceaccount:"
_IS_ACCOUNT: Final = f"request.userInfo.username.startsWith('{_SERVICE_ACCOUNT}')"

IS_TRUSTED_IN_PERSON: Final = (
    f"({_IS_ACCOUNT} ? {IS_OPERATOR} && !{IS_ADMINISTRATOR} : {IS_OPERATOR} || {IS_ADMINISTRATOR})"
)
"""The operator, or a platform administrator that is a person.

Controllers are not trusted, whatever they may do: those that deploy what stands in tenants'
repositories or custom resources act for tenants, often with all the rights that there are. They are
told from the operator by that: it may not update Tenants. (An expression has room for two questions
to RBAC.)
"""

IN_TENANT: Final = "'tenant ' + variables.tenant + ': '"
"""How every denial begins: ``tenant acme: ``."""


def literal(texts: Iterable[str]) -> str:
    """CEL for a list of texts that need no escaping."""
    return "[" + ", ".join(f"'{text}'" for text in texts) + "]"


def may_use(tenant: str) -> str:
    """Whether whoever asks may put namespaces into a tenant and take them out.

    Args:
        tenant: CEL for its name.
    """
    return f"{_TENANTS}.name({tenant}).check('use').allowed()"


def rule(name: str) -> str:
    """CEL for what is allowed by a rule: a list of entries; ``[""]`` when it is nothing.

    A namespace whose annotation is missing allows nothing.

    Args:
        name: of the rule, as in the annotation's key: ``registries``.
    """
    return (
        f"namespaceObject.metadata.?annotations[?'{POLICY_GROUP}/{name}'].orValue('').split('\\n')"
    )


def listed(value: str, entries: str) -> str:
    """CEL for whether a name is among the entries of a rule.

    Entries are ``*`` for all names, ``name``, ``prefix*``, or ``~`` and an RE2 pattern for the
    whole name.

    Args:
        value: CEL for the name, which must not be empty.
        entries: CEL for the list of entries.
    """
    return (
        f"{entries}.exists(e, e.startsWith('~') "
        f"? {value}.matches('^(?:' + e.substring(1) + ')$') "
        f": e.endsWith('*') ? {value}.startsWith(e.substring(0, e.size() - 1)) : {value} == e)"
    )


def allowed_text(name: str) -> str:
    """CEL for what a rule allows, as it is told in a denial: ``ghcr.io/acme, docker.io``."""
    text = f"namespaceObject.metadata.?annotations[?'{POLICY_GROUP}/{name}'].orValue('')"
    return f"({text} == '' ? 'none' : {text}.replace('\\n', ', '))"


_ACCOUNT: Final = f"request.userInfo.username.substring({len(_SERVICE_ACCOUNT)}).replace(':', '/')"

_IS_EXEMPT: Final = (
    f"namespaceObject.metadata.?annotations[?'{POLICY_GROUP}/exemptions'].orValue('') != '' && "
    f"{rule('exemptions')}.exists(e, e.startsWith('Group:') "
    "? e.substring(6) in request.userInfo.?groups.orValue([]) "
    f": e == 'User:' + request.userInfo.username || {_IS_ACCOUNT} && "
    f"e == 'ServiceAccount:' + {_ACCOUNT})"
)

EXEMPT: Final = ("exempt", _IS_EXEMPT)
"""Variable: whether whoever asks is exempt from the policies that have modes."""


def is_subject(entries: str) -> str:
    """CEL for whether whoever asks is among subjects, given as the rule ``subjects`` has them.

    Args:
        entries: CEL for the list of ``User:…``, ``Group:…`` and ``ServiceAccount:…/…``, the names
            by the grammar of ``listed``, and ``*`` for everybody who is no service account.
    """

    def of(kind: str) -> str:
        own = f"{entries}.filter(e, e.startsWith('{kind}:'))"
        return f"{own}.map(e, e.substring({len(kind) + 1}))"

    return (
        f"({_IS_ACCOUNT} "
        f"? {listed(_ACCOUNT, of('ServiceAccount'))} "
        f": '*' in {entries} || {listed('request.userInfo.username', of('User'))}) || "
        f"request.userInfo.?groups.orValue([]).exists(g, {listed('g', of('Group'))})"
    )
