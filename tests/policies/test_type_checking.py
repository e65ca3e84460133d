"""What the API server itself finds in the expressions."""

from functools import partial

import pytest

from policies.world import World
from tenantry.policies import POLICIES
from tenantry.policies.policy import Policy
from waiting import eventually


@pytest.mark.parametrize("name", [one.name for one in POLICIES if isinstance(one, Policy)])
async def test_the_api_server_has_nothing_to_say_about_its_expressions(
    world: World, name: str
) -> None:
    get = partial(world.admin.get, "ValidatingAdmissionPolicy", f"tenantry-{name}")

    checked = await eventually(
        get,
        lambda seen: (
            seen.get("status", {}).get("observedGeneration") == seen["metadata"]["generation"]
        ),
    )

    assert checked["status"].get("typeChecking", {}) == {}
