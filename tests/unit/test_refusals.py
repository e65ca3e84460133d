"""What controllers' Events tell of pods that did not fit."""

from time import perf_counter

import pytest

from tenantry.api.base import Manifest
from tenantry.refusals import MEMORY, MOMENT, Refusals

MESSAGE = (
    'Error creating: pods "web-x" is forbidden: exceeded quota: {quota}, requested: '
    "limits.cpu=500m,pods=1, used: limits.cpu=2,pods=4, limited: limits.cpu=2,pods=4"
)

QUOTA = ("acme-web", "tenantry")


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def _event(quota: str = "tenantry", namespace: str = "acme-web") -> Manifest:
    return {"metadata": {"namespace": namespace}, "message": MESSAGE.format(quota=quota)}


@pytest.mark.parametrize("quota", ["tenantry", "tenantry-urgent"])
def test_the_amounts_that_were_missing_are_remembered(quota: str) -> None:
    refusals = Refusals(Clock())

    assert refusals.hear(_event(quota)) == "acme-web"
    assert refusals.of(["acme-web", "acme-db"]) == {
        ("acme-web", quota): {"limits.cpu": 500, "pods": 1}
    }


def test_others_do_not_learn_of_it() -> None:
    refusals = Refusals(Clock())
    refusals.hear(_event())

    assert refusals.of(["globex-web"]) == {}


def test_it_is_forgotten_after_a_while() -> None:
    clock = Clock()
    refusals = Refusals(clock)
    refusals.hear(_event())

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

    refusals.hear_usage(*QUOTA, {"limits.cpu": "1500m", "pods": "3"})
    assert refusals.of(["acme-web"])

    refusals.hear_usage(*QUOTA, {"limits.cpu": "500m", "pods": "1"})
    assert refusals.of(["acme-web"]) == {}


def test_who_has_just_grown_will_grow_by_as_much_again() -> None:
    clock = Clock()
    refusals = Refusals(clock)
    for used in ("0", "1", "3", "7"):
        refusals.hear_usage(*QUOTA, {"pods": used, "secrets": "2"})
        clock.now += 0.1

    assert refusals.of(["acme-web"]) == {QUOTA: {"pods": 7}}

    clock.now += MOMENT
    assert refusals.of(["acme-web"]) == {}


def test_usage_that_falls_or_stands_still_asks_for_nothing() -> None:
    refusals = Refusals(Clock())
    for used in ("7", "7", "3"):
        refusals.hear_usage(*QUOTA, {"pods": used})

    assert refusals.of(["acme-web"]) == {}


def test_of_what_was_refused_and_what_has_grown_the_larger_counts() -> None:
    refusals = Refusals(Clock())
    refusals.hear_usage(*QUOTA, {"pods": "1"})
    refusals.hear_usage(*QUOTA, {"pods": "4"})
    refusals.hear(_event())

    assert refusals.of(["acme-web"]) == {QUOTA: {"limits.cpu": 500, "pods": 3}}
