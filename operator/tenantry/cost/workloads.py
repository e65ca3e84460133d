"""Whose pods they are: the workload at the top, and the application and component within it.

A ReplicaSet's pods are its Deployment's, a Job's those of the CronJob that made it. Both are told
from names that their controllers make, so that neither has to be watched: a Deployment's
ReplicaSet is called ``<deployment>-<pod-template-hash>`` (pkg/controller/deployment/sync.go), a
CronJob's Job ``<cronjob>-<minutes since 1970>`` (``getJobName`` in
pkg/controller/cronjob/cronjob_controllerv2.go).
"""

import re
from collections.abc import Mapping
from typing import Final

from tenantry.api.base import Manifest
from tenantry.api.names import APPLICATION_LABEL, COMPONENT_LABEL

_HASH_LABELS: Final = {"pod-template-hash": "Deployment", "rollouts-pod-template-hash": "Rollout"}
"""Labels of pods of ReplicaSets, and what made the ReplicaSet (the last is Argo Rollouts')."""
_SCHEDULED: Final = re.compile(r"(.+)-([0-9]{8})$")
_LONGEST: Final = 366 * 24 * 60
"""Minutes between a CronJob's schedule and a pod, beyond which a number in a Job's name is taken
for a part of its name."""

_APPLICATION: Final = (APPLICATION_LABEL, "app.kubernetes.io/part-of", "app.kubernetes.io/instance")
_COMPONENT: Final = (COMPONENT_LABEL, "app.kubernetes.io/component", "app.kubernetes.io/name")
"""Labels by which each is told, the first one that is there:
https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/"""


def workload_of(pod: Manifest, created: int) -> str:
    """The workload at the top, such as ``Deployment/web``; empty for a pod that nobody controls.

    A static pod is its node's, and one of each node has the same name but for the node's: it is
    ``Node/<name>``, by the owner that the kubelet gives to its mirror.

    Args:
        pod: its manifest.
        created: when it was made, in seconds.
    """
    metadata = pod["metadata"]
    owner = controller_of(metadata)
    if owner is None:
        return ""
    kind, name = owner["kind"], owner["name"]
    if kind == "ReplicaSet":
        for label, above in _HASH_LABELS.items():
            value = (metadata.get("labels") or {}).get(label)
            if value and name.endswith(f"-{value}"):
                return f"{above}/{name.removesuffix(f'-{value}')}"
    scheduled = _SCHEDULED.match(name) if kind == "Job" else None
    if scheduled and -1 <= created // 60 - int(scheduled[2]) <= _LONGEST:
        return f"CronJob/{scheduled[1]}"
    return f"{kind}/{name}"


def controller_of(metadata: Manifest) -> Manifest | None:
    """The owner that controls an object, or None."""
    owners = metadata.get("ownerReferences") or ()
    return next((one for one in owners if one.get("controller")), None)


def application_of(labels: Mapping[str, str]) -> tuple[str, str]:
    """Application and component, by Tenantry's labels or else by Kubernetes' recommended ones."""
    first = (next((labels[one] for one in names if labels.get(one)), "") for names in _ALL)
    application, component = first
    return application, component


_ALL: Final = (_APPLICATION, _COMPONENT)
