"""One request in ten goes wrong, in every way there is, while fifty tenants are made."""

from typing import Final

import pytest

from faults.accounts import needless
from faults.conftest import Keep
from faults.effects import cut_mid_line, refused, slow, truncated, unanswered
from faults.history import History
from faults.proxy import FaultProxy, Rule
from faults.world import World

TENANTS: Final = 50
CHANCE: Final = 0.1
WAYS: Final = {
    "409": refused(409),
    "429": refused(429, retry_after=0),
    "500": refused(500),
    "503": refused(503),
    "no answer": unanswered(),
    "half an answer": truncated(),
    "a slow answer": slow(0.3),
}


@pytest.mark.timeout(180)
async def test_fifty_tenants_are_made_while_one_request_in_ten_goes_wrong(
    keep: Keep, world: World, proxy: FaultProxy, history: History
) -> None:
    for way in WAYS.values():
        proxy.strike(Rule(way, times=None, chance=CHANCE / len(WAYS)))
    proxy.strike(Rule(cut_mid_line(), is_watch=True, times=None, chance=CHANCE))
    async with keep(backoff_base="50ms") as keeper:
        tenants = [world.tenant(f"-{number}") for number in range(TENANTS)]
        for one in tenants:
            await one.apply()
        await world.is_right(within=120)
        for end in keeper.ends:
            assert (end.code, end.records[-1]["level"]) == (1, "error")
        proxy.heal()
        written = len(proxy.writes())
        keeper.kill()
        await keeper.ready()
        await keeper.looked_at(TENANTS)
        assert proxy.writes()[written:] == []

    suffered = {one.effect for one in proxy.exchanges}
    assert suffered >= {"refuse", "lose", "truncate", "delay"}
    assert await needless(world, proxy.told_writes()) == []
    assert await history.breaches() == []
