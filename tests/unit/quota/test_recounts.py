from dataclasses import replace

import pytest

from tenantry.quota import Amounts, Claim, Ledger, Seen
from tenantry.quota.recounts import paced

PODS = "pods"
BEFORE = {"a": {PODS: 4}, "b": {PODS: 4}, "c": {PODS: 4}}
LEDGER = Ledger(generation=7, grants=BEFORE, since={"a": 7, "b": 7, "c": 7})
SEEN = {
    name: Seen(spec=hard, status=hard, used={PODS: 2}, generation=7)
    for name, hard in BEFORE.items()
}
RISING = {name: Claim(is_rising=True) for name in BEFORE}
TOTAL = {PODS: 12}


def _grants(**pods: int) -> dict[str, Amounts]:
    return {name: {PODS: amount} for name, amount in pods.items()}


def test_where_usage_stands_still_all_grants_change_at_once() -> None:
    following = _grants(a=2, b=3, c=4)

    assert paced(TOTAL, LEDGER, following, SEEN, dict.fromkeys(BEFORE, Claim())) == following


def test_where_usage_has_gone_up_only_a_quarter_of_the_whole_changes_at_once() -> None:
    following = _grants(a=2, b=3, c=4)

    assert paced(TOTAL, LEDGER, following, SEEN, RISING) == _grants(a=2, b=4, c=4)
    assert paced({PODS: 16}, LEDGER, following, SEEN, RISING) == following


def test_one_changes_however_much_it_uses() -> None:
    seen = SEEN | {"a": replace(SEEN["a"], used={PODS: 4})}

    assert paced(TOTAL, LEDGER, _grants(a=3, b=4, c=4), seen, RISING) == _grants(a=3, b=4, c=4)


def test_where_nothing_is_used_nothing_can_be_missed() -> None:
    seen = {name: replace(one, used={PODS: 0}) for name, one in SEEN.items()}
    following = _grants(a=2, b=3, c=4)

    assert paced(TOTAL, LEDGER, following, seen, RISING) == following


def test_what_was_used_a_moment_ago_counts() -> None:
    seen = {name: replace(one, used={PODS: 0}) for name, one in SEEN.items()}
    claims = {name: Claim(is_rising=True, peak={PODS: 2}) for name in BEFORE}

    assert paced(TOTAL, LEDGER, _grants(a=2, b=3, c=4), seen, claims) == _grants(a=2, b=4, c=4)


def test_a_namespace_that_is_new_does_not_wait() -> None:
    following = _grants(a=4, b=4, c=4, d=0)

    assert paced(TOTAL, LEDGER, following, SEEN | {"d": None}, RISING) == following


def test_others_give_before_anybody_gets() -> None:
    assert paced(TOTAL, LEDGER, _grants(a=6, b=4, c=3), SEEN, RISING) == _grants(a=4, b=4, c=3)


@pytest.mark.parametrize(
    "under_way",
    [
        pytest.param(replace(SEEN["c"], generation=6), id="not written"),
        pytest.param(replace(SEEN["c"], status={PODS: 5}), id="not copied"),
        pytest.param(replace(SEEN["c"], status={}), id="never counted"),
        pytest.param(None, id="not made"),
    ],
)
def test_the_next_waits_until_the_last_is_seen_to_be_copied(under_way: Seen | None) -> None:
    claims = RISING | {"c": Claim(is_rising=True, peak={PODS: 2})}
    changed = paced(TOTAL, LEDGER, _grants(a=2, b=3, c=4), SEEN | {"c": under_way}, claims)

    assert changed == BEFORE


def test_what_stands_still_keeps_nobody_waiting() -> None:
    seen = SEEN | {"c": replace(SEEN["c"], generation=6)}
    claims = RISING | {"c": Claim()}

    assert paced(TOTAL, LEDGER, _grants(a=2, b=4, c=4), seen, claims) == _grants(a=2, b=4, c=4)


def test_while_more_is_granted_than_there_is_nothing_waits() -> None:
    following = _grants(a=2, b=2, c=2)

    assert paced({PODS: 6}, LEDGER, following, SEEN, RISING) == following


REFUSED = RISING | {"c": Claim(is_rising=True, demand={PODS: 3})}


def test_who_was_refused_waits_until_the_others_have_given() -> None:
    assert paced(TOTAL, LEDGER, _grants(a=1, b=4, c=5), SEEN, REFUSED) == _grants(a=1, b=4, c=4)


def test_who_was_refused_goes_first_once_it_gets_more_than_others_give() -> None:
    assert paced(TOTAL, LEDGER, _grants(a=3, b=4, c=6), SEEN, REFUSED) == _grants(a=4, b=4, c=6)


def test_nothing_new_begins_while_who_was_refused_has_no_room() -> None:
    """It may use more than the part that changes at once, and would wait for ever."""
    total = {PODS: 16}
    seen = SEEN | {
        "b": replace(SEEN["b"], used={PODS: 1}, generation=6),
        "c": replace(SEEN["c"], used={PODS: 4}),
    }

    assert paced(total, LEDGER, _grants(a=3, b=4, c=6), seen, REFUSED) == BEFORE
    assert paced(total, LEDGER, _grants(a=3, b=4, c=4), seen, REFUSED) == _grants(a=3, b=4, c=4)
