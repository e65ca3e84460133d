from typing import Any

import pytest

from applications import component, of_kind, the

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
        {"replicas": 5, "autoscaling": {"maxReplicas": 9}},
        {"kind": "DaemonSet"},
        {"kind": "Job"},
    ],
)
def test_a_single_pod_has_no_budget(given: Any) -> None:
    assert (
        of_kind(PDB, component(**given), defaults={"disruptionBudget": {"minAvailable": 1}}) == {}
    )


def test_pods_that_do_not_become_ready_may_always_go() -> None:
    assert the(PDB, component(replicas=2))["spec"]["unhealthyPodEvictionPolicy"] == "AlwaysAllow"
