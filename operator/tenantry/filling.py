"""All namespaces of a tenant on their way, and again where one was somebody else's after all.

Each lets in the others, so it matters which are the tenant's; and that shows only when a name that
is listed turns out to be taken.
"""

import asyncio
from collections.abc import Callable, Collection
from dataclasses import replace

from tenantry.converge import Converger, Look
from tenantry.desired import desired_namespaces
from tenantry.desired.objects import DesiredNamespace, Facts
from tenantry.outcomes import NamespaceOutcome, foreign
from tenantry.territory import Tree

Filled = tuple[list[DesiredNamespace], list[NamespaceOutcome]]
"""What should be, and what became of it."""


async def fill(
    converger: Converger,
    look: Look,
    facts: Facts,
    left: Collection[str],
    tree: Callable[[], Tree],
) -> Filled:
    """Bring a tenant's namespaces to what they should be.

    Args:
        converger: makes one namespace what it should be.
        look: the Tenant and what is done for it.
        facts: what else matters; which names are foreign as far as was known.
        left: full names of namespaces that the tenant leaves.
        tree: what there is now.
    """
    wanted, made = await _once(converger, look, facts, left, tree())
    refused = {one.name for one in wanted if one.refusal}
    found = foreign(made) - refused
    if found == facts.foreign & {one.name for one in wanted} - refused:
        return wanted, made
    return await _once(converger, look, replace(facts, foreign=found), left, tree())


async def _once(
    converger: Converger, look: Look, facts: Facts, left: Collection[str], tree: Tree
) -> Filled:
    desired = desired_namespaces(look.tenant, facts)
    wanted = [one for one in desired if one.name not in left]
    made = await asyncio.gather(
        *(converger.converge(look, one, tree.get(one.name, {})) for one in wanted)
    )
    return wanted, made
