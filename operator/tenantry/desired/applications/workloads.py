"""The workload of each version: Deployment, StatefulSet or DaemonSet; ``jobs`` has those that end.

As the API server stores them, with the defaults of pkg/apis/apps/v1/defaults.go written out.
``replicas`` is left out where an autoscaler says it: whoever applied it would fight with that.
"""

from collections.abc import Callable, Mapping
from typing import Final

from tenantry.api import names
from tenantry.api.base import Manifest
from tenantry.api.components import Version
from tenantry.desired.applications.jobs import cron_job, job
from tenantry.desired.applications.labels import of_version, version_selector
from tenantry.desired.applications.naming import workload_name
from tenantry.desired.applications.parts import Part
from tenantry.desired.applications.pods import pod_template
from tenantry.desired.applications.security import overrides
from tenantry.desired.applications.volumes import claim_templates, writes_to_claims

_API_VERSION: Final = "apps/v1"
_REVISIONS: Final = 10
_PROGRESS_SECONDS: Final = 600
_STEADY: Final = {
    "type": "RollingUpdate",
    "rollingUpdate": {"maxSurge": "25%", "maxUnavailable": 0},
}
_ONE_AFTER_THE_OTHER: Final = {"type": "Recreate"}


def workloads(part: Part) -> list[Manifest]:
    """The workloads of a component, one for each version, in its order."""
    make = _KINDS[part.component.kind]
    return [_marked(make(part, version), part) for version in part.versions]


def _marked(workload: Manifest, part: Part) -> Manifest:
    """The same, and what of it is less strict than by default, for people to see."""
    loosened = overrides(part.component.security_context)
    if not loosened:
        return workload
    annotations = {names.SECURITY_OVERRIDES_ANNOTATION: ",".join(loosened)}
    return workload | {"metadata": workload["metadata"] | {"annotations": annotations}}


def _deployment(part: Part, version: Version) -> Manifest:
    # A claim that both the old and the new pod want may let neither of them go on.
    exclusive = writes_to_claims(part.component)
    spec = {
        "progressDeadlineSeconds": _deadline(part, version),
        "revisionHistoryLimit": _REVISIONS,
        "strategy": _ONE_AFTER_THE_OTHER if exclusive else _STEADY,
    }
    return _workload("Deployment", part, version) | {
        "spec": _scaled(part, version) | _pods(part, version) | spec
    }


def _stateful_set(part: Part, version: Version) -> Manifest:
    spec: Manifest = {
        "persistentVolumeClaimRetentionPolicy": {"whenDeleted": "Retain", "whenScaled": "Retain"},
        "podManagementPolicy": "OrderedReady",
        "revisionHistoryLimit": _REVISIONS,
        "serviceName": workload_name(part.name, version.name),
        "updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"partition": 0}},
    }
    if claims := claim_templates(part, version.name):
        spec["volumeClaimTemplates"] = claims
    return _workload("StatefulSet", part, version) | {
        "spec": _scaled(part, version) | _pods(part, version) | spec
    }


def _daemon_set(part: Part, version: Version) -> Manifest:
    rolling = {"maxSurge": 0, "maxUnavailable": 1}
    spec = {
        "revisionHistoryLimit": _REVISIONS,
        "updateStrategy": {"type": "RollingUpdate", "rollingUpdate": rolling},
    }
    return _workload("DaemonSet", part, version) | {"spec": _pods(part, version) | spec}


def _workload(kind: str, part: Part, version: Version) -> Manifest:
    name = workload_name(part.name, version.name)
    return of_version(_API_VERSION, kind, part, version.name, name=name)


def _scaled(part: Part, version: Version) -> Manifest:
    return {} if part.is_autoscaled else {"replicas": part.fewest_pods(version)}


def _pods(part: Part, version: Version) -> Manifest:
    return {
        "selector": {"matchLabels": version_selector(part.application, part.name, version.name)},
        "template": pod_template(part, version),
    }


def _deadline(part: Part, version: Version) -> int:
    """Seconds after which a Deployment that gets no further says so."""
    traffic = part.component.traffic
    rollout = None if traffic is None else traffic.rollout
    if rollout is None or rollout.version != version.name:
        return _PROGRESS_SECONDS
    return rollout.progress_deadline_seconds


_KINDS: Final[Mapping[str, Callable[[Part, Version], Manifest]]] = {
    "CronJob": cron_job,
    "DaemonSet": _daemon_set,
    "Deployment": _deployment,
    "Job": job,
    "StatefulSet": _stateful_set,
}
