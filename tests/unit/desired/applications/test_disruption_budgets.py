from typing import Any

import pytest

from applications import application, component, facts, of_kind, the
from tenantry.desired.applications import not_honoured

PDB = "PodDisruptionBudget"
ONE = {"maxUnavailable": 1}


def bound(given: Any, **more: Any) -> Any:
    web = component(**({} if given is None else {"disruptionBudget": given}), **more)
    spec = the(PDB, web)["spec"]
    return {name: spec[name] for name in ("minAvailable", "maxUnavailable") if name in spec}


@pytest.mark.parametrize(
    ("given", "replicas", "expected"),
    [
        (None, 2, ONE),
        ({"minAvailable": 1}, 2, {"minAvailable": 1}),
        ({"minAvailable": 2}, 2, ONE),
        ({"minAvailable": 5}, 2, ONE),
        ({"minAvailable": "50%"}, 2, {"minAvailable": "50%"}),
        ({"minAvailable": "51%"}, 2, ONE),
        ({"minAvailable": "100%"}, 9, ONE),
        ({"maxUnavailable": 0}, 2, ONE),
        ({"maxUnavailable": "0%"}, 2, ONE),
        ({"maxUnavailable": "1%"}, 2, {"maxUnavailable": "1%"}),
        ({"maxUnavailable": 2}, 2, {"maxUnavailable": 2}),
    ],
)
def test_a_budget_always_lets_one_pod_go(given: Any, replicas: int, expected: Any) -> None:
    assert bound(given, replicas=replicas) == expected


def test_a_budget_is_held_against_the_fewest_pods_that_there_may_be() -> None:
    scaled = {"autoscaling": {"minReplicas": 2, "maxReplicas": 9}, "replicas": 9}

    assert bound({"minAvailable": 3}, **scaled) == ONE


@pytest.mark.parametrize(
    "given",
    [
        {"replicas": 1},
        {"replicas": 0},
        {"replicas": 5, "autoscaling": {"maxReplicas": 1}},
        {"kind": "DaemonSet"},
        {"kind": "Job"},
    ],
)
def test_a_single_pod_has_no_budget(given: Any) -> None:
    assert (
        of_kind(PDB, component(**given), defaults={"disruptionBudget": {"minAvailable": 1}}) == {}
    )


@pytest.mark.parametrize("given", [None, {"minAvailable": 1}, {"minAvailable": "50%"}])
def test_what_an_autoscaler_may_make_more_of_goes_one_at_a_time(given: Any) -> None:
    assert bound(given, autoscaling={"maxReplicas": 10}) == ONE


def told(given: Any, **more: Any) -> list[str]:
    made = not_honoured(application(component(disruptionBudget=given, **more)), facts())
    assert {one.knob for one in made} <= {"disruptionBudget"}
    return [one.reason for one in made]


@pytest.mark.parametrize(
    ("given", "more", "why"),
    [
        ({"minAvailable": 1}, {"replicas": 1}, "a single pod has none"),
        ({"maxUnavailable": 1}, {}, "a single pod has none"),
        ({"minAvailable": 2}, {"replicas": 2}, "of 2 pods it would let none go"),
        ({"minAvailable": 1}, {"autoscaling": {"maxReplicas": 9}}, "of 1 pods it would let none"),
        ({"minAvailable": 1}, {"kind": "DaemonSet"}, "a DaemonSet has none"),
    ],
)
def test_a_budget_that_is_not_what_was_asked_for_is_told(given: Any, more: Any, why: str) -> None:
    (reason,) = told(given, **more)
    assert why in reason


@pytest.mark.parametrize(
    ("given", "more"),
    [
        ({"minAvailable": "50%"}, {"replicas": 2}),
        ({"maxUnavailable": 1}, {"autoscaling": {"maxReplicas": 9}}),
        ({"minAvailable": 1}, {"replicas": 0}),
    ],
)
def test_a_budget_that_is_what_was_asked_for_is_not_told(given: Any, more: Any) -> None:
    assert told(given, **more) == []


def test_pods_that_do_not_become_ready_may_always_go() -> None:
    assert the(PDB, component(replicas=2))["spec"]["unhealthyPodEvictionPolicy"] == "AlwaysAllow"
