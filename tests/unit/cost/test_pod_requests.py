"""What a pod takes of a node, by the scheduler's rule."""

from decimal import Decimal
from typing import Any

from tenantry.api.base import Manifest
from tenantry.cost.pod_requests import requests_of


def container(name: str, cpu: str = "", **more: Any) -> Manifest:
    requests = {"cpu": cpu} if cpu else {}
    return {"name": name, "resources": {"requests": requests}, **more}


def cores(spec: Manifest, status: Manifest | None = None) -> str:
    taken = dict(requests_of({"spec": spec, "status": status or {}}))
    return str(taken.get("cpu", Decimal()))


def test_containers_add_up_and_overhead_is_added() -> None:
    spec = {"containers": [container("a", "250m"), container("b", "1")], "overhead": {"cpu": "5m"}}

    assert cores(spec) == "1.255"


def test_a_pod_that_requests_nothing_takes_nothing() -> None:
    assert requests_of({"spec": {"containers": [container("a"), {"name": "b"}]}}) == ()


def test_init_containers_count_by_the_largest_if_that_is_more() -> None:
    inits = [container("i", "2"), container("j", "3")]

    assert cores({"containers": [container("a", "1")], "initContainers": inits}) == "3"
    assert cores({"containers": [container("a", "4")], "initContainers": inits}) == "4"


def test_sidecars_count_beside_the_containers_and_beside_what_is_initialized_after_them() -> None:
    # KEP-753: max(2 + 1, 0.5 + 1 (sidecar), 3 + 1 (initialized beside the sidecar)) = 4
    sidecar = container("s", "1", restartPolicy="Always")
    inits = [container("i", "500m"), sidecar, container("j", "3")]

    assert cores({"containers": [container("a", "2")], "initContainers": inits}) == "4"


def test_a_pod_keeps_what_it_had_until_its_kubelet_has_made_it_smaller() -> None:
    spec = {"containers": [container("a", "1")]}
    before = {
        "name": "a",
        "allocatedResources": {"cpu": "2"},
        "resources": {"requests": {"cpu": "2"}},
    }
    after = {
        "name": "a",
        "allocatedResources": {"cpu": "1"},
        "resources": {"requests": {"cpu": "1"}},
    }

    assert cores(spec, {"containerStatuses": [before]}) == "2"
    assert cores(spec, {"containerStatuses": [after]}) == "1"


def test_a_pod_takes_more_as_soon_as_it_asks_for_more_unless_that_cannot_be() -> None:
    spec = {"containers": [container("a", "8")]}
    status: Manifest = {
        "containerStatuses": [
            {
                "name": "a",
                "allocatedResources": {"cpu": "2"},
                "resources": {"requests": {"cpu": "2"}},
            }
        ]
    }
    pending = {"type": "PodResizePending", "status": "True", "reason": "Infeasible"}

    assert cores(spec, status) == "8"
    assert cores(spec, status | {"conditions": [pending]}) == "2"


def test_what_the_pod_itself_requests_goes_before_its_containers() -> None:
    spec = {
        "containers": [container("a", "1")],
        "resources": {"requests": {"cpu": "3"}},
        "overhead": {"cpu": "100m"},
    }

    assert cores(spec) == "3.100"


def test_devices_are_taken_by_their_names() -> None:
    gpu = {"name": "a", "resources": {"requests": {"nvidia.com/gpu": "2", "memory": "1Gi"}}}

    assert requests_of({"spec": {"containers": [gpu]}}) == (
        ("memory", Decimal(2**30)),
        ("nvidia.com/gpu", Decimal(2)),
    )
