"""Pure: the state of an Application's workloads, from what was observed of them and their pods."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Final

from tenantry.api.application import Application
from tenantry.api.base import Manifest
from tenantry.api.names import COMPONENT_LABEL
from tenantry.component_health import Health, health_of
from tenantry.observed import Key, Observed
from tenantry.refused_pods import RefusedPods

WORKLOADS: Final = frozenset({"Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob"})
_VERSION: Final = "version"


def workloads_of(
    observed: Mapping[Key, Observed],
    refused: RefusedPods,
    uid: str = "",
    listed: Mapping[tuple[str, str], str] | None = None,
) -> dict[tuple[str, str], Health]:
    """The state of each workload, by component and version.

    Args:
        observed: all that an Application was made into, and its pods.
        refused: what was said of pods that could not be made; of a workload that is as it should be
            it is forgotten.
        uid: of the Application. What belonged to one of the same name before says nothing: the
            garbage collector has yet to come, or it is about to be handed over.
        listed: kinds of workloads, by component and version; what is not so is on its way out.
    """
    symptoms = _symptoms(observed)
    found: dict[tuple[str, str], Health] = {}
    for key, seen in observed.items():
        if key[0] not in WORKLOADS or seen.is_being_deleted or not _is_of(seen, uid):
            continue
        place, image = _place(seen), _image(seen.body)
        if listed is not None and listed.get(place) != key[0]:
            continue
        own = _of_image(symptoms.get(place, ()), image)
        said = refused.of(key[1], key[0], key[2])
        health = health_of(key[0], seen.body, seen.status, own, said)
        if health.is_current:
            refused.forget(key[1], key[0], key[2])
        found[place] = replace(health, image=image)
    return found


def listed_in(application: Application) -> dict[tuple[str, str], str]:
    """The kinds of an Application's workloads, by component and version."""
    return {
        (one.name, each.name): one.kind
        for one in application.spec.components
        for each in one.all_versions
    }


def _is_of(seen: Observed, uid: str) -> bool:
    owners: list[Manifest] = seen.body["metadata"].get("ownerReferences", [])
    return not uid or not owners or uid in [one["uid"] for one in owners]


def _image(body: Manifest) -> str:
    """Of the container that is the component: the first of the pod template's."""
    spec = body.get("spec", {})
    spec = spec.get("jobTemplate", {}).get("spec", spec)
    containers = spec.get("template", {}).get("spec", {}).get("containers", ())
    return str(containers[0].get("image", "")) if containers else ""


def _of_image(symptoms: Iterable[Manifest], image: str) -> Iterator[Manifest]:
    """What ails pods of an image, and not those of before, which are on their way out.

    Clusters have admission that pulls from a mirror or pins digests, so only the end of the name
    and the tag are compared; a pod of which no images are known is one of them.
    """
    for one in symptoms:
        images = one.get("images", ())
        if not images or any(_is_same(image, its) for its in images):
            yield one


def _is_same(image: str, other: str) -> bool:
    name, _, digest = image.rpartition("/")[2].partition("@")
    its_name, _, its_digest = other.rpartition("/")[2].partition("@")
    return name == its_name and (not digest or not its_digest or digest == its_digest)


def _symptoms(observed: Mapping[Key, Observed]) -> dict[tuple[str, str], list[Manifest]]:
    found: dict[tuple[str, str], list[Manifest]] = defaultdict(list)
    for (kind, _, _), seen in observed.items():
        if kind == "Pod" and seen.status:
            found[_place(seen)].append(seen.status)
    return found


def _place(seen: Observed) -> tuple[str, str]:
    labels = seen.labels
    return labels.get(COMPONENT_LABEL, labels.get("app", "")), labels.get(_VERSION, "")
