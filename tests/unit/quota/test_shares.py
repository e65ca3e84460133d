from decimal import ROUND_DOWN

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tenantry.quota.amounts import from_units, is_counted, quantum, to_units
from tenantry.quota.shares import fill, fill_whole, scale_down

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
    ("key", "share", "step"),
    [
        ("cpu", 99, 1),
        ("cpu", 100, 10),
        ("limits.memory", 64 * MEBI - 1, 1),
        ("limits.memory", 64 * MEBI, MEBI),
        ("pods", 10**6, 1),
    ],
)
def test_large_shares_come_in_steps_that_read_well(key: str, share: int, step: int) -> None:
    assert quantum(key, share) == step


def test_things_are_what_is_neither_cores_nor_bytes() -> None:
    assert [key for key in ("limits.cpu", "memory", "pods") if is_counted(key)] == ["pods"]


def test_what_one_has_no_room_for_goes_to_the_others() -> None:
    assert fill(10, {"a": 2, "b": 9, "c": 9}) == {"a": 2, "b": 4, "c": 4}


@settings(deadline=None)
@given(st.integers(-10, 3000), rooms)
def test_shares_are_max_min_fair(available: int, room: dict[str, int]) -> None:
    shares = fill(available, room)
    hungry = [name for name in room if shares[name] < room[name]]

    assert sum(shares.values()) <= max(available, 0)
    assert all(0 <= shares[name] <= room[name] for name in room)
    assert all(shares[name] == max(shares.values()) for name in hungry)
    assert not hungry or max(available, 0) - sum(shares.values()) < len(hungry)


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


def test_what_is_wanted_whole_is_given_whole_or_not_at_all() -> None:
    assert fill_whole(7, {"a": 6, "b": 6, "c": 1}) == {"a": 6, "b": 0, "c": 1}
    assert fill_whole(-1, {"a": 6, "b": 0}) == {"a": 0, "b": 0}
