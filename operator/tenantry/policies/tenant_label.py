"""The tenant's label on a namespace that somebody makes for themselves without giving it.

Of the tenants whose name and a hyphen the namespace's name begins with, it is the longest that
they may use. A tenant with a prefix of its own is not found that way: its people give the label.
"""

from typing import Final

from tenantry.api.names import TENANT_LABEL
from tenantry.policies.fragments import may_use
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
    "".join(f"variables.of{n} ? {_beginning(n)} : " for n in range(_MOST, 0, -1)) + "''"
)
_LABELLED: Final = (
    "variables.tenant == '' ? [] : has(object.metadata.labels) "
    f"? [JSONPatch{{op: 'add', path: '/metadata/labels/' + jsonpatch.escapeKey('{TENANT_LABEL}'"
    "), value: variables.tenant}] "
    f": [JSONPatch{{op: 'add', path: '/metadata/labels', value: {{'{TENANT_LABEL}': "
    "variables.tenant}}]"
)

TENANT_LABELS: Final = MutatingPolicy(
    name="tenant-label",
    purpose="Puts the tenant's label on namespaces that are made by name alone.",
    resources=(CREATIONS,),
    match_conditions=(
        ("not-in-a-tenant", f"!object.metadata.?labels[?'{TENANT_LABEL}'].hasValue()"),
        *BY_TENANTS_PEOPLE,
    ),
    variables=(
        ("name", _NAME),
        ("parts", "variables.name.split('-')"),
        *_OF_PARTS,
        ("tenant", _TENANT),
    ),
    patches=(_LABELLED,),
    in_tenants_only=False,
)
