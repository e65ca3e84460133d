from decimal import ROUND_DOWN

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tenantry.quota.amounts import from_units, step_of, to_units
from tenantry.quota.shares import Vessel, fill, scale_down

MEBI = 1024**2

rooms = st.dictionaries(st.sampled_from("abcdef"), st.integers(0, 1000), max_size=6)


@pytest.mark.parametrize(
    ("key", "quantity", "units", "written"),
    [
        ("cpu", "1500m", 1500, "1500m"),
        ("requests.cpu", 2, 2000, "2"),
        ("limits.memory", "16Gi", 16 * 1024 * MEBI, "16Gi"),
        ("requests.storage", "1G", 10**9, "1G"),
        ("hugepages-2Mi", "4Mi", 4 * MEBI, "4Mi"),
        ("gold.storageclass.storage.k8s.io/requests.storage", "2Ki", 2048, "2Ki"),
        ("gold.storageclass.storage.k8s.io/persistentvolumeclaims", "5", 5, "5"),
        ("pods", "2k", 2000, "2k"),
        ("requests.nvidia.com/gpu", 8, 8, "8"),
    ],
)
def test_amounts_are_whole_numbers_of_the_keys_unit(
    key: str, quantity: str | int, units: int, written: str
) -> None:
    assert to_units(key, quantity) == units
    assert from_units(key, units) == written


def test_what_is_finer_than_a_unit_is_rounded_to_the_safe_side() -> None:
    assert to_units("limits.memory", "1500m") == 2
    assert to_units("limits.memory", "1500m", rounding=ROUND_DOWN) == 1


@pytest.mark.parametrize(
    ("key", "total", "parts", "step"),
    [
        ("cpu", 300, 8, 1),
        ("requests.cpu", 4000, 4, 10),
        ("limits.cpu", 64_000, 1, 1000),
        ("limits.memory", 1000, 8, 1),
        ("limits.memory", 16 * 1024 * MEBI, 4, 64 * MEBI),
        ("pods", 10**6, 1, 1),
    ],
)
def test_large_amounts_come_in_steps_that_read_well(
    key: str, total: int, parts: int, step: int
) -> None:
    assert step_of(key, total, parts) == step


def test_what_one_has_no_room_for_goes_to_the_others() -> None:
    assert fill(10, [Vessel(0, 2), Vessel(0, 9), Vessel(0, 9)]) == [2, 4, 4]


def test_who_has_least_is_filled_first_and_nothing_is_poured_out() -> None:
    assert fill(4, [Vessel(6, 9), Vessel(0, 9), Vessel(1, 9)]) == [6, 3, 2]


def test_weights_say_who_is_filled_faster() -> None:
    assert fill(10, [Vessel(0, 99, weight=3), Vessel(0, 99), Vessel(0, 99)]) == [6, 2, 2]


vessels = st.lists(
    st.builds(lambda filled, room: Vessel(filled, filled + room), *[st.integers(0, 50)] * 2),
    max_size=6,
)


@settings(deadline=None)
@given(st.integers(0, 300), vessels)
def test_shares_are_max_min_fair(amount: int, made: list[Vessel]) -> None:
    contents = fill(amount, made)
    poured = [content - one.filled for content, one in zip(contents, made, strict=True)]
    thirsty = [c for c, one in zip(contents, made, strict=True) if c < one.brim]
    raised = [c for c, more in zip(contents, poured, strict=True) if more]

    assert sum(poured) == min(amount, sum(one.brim - one.filled for one in made))
    assert all(0 <= more <= one.brim - one.filled for more, one in zip(poured, made, strict=True))
    assert not raised or not thirsty or max(raised) <= min(thirsty) + 1


@settings(deadline=None)
@given(st.integers(0, 3000), rooms)
def test_scaling_down_leaves_nothing_over(available: int, wanted: dict[str, int]) -> None:
    scaled = scale_down(available, wanted)
    total = sum(wanted.values())

    assert sum(scaled.values()) == min(available, total)
    assert all(
        abs(scaled[name] * total - want * min(available, total)) <= total
        for name, want in wanted.items()
    )


def test_the_largest_remainder_gets_the_odd_unit_then_the_first_by_name() -> None:
    assert scale_down(10, {"a": 5, "b": 5, "c": 6}) == {"a": 3, "b": 3, "c": 4}
    assert scale_down(3, {"a": 2, "b": 2}) == {"a": 2, "b": 1}
