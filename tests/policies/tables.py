"""Tables of cases: who asks for what, and what a policy says."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import pytest

from policies.asking import Asking
from policies.world import World

ADMITTED: Final = ""


@dataclass(frozen=True, kw_only=True)
class Case:
    """One rule, one way."""

    who: str
    asks: Asking
    hears: str = ADMITTED
    """All that the policy says, or nothing when the request is admitted."""

    async def verdict(self, world: World) -> str:
        """What is said to it."""
        return await self.asks.verdict(world[self.who])


def table(cases: Mapping[str, Case]) -> Any:
    """The cases as parameters ``case``, each known by its sentence."""
    return pytest.mark.parametrize(
        "case", [pytest.param(case, id=sentence) for sentence, case in cases.items()]
    )
