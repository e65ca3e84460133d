from datetime import UTC, datetime

from rate_cards import card
from tenantry.api.rate_card import RateCard, RateCardStatus
from tenantry.cost.rate_card_review import review

NOW = datetime(2026, 6, 15, 12, 34, 56, tzinfo=UTC)


def told(status: RateCardStatus) -> dict[str, tuple[str, str]]:
    return {one.type: (one.status, one.reason) for one in status.conditions}


def message(status: RateCardStatus, type_: str) -> str:
    return next(one.message for one in status.conditions if one.type == type_)


def test_cards_that_follow_each_other_are_ended_in_force_and_scheduled() -> None:
    cards = [
        card("last", validTo="2026-06-01T00:00:00Z"),
        card("this", "2026-06-01T00:00:00Z", validTo="2026-07-01T00:00:00Z"),
        card("next", "2026-07-01T00:00:00Z"),
    ]

    found = review(cards, NOW)

    assert [told(found[one]) for one in ("last", "this", "next")] == [
        {"Ready": ("True", "Ended")},
        {"Ready": ("True", "InForce")},
        {"Ready": ("True", "Scheduled")},
    ]


def test_hours_that_have_passed_at_its_prices_are_told_and_never_taken_back() -> None:
    ended = card("ended", validTo="2026-06-01T00:00:00Z")
    running = card("running", "2026-06-01T00:00:00Z")
    coming = card("coming", "2026-12-01T00:00:00Z")
    clock_set_back = running.model_copy(
        update={"status": RateCardStatus(priced_until="2026-06-20T00:00:00Z")}
    )

    found = review([ended, running, coming], NOW)

    assert [found[one].priced_until for one in ("ended", "running", "coming")] == [
        "2026-06-01T00:00:00Z",
        "2026-06-15T12:00:00Z",
        "",
    ]
    assert review([clock_set_back], NOW)["running"].priced_until == "2026-06-20T00:00:00Z"


def test_the_younger_of_two_that_overlap_is_told_which_holds_and_what_to_write() -> None:
    there = card("there", made="2026-01-01T00:00:00Z")
    late = card("late", "2026-08-01T00:00:00Z", made="2026-06-01T00:00:00Z")

    found = review([late, there], NOW)

    assert told(found["there"]) == {"Ready": ("True", "InForce")}
    assert told(found["late"]) == {
        "Ready": ("False", "Overlaps"),
        "Overlapping": ("True", "OlderRateCardHolds"),
    }
    assert message(found["late"], "Ready") == (
        "older RateCards hold in hours that it names: there from 2026-08-01T00:00:00Z on; end "
        "there with spec.validTo: 2026-08-01T00:00:00Z, if that is still to come, or write this "
        "card for other hours"
    )


def test_a_gap_is_told_of_the_card_before_it() -> None:
    cards = [
        card("a", validTo="2026-07-01T00:00:00Z"),
        card("b", "2026-08-01T00:00:00Z", validTo="2026-09-01T00:00:00Z"),
    ]

    found = review(cards, NOW)

    assert "from 2026-07-01T00:00:00Z to 2026-08-01T00:00:00Z: " in message(
        found["a"], "FollowedByGap"
    )
    assert "from 2026-09-01T00:00:00Z on: " in message(found["b"], "FollowedByGap")


def test_a_look_that_finds_nothing_new_says_the_same() -> None:
    cards = [card("a", validTo="2026-07-01T00:00:00Z"), card("b", "2026-06-01T00:00:00Z")]
    again = [_with(one, review(cards, NOW)[one.name]) for one in cards]

    later = NOW.replace(minute=59)

    assert review(again, later) == {one.name: one.status for one in again}


def _with(one: RateCard, status: RateCardStatus) -> RateCard:
    return one.model_copy(update={"status": status})
