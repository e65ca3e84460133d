"""A screen: whose everything is, and who pays for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from demo import tenants
from demo.failure import claim
from demo.world import TENANT

if TYPE_CHECKING:
    from demo.kubectl import Said
    from demo.page import Page
    from demo.world import World

COST_CENTER: Final = "tenantry.io/cost-center"
ENVIRONMENT: Final = "tenantry.io/environment"
LEVEL: Final = "pod-security.kubernetes.io/enforce"
COMMAND: Final = f"get namespaces -l {TENANT} -L {TENANT},{COST_CENTER},{ENVIRONMENT},{LEVEL}"


def show(page: Page, table: Said) -> None:
    """Show the namespaces with their labels."""
    page.section(
        "Labels",
        "On each namespace and all that the operator makes in it, for whatever counts costs; the "
        "last column is the Pod Security level.",
    )
    page.said(table)


def check(world: World) -> None:
    """Check that everything carries its tenant's cost centre, and every namespace is restricted."""
    for name in tenants.NAMES:
        wanted = world.tenants[name]["spec"]["cost"]["costCenter"]
        seen = {one["metadata"]["labels"].get(COST_CENTER) for one in world.of_tenant(name)}
        claim(seen == {wanted}, f"All that is {name}'s has its cost centre.", seen)
        levels = {one["metadata"]["labels"][LEVEL] for one in world.of("Namespace", tenant=name)}
        claim(levels == {"restricted"}, f"{name}'s namespaces are restricted.", levels)
