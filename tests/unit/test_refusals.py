"""What controllers' Events tell of pods that did not fit."""

from dataclasses import replace
from time import perf_counter

import pytest

from clock import Clock
from tenantry.api.base import Manifest
from tenantry.quota import Wanted
from tenantry.refusals import LONG_MEMORY, MEMORY, MOMENT, SETTLED, Refusals

MESSAGE = (
    'Error creating: pods "web-x" is forbidden: exceeded quota: {quota}, requested: '
    "limits.cpu=500m,pods=1, used: limits.cpu=2,pods=4, limited: limits.cpu=2,pods=4"
)

QUOTA = ("acme-web", "tenantry")
HARD = {"limits.cpu": "2", "pods": "8"}


def _event(quota: str = "tenantry", namespace: str = "acme-web") -> Manifest:
    return {"metadata": {"namespace": namespace}, "message": MESSAGE.format(quota=quota)}


@pytest.mark.parametrize("quota", ["tenantry", "tenantry-urgent"])
def test_the_amounts_that_were_missing_are_remembered(quota: str) -> None:
    refusals = Refusals(Clock())

    assert refusals.hear(_event(quota)) == "acme-web"
    assert refusals.of(["acme-web", "acme-db"]) == {
        ("acme-web", quota): Wanted(refused={"limits.cpu": 500, "pods": 1})
    }


def test_others_do_not_learn_of_it() -> None:
    refusals = Refusals(Clock())
    refusals.hear(_event())

    assert refusals.of(["globex-web"]) == {}


def test_it_is_forgotten_a_while_after_there_is_room() -> None:
    clock = Clock()
    refusals = Refusals(clock)
    refusals.hear(_event())
    refusals.hear_usage(*QUOTA, {"limits.cpu": "4", "pods": "8"}, {"limits.cpu": "2", "pods": "4"})

    clock.now = MEMORY + 1

    assert refusals.of(["acme-web"]) == {}


@pytest.mark.parametrize(
    "message", ["", "exceeded quota: team, requested: pods=1, used: pods=4", "no node fits"]
)
def test_what_is_said_of_other_things_is_no_refusal(message: str) -> None:
    assert Refusals(Clock()).hear(_event() | {"message": message}) == ""


FORGED = {
    "no number": "pods=many",
    "what is not a number": "pods=NaN",
    "what has no end": "pods=Infinity",
    "more digits than a machine has room for": "pods=1e999999999",
    "less than nothing": "pods=-5",
    "a number with a suffix of its own": "pods=5X",
    "no amounts": ",=,,",
}


@pytest.mark.parametrize("asked", FORGED.values(), ids=FORGED)
def test_an_event_that_a_tenant_forged_is_no_refusal(asked: str) -> None:
    refusals = Refusals(Clock())
    message = f"exceeded quota: tenantry, requested: {asked}, used: {asked}, limited: {asked}"

    assert refusals.hear(_event() | {"message": message}) == ""
    assert refusals.of(["acme-web"]) == {}


def test_an_endless_event_is_over_at_once() -> None:
    parts = "exceeded quota: tenantry", ", requested: pods=1", ", used: pods=1"
    message = "".join(part * 100_000 for part in parts)

    before = perf_counter()
    assert Refusals(Clock()).hear(_event() | {"message": message}) == ""
    assert perf_counter() - before < 0.1


def test_who_waits_is_known_until_it_is_over() -> None:
    refusals = Refusals(Clock())

    refusals.waits("acme", waits=True)
    assert refusals.is_waiting("acme")

    refusals.waits("acme", waits=False)
    assert not refusals.is_waiting("acme")


def test_one_that_goes_idle_is_not_hungry_any_more() -> None:
    refusals = Refusals(Clock())
    refusals.hear(_event())

    refusals.hear_usage(*QUOTA, HARD, {"limits.cpu": "1500m", "pods": "3"})
    assert refusals.of(["acme-web"])

    refusals.hear_usage(*QUOTA, HARD, {"limits.cpu": "500m", "pods": "1"})
    assert refusals.of(["acme-web"])[QUOTA].refused == {}


def test_who_has_just_grown_will_grow_by_as_much_again() -> None:
    clock = Clock()
    refusals = Refusals(clock)
    for used in ("0", "1", "3", "7"):
        refusals.hear_usage(*QUOTA, HARD, {"pods": used, "secrets": "2"})
        clock.now += 0.1

    assert refusals.of(["acme-web"]) == {QUOTA: Wanted(grown={"pods": 7}, is_rising=True)}

    clock.now += MOMENT
    assert refusals.of(["acme-web"]) == {QUOTA: Wanted(is_rising=True)}

    clock.now += SETTLED
    assert refusals.of(["acme-web"]) == {}


@pytest.mark.parametrize(
    ("levels", "wanted"),
    [
        pytest.param("7 7 7", Wanted(), id="stands still"),
        pytest.param("7 7 3", Wanted(peak={"pods": 7}), id="falls"),
        pytest.param("0 2 1 2", Wanted(), id="comes and goes, and is there"),
        pytest.param("0 2 1", Wanted(peak={"pods": 2}), id="comes and goes, and is not"),
    ],
)
def test_usage_that_does_not_grow_asks_for_no_more_than_it_had(levels: str, wanted: Wanted) -> None:
    refusals = Refusals(Clock())
    for used in levels.split():
        refusals.hear_usage(*QUOTA, HARD, {"pods": used})

    assert refusals.of(["acme-web"]) == {QUOTA: replace(wanted, is_rising=True)}


@pytest.mark.parametrize(
    ("levels", "is_rising"),
    [
        pytest.param("0 0", False, id="nothing is used"),
        pytest.param("3", True, id="heard for the first time, it may just have come"),
        pytest.param("3 . 3", False, id="has been so for long"),
        pytest.param("3 . 2", False, id="falls"),
        pytest.param("3 . 2 3", True, id="goes up, and not above what was"),
    ],
)
def test_usage_rises_for_as_long_as_a_count_may_be_behind(
    levels: str,
    *,
    is_rising: bool,
) -> None:
    clock = Clock()
    refusals = Refusals(clock)
    for used in levels.split():
        if used == ".":
            clock.now += SETTLED * 0.9
            refusals.hear_usage(*QUOTA, HARD, {"pods": "3"})
            clock.now += SETTLED * 0.9
        else:
            refusals.hear_usage(*QUOTA, HARD, {"pods": used})

    assert refusals.of(["acme-web"]).get(QUOTA, Wanted()).is_rising is is_rising


def test_what_was_refused_and_what_has_grown_are_told_apart() -> None:
    refusals = Refusals(Clock())
    refusals.hear_usage(*QUOTA, HARD, {"pods": "1"})
    refusals.hear_usage(*QUOTA, HARD, {"pods": "4"})
    refusals.hear(_event())

    assert refusals.of(["acme-web"]) == {
        QUOTA: Wanted(refused={"limits.cpu": 500, "pods": 1}, grown={"pods": 3}, is_rising=True)
    }


def test_who_is_refused_for_long_is_known_for_as_long_as_there_is_no_room() -> None:
    """Its controller may not be let say so again."""
    clock = Clock()
    refusals = Refusals(clock)
    full = {"limits.cpu": "2", "pods": "4"}
    refusals.hear(_event())

    clock.now = MEMORY + 1
    refusals.hear_usage(*QUOTA, full, full)
    assert refusals.of(["acme-web"])

    refusals.hear_usage(*QUOTA, HARD | {"limits.cpu": "8"}, full)
    clock.now += MEMORY - 1
    assert refusals.of(["acme-web"])
    clock.now += 2
    assert refusals.of(["acme-web"]) == {}


def test_what_there_was_never_room_for_is_forgotten_in_the_end() -> None:
    clock = Clock()
    refusals = Refusals(clock)
    refusals.hear(_event())

    clock.now = LONG_MEMORY + 1

    assert refusals.of(["acme-web"]) == {}
