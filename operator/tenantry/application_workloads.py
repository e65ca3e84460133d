"""Pure: the state of an Application's workloads, from what was observed of them and their pods."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from tenantry.api.application import Application
from tenantry.api.base import Manifest
from tenantry.api.names import COMPONENT_LABEL
from tenantry.component_health import Health, health_of, lacks_pods
from tenantry.observed import Key, Observed
from tenantry.refused_pods import REFUSALS, Cause, RefusedPods
from tenantry.symptoms import WEAK

WORKLOADS: Final = frozenset({"Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob"})
READ: Final = (*sorted(WORKLOADS), "Pod", "HorizontalPodAutoscaler")
"""Kinds of what tells the state of workloads."""
UPDATE_BLOCKED: Final = "UpdateBlocked"
"""The reason where a StatefulSet waits for a pod that it will not replace."""
_VERSION: Final = "version"
_REVISION: Final = "controller-revision-hash"
_JOB: Final = "batch.kubernetes.io/job-name"

Place = tuple[str, str]
"""Component and version."""


@dataclass(frozen=True, slots=True)
class _Look:
    """What is known of an Application's workloads and pods, at one time."""

    observed: Mapping[Key, Observed]
    pods: Mapping[Place, list[Observed]]
    refused: RefusedPods
    remembered: Mapping[Place, Cause]
    now: datetime | None


def workloads_of(
    observed: Mapping[Key, Observed],
    refused: RefusedPods,
    uid: str = "",
    remembered: Mapping[Place, Cause] | None = None,
    now: datetime | None = None,
    listed: Mapping[Place, str] | None = None,
) -> dict[Place, Health]:
    """The state of each workload, by component and version.

    Args:
        observed: all that an Application was made into, and its pods.
        refused: what was said of pods that could not be made; of a workload that lacks none it is
            forgotten.
        uid: of the Application. What belonged to one of the same name before says nothing: the
            garbage collector has yet to come, or it is about to be handed over.
        remembered: what was told last of pods that could not be made, where nothing is known of it.
        now: the time, with its zone; None if nobody has waited for pods.
        listed: kinds of workloads, by component and version, as the spec has them. One of another
            kind in such a place is on its way out, and says nothing of it.
    """
    look = _Look(observed, _pods(observed), refused, remembered or {}, now)
    scalers = dict(_scaling(observed))
    found: dict[Place, Health] = {}
    for key, seen in observed.items():
        if key[0] not in WORKLOADS or seen.is_being_deleted or not _is_of(seen, uid):
            continue
        place = _place(seen)
        if listed is not None and listed.get(place, key[0]) != key[0]:
            continue
        health = replace(_health(look, key, seen), image=_image(seen.body))
        is_leaving = listed is not None and place not in listed
        scaling = scalers.get((key[0], key[2]))
        found[place] = replace(health, scaling=scaling, is_leaving=is_leaving)
    return found


def listed_in(application: Application) -> dict[Place, str]:
    """The kinds of an Application's workloads, by component and version."""
    return {
        (one.name, each.name): one.kind
        for one in application.spec.components
        for each in one.all_versions
    }


def remembered_of(application: Application) -> dict[Place, Cause]:
    """What its status says of pods that could not be made.

    Their controllers tell it seldom, and a process that has just begun has not heard of it. Of a
    spec that has changed since it says nothing, nor of a Deployment, which tells it itself.
    """
    status = application.status
    if status.observed_generation != application.metadata.generation:
        return {}
    return {
        (component.name, one.name): Cause(one.reason, one.message)
        for component in status.components
        for one in component.versions
        if component.kind in {"StatefulSet", "DaemonSet", "Job"} and one.reason in REFUSALS
    }


def _health(look: _Look, key: Key, seen: Observed) -> Health:
    kind, namespace, name = key
    said = look.refused.of(namespace, kind, name) or look.remembered.get(_place(seen))
    if said and not lacks_pods(kind, seen.body, seen.status):
        look.refused.forget(namespace, kind, name)
        said = None
    symptoms = _symptoms(look, kind, seen)
    health = health_of(kind, seen.body, seen.status, symptoms, said, look.now)
    if kind == "CronJob":
        return _after_its_runs(health, seen.status, _last_run(look, seen), said)
    if health.is_current:
        look.refused.forget(namespace, kind, name)
    return health


def _after_its_runs(
    health: Health, status: Manifest, run: tuple[str, Health] | None, refusal: Cause | None
) -> Health:
    """The state of a CronJob by its last run: as it should be unless that failed.

    Args:
        health: of the CronJob itself.
        status: as it was observed.
        run: name and state of the Job that it made last, if that is still there.
        refusal: why it could not make a Job, when that was said last.
    """
    if health.reason == "Suspended":
        return health
    is_running = bool(status.get("active"))
    if refusal and not is_running:
        return replace(health, phase="Failed", reason=refusal.reason, message=refusal.message)
    if run is not None:
        name, ran = run
        message = f"its last run, {name}: {ran.message}"
        is_ill = ran.phase == "Failed"
        return (
            replace(health, phase="Failed", reason=ran.reason, message=message)
            if is_ill
            else health
        )
    at = status.get("lastScheduleTime", "")
    if not is_running and at > status.get("lastSuccessfulTime", ""):
        message = f"its last run, of {at}, did not succeed"
        return replace(health, phase="Failed", reason="JobFailed", message=message)
    return health


def _last_run(look: _Look, cron_job: Observed) -> tuple[str, Health] | None:
    """Name and state of the Job that a CronJob made last, if there is one."""
    made = [
        (seen.created_at, key)
        for key, seen in look.observed.items()
        if key[0] == "Job" and cron_job.uid in _owners(seen)
    ]
    if not made:
        return None
    _, key = max(made)
    return key[2], _health(look, key, look.observed[key])


def _symptoms(look: _Look, kind: str, workload: Observed) -> Iterator[Manifest]:
    """What ails the pods of a workload."""
    pods, image = look.pods.get(_place(workload), ()), _image(workload.body)
    name = workload.body["metadata"]["name"]
    for pod in pods:
        if kind == "StatefulSet":
            yield _of_revision(pod, workload.status.get("updateRevision", ""))
        elif kind == "Job":
            if pod.labels.get(_JOB) in {None, name}:
                yield pod.status
        elif _is_of_image(pod.status, image):
            yield pod.status


def _of_revision(pod: Observed, revision: str) -> Manifest:
    """What ails a StatefulSet's pod; it is in the update's way if it is one of before.

    The controller waits for each pod to be ready before it replaces any, those that never will be
    among them: https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#forced-rollback.
    """
    its, symptom = pod.labels.get(_REVISION), pod.status
    if not its or not revision or its == revision:
        return symptom
    name, reason = pod.body["metadata"]["name"], symptom["reason"]
    message = (
        f"pod {name} is still as it was before and not ready ({reason}: {symptom['message']}); a "
        f"StatefulSet does not replace it: delete the pod"
    )
    return symptom | {"reason": WEAK if reason == WEAK else UPDATE_BLOCKED, "message": message}


def _scaling(observed: Mapping[Key, Observed]) -> Iterator[tuple[tuple[str, str], Cause]]:
    """Why an autoscaler does nothing, by the kind and the name of what it scales."""
    for (kind, _, _), seen in observed.items():
        if kind == "HorizontalPodAutoscaler" and not seen.is_being_deleted:
            target = seen.body["spec"]["scaleTargetRef"]
            for one in seen.status.get("conditions", ()):
                yield (target["kind"], target["name"]), Cause(one["reason"], one["message"])


def _is_of(seen: Observed, uid: str) -> bool:
    """Whether it is an Application's own, and not a Job that its CronJob has made."""
    owners: list[Manifest] = seen.body["metadata"].get("ownerReferences", [])
    if any(one["kind"] == "CronJob" for one in owners):
        return False
    return not uid or not owners or uid in _owners(seen)


def _owners(seen: Observed) -> list[str]:
    return [one["uid"] for one in seen.body["metadata"].get("ownerReferences", ())]


def _image(body: Manifest) -> str:
    """Of the container that is the component: the first of the pod template's."""
    spec = body.get("spec", {})
    spec = spec.get("jobTemplate", {}).get("spec", spec)
    containers = spec.get("template", {}).get("spec", {}).get("containers", ())
    return str(containers[0].get("image", "")) if containers else ""


def _is_of_image(symptom: Manifest, image: str) -> bool:
    """Whether a pod is of an image, and not one of before, which is on its way out.

    Clusters have admission that pulls from a mirror or pins digests, so only the end of the name
    and the tag are compared; a pod of which no images are known is one of them.
    """
    images = symptom.get("images", ())
    return not images or any(_is_same(image, its) for its in images)


def _is_same(image: str, other: str) -> bool:
    name, _, digest = image.rpartition("/")[2].partition("@")
    its_name, _, its_digest = other.rpartition("/")[2].partition("@")
    return name == its_name and (not digest or not its_digest or digest == its_digest)


def _pods(observed: Mapping[Key, Observed]) -> dict[Place, list[Observed]]:
    """Pods that something ails."""
    found: dict[Place, list[Observed]] = defaultdict(list)
    for (kind, _, _), seen in observed.items():
        if kind == "Pod" and seen.status:
            found[_place(seen)].append(seen)
    return found


def _place(seen: Observed) -> Place:
    labels = seen.labels
    return labels.get(COMPONENT_LABEL, labels.get("app", "")), labels.get(_VERSION, "")
