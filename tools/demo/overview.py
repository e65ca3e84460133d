"""The first screen: what two manifests have become."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from demo import tenants
from demo.failure import claim
from demo.kubectl import ROOT
from demo.world import OWNED

if TYPE_CHECKING:
    from demo.kubectl import Kubectl, Said
    from demo.page import Page
    from demo.world import World


WHY: Final = {
    "Namespace": "named <tenant>-<name>; no ownerReference: nothing can cascade",
    "ResourceQuota": "how much may be taken; no node ports, no load balancers",
    "LimitRange": "requests and limits for containers that state none",
    "NetworkPolicy": "denied both ways, but for what is opened",
    "ServiceAccount": "the default one, which now mounts no token into pods",
    "RoleBinding": "owners, editors, viewers; written when all else is in place",
}
"""Kind -> what it is there for."""


def show(page: Page, world: World, table: Said) -> None:
    """Show the status table, and what there is by kind."""
    manifests = [(ROOT / f"examples/{name}/tenant.yaml").read_text() for name in tenants.NAMES]
    lines = sum(len(text.splitlines()) for text in manifests)
    counts = {kind: [len(world.of(kind, tenant=name)) for name in tenants.NAMES] for kind in OWNED}
    total = sum(sum(numbers) for numbers in counts.values())
    page.section(
        "What two manifests became",
        f"{lines} lines of YAML became {total} objects; each is watched, and put right if changed.",
    )
    page.said(table)
    page.table(
        ("kind", *(f"!{name}" for name in tenants.NAMES), "what for"),
        [(kind, *map(str, counts[kind]), why) for kind, why in WHY.items()],
    )


def check(world: World) -> None:
    """Check that both are Ready with all their namespaces."""
    for name in tenants.NAMES:
        tenant = world.tenants[name]
        wanted = [f"{name}-{one['name']}" for one in tenant["spec"]["namespaces"]]
        claim(
            sorted(wanted) == world.namespaces(name),
            f"{name} has the namespaces that it lists.",
            world.namespaces(name),
        )
        conditions = {one["type"]: one["status"] for one in tenant["status"]["conditions"]}
        claim(conditions["Ready"] == "True", f"{name} is Ready.", conditions)


def await_usage(admin: Kubectl, world: World) -> None:
    """Wait until acme's status tells what its quotas count; the operator gathers usage first."""
    quotas = world.of("ResourceQuota", tenant="acme")
    pods = sum(int(one["status"]["used"]["pods"]) for one in quotas)
    path = f"jsonpath='{{.status.quota.used.pods}}'={pods}"
    admin.run(f"wait tenant/acme --for={path} --timeout=20s")
