"""What the operator writes of a status that the meter writes to as well."""

from tenantry.cluster.status_patch import status_patch


def test_a_status_that_is_not_there_is_written_as_a_whole() -> None:
    status = {"phase": "Active", "cost": {"currency": "EUR"}}

    assert status_patch({}, status) == [{"op": "add", "path": "/status", "value": status}]


def test_what_is_new_is_written_and_what_is_the_same_is_not() -> None:
    before = {"observedGeneration": 1, "phase": "Active"}

    assert status_patch(before, {"observedGeneration": 2, "phase": "Active", "namespaces": []}) == [
        {"op": "add", "path": "/status/namespaces", "value": []},
        {"op": "add", "path": "/status/observedGeneration", "value": 2},
    ]


def test_what_is_to_go_is_pruned_whether_it_is_there_or_not() -> None:
    before = {"phase": "Active", "reason": "Suspended"}

    assert status_patch(before, {"phase": "Active"}) == [
        {"op": "add", "path": "/status/reason", "value": None}
    ]


def test_what_the_meter_tells_is_left_to_the_meter() -> None:
    before = {"phase": "Active", "cost": {"monthToDate": "2.00"}}

    assert status_patch(before, {"phase": "Active"}) == []
    assert status_patch(before, {"phase": "Active", "cost": {"monthToDate": "1.00"}}) == []
