"""The policies on a control plane of their own, where no operator runs."""

from collections.abc import AsyncIterator

import pytest

from policies.world import World
from policies.world import world as built


@pytest.fixture(scope="package")
async def world() -> AsyncIterator[World]:
    """Tenants' namespaces made by hand, and everybody who asks."""
    async with built() as ready:
        yield ready
