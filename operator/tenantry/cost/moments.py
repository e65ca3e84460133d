"""When it was: seconds since 1970, read from what the API says of an object.

Each is a time that the API server, the scheduler or a kubelet wrote down. Where none did, it is
None, and whoever asks knows no better than when the news came.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from tenantry.api.base import Manifest

_TERMINAL: Final = ("Succeeded", "Failed")
_STATUSES: Final = ("initContainerStatuses", "containerStatuses", "ephemeralContainerStatuses")


def seconds(timestamp: str) -> int:
    """A time of the API, such as ``2026-10-01T12:00:00Z``, in whole seconds since 1970.

    Raises:
        ValueError: it is no time.
    """
    return int(datetime.fromisoformat(timestamp).timestamp())


def created(metadata: Manifest) -> int:
    """When an object was made."""
    return seconds(metadata["creationTimestamp"])


def asked_to_go(metadata: Manifest) -> int | None:
    """When the deletion of an object was asked for: its deadline less the grace that was given."""
    deadline = metadata.get("deletionTimestamp")
    grace = int(metadata.get("deletionGracePeriodSeconds") or 0)
    return None if deadline is None else seconds(deadline) - grace


def deadline(metadata: Manifest) -> int | None:
    """When an object that is being deleted is expected to be gone."""
    found = metadata.get("deletionTimestamp")
    return None if found is None else seconds(found)


def scheduled(pod: Manifest) -> int | None:
    """When a pod got its place on a node; None as long as it waits for one.

    That is the PodScheduled condition's last transition. Whoever names the node in the spec, as a
    static pod's kubelet does, passes the scheduler by: then it is when the kubelet took the pod
    on, or when it was made.
    """
    if not pod["spec"].get("nodeName"):
        return None
    for one in pod.get("status", {}).get("conditions") or ():
        when = one.get("lastTransitionTime")
        if one["type"] == "PodScheduled" and one["status"] == "True" and when:
            return seconds(when)
    started = pod.get("status", {}).get("startTime")
    return seconds(started) if started else created(pod["metadata"])


def finished(pod: Manifest, heard: int) -> int | None:
    """When a pod gave its place back by ending; None while it has not.

    A pod counts on its node until its phase is Succeeded or Failed, whatever its containers do in
    between: restarts stop nothing. It is then that its last container ended. An evicted pod may
    have had none: then it is when it stopped being ready, or was heard of.
    """
    status = pod.get("status", {})
    if status.get("phase") not in _TERMINAL:
        return None
    ends = list(_terminations(status))
    if ends:
        return max(ends)
    changes = [
        seconds(one["lastTransitionTime"])
        for one in status.get("conditions") or ()
        if one["type"] in {"DisruptionTarget", "Ready"} and one.get("lastTransitionTime")
    ]
    return max(changes, default=heard)


def all_ended(pod: Manifest) -> int | None:
    """When the last container of a pod ended, if all have; its phase may not tell yet."""
    status = pod.get("status", {})
    if not status.get("containerStatuses"):
        return None
    running = [
        one
        for kind in _STATUSES[:2]
        for one in status.get(kind) or ()
        if "terminated" not in (one.get("state") or {})
    ]
    return None if running else max(_terminations(status), default=None)


def changed(metadata: Manifest, subresources: Iterable[str] = ()) -> int | None:
    """When an object was last written, by its ``managedFields``.

    Args:
        metadata: the object's.
        subresources: only writes through one of these count; any, if there are none.
    """
    wanted = set(subresources)
    times = [
        seconds(one["time"])
        for one in metadata.get("managedFields") or ()
        if one.get("time") and (not wanted or one.get("subresource", "") in wanted)
    ]
    return max(times, default=None)


def _terminations(status: Manifest) -> Iterable[int]:
    for kind in _STATUSES:
        for one in status.get(kind) or ():
            end = ((one.get("state") or {}).get("terminated") or {}).get("finishedAt")
            if end:
                yield seconds(end)
