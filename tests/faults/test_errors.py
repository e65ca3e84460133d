"""Whatever answer comes to whichever write, or none: the next look sets it right."""

from collections.abc import Mapping, Sequence
from typing import Final

import pytest

from faults.accounts import inventory, needless
from faults.conftest import Keep
from faults.effects import refused, slow, truncated, unanswered
from faults.history import History
from faults.proxy import Effect, FaultProxy, Rule
from faults.world import World

DEVELOPERS: Final = {"kind": "Group", "name": "developers"}
TIMEOUT: Final = 0.5
"""Seconds that the operator waits for an answer."""
QUICK: Final = {"backoff_base": "20ms", "backoff_max": "100ms", "request_timeout": f"{TIMEOUT}s"}

Writes = Mapping[str, tuple[str, str]]
"""Method and a regular expression for the path, by what it is called."""
MADE: Final[Writes] = {
    f"making of {kind}": ("POST", f"/{kind}$")
    for kind in (
        "namespaces",
        "resourcequotas",
        "limitranges",
        "networkpolicies",
        "rolebindings",
        "events",
    )
} | {
    "finalizer": ("PATCH", "/tenants/[^/]+$"),
    "status": ("PATCH", "/tenants/[^/]+/status$"),
    "service account": ("PATCH", "/serviceaccounts/[^/]+$"),
}
CHANGED: Final[Writes] = {
    f"change of {kind}": ("PATCH", f"/{kind}/[^/]+$")
    for kind in (
        "namespaces",
        "resourcequotas",
        "limitranges",
        "networkpolicies",
        "serviceaccounts",
        "rolebindings",
    )
} | {"taking away of access": ("DELETE", "/rolebindings/[^/]+$")}
LEFT: Final[Writes] = {
    f"deletion of {kind}": ("DELETE", f"/{kind}/[^/]+$")
    for kind in ("namespaces", "resourcequotas", "limitranges", "networkpolicies")
} | {"letting go": ("PATCH", "/tenants/[^/]+$")}

CODES: Final = (409, 429, 500, 503, 504)
EFFECTS: Final[dict[str, tuple[Effect, ...]]] = {
    "every error in turn": tuple(refused(code, retry_after=0) for code in CODES),
    "no answer": (unanswered(),),
    "half an answer": (truncated(),),
    "arrival when nobody waits any more": (slow(2 * TIMEOUT),),
}


class Phase:
    """A part of a Tenant's life in which each kind of write suffers each of these once."""

    def __init__(self, proxy: FaultProxy, effects: Sequence[Effect], writes: Writes) -> None:
        del proxy.exchanges[:]
        self._proxy = proxy
        self._rules = [
            (what, proxy.strike(Rule(effect, method, path)))
            for what, (method, path) in writes.items()
            for effect in effects
        ]

    async def over(self, world: World) -> None:
        """Wait until the world is right again, and be sure that all has been suffered."""
        await world.is_right()
        assert [what for what, rule in self._rules if not rule.hits] == []
        self._proxy.heal()


@pytest.mark.parametrize("what", EFFECTS)
async def test_each_kind_of_write_is_made_good_after_it_has_met_with(
    what: str, keep: Keep, world: World, proxy: FaultProxy, history: History
) -> None:
    effects = EFFECTS[what]
    going, staying = world.tenant("-go"), world.tenant("-stay")
    async with keep(**QUICK):
        phase = Phase(proxy, effects, MADE)
        await going.apply(editors=[DEVELOPERS], deletionPolicy="Delete")
        await staying.apply(deletionPolicy="Orphan")
        await phase.over(world)
        assert await needless(world, proxy.told_writes()) == []

        made = await inventory(world)
        phase = Phase(proxy, effects, CHANGED)
        await going.apply(editors=None, viewers=[DEVELOPERS], cost={"costCenter": "CC-2"})
        await phase.over(world)
        assert await needless(world, proxy.told_writes(), since=made) == []

        changed = await inventory(world)
        phase = Phase(proxy, effects, LEFT)
        await world.depart(going)
        await world.depart(staying)
        await going.gone()
        await staying.gone()
        await phase.over(world)
        assert await needless(world, proxy.told_writes(), since=changed) == []
    assert await history.breaches() == []
