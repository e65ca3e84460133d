"""The labels of a namespace that a tenant's people make for themselves.

The tenant's, where only the name tells it: of the tenants whose name and a hyphen the namespace's
name begins with, it is the longest that they may use. A tenant with a prefix of its own is not
found that way: its people give the label.

And the one that says that the namespace was made so, and whether its name is such that a longer
prefix of another tenant could claim it: only then are all Tenants asked.
"""

from typing import Final

from tenantry.api.names import SELF_SERVICE_LABEL, TENANT_LABEL
from tenantry.policies.fragments import IS_OPERATOR, may_use
from tenantry.policies.policy import MutatingPolicy
from tenantry.policies.self_service import BY_TENANTS_PEOPLE, CREATIONS

_NAME: Final = (
    "object.metadata.?name.orValue('') != '' ? object.metadata.name "
    ": object.metadata.?generateName.orValue('') + 'x'"
)
"""The name that it will have; of a generated one what matters, for the rest has no hyphen."""

_MOST: Final = 8
"""Parts of a tenant's name that are looked at: ``a-b-c`` has three. Each question to RBAC costs a
third of what one expression may cost
(https://kubernetes.io/docs/reference/using-api/cel/#resource-constraints), so each has a variable
of its own, which is asked only if no longer name was found."""


def _beginning(parts: int) -> str:
    return f"variables.parts.slice(0, {parts}).join('-')"


_OF_PARTS: Final = tuple(
    (
        f"of{parts}",
        f"variables.parts.size() > {parts} && {beginning} != '' && {may_use(beginning)}",
    )
    for parts in range(1, _MOST + 1)
    for beginning in (_beginning(parts),)
)
"""Variables: whether the beginning of so many parts is a tenant that they may use."""

_TENANT: Final = (
    f"object.metadata.?labels[?'{TENANT_LABEL}'].orValue('') != '' "
    f"? object.metadata.labels['{TENANT_LABEL}'] : "
    + "".join(f"variables.of{n} ? {_beginning(n)} : " for n in range(_MOST, 0, -1))
    + "''"
)
_SORT: Final = (
    "variables.name.startsWith(variables.tenant + '-') && "
    "!variables.name.substring(size(variables.tenant) + 1).contains('-') ? 'simple' : 'compound'"
)


def _add(label: str, value: str) -> str:
    key = label.replace("/", "~1")  # RFC 6901
    return f"JSONPatch{{op: 'add', path: '/metadata/labels/{key}', value: {value}}}"


_LABELLED: Final = (
    "variables.tenant == '' || variables.operator || !variables.usable ? [] "
    ": (has(object.metadata.labels) ? [] "
    ": [JSONPatch{op: 'add', path: '/metadata/labels', value: {}}]) + "
    f"[{_add(TENANT_LABEL, 'variables.tenant')}, {_add(SELF_SERVICE_LABEL, 'variables.sort')}]"
)

LABELLING: Final = MutatingPolicy(
    name="tenant-label",
    purpose=(
        "Labels the namespaces that tenants' people make for themselves, with their tenant where "
        "the name alone tells it."
    ),
    resources=(CREATIONS,),
    match_conditions=BY_TENANTS_PEOPLE,
    variables=(
        ("name", _NAME),
        ("parts", "variables.name.split('-')"),
        *_OF_PARTS,
        ("tenant", _TENANT),
        ("sort", _SORT),
        # Of a tenant that is not theirs nothing is told, not even by another policy's refusal.
        ("usable", may_use("variables.tenant")),
        # It holds what it hands out, selfservice among it.
        ("operator", IS_OPERATOR),
    ),
    patches=(_LABELLED,),
    in_tenants_only=False,
)
