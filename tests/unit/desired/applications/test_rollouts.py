from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import strategies  # noqa: F401  loads the profile
from bookinfo import component
from tenantry.api.components import Component
from tenantry.api.rollouts import Rollout
from tenantry.desired.applications.rollouts import Decision, Health, decide, shares

START = datetime(2026, 1, 1, 12, tzinfo=UTC)
HEALTHY, PROGRESSING = Health("Healthy"), Health("Progressing", "0 of 1 pods are ready")
CRASHING = Health("Unhealthy", "CrashLoopBackOff, exit code 1")
STEPS = [{"weight": 10, "pause": "5m"}, {"weight": 50, "pause": "10m"}, {"weight": 100}]


def reviews(image: str = "example.com/reviews:v2", **rollout: Any) -> Component:
    made = component("reviews", "v1", "v2")
    made["versions"][1]["image"] = image
    made["traffic"] = {"rollout": {"version": "v2", "steps": STEPS} | rollout}
    return Component.model_validate(made)


def running(**runs: Any) -> Component:
    """The same, and what all its versions run is another."""
    changed = Component.model_validate(component("reviews", "v1", **runs))
    return reviews().model_copy(update={name: getattr(changed, name) for name in runs})


def played(*looks: tuple[int, Health, Component]) -> list[Decision]:
    """What is decided at each look, at so many seconds from the start."""
    decided: list[Decision] = []
    last = None
    for seconds, health, looked_at in looks:
        assert looked_at.traffic
        assert looked_at.traffic.rollout
        now = START + timedelta(seconds=seconds)
        decided.append(decide(looked_at, looked_at.traffic.rollout, last, health, now))
        last = decided[-1].status
    return decided


def told(decisions: list[Decision]) -> list[tuple[str, int]]:
    return [(one.status.state, one.weights["v2"]) for one in decisions]


PLAIN, PAUSED, BY_HAND = reviews(), reviews(paused=True), reviews(automaticRollback=False)


@pytest.mark.parametrize(
    ("looks", "states"),
    [
        pytest.param(
            [(0, PROGRESSING), (30, PROGRESSING), (60, HEALTHY), (90, HEALTHY)],
            [("Progressing", 0), ("Progressing", 0), ("Progressing", 10), ("Progressing", 10)],
            id="it has nothing until it is healthy, then the first step",
        ),
        pytest.param(
            [(0, HEALTHY), (299, HEALTHY), (300, HEALTHY), (900, HEALTHY), (1200, HEALTHY)],
            [
                ("Progressing", 10),
                ("Progressing", 10),
                ("Progressing", 50),
                ("Progressing", 100),
                ("Completed", 100),
            ],
            id="each step lasts for its pause",
        ),
        pytest.param(
            [(0, HEALTHY), (3000, HEALTHY)],
            [("Progressing", 10), ("Progressing", 50)],
            id="however late the look, no step is left out",
        ),
        pytest.param(
            [(0, HEALTHY), (200, PROGRESSING), (250, HEALTHY), (301, HEALTHY), (550, HEALTHY)],
            [
                ("Progressing", 10),
                ("Progressing", 10),
                ("Progressing", 10),
                ("Progressing", 10),
                ("Progressing", 50),
            ],
            id="a pause begins anew when the workload was not healthy all the time",
        ),
        pytest.param(
            [(0, HEALTHY), (300, HEALTHY), (301, CRASHING), (400, HEALTHY), (9999, HEALTHY)],
            [("Progressing", 10), ("Progressing", 50), *[("RolledBack", 0)] * 3],
            id="a crash takes it back to nothing, for good",
        ),
        pytest.param(
            [(0, CRASHING), (30, CRASHING), (60, HEALTHY), (61, CRASHING)],
            [("Progressing", 0), ("Progressing", 0), ("Progressing", 10), ("RolledBack", 0)],
            id="before it has anything it may crash, for others may start later",
        ),
        pytest.param(
            [(0, CRASHING), (599, CRASHING), (600, CRASHING)],
            [("Progressing", 0), ("Progressing", 0), ("RolledBack", 0)],
            id="one that goes on crashing is rolled back at its deadline",
        ),
        pytest.param(
            [(0, PROGRESSING), (599, PROGRESSING), (600, PROGRESSING)],
            [("Progressing", 0), ("Progressing", 0), ("RolledBack", 0)],
            id="one that never becomes ready is rolled back after its deadline",
        ),
        pytest.param(
            [(0, HEALTHY), (300, HEALTHY), (900, HEALTHY), (1200, HEALTHY), (1300, CRASHING)],
            [
                ("Progressing", 10),
                ("Progressing", 50),
                ("Progressing", 100),
                *[("Completed", 100)] * 2,
            ],
            id="what is completed stays so, whatever comes",
        ),
    ],
)
def test_a_version_is_taken_up_by_steps_while_it_is_healthy(
    looks: list[tuple[int, Health]], states: list[tuple[str, int]]
) -> None:
    assert told(played(*((*look, PLAIN) for look in looks))) == states


def test_while_paused_it_stays_and_afterwards_the_step_begins_anew() -> None:
    looks = [
        (0, HEALTHY, PLAIN),
        (10, HEALTHY, PAUSED),
        (9000, HEALTHY, PAUSED),
        (9001, HEALTHY, PLAIN),
        (9300, HEALTHY, PLAIN),
        (9301, HEALTHY, PLAIN),
    ]
    assert told(played(*looks)) == [
        ("Progressing", 10),
        ("Paused", 10),
        ("Paused", 10),
        ("Progressing", 10),
        ("Progressing", 10),
        ("Progressing", 50),
    ]


def test_while_paused_a_crash_still_takes_it_back() -> None:
    looks = [(0, HEALTHY, PLAIN), (10, HEALTHY, PAUSED), (20, CRASHING, PAUSED)]
    assert told(played(*looks))[-1] == ("RolledBack", 0)


def test_without_automatic_rollback_a_crash_pauses_it_and_says_who_must_act() -> None:
    *_, crashed, again = played(
        (0, HEALTHY, BY_HAND), (10, CRASHING, BY_HAND), (20, CRASHING, BY_HAND)
    )
    assert (crashed.status.state, crashed.weights["v2"]) == ("Paused", 10)
    assert "exit code 1" in crashed.status.message
    assert "person" in crashed.status.message
    assert again == crashed


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param(reviews(image="example.com/reviews:v2.1"), id="the image"),
        pytest.param(reviews(steps=[{"weight": 20}]), id="the steps"),
        pytest.param(running(env=[{"name": "A", "value": "1"}]), id="its environment"),
        pytest.param(running(files={"/etc/a": "b"}), id="its files"),
        pytest.param(running(args=["--lenient"]), id="its arguments"),
        pytest.param(running(probes={"startup": {"tcpSocket": {}}}), id="its probes"),
        pytest.param(running(resources={"limits": {"memory": "1Gi"}}), id="its size"),
    ],
)
def test_another_version_starts_anew_after_a_rollback(changed: Component) -> None:
    *_, rolled_back, anew = played((0, HEALTHY, PLAIN), (1, CRASHING, PLAIN), (2, HEALTHY, changed))
    assert rolled_back.status.state == "RolledBack"
    assert anew.status.state == "Progressing"
    assert anew.weights["v2"] > 0


@pytest.mark.parametrize("written", ["", "yesterday", "2099-01-01T00:00:00Z"])
def test_a_time_that_cannot_be_believed_is_now(written: str) -> None:
    (first,) = played((0, HEALTHY, PLAIN))
    assert PLAIN.traffic
    assert PLAIN.traffic.rollout
    last = first.status.model_copy(update={"step_started_at": written})
    now = START + timedelta(hours=1)
    again = decide(PLAIN, PLAIN.traffic.rollout, last, HEALTHY, now)
    assert again.weights["v2"] == 10
    assert again.look_again_at == now + timedelta(minutes=5)


def test_looking_again_at_the_time_it_names_is_enough_to_complete_it() -> None:
    assert PLAIN.traffic
    assert PLAIN.traffic.rollout
    last, now, seen = None, START, []
    while now is not None:
        decision = decide(PLAIN, PLAIN.traffic.rollout, last, HEALTHY, now)
        last, now = decision.status, decision.look_again_at
        seen.append(decision.weights["v2"])
    assert seen == [10, 50, 100, 100]


_names = st.sampled_from(["v1", "v2", "v3", "v4"])


@given(
    names=st.lists(_names, min_size=1, unique=True),
    given_=st.dictionaries(_names, st.integers(0, 100)),
    version=_names,
    weight=st.integers(0, 100),
)
def test_weights_are_always_whole_percents_of_versions_that_are_there_and_sum_to_100(
    names: list[str], given_: dict[str, int], version: str, weight: int
) -> None:
    made = Component.model_validate(component("a", *names, traffic={"weights": given_}))
    parted = shares(made, version, weight)
    assert set(parted) == set(names)
    assert all(share >= 0 for share in parted.values())
    if version in names:
        assert sum(parted.values()) == 100
        assert parted[version] == (weight if len(names) > 1 else 100)


@given(
    looks=st.lists(
        st.tuples(st.integers(0, 1000), st.sampled_from([HEALTHY, PROGRESSING, CRASHING])),
        max_size=12,
    )
)
def test_no_weight_grows_unless_the_version_is_healthy_and_none_comes_back_after_a_crash(
    looks: list[tuple[int, Health]],
) -> None:
    assert PLAIN.traffic
    rollout = PLAIN.traffic.rollout
    assert isinstance(rollout, Rollout)
    last, now = None, START
    has_crashed = False
    for seconds, health in looks:
        before = last.weight if last else 0
        now += timedelta(seconds=seconds)
        decision = decide(PLAIN, rollout, last, health, now)
        last = decision.status
        has_crashed |= last.state == "RolledBack"
        assert health is not CRASHING or not last.weight or last.state == "Completed"
        assert health is HEALTHY or last.weight <= before
        assert not has_crashed or last.weight == 0
        assert decide(PLAIN, rollout, last, health, now).status.weight == last.weight
