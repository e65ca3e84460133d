"""Pure: how far a workload is, and what keeps it, by the rules of kstatus.

See https://github.com/kubernetes-sigs/cli-utils/blob/master/pkg/kstatus/README.md. Its rules are
for one object; what the pods and their controllers say is added here, for a reason is to name the
cause, and not that something is late.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final, Literal

from tenantry.api.base import Manifest
from tenantry.api.times import moment
from tenantry.refused_pods import Cause, cause_of
from tenantry.symptoms import WEAK

Phase = Literal["Current", "InProgress", "Failed"]

_ORDER: Final = (
    "ImagePullBackOff",
    "InvalidImageName",
    "CreateContainerConfigError",
    "CreateContainerError",
    "CrashLoopBackOff",
    "ContainerFailed",
    "Unschedulable",
    "ProbeFailing",
)
"""Of several causes, the one that is told: what cannot heal by itself first."""


@dataclass(frozen=True, slots=True)
class Health:
    """A workload's state.

    Attributes:
        desired: pods that there should be; of a Job, completions.
        ready: pods that are ready; of a Job, those that succeeded.
        updated: pods that are as the spec says now.
        available: pods that have been ready for long enough to count.
        settled: pods, at the least, that are both available and as the spec says now.
        phase: whether it is as it should be, on its way, or kept from it.
        image: that its pods have or are about to have; empty if nobody looked.
        fails_at: when pods that run and are not ready will have been so for too long; None if there
            are none.
        scaling: why its autoscaler does nothing; None where nothing is known of that.
        is_leaving: whether the spec lists it no longer: then it is told of, and decides nothing.
    """

    desired: int = 0
    ready: int = 0
    updated: int = 0
    available: int = 0
    phase: Phase = "InProgress"
    reason: str = ""
    message: str = ""
    image: str = ""
    fails_at: datetime | None = None
    scaling: Cause | None = None
    settled: int = 0
    is_leaving: bool = False

    @property
    def is_current(self) -> bool:
        """Whether it is as it should be."""
        return self.phase == "Current"


MISSING: Final = Health(reason="NotCreated", message="the workload is not there yet")


_PROGRESS_SECONDS: Final = 600
"""For how long a pod may run without being ready where the workload does not say: the default of a
Deployment's ``progressDeadlineSeconds``."""


def health_of(
    kind: str,
    body: Manifest,
    status: Manifest,
    symptoms: Iterable[Manifest],
    refusal: Cause | None = None,
    now: datetime | None = None,
) -> Health:
    """The state of a workload.

    Args:
        kind: Deployment, StatefulSet, DaemonSet, Job or CronJob.
        body: metadata and spec.
        status: as it was observed.
        symptoms: of its pods.
        refusal: why it could not have pods, when that was said last.
        now: the time, with its zone; None if nobody has waited.
    """
    generation = body["metadata"].get("generation", 0)
    is_known = kind in {"Job", "CronJob"} or status.get("observedGeneration", 0) >= generation
    spec = body.get("spec", {})
    health = _BY_KIND[kind](spec, status)
    if not is_known:
        return replace(health, phase="InProgress", reason="Waiting", message=_UNSEEN)
    if health.is_current:
        return health
    ailing, mild = _sorted(kind, health, symptoms)
    refusal = refusal if lacks_pods(kind, body, status) else None
    found = _cause(_conditions(status), ailing, mild, refusal)
    if found is not None:
        return replace(health, phase="Failed", reason=found.reason, message=found.message)
    return _waiting(health, mild, spec, now)


def lacks_pods(kind: str, body: Manifest, status: Manifest) -> bool:
    """Whether a workload's controller has yet to make pods: else those it could not make are past.

    A StatefulSet's makes none before all that there are are ready.
    """
    spec, count = body.get("spec", {}), status.get
    match kind:
        case "Job":
            at_once = spec.get("parallelism", 1)
            left = (spec.get("completions") or at_once) - count("succeeded", 0)
            return bool(count("active", 0) < min(at_once, left))
        case "CronJob":
            return not count("active", 0)
        case "StatefulSet":
            there = count("replicas", 0)
            return bool(there < spec.get("replicas", 1) and count("readyReplicas", 0) >= there)
        case "DaemonSet":
            return bool(count("currentNumberScheduled", 0) < count("desiredNumberScheduled", 0))
        case _:
            return True


def _sorted(
    kind: str, health: Health, symptoms: Iterable[Manifest]
) -> tuple[list[Manifest], list[Manifest]]:
    """Symptoms that are causes, and those that are no more than worth telling.

    A Job that goes on makes other pods for those that have failed, and readiness is none of its.
    """
    found = [one for one in symptoms if one]
    if kind != "Job":
        return [o for o in found if o["reason"] != WEAK], [o for o in found if o["reason"] == WEAK]
    found = [one for one in found if one["reason"] != WEAK]
    if health.phase == "Failed":
        return found, []
    return [o for o in found if not o.get("isOver")], [o for o in found if o.get("isOver")]


def _waiting(health: Health, mild: list[Manifest], spec: Manifest, now: datetime | None) -> Health:
    """With what it waits for; and when that has taken too long, or will have."""
    if not mild or health.phase == "Failed":
        return health
    told = min(one["message"] for one in mild)
    health = replace(health, message=f"{health.message}: {told}")
    began = [began for one in mild if (began := _moment(one.get("since", "")))]
    if now is None or not began:
        return health
    patience = timedelta(seconds=spec.get("progressDeadlineSeconds", _PROGRESS_SECONDS))
    if now >= (fails_at := min(began) + patience):
        message = f"{told}, since {min(began):%Y-%m-%dT%H:%M:%SZ}"
        return replace(health, phase="Failed", reason="ProbeFailing", message=message)
    return replace(health, fails_at=fails_at)


def _moment(timestamp: str) -> datetime | None:
    """When a time of a pod's status is; None if that cannot be read."""
    try:
        read = moment(timestamp)
    except ValueError:
        return None
    return read.astimezone(UTC) if read.tzinfo else None


_UNSEEN: Final = "its controller has not looked at it yet"


def _cause(
    conditions: Mapping[str, Manifest],
    ailing: list[Manifest],
    mild: list[Manifest],
    refusal: Cause | None,
) -> Cause | None:
    failure = conditions.get("ReplicaFailure", {})
    if failure.get("status") == "True":
        return cause_of(failure.get("message", ""))
    if ailing:
        worst = min(ailing, key=_severity)
        return Cause(worst["reason"], worst["message"])
    if refusal:
        return refusal
    progressing = conditions.get("Progressing", {})
    if progressing.get("reason") == "ProgressDeadlineExceeded":
        if mild:
            return Cause("ProbeFailing", min(one["message"] for one in mild))
        return Cause("ProgressDeadlineExceeded", progressing.get("message", ""))
    return None


def _severity(symptom: Manifest) -> tuple[int, str, str]:
    reason, message = symptom["reason"], symptom["message"]
    return _ORDER.index(reason) if reason in _ORDER else len(_ORDER), reason, message


def _conditions(status: Manifest) -> dict[str, Manifest]:
    return {one["type"]: one for one in status.get("conditions", ())}


def _deployment(spec: Manifest, status: Manifest) -> Health:
    desired, updated = spec.get("replicas", 1), status.get("updatedReplicas", 0)
    ready, available = status.get("readyReplicas", 0), status.get("availableReplicas", 0)
    there = status.get("replicas", 0)
    settled = max(0, available - (there - updated))
    health = Health(desired, ready, updated, available, settled=settled)
    if updated < desired:
        return replace(health, reason="Updating", message=f"{updated} of {desired} pods updated")
    if there > updated:
        old = there - updated
        return replace(health, reason="Updating", message=f"{old} pods of before are still there")
    if available < desired or ready < desired:
        return replace(health, reason="Starting", message=f"{ready} of {desired} pods are ready")
    return replace(health, phase="Current")


def _stateful_set(spec: Manifest, status: Manifest) -> Health:
    desired, ready = spec.get("replicas", 1), status.get("readyReplicas", 0)
    # An update that is complete leaves no count of updated pods behind in every release.
    is_updated = status.get("currentRevision") == status.get("updateRevision")
    updated = status.get("replicas", 0) if is_updated else status.get("updatedReplicas", 0)
    counts: Mapping[str, int] = status
    available = counts.get("availableReplicas", ready)
    settled = max(0, available - (status.get("replicas", 0) - updated))
    health = Health(desired, ready, min(updated, desired), available, settled=settled)
    if ready < desired or status.get("replicas", 0) != desired:
        return replace(health, reason="Starting", message=f"{ready} of {desired} pods are ready")
    update = spec.get("updateStrategy", {})
    kept = update.get("rollingUpdate", {}).get("partition", 0)
    if update.get("type") != "OnDelete" and updated < desired - kept:
        return replace(health, reason="Updating", message=f"{updated} of {desired} pods updated")
    return replace(health, phase="Current")


def _daemon_set(_: Manifest, status: Manifest) -> Health:
    desired, updated = (
        status.get("desiredNumberScheduled", 0),
        status.get("updatedNumberScheduled", 0),
    )
    ready, available = status.get("numberReady", 0), status.get("numberAvailable", 0)
    health = Health(desired, ready, updated, available)
    if updated < desired:
        return replace(health, reason="Updating", message=f"{updated} of {desired} pods updated")
    if available < desired or ready < desired:
        return replace(health, reason="Starting", message=f"{ready} of {desired} pods are ready")
    return replace(health, phase="Current")


def _job(spec: Manifest, status: Manifest) -> Health:
    desired, succeeded = spec.get("completions") or 1, status.get("succeeded", 0)
    conditions = _conditions(status)
    health = Health(desired, succeeded, desired, succeeded)
    if conditions.get("Complete", {}).get("status") == "True":
        return replace(health, ready=max(succeeded, desired), available=desired, phase="Current")
    failed = conditions.get("Failed", {})
    if failed.get("status") == "True":
        reason, message = failed.get("reason", "JobFailed"), failed.get("message", "")
        return replace(health, phase="Failed", reason=reason, message=message)
    if spec.get("suspend"):
        return replace(health, phase="Current", reason="Suspended", message="the Job is suspended")
    message = f"{succeeded} of {desired} runs succeeded"
    if tried := status.get("failed", 0):
        message += f", after {tried} that failed"
    return replace(health, reason="Running", message=message)


def _cron_job(spec: Manifest, _: Manifest) -> Health:
    if spec.get("suspend"):
        return Health(phase="Current", reason="Suspended", message="no run starts: job.suspend")
    return Health(phase="Current")


_BY_KIND: Final[Mapping[str, Callable[[Manifest, Manifest], Health]]] = {
    "Deployment": _deployment,
    "StatefulSet": _stateful_set,
    "DaemonSet": _daemon_set,
    "Job": _job,
    "CronJob": _cron_job,
}
