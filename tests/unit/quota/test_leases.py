from collections.abc import Mapping
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from tenantry.quota import Claim, Decision, Ledger, Seen, decide

CPU, PODS = "requests.cpu", "pods"


def granted(**grants: int) -> Ledger:
    return Ledger(generation=1, grants={name: {PODS: units} for name, units in grants.items()})


def at(used: int, enforced: int, **newer: int) -> Seen:
    """A ResourceQuota whose status, or spec, may differ."""
    return Seen(
        spec={PODS: newer.get("spec", enforced)},
        status={PODS: enforced},
        used={PODS: used},
    )


def dynamic(
    total: int, ledger: Ledger, seen: Mapping[str, Seen | None], **claims: Claim
) -> Decision:
    known = {name: claims.get(name, Claim()) for name in seen}
    return decide({PODS: total}, "Dynamic", ledger, seen, known)


def static(
    total: int, ledger: Ledger, seen: Mapping[str, Seen | None], **claims: Claim
) -> Decision:
    known = {name: claims.get(name, Claim()) for name in seen}
    return decide({PODS: total}, "Static", ledger, seen, known)


def hard(decision: Decision) -> dict[str, int]:
    return {name: amounts[PODS] for name, amounts in decision.hard.items()}


def test_new_namespaces_share_what_there_is_and_odd_things_go_by_name() -> None:
    decision = dynamic(10, Ledger(), {"a": None, "b": None, "c": None})

    assert hard(decision) == {"a": 4, "b": 3, "c": 3}
    assert decision.ledger.generation == 1
    assert not decision.waits


def test_guarantees_come_first_and_the_rest_is_shared() -> None:
    claim = Claim(guarantee={PODS: 6})

    assert hard(dynamic(10, Ledger(), {"a": None, "b": None}, b=claim)) == {"a": 4, "b": 6}
    assert hard(static(10, Ledger(), {"a": None, "b": None}, b=claim)) == {"a": 2, "b": 8}


def test_nobody_gets_more_than_their_limit() -> None:
    claim = Claim(limit={PODS: 1})

    assert hard(dynamic(10, Ledger(), {"a": None, "b": None}, a=claim)) == {"a": 1, "b": 9}
    assert hard(static(10, Ledger(), {"a": None, "b": None}, a=claim)) == {"a": 1, "b": 9}


def test_guarantees_beyond_the_total_are_scaled_down_and_reported() -> None:
    six = Claim(guarantee={PODS: 6})
    decision = dynamic(9, Ledger(), {"a": None, "b": None}, a=six, b=six)

    assert hard(decision) == {"a": 5, "b": 4}
    assert decision.unguaranteed == (PODS,)


def test_large_shares_of_cores_are_cut_to_what_reads_well() -> None:
    seen = dict.fromkeys("abc")
    decision = decide({CPU: 1000}, "Dynamic", Ledger(), seen, dict.fromkeys(seen, Claim()))

    assert [amounts[CPU] for amounts in decision.hard.values()] == [335, 335, 330]


def test_while_everybody_has_enough_the_ledger_is_the_same_one() -> None:
    ledger = granted(a=10, b=10)

    for used in range(7):
        assert dynamic(20, ledger, {"a": at(used, 10), "b": at(0, 10)}).ledger is ledger


def test_one_that_is_short_gets_what_another_does_not_use_once_it_is_free() -> None:
    asking = Claim(demand={PODS: 4})
    first = dynamic(20, granted(a=10, b=10), {"a": at(9, 10), "b": at(1, 10)}, a=asking)

    assert hard(first)["a"] == 10
    assert hard(first)["b"] < 10
    assert first.waits

    taken_back = Seen(spec=first.hard["b"], status=first.hard["b"], used={PODS: 1}, generation=2)
    second = dynamic(20, first.ledger, {"a": at(9, 10), "b": taken_back}, a=asking)

    assert hard(second)["a"] >= 13
    assert sum(hard(second).values()) <= 20
    assert not second.waits


def test_what_is_still_in_force_is_not_granted_to_another() -> None:
    ledger = granted(a=10, b=4)
    asking = Claim(demand={PODS: 4})
    decision = dynamic(20, ledger, {"a": at(9, 10), "b": at(1, 10, spec=4)}, a=asking)

    assert hard(decision)["a"] == 10
    assert decision.waits


def test_what_is_free_is_given_at_once_and_much_of_what_is_idle_taken_for_later() -> None:
    decision = dynamic(
        20, granted(a=5, b=5), {"a": at(5, 5), "b": at(0, 5)}, a=Claim(demand={PODS: 3})
    )

    assert hard(decision) == {"a": 15, "b": 1}
    assert decision.waits


def test_what_nobody_has_is_dealt_out_although_nobody_asks() -> None:
    seen = {"a": at(6, 8), "b": at(0, 2), "c": at(1, 4)}

    assert hard(dynamic(20, granted(a=8, b=2, c=4), seen)) == {"a": 11, "b": 4, "c": 5}


def test_what_was_taken_back_is_kept_for_whom_it_was_taken() -> None:
    """The grant has grown meanwhile, and what was refused would fit: it is not all yet."""
    seen = {"a": at(5, 10), "b": at(0, 2), "c": at(0, 2)}
    decision = dynamic(30, granted(a=10, b=2, c=2), seen, a=Claim(demand={PODS: 1}))

    assert hard(decision) == {"a": 26, "b": 2, "c": 2}


def test_those_that_were_not_refused_keep_enough_not_to_be_short_themselves() -> None:
    seen = {"a": at(10, 10)} | {name: at(0, 10) for name in "bcdefgh"}
    ledger = granted(**dict.fromkeys("abcdefgh", 10))
    first = dynamic(80, ledger, seen, a=Claim(demand={PODS: 1}))

    assert hard(first) == {"a": 10} | dict.fromkeys("bcdefgh", 2)

    taken = {
        name: Seen(spec={PODS: 2}, status={PODS: 2}, used={PODS: 0}, generation=2)
        for name in "bcdefgh"
    }
    second = dynamic(80, first.ledger, {"a": at(10, 10)} | taken, a=Claim(demand={PODS: 1}))

    assert hard(second) == {"a": 66} | dict.fromkeys("bcdefgh", 2)

    lent = {"a": Seen(spec={PODS: 66}, status={PODS: 66}, used={PODS: 10}, generation=3)}
    assert dynamic(80, second.ledger, lent | taken).ledger is second.ledger


def test_nothing_is_taken_from_who_was_refused_for_one_that_only_grows() -> None:
    seen = {"a": at(20, 30), "b": at(2, 2), "c": at(0, 2)}
    asking, growing = Claim(demand={PODS: 1}), Claim(growth={PODS: 2})
    decision = dynamic(34, granted(a=30, b=2, c=2), seen, a=asking, b=growing)

    assert hard(decision)["b"] == 2
    assert hard(decision)["a"] >= 28

    given = {"a": at(20, 26), "b": at(2, 2), "c": at(0, 2)}
    after = dynamic(34, granted(a=26, b=2, c=2), given, a=asking, b=growing)
    assert hard(after)["b"] >= 4


def test_who_grows_gets_most_of_what_is_idle_when_nobody_was_refused() -> None:
    seen = {"a": at(9, 10), "b": at(0, 10), "c": at(0, 10)}
    decision = dynamic(30, granted(a=10, b=10, c=10), seen, a=Claim(growth={PODS: 5}))

    assert hard(decision)["b"] + hard(decision)["c"] < 5


def test_who_comes_and_goes_keeps_what_that_takes_when_another_was_refused() -> None:
    seen = {"a": at(30, 30), "b": at(1, 3), "c": at(2, 3)}
    claims = {"a": Claim(demand={PODS: 1}), "b": Claim(peak={PODS: 2})}
    decision = dynamic(36, granted(a=30, b=3, c=3), seen, **claims)

    assert hard(decision) == {"a": 30, "b": 2, "c": 2}


def test_no_more_than_an_even_share_is_kept_for_one_that_is_empty_now() -> None:
    seen = {"a": at(10, 10), "b": at(0, 70)}
    claims = {"a": Claim(demand={PODS: 1}), "b": Claim(peak={PODS: 60})}
    decision = dynamic(80, granted(a=10, b=70), seen, **claims)

    assert hard(decision)["b"] < 20


def test_those_that_were_not_refused_do_not_take_it_back_for_their_comfort() -> None:
    ledger, seen = granted(a=60, b=1, c=1), {"a": at(20, 60), "b": at(0, 1), "c": at(0, 1)}

    assert dynamic(62, ledger, seen, a=Claim(demand={PODS: 1})).ledger is ledger
    assert hard(dynamic(62, ledger, seen))["a"] < 60


def test_a_demand_that_cannot_be_met_takes_nothing_from_others() -> None:
    ledger = granted(a=10, b=10)
    decision = dynamic(20, ledger, {"a": at(10, 10), "b": at(10, 10)}, a=Claim(demand={PODS: 1}))

    assert decision.ledger is ledger
    assert not decision.waits


def test_of_two_demands_for_the_same_rest_one_is_met_whole() -> None:
    asking = Claim(demand={PODS: 6})
    decision = dynamic(10, granted(a=2, b=2), {"a": at(2, 2), "b": at(2, 2)}, a=asking, b=asking)

    assert hard(decision) == {"a": 8, "b": 2}


def test_a_guarantee_is_taken_back_from_who_was_lent_it() -> None:
    decision = dynamic(
        10, granted(a=2, b=8), {"a": at(2, 2), "b": at(1, 8)}, a=Claim(guarantee={PODS: 5})
    )

    assert hard(decision)["b"] <= 5
    assert decision.waits


def test_one_that_leaves_keeps_what_it_uses_and_gets_nothing_more() -> None:
    leaving = Claim(is_leaving=True, demand={PODS: 3})

    assert hard(dynamic(20, granted(a=10), {"a": at(4, 10)}, a=leaving)) == {"a": 4}
    assert hard(dynamic(20, granted(a=4), {"a": at(4, 4)}, a=leaving)) == {"a": 4}


def test_a_lowered_limit_takes_back_what_is_above_it() -> None:
    decision = dynamic(20, granted(a=10), {"a": at(4, 10)}, a=Claim(limit={PODS: 6}))

    assert hard(decision) == {"a": 6}


def test_a_lowered_total_takes_the_largest_unused_headroom_first() -> None:
    decision = dynamic(14, granted(a=10, b=10), {"a": at(8, 10), "b": at(1, 10)})

    assert hard(decision) == {"a": 10, "b": 4}


def test_when_more_is_used_than_there_is_nothing_more_is_admitted() -> None:
    decision = dynamic(10, granted(a=8, b=8), {"a": at(6, 8), "b": at(7, 8), "c": at(2, 0)})

    assert hard(decision) == {"a": 1, "b": 2, "c": 0}
    assert decision.over == {PODS: (15, 10)}


def test_an_overshoot_of_a_recount_takes_nothing_from_those_who_have_only_what_they_use() -> None:
    ledger = granted(a=5, b=5)

    assert dynamic(10, ledger, {"a": at(6, 5), "b": at(5, 5)}).ledger is ledger


def test_a_namespace_that_claims_nothing_counts_until_it_is_gone() -> None:
    ledger = granted(a=5, gone=5)
    seen = {"a": at(5, 5), "gone": at(0, 5)}
    claims = {"a": Claim(demand={PODS: 3})}

    there = decide({PODS: 10}, "Dynamic", ledger, seen, claims)
    assert there.ledger is ledger

    after = decide({PODS: 10}, "Dynamic", ledger, {"a": seen["a"]}, claims)
    assert hard(after) == {"a": 10}


def test_a_claim_of_a_namespace_that_does_not_exist_gets_nothing() -> None:
    decision = decide({PODS: 10}, "Dynamic", Ledger(), {}, {"a": Claim()})

    assert decision.ledger == Ledger()


def test_a_key_that_is_no_longer_in_the_total_vanishes() -> None:
    decision = decide({}, "Dynamic", granted(a=5), {"a": at(1, 5)}, {"a": Claim()})

    assert decision.hard == {"a": {}}
    assert decision.ledger.ceilings == {"a": {PODS: 5}}


def test_static_shares_do_not_follow_what_is_used() -> None:
    ledger = granted(a=5, b=5)
    claims = {"a": Claim(demand={PODS: 5})}

    assert static(10, ledger, {"a": at(5, 5), "b": at(0, 5)}, **claims).ledger is ledger


def test_static_shares_make_way_for_a_new_namespace() -> None:
    first = static(9, granted(a=5, b=4), {"a": at(0, 5), "b": at(0, 4), "c": None})

    assert hard(first) == {"a": 3, "b": 3, "c": 0}
    assert first.waits


def test_an_old_view_does_not_hide_what_may_have_been_granted_since() -> None:
    ledger = Ledger(
        generation=9,
        grants={"a": {PODS: 5}, "b": {PODS: 5}},
        since={"a": 9, "b": 1},
        ceilings={"a": {PODS: 15}},
    )
    seen = {
        "a": Seen(spec={PODS: 5}, status={PODS: 5}, used={}, generation=3),
        "b": Seen(spec={PODS: 5}, status={PODS: 5}, used={PODS: 5}, generation=1),
    }

    assert hard(dynamic(20, ledger, seen, b=Claim(demand={PODS: 3})))["b"] == 5


def test_a_grant_is_known_by_the_generation_that_it_changed_in() -> None:
    ledger = granted(a=10, b=4)
    lower, same = Claim(limit={PODS: 6}), Claim(limit={PODS: 4})
    decision = dynamic(20, ledger, {"a": at(4, 10), "b": at(0, 4)}, a=lower, b=same)

    assert decision.ledger.since == {"a": 2, "b": 0}
    assert decision.ledger.ceilings == {"a": {PODS: 10}}


units = st.integers(0, 40)
quotas = st.builds(
    lambda used, status, spec: Seen(spec={PODS: spec}, status={PODS: status}, used={PODS: used}),
    units,
    units,
    units,
)
asked = st.builds(
    Claim,
    guarantee=st.fixed_dictionaries({PODS: units}),
    limit=st.fixed_dictionaries({PODS: units}),
    demand=st.fixed_dictionaries({PODS: units}),
    is_leaving=st.booleans(),
)
members = st.dictionaries(st.sampled_from("abcde"), st.tuples(quotas, asked, units), min_size=1)


@settings(deadline=None)
@given(st.integers(0, 100), members, st.sampled_from(["Dynamic", "Static"]))
def test_a_step_never_raises_what_may_be_in_force_above_the_total(
    total: int, team: dict[str, tuple[Seen, Claim, int]], distribution: str
) -> None:
    ledger = granted(**{name: grant for name, (_, _, grant) in team.items()})
    seen = {name: one for name, (one, _, _) in team.items()}
    claims = {name: claim for name, (_, claim, _) in team.items()}
    before = {
        name: max(one.spec[PODS], one.status[PODS], grant) for name, (one, _, grant) in team.items()
    }

    decision = decide(
        {PODS: total}, "Static" if distribution == "Static" else "Dynamic", ledger, seen, claims
    )

    after = sum(max(before[name], units) for name, units in hard(decision).items())
    assert after <= max(total, sum(before.values()))
    assert decision == decide(
        {PODS: total}, "Static" if distribution == "Static" else "Dynamic", ledger, seen, claims
    )


def test_a_generation_that_somebody_has_put_forward_is_overtaken() -> None:
    ledger = dynamic(10, Ledger(), {"a": None, "b": None}).ledger
    seen = {name: replace(at(0, 5), generation=1) for name in "ab"}

    assert dynamic(10, ledger, seen).ledger is ledger

    forged = dynamic(10, ledger, seen | {"a": replace(at(0, 9), generation=7)}).ledger

    assert forged.generation == 8
    assert forged.since == {"a": 8, "b": 1}
    assert forged.grants == ledger.grants
    assert forged.ceilings == {"a": {PODS: 9}}
