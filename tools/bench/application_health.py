"""How soon an Application's status tells that a pod of it is ill.

A pod's status is patched as a kubelet would: its container waits, in a loop of crashes, and is not
ready. Between that and the Application's status are the ReplicaSet and the Deployment controllers,
which count the pod out, and the operator.
"""

from __future__ import annotations

import time
from statistics import median
from typing import TYPE_CHECKING, Any, Final

import orjson

from bench.api import Write
from bench.application_observer import is_ready
from bench.result import Bench, Measure, Result

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.application_site import Side
    from bench.testbed import Testbed

COMPONENT: Final = "details"
ILL: Final = "CrashLoopBackOff"
MERGE: Final = "application/merge-patch+json"
TARGET: Final = 500
"""Milliseconds, at the median: about as long as a person takes for now."""
MOST: Final = 1000


async def measure(bench: Bench, side: Side, names: Sequence[str]) -> Result:
    """Let one pod after the other fall ill, and recover.

    Args:
        bench: says how many.
        side: where the operator is.
        names: of Applications whose pods run, namespace and name with a slash.
    """
    times = []
    for number in range(bench.scale.ailments):
        bench.say(f"a pod falls ill, {number + 1} of {bench.scale.ailments}")
        name = names[number % len(names)]
        await side.seen.until(name, is_ready)
        times.append(await _told_in(side, name))
    return _result([1000 * one for one in times])


async def _told_in(side: Side, name: str) -> float:
    """Seconds from when a pod's status is sent until the Application's tells of it."""
    pod = await _pod(side.bed, name.partition("/")[0])
    was = {field: pod["status"][field] for field in ("conditions", "containerStatuses")}
    began = time.monotonic()
    await _set_status(side.bed, pod, _ill(was))
    told = await side.seen.until(name, _tells)
    await _set_status(side.bed, pod, was)
    return told - began


async def _pod(bed: Testbed, namespace: str) -> dict[str, Any]:
    path = f"/api/v1/namespaces/{namespace}/pods?labelSelector=app%3D{COMPONENT}"
    pod: dict[str, Any] = (await bed.admin.get(path))["items"][0]
    return pod


async def _set_status(bed: Testbed, pod: dict[str, Any], status: dict[str, Any]) -> None:
    metadata = pod["metadata"]
    path = f"/api/v1/namespaces/{metadata['namespace']}/pods/{metadata['name']}/status"
    await bed.admin.send(Write("PATCH", path, MERGE, orjson.dumps({"status": status})))


def _ill(status: dict[str, Any]) -> dict[str, Any]:
    """A pod's status as a kubelet writes it when its container ends again and again."""
    down = {"status": "False", "reason": "ContainersNotReady"}
    broken = {
        "ready": False,
        "started": False,
        "restartCount": 5,
        "state": {"waiting": {"reason": ILL}},
        "lastState": {"terminated": {"exitCode": 3, "reason": "Error"}},
    }
    return {
        "conditions": [
            one | (down if one["type"] in {"Ready", "ContainersReady"} else {})
            for one in status["conditions"]
        ],
        "containerStatuses": [one | broken for one in status["containerStatuses"]],
    }


def _tells(status: dict[str, Any]) -> bool:
    """Whether an Application's status names the cause at the component."""
    return any(
        one["name"] == COMPONENT and one.get("reason") == ILL
        for one in status.get("components", ())
    )


def _result(times: list[float]) -> Result:
    typical = Measure(
        name="applications-health",
        title="A pod falls ill: told by its Application's status, median",
        value=median(times),
        unit="ms",
        target=TARGET,
        sense="at most",
        low=min(times),
        high=max(times),
    )
    most = Measure(
        name="applications-health-most",
        title="The same, at most",
        value=max(times),
        unit="ms",
        target=MOST,
        sense="at most",
        detail=f"{len(times)} times",
    )
    return Result([typical, most], {"applications health": times})
