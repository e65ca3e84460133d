"""A screen: who may do what, and that nobody could before there was a quota and isolation."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from demo import tenants
from demo.failure import claim
from demo.stage import OPERATOR
from demo.tenants import HOME

if TYPE_CHECKING:
    from demo.audit import AuditLog, Write
    from demo.page import Page
    from demo.world import World

RIGHTS: Final = {
    "admin": "all but its quota and limits",
    "edit": "workloads, not rights",
    "view": "look, not at Secrets",
}
"""In words: https://kubernetes.io/docs/reference/access-authn-authz/rbac/#user-facing-roles."""
GUARDS: Final = ("resourcequotas", "limitranges", "networkpolicies", "serviceaccounts")


def show(page: Page, world: World, order: list[Write]) -> None:
    """Show the roles, and the order in which a namespace was made."""
    page.section(
        "Access",
        "In each namespace, by RoleBindings to the ClusterRoles that Kubernetes itself maintains.",
    )
    page.table(("who", "ClusterRole", "may", "namespaces"), rows(world))
    if order:
        spots = " → ".join(f"{one.resource} {one.after(order[0]):.0f}" for one in order)
        page.note(f"Made in this order, and access last (ms, {HOME}): {spots}")


def rows(world: World) -> list[tuple[str, str, str, str]]:
    """Give who holds which ClusterRole where."""
    held: Counter[tuple[str, str, str]] = Counter()
    for name in tenants.NAMES:
        for binding in world.of("RoleBinding", tenant=name):
            for subject in binding["subjects"]:
                who = f"{subject['kind']} {subject['name']}"
                held[who, binding["roleRef"]["name"], name] += 1
    return [
        (who, role, RIGHTS.get(role, ""), f"{count} of {name}'s {len(world.namespaces(name))}")
        for (who, role, name), count in held.items()
    ]


def making_of(audit: AuditLog) -> list[Write]:
    """Give the first write of each resource when the namespace was made, in order of time.

    Empty if the audit log does not go back that far.
    """
    first: dict[str, Write] = {}
    for one in audit.writes():
        is_here = HOME in {one.namespace, one.name}
        if one.user == OPERATOR and is_here and "/" not in one.resource:
            first.setdefault(one.resource, one)
    is_whole = first.keys() >= {"namespaces", "rolebindings", *GUARDS}
    return sorted(first.values(), key=lambda one: one.at) if is_whole else []


def check(world: World, order: list[Write]) -> None:
    """Check the owners' role, and that access came last."""
    for name in tenants.NAMES:
        for namespace in world.namespaces(name):
            bindings = world.of("RoleBinding", namespace=namespace)
            roles = {one["metadata"]["name"]: one["roleRef"]["name"] for one in bindings}
            claim(roles["tenantry-owners"] == "admin", "Owners hold admin.", roles)
    if order:
        resources = [one.resource for one in order]
        claim(
            (resources[0], resources[-1]) == ("namespaces", "rolebindings"),
            "The namespace is made first and access last.",
            resources,
        )
