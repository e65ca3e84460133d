"""A policy as typed code, and the manifests that it becomes.

Policies are static: one for all tenants, with one binding or one for each mode. What differs by
tenant is read from the Namespace (``fragments``), and who somebody is is asked of RBAC, so nothing
here knows a tenant's name or the operator's. The API server evaluates them, whether or not the
operator runs:
https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/ and
https://kubernetes.io/docs/reference/access-authn-authz/mutating-admission-policy/.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from tenantry.api.base import Manifest
from tenantry.api.names import MODE_LABEL, NAMESPACE_NAME_LABEL, TENANT_LABEL

API_VERSION: Final = "admissionregistration.k8s.io/v1"

LABELS: Final = {"app.kubernetes.io/name": "tenantry"}
"""Of every policy and binding; the operator finds them by it."""

Named = tuple[tuple[str, str], ...]
"""CEL expressions by name, in the order in which the API server evaluates them."""

Requirements = tuple[Manifest, ...]
"""Of the labels of a namespace, as in a selector's ``matchExpressions``."""

_IN_TENANTS: Final[Requirements] = (
    {"key": TENANT_LABEL, "operator": "Exists"},
    # A slip of an administrator's must not stop the cluster.
    {
        "key": NAMESPACE_NAME_LABEL,
        "operator": "NotIn",
        "values": ["default", "kube-node-lease", "kube-public", "kube-system"],
    },
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Resources:
    """Requests that a policy looks at, as in ``matchConstraints.resourceRules``."""

    groups: tuple[str, ...]
    versions: tuple[str, ...]
    resources: tuple[str, ...]
    """Plurals, with ``/`` and the subresource where one is meant."""
    operations: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Validation:
    """What must be true, and what the one who asked is told if it is not."""

    expression: str
    message: str
    """A CEL expression that gives a string."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """A ValidatingAdmissionPolicy and its bindings."""

    name: str
    """Of the concern: ``pods`` makes ``tenantry-pods``."""
    purpose: str
    """What it is for, in a sentence; shown by ``kubectl describe``."""
    resources: tuple[Resources, ...]
    match_conditions: Named = ()
    """All must hold for the rest to be looked at, the cheapest first; named for the reader. They
    have no ``namespaceObject``."""
    variables: Named = ()
    """Evaluated when first used; each may use those before it."""
    validations: tuple[Validation, ...]
    has_modes: bool
    """Whether a tenant may be warned or audited instead, and subjects exempted; else it is always
    enforced. A policy with modes must have the variable ``fragments.EXEMPT``."""
    in_tenants_only: bool = True
    """Whether it is for objects in tenants' namespaces; else for the whole cluster."""
    where: Requirements = ()
    """What else the labels of the namespace (for Namespaces, their own) must be: told before any
    CEL is evaluated."""
    param_kind: Manifest | None = None
    """A cluster-scoped kind; the policy is evaluated with each object of it as ``params``, and not
    at all when there is none."""
    failure: Literal["Fail", "Ignore"] = "Fail"
    """What becomes of a request that cannot be judged, such as for want of the kind of params."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MutatingPolicy:
    """A MutatingAdmissionPolicy and its binding; always enforced."""

    name: str
    purpose: str
    resources: tuple[Resources, ...]
    match_conditions: Named = ()
    variables: Named = ()
    patches: tuple[str, ...]
    """CEL expressions that give a list of ``JSONPatch``."""
    in_tenants_only: bool = True
    where: Requirements = ()
    failure: Literal["Fail", "Ignore"] = "Fail"


def documents(policy: Policy | MutatingPolicy) -> list[Manifest]:
    """The policy, then what binds it."""
    if isinstance(policy, MutatingPolicy):
        return [_mutating(policy), _binding(policy, "Mutating")]
    return [_validating(policy), *_validating_bindings(policy)]


def _validating(policy: Policy) -> Manifest:
    suffix = " || variables.exempt" if policy.has_modes else ""
    spec = _match(policy) | {
        "validations": [
            {
                # What is fine is told before exemptions are looked up.
                "expression": f"({one.expression}){suffix}" if suffix else one.expression,
                "messageExpression": one.message,
                "reason": "Forbidden",
            }
            for one in policy.validations
        ]
    }
    if policy.param_kind:
        spec = {"paramKind": policy.param_kind} | spec
    return _manifest("ValidatingAdmissionPolicy", policy, spec=spec)


def _mutating(policy: MutatingPolicy) -> Manifest:
    spec = _match(policy) | {
        # IfNeeded evaluates a policy again after its own change, which costs as much once more.
        "reinvocationPolicy": "Never",
        "mutations": [
            {"patchType": "JSONPatch", "jsonPatch": {"expression": patch}}
            for patch in policy.patches
        ],
    }
    return _manifest("MutatingAdmissionPolicy", policy, spec=spec)


def _match(policy: Policy | MutatingPolicy) -> Manifest:
    match: Manifest = {
        "failurePolicy": policy.failure,
        "matchConstraints": {"resourceRules": [_resource_rule(one) for one in policy.resources]},
    }
    if policy.match_conditions:
        # The API server evaluates every condition, also after one that does not hold, and asks RBAC
        # for each request in the cluster. Within one expression the first that fails is the last.
        expression = " && ".join(f"({one})" for _, one in policy.match_conditions)
        match["matchConditions"] = _named((("applies", expression),))
    if policy.variables:
        match["variables"] = _named(policy.variables)
    return match


def _named(expressions: Named) -> list[Manifest]:
    return [{"name": name, "expression": expression} for name, expression in expressions]


def _resource_rule(one: Resources) -> Manifest:
    return {
        "apiGroups": [*one.groups],
        "apiVersions": [*one.versions],
        "operations": [*one.operations],
        "resources": [*one.resources],
    }


def _validating_bindings(policy: Policy) -> Iterator[Manifest]:
    """One that denies; with modes, one that warns and one that only leaves an audit record."""
    if not policy.has_modes:
        yield _binding(policy, "Validating", actions=["Deny"])
        return
    others = {"key": MODE_LABEL, "operator": "NotIn", "values": ["warn", "audit"]}
    yield _binding(policy, "Validating", actions=["Deny"], mode=(others,))
    for mode, actions in (("warn", ["Warn", "Audit"]), ("audit", ["Audit"])):
        only = {"key": MODE_LABEL, "operator": "In", "values": [mode]}
        yield _binding(policy, "Validating", suffix=f"-{mode}", actions=actions, mode=(only,))


def _binding(
    policy: Policy | MutatingPolicy,
    sort: str,
    *,
    suffix: str = "",
    actions: Sequence[str] = (),
    mode: Requirements = (),
) -> Manifest:
    spec: Manifest = {"policyName": full_name(policy)}
    if isinstance(policy, Policy) and policy.param_kind:
        spec["paramRef"] = {"selector": {}, "parameterNotFoundAction": "Allow"}
    requirements = [*(_IN_TENANTS if policy.in_tenants_only else ()), *policy.where, *mode]
    if requirements:
        spec["matchResources"] = {"namespaceSelector": {"matchExpressions": requirements}}
    if actions:
        spec["validationActions"] = actions
    return _manifest(f"{sort}AdmissionPolicyBinding", policy, suffix=suffix, spec=spec)


def _manifest(
    kind: str, policy: Policy | MutatingPolicy, *, suffix: str = "", spec: Manifest
) -> Manifest:
    return {
        "apiVersion": API_VERSION,
        "kind": kind,
        "metadata": {
            "name": full_name(policy) + suffix,
            "labels": {**LABELS},
            "annotations": {"kubernetes.io/description": policy.purpose},
        },
        "spec": spec,
    }


def full_name(policy: Policy | MutatingPolicy) -> str:
    """What the policy is called in the cluster."""
    return f"tenantry-{policy.name}"
