"""Whether the policy of the floor does what it is for: a few hundred network policies at random."""

import asyncio
from collections.abc import Iterator
from typing import Final

import pytest

from policies.flows import Line, Universe
from policies.network_author import Author, universe
from policies.network_peers import FLOORS
from policies.spaces import MakeSpace
from tenantry.api.base import Manifest


def beyond(written: Manifest, floors: dict[str, list[Line]], all_: Universe) -> list[str]:
    """The directions in which a policy opens more than its floor."""
    return [
        direction
        for direction, floor in floors.items()
        if all_.first_beyond(written["spec"].get(direction, []), floor)
    ]


PAIRS: Final = (
    ("own namespace and DNS", "own namespace and DNS"),
    ("closed", "the internet"),
    ("a database", "monitoring"),
    ("monitoring", "a database"),
)
EACH: Final = 100


@pytest.mark.parametrize(("ingress", "egress"), PAIRS)
async def test_the_api_server_agrees_with_trying_every_flow(
    space: MakeSpace, ingress: str, egress: str
) -> None:
    acme = await space(ingress_peers=FLOORS[ingress], egress_peers=FLOORS[egress])
    author = Author(seed=len(ingress + egress), own=acme.namespace)
    floors = {
        way: [*lines_of(FLOORS[name].replace("{own}", acme.namespace))]
        for way, name in (("ingress", ingress), ("egress", egress))
    }
    written = [author.policy() for _ in range(EACH)]

    verdicts = await asyncio.gather(*map(acme.verdict, written))

    all_ = universe(acme.namespace)
    expected = [beyond(one, floors, all_) for one in written]
    assert [
        (one["spec"], said, wanted)
        for one, said, wanted in zip(written, verdicts, expected, strict=True)
        if not agrees(said, wanted)
    ] == []
    assert EACH / 10 < sum(said == "" for said in verdicts) < EACH * 9 / 10


def agrees(said: str, wanted: list[str]) -> bool:
    """Whether the API server refuses what it should, for the first of its directions."""
    return f"{wanted[0]}-peers" in said if wanted else said == ""


def lines_of(floor: str) -> Iterator[Line]:
    return map(Line.parse, filter(None, floor.splitlines()))
