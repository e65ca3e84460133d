"""Namespaces that a tenant's people make for themselves: in a tenant of theirs, under its names.

They may create namespaces because the operator gives owners that right, together with the verb
``selfservice`` by which they are known. Whoever may create namespaces for another reason is not
concerned.

A name belongs to the Tenant whose prefix is the longest that the name begins with (ADR 0005). For
that all Tenants are needed, so it is a policy of its own, with each Tenant as its parameter. That
costs with each of them (measured: 0.17 ms of the API server's CPU), so only names that could be
another's get as far, as their label tells (``tenant_label``). Where there is no such label, for the
API server cannot set it, or where Tenants cannot be read, for their CRD is being replaced, it holds
nobody up: the operator gives a namespace under another's name to nobody, if a label says that the
tenant's people made it; before Kubernetes 1.36 there is no such label.
"""

from typing import Final

from tenantry.api.names import API_VERSION, SELF_SERVICE_LABEL, TENANT_LABEL
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

_TENANT: Final = f"object.metadata.labels['{TENANT_LABEL}']"
_PREFIX: Final = (
    "(params.spec.?namespaceOptions.?prefix.orValue('') == '' ? params.metadata.name + '-' "
    ": params.spec.namespaceOptions.prefix)"
)
_KEEPS_IT_OFF: Final = (
    f"params.metadata.name == {_TENANT} ? !object.metadata.name.startsWith({_PREFIX}) "
    f": object.metadata.name.startsWith({_PREFIX}) && "
    f"object.metadata.name.startsWith({_TENANT} + '-') && "
    f"size({_PREFIX}) > size({_TENANT}) + 1"
)
"""Whether by this Tenant the name is not to be had: it is the namespace's own and has another
prefix, or it is another's and has a longer one. How long the own one is is known where it is the
default; else the operator tells."""

PREFIXES: Final = Policy(
    name="prefixes",
    purpose=(
        "Holds the names of namespaces that tenants' people make for themselves to the prefix of "
        "their tenant, and off longer ones of others."
    ),
    resources=(CREATIONS,),
    match_conditions=(("keeps-it-off", _KEEPS_IT_OFF),),
    validations=(Validation(expression="false", message=not_yours("params.metadata.name")),),
    has_modes=False,
    in_tenants_only=False,
    where=(
        {"key": TENANT_LABEL, "operator": "Exists"},
        {"key": SELF_SERVICE_LABEL, "operator": "In", "values": ["compound"]},
    ),
    param_kind={"apiVersion": API_VERSION, "kind": "Tenant"},
    failure="Ignore",
)
