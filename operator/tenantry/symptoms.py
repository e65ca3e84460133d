"""Pure: why a pod does not run, in one word and for a person.

Only that is kept of a pod, and which images it has: while a workload is updated, pods of before are
still there, whose troubles are not those of the new ones. What a kubelet says alternates while it
tries again (``ErrImagePull``, ``ImagePullBackOff``; running, waiting, terminated); here each cause
has one wording, so that trying again is no news. See https://kubernetes.io/docs/tasks/debug/debug-application/debug-pods/.
"""

from collections.abc import Iterator
from typing import Final

from tenantry.api.base import Manifest

WEAK: Final = "NotReady"
"""A container runs and is not ready yet: a symptom only when it lasts."""

_PULLING: Final = {"ImagePullBackOff", "ErrImagePull", "ImageInspectError", "RegistryUnavailable"}
_STARTING: Final = {"", "ContainerCreating", "PodInitializing"}
_RESTARTS: Final = 2
"""After so many, a container that is not ready is in a loop, even while it runs."""
_SIGKILL: Final = 137
_LENGTH: Final = 400


def symptom_of(pod: Manifest) -> Manifest:
    """Why a pod does not run; empty for one that runs, has succeeded, or is being started.

    With its images; ``since`` when a container has been running without being ready (RFC 3339);
    ``isOver`` where the pod has ended for good.
    """
    status = pod.get("status") or {}
    found = next(_symptoms(pod, status), None)
    if found is None:
        return {}
    reason, message = found
    images = [one["image"] for one in (pod.get("spec") or {}).get("containers", ())]
    made: Manifest = {"reason": reason, "message": message[:_LENGTH]}
    if reason == WEAK and (since := _running_since(status)):
        made["since"] = since
    if status.get("phase") == "Failed":
        made["isOver"] = True
    return made | ({"images": images} if images else {})


def _running_since(status: Manifest) -> str:
    """When the first of the containers that are not ready began to run; empty if nobody knows."""
    states = [
        one.get("state") or {}
        for one in status.get("containerStatuses", ())
        if not one.get("ready")
    ]
    return min(
        (one["running"].get("startedAt") or "" for one in states if one.get("running")), default=""
    )


def _symptoms(pod: Manifest, status: Manifest) -> Iterator[tuple[str, str]]:
    if status.get("phase") == "Succeeded" or pod["metadata"].get("deletionTimestamp"):
        return
    for condition in status.get("conditions", ()):
        if (condition["type"], condition.get("reason")) == ("PodScheduled", "Unschedulable"):
            yield "Unschedulable", condition.get("message", "")
    containers = [*status.get("initContainerStatuses", ()), *status.get("containerStatuses", ())]
    for container in containers:
        yield from _of_container(container)
    if status.get("phase") == "Failed":
        reason = status.get("reason", "")
        yield reason or "PodFailed", status.get("message", "") or "the pod has failed"
    for container in status.get("containerStatuses", ()):
        yield from _of_probes(container, status)


def _of_container(container: Manifest) -> Iterator[tuple[str, str]]:
    name, state = container["name"], container.get("state") or {}
    waiting = state.get("waiting") or {}
    reason, message = waiting.get("reason", ""), waiting.get("message", "")
    last = (container.get("lastState") or {}).get("terminated") or state.get("terminated") or {}
    is_crashing = container.get("restartCount", 0) >= _RESTARTS and last.get("exitCode")
    if reason in _PULLING:
        why = message.partition("ErrImagePull: ")[2] or message
        yield "ImagePullBackOff", f"container {name}: image {container.get('image', '')}: {why}"
    elif reason == "CrashLoopBackOff" or (is_crashing and not container.get("ready")):
        yield "CrashLoopBackOff", f"container {name} ends with {_exit(last)}"
    elif reason not in _STARTING:
        yield reason, f"container {name}: {message}"
    elif (ended := state.get("terminated") or {}).get("exitCode"):
        yield "ContainerFailed", f"container {name} ended with {_exit(ended)}"


def _exit(terminated: Manifest) -> str:
    code, reason = terminated.get("exitCode", "unknown"), terminated.get("reason", "")
    text = f"exit code {code}"
    if reason not in {"", "Error", "Completed"}:
        return f"{text} ({reason})"
    return f"{text} (killed: its liveness or startup probe may fail)" if code == _SIGKILL else text


def _of_probes(container: Manifest, status: Manifest) -> Iterator[tuple[str, str]]:
    """A container that runs and is not ready: never yet, or no more."""
    running = (container.get("state") or {}).get("running")
    if running is None or container.get("ready"):
        return
    name = container["name"]
    ready: Manifest = next(
        (one for one in status.get("conditions", ()) if one["type"] == "Ready"), {}
    )
    if ready.get("lastTransitionTime", "") > running.get("startedAt", ""):
        yield "ProbeFailing", f"container {name} runs, and fails its readiness probe"
    else:
        yield WEAK, f"container {name} runs, and its probes have not succeeded yet"
