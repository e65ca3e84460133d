"""Whom the tenant's people may give access to their namespaces.

RBAC itself sees to it that nobody gives more than they hold, in Roles and in RoleBindings:
https://kubernetes.io/docs/reference/access-authn-authz/rbac/#privilege-escalation-prevention-and-bootstrapping.
What it does not see to is whom they give it to.
"""

from typing import Final

from tenantry.policies.fragments import listed, rule
from tenantry.policies.policy import Policy, Resources
from tenantry.policies.refusals import ASKING, refusal

_KINDS: Final = {
    "User": "s.name",
    "Group": "s.name",
    "ServiceAccount": "s.namespace + '/' + s.name",
}
"""Of subjects, with the CEL for what stands after the colon of an entry."""

_SYSTEM: Final = "system:"
"""Prefix of names that only the cluster gives: everybody, nodes, service accounts by their user
names."""
_ACCOUNTS: Final = "system:serviceaccounts:"
"""Before a namespace: the group of all its service accounts."""


def _listed(kind: str, name: str) -> str:
    entries = (
        f"variables.subjects.filter(e, e.startsWith('{kind}:'))"
        f".map(e, e.substring({len(kind) + 1}))"
    )
    return f"[{name}].exists(n, {listed('n', entries)})"


def _of_kind(kind: str, name: str) -> str:
    return f"s.kind == '{kind}' && {_listed(kind, name)}"


_IS_SYSTEM: Final = (
    f"s.kind != 'ServiceAccount' && s.name.startsWith('{_SYSTEM}') && "
    f"!(s.kind == 'Group' && s.name.startsWith('{_ACCOUNTS}') && "
    f"'ServiceAccount:' + s.name.substring({len(_ACCOUNTS)}) + '/*' in variables.subjects)"
)
"""Whether a name is the cluster's: all are, but for the service accounts of the tenant's own
namespaces, which the rule lists."""

_IS_LISTED: Final = " || ".join(
    ("'*' in variables.subjects", *(_of_kind(kind, name) for kind, name in _KINDS.items()))
)
_ACCOUNTS_LISTED: Final = f"s.name.startsWith('{_ACCOUNTS}')"
_TEXT: Final = "s.kind + ' ' + (has(s.namespace) ? s.namespace + '/' : '') + s.name"

ROLE_BINDINGS: Final = Policy(
    name="role-bindings",
    purpose="RoleBindings in tenants' namespaces name subjects of the tenant only, or whom it may "
    "let in.",
    resources=(
        Resources(
            groups=("rbac.authorization.k8s.io",),
            versions=("v1",),
            resources=("rolebindings",),
            operations=("CREATE", "UPDATE"),
        ),
    ),
    variables=(
        *ASKING,
        ("subjects", rule("subjects")),
        (
            "new",
            (
                "object.?subjects.orValue([]).filter(s, oldObject == null || "
                "!(s in oldObject.?subjects.orValue([])))"
            ),
        ),
        (
            "everybody",
            f"variables.new.filter(s, {_IS_SYSTEM}).map(s, {_TEXT})",
        ),
        (
            "strangers",
            (
                f"variables.new.filter(s, !({_IS_SYSTEM}) && !({_ACCOUNTS_LISTED}) && "
                f"!({_IS_LISTED})).map(s, {_TEXT})"
            ),
        ),
        (
            "role",
            (
                "object.roleRef.kind == 'ClusterRole' && object.roleRef.name == 'cluster-admin' && "
                "oldObject == null ? ['cluster-admin'] : []"
            ),
        ),
    ),
    validations=(
        refusal(
            "subjects",
            "everybody",
            "",
            "'names that begin with system: belong to the cluster: name users, groups or "
            "ServiceAccounts of the tenant'",
        ),
        refusal("subjects", "strangers", ""),
        refusal(
            "subjects",
            "role",
            "roleRef ",
            "'it may take down the guards of the namespace: bind admin, edit, view or a Role'",
        ),
    ),
    has_modes=True,
)
