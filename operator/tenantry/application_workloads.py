"""Pure: the state of an Application's workloads, from what was observed of them and their pods."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Final

from tenantry.api.base import Manifest
from tenantry.api.names import COMPONENT_LABEL
from tenantry.component_health import Health, health_of
from tenantry.observed import Key, Observed
from tenantry.refused_pods import RefusedPods

WORKLOADS: Final = frozenset({"Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob"})
_VERSION: Final = "version"


def workloads_of(
    observed: Mapping[Key, Observed], refused: RefusedPods
) -> dict[tuple[str, str], Health]:
    """The state of each workload, by component and version.

    Args:
        observed: all that an Application was made into, and its pods.
        refused: what was said of pods that could not be made; of a workload that is as it should be
            it is forgotten.
    """
    symptoms = _symptoms(observed)
    found: dict[tuple[str, str], Health] = {}
    for key, seen in observed.items():
        if key[0] not in WORKLOADS or seen.is_being_deleted:
            continue
        place = _place(seen)
        health = health_of(
            key[0],
            seen.body,
            seen.status,
            symptoms.get(place, ()),
            refused.of(key[1], key[0], key[2]),
        )
        if health.is_current:
            refused.forget(key[1], key[0], key[2])
        found[place] = health
    return found


def _symptoms(observed: Mapping[Key, Observed]) -> dict[tuple[str, str], list[Manifest]]:
    found: dict[tuple[str, str], list[Manifest]] = defaultdict(list)
    for (kind, _, _), seen in observed.items():
        if kind == "Pod" and seen.status:
            found[_place(seen)].append(seen.status)
    return found


def _place(seen: Observed) -> tuple[str, str]:
    labels = seen.labels
    return labels.get(COMPONENT_LABEL, labels.get("app", "")), labels.get(_VERSION, "")
