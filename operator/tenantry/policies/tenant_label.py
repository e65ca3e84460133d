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

_TENANTS: Final = (
    "lists.range(variables.parts.size() - 1)"
    ".map(i, variables.parts.slice(0, i + 1).join('-'))"
    f".filter(t, t != '' && {may_use('t')})"
)
"""The tenants that it could be of, the one with the longest name last."""

_LABELLED: Final = (
    "variables.tenants.size() == 0 ? [] : has(object.metadata.labels) "
    f"? [JSONPatch{{op: 'add', path: '/metadata/labels/' + jsonpatch.escapeKey('{TENANT_LABEL}'"
    "), value: variables.tenants[variables.tenants.size() - 1]}] "
    ": [JSONPatch{op: 'add', path: '/metadata/labels', "
    f"value: {{'{TENANT_LABEL}': variables.tenants[variables.tenants.size() - 1]}}}}]"
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
        ("tenants", _TENANTS),
    ),
    patches=(_LABELLED,),
    in_tenants_only=False,
)
