"""Quantities are written as the API server writes them back."""

from hypothesis import given, settings
from hypothesis import strategies as st

from cluster_api import ClusterApi
from strategies import cores, counts, sizes
from tenantry.api.quantities import canonical, is_same

lists_of_quantities = st.lists(st.one_of(cores, counts, sizes), min_size=30, max_size=60)


async def stored(api: ClusterApi, quantities: list[str] | list[str | int]) -> list[str]:
    """How the API server would store them."""
    most = {f"example.com/r{number}": quantity for number, quantity in enumerate(quantities)}
    limit_range = {
        "apiVersion": "v1",
        "kind": "LimitRange",
        "metadata": {"name": "written", "namespace": "default"},
        "spec": {"limits": [{"type": "Pod", "max": most}]},
    }
    answer = await api.create(limit_range, dry_run=True)
    [item] = answer["spec"]["limits"]
    return [item["max"][resource] for resource in most]


@given(lists_of_quantities)
@settings(max_examples=10)
async def test_the_api_server_leaves_a_quantity_as_it_is_written_here(
    api: ClusterApi, quantities: list[str | int]
) -> None:
    written = [canonical(quantity) for quantity in quantities]

    assert await stored(api, written) == written


@given(lists_of_quantities)
@settings(max_examples=10)
async def test_the_api_server_understands_a_quantity_as_it_is_understood_here(
    api: ClusterApi, quantities: list[str | int]
) -> None:
    for quantity, seen in zip(quantities, await stored(api, quantities), strict=True):
        assert is_same(canonical(quantity), seen)
