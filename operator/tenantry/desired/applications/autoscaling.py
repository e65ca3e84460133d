"""Pods by load (HorizontalPodAutoscaler), and advice on their size (VerticalPodAutoscaler).

https://kubernetes.io/docs/concepts/workloads/autoscaling/horizontal-pod-autoscale/. The vertical
one only recommends: both together on one resource would chase each other.
"""

from collections.abc import Iterator
from typing import Final

from tenantry.api.base import Manifest
from tenantry.api.components import Version
from tenantry.api.quantities import canonical
from tenantry.api.scaling import Autoscaling, CustomMetric
from tenantry.desired.applications.labels import of_version
from tenantry.desired.applications.naming import workload_name
from tenantry.desired.applications.parts import Part

_USUAL_CPU: Final = 80
_VERTICAL: Final = "VerticalPodAutoscaler"


def autoscalers(part: Part) -> list[Manifest]:
    """The autoscalers of a component, by version: horizontal if asked for, vertical if served."""
    made: list[Manifest] = []
    for version in part.versions:
        if part.component.autoscaling is not None and part.is_autoscaled:
            made.append(_horizontal(part, version, part.component.autoscaling))
        if part.is_server and _VERTICAL in part.facts.served:
            made.append(_vertical(part, version))
    return made


def _horizontal(part: Part, version: Version, given: Autoscaling) -> Manifest:
    name = workload_name(part.name, version.name)
    kind = "HorizontalPodAutoscaler"
    return of_version("autoscaling/v2", kind, part, version.name, name=name) | {
        "spec": {
            "maxReplicas": given.max_replicas,
            "metrics": list(_metrics(given)),
            "minReplicas": given.min_replicas,
            "scaleTargetRef": _target(part, name),
        }
    }


def _vertical(part: Part, version: Version) -> Manifest:
    name = workload_name(part.name, version.name)
    return of_version("autoscaling.k8s.io/v1", _VERTICAL, part, version.name, name=name) | {
        "spec": {"targetRef": _target(part, name), "updatePolicy": {"updateMode": "Off"}}
    }


def _target(part: Part, name: str) -> Manifest:
    return {"apiVersion": "apps/v1", "kind": part.component.kind, "name": name}


def _metrics(given: Autoscaling) -> Iterator[Manifest]:
    cpu = given.cpu
    if cpu is None and given.memory is None and not given.metrics:
        cpu = _USUAL_CPU
    for resource, percent in (("cpu", cpu), ("memory", given.memory)):
        if percent is not None:
            target = {"averageUtilization": percent, "type": "Utilization"}
            yield {"resource": {"name": resource, "target": target}, "type": "Resource"}
    for metric in given.metrics:
        yield _custom(metric)


def _custom(given: CustomMetric) -> Manifest:
    metric: Manifest = {"name": given.name}
    if given.selector:
        metric["selector"] = {"matchLabels": dict(sorted(given.selector.items()))}
    target = {"averageValue": canonical(given.average_value), "type": "AverageValue"}
    return {given.type.lower(): {"metric": metric, "target": target}, "type": given.type}
