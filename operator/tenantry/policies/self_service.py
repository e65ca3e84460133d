"""Namespaces that a tenant's people make for themselves: in a tenant of theirs, under its names.

They may create namespaces because the operator gives owners that right, together with the verb
``selfservice`` by which they are known. Whoever may create namespaces for another reason is not
concerned.

A name belongs to the Tenant whose prefix is the longest that the name begins with (ADR 0005). For
that all Tenants are needed, so it is a policy of its own, with each Tenant as its parameter. Where
Tenants cannot be read, because their CRD is being replaced, it holds nobody up: the operator gives
a namespace under another's name to nobody.
"""

from typing import Final

from tenantry.api.names import API_VERSION, TENANT_LABEL
from tenantry.policies.fragments import IS_ADMINISTRATOR, IS_SELF_SERVICE
from tenantry.policies.namespaces import not_yours
from tenantry.policies.policy import Policy, Resources, Validation

CREATIONS: Final = Resources(
    groups=("",), versions=("v1",), resources=("namespaces",), operations=("CREATE",)
)
BY_TENANTS_PEOPLE: Final = (
    ("self-service", IS_SELF_SERVICE),
    ("not-an-administrator", f"!{IS_ADMINISTRATOR}"),
)
"""Match conditions: one of a tenant's own people asks."""

_LABELLED: Final = f"object.metadata.?labels[?'{TENANT_LABEL}'].hasValue()"

IN_A_TENANT: Final = Policy(
    name="self-service",
    purpose="Holds the namespaces that tenants' people make for themselves to a tenant of theirs.",
    resources=(CREATIONS,),
    match_conditions=(("not-in-a-tenant", f"!{_LABELLED}"), *BY_TENANTS_PEOPLE),
    validations=(
        Validation(
            expression="false",
            message="'tenant unknown: namespaces: ' + object.metadata.name + ' begins with the "
            "name of no tenant that ' + request.userInfo.username + ' may use; begin it with the "
            f"name of yours and a hyphen, or add the label {TENANT_LABEL}, which a tenant with a "
            "prefix of its own needs'",
        ),
    ),
    has_modes=False,
    in_tenants_only=False,
)

PREFIXES: Final = Policy(
    name="prefixes",
    purpose=(
        "Holds the names of namespaces that tenants' people make for themselves to the prefix of "
        "their tenant, and off longer ones of others."
    ),
    resources=(CREATIONS,),
    match_conditions=(("in-a-tenant", _LABELLED), *BY_TENANTS_PEOPLE),
    variables=(
        ("tenant", f"object.metadata.labels['{TENANT_LABEL}']"),
        ("given", "params.spec.?namespaceOptions.?prefix.orValue('')"),
        ("prefix", "variables.given == '' ? params.metadata.name + '-' : variables.given"),
    ),
    validations=(
        Validation(
            expression="params.metadata.name == variables.tenant "
            "? object.metadata.name.startsWith(variables.prefix) "
            ": !object.metadata.name.startsWith(variables.prefix) || "
            "!object.metadata.name.startsWith(variables.tenant + '-') || "
            "size(variables.prefix) <= size(variables.tenant) + 1",
            message=not_yours("params.metadata.name"),
        ),
    ),
    has_modes=False,
    in_tenants_only=False,
    param_kind={"apiVersion": API_VERSION, "kind": "Tenant"},
    failure="Ignore",
)
