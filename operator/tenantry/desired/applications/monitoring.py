"""Metrics: how Prometheus finds them.

Where the Prometheus operator's kinds are served, a ServiceMonitor says it, or a PodMonitor if no
Service has the port; otherwise the annotations on pods that Prometheus' own examples read:
https://prometheus-operator.dev/docs/api-reference/api/. Annotations know no interval.

In a mesh that demands mutual TLS nobody without an identity reads the pods' own ports. There
Istio's sidecar tells the pods' metrics with its own, on a port that it leaves open: when it is put
into a pod that has the annotations, it changes them so that they lead to it. So they are there as
well, and what the Prometheus operator makes of a monitor follows them:
https://istio.io/latest/docs/ops/integrations/prometheus/#option-1-metrics-merging.
"""

from collections.abc import Iterator
from typing import Final, Literal

from tenantry.api.base import Manifest
from tenantry.api.components import Metrics
from tenantry.api.times import in_order
from tenantry.desired.applications.labels import (
    NAME_LABEL,
    VERSION_LABEL,
    component_selector,
    of_component,
)
from tenantry.desired.applications.parts import Part, target_port
from tenantry.desired.applications.pod_ports import metrics_port, metrics_port_name
from tenantry.desired.applications.unhonoured import Unhonoured

Means = Literal["ServiceMonitor", "PodMonitor", "annotations", ""]

_API_VERSION: Final = "monitoring.coreos.com/v1"
_USUAL_INTERVAL: Final = Metrics().interval
"""The API server writes it out: whoever gave it cannot be told from who gave none."""

_ANNOTATION: Final = "__meta_kubernetes_pod_annotation_prometheus_io_"
_AS_ANNOTATED: Final[list[Manifest]] = [
    {
        "action": "replace",
        "regex": "(.+)",
        "sourceLabels": [f"{_ANNOTATION}path"],
        "targetLabel": "__metrics_path__",
    },
    {
        "action": "replace",
        "regex": r"(.+):\d+;(\d+)",
        "replacement": "$1:$2",
        "sourceLabels": ["__address__", f"{_ANNOTATION}port"],
        "targetLabel": "__address__",
    },
]
"""Takes path and port from a pod's annotations, its address being of either IP family."""


def means(part: Part) -> Means:
    """How a component's metrics are found; empty if it tells none."""
    if metrics_port(part) is None:
        return ""
    if "ServiceMonitor" in part.facts.served and _service_port(part):
        return "ServiceMonitor"
    return "PodMonitor" if "PodMonitor" in part.facts.served else "annotations"


def monitors(part: Part) -> list[Manifest]:
    """The ServiceMonitor or PodMonitor of a component, if it has one."""
    selector = component_selector(part.application, part.name)
    chosen = means(part)
    if chosen == "ServiceMonitor":
        # The component's own Service leads to all pods; those of versions would count them twice.
        only = [{"key": VERSION_LABEL, "operator": "DoesNotExist"}]
        spec = {
            "endpoints": [_endpoint(part, _service_port(part))],
            "selector": {"matchLabels": selector, "matchExpressions": only},
        }
    elif chosen == "PodMonitor":
        spec = {
            "podMetricsEndpoints": [_endpoint(part, metrics_port_name(part))],
            "selector": {"matchLabels": selector},
        }
    else:
        return []
    common = {"jobLabel": NAME_LABEL, "podTargetLabels": [VERSION_LABEL]}
    return [of_component(_API_VERSION, chosen, part) | {"spec": common | spec}]


def scrape_annotations(part: Part) -> dict[str, str]:
    """Annotations of pods by which Prometheus, or a sidecar, finds their metrics."""
    metrics, found = part.component.metrics, means(part)
    if metrics is None or not found:
        return {}
    if found != "annotations" and not part.facts.has_mesh:
        return {}
    return {
        "prometheus.io/path": metrics.path,
        "prometheus.io/port": str(metrics_port(part)),
        "prometheus.io/scrape": "true",
    }


def metrics_not_honoured(part: Part) -> Iterator[Unhonoured]:
    """What a component says of its metrics that nobody is told."""
    metrics = part.component.metrics
    if metrics is None:
        return
    if metrics_port(part) is None:
        reason = "the component has no such port: give metrics.port the number of one"
        yield Unhonoured(part.name, "metrics.port", reason)
    elif means(part) == "annotations" and metrics.interval != _USUAL_INTERVAL:
        reason = "annotations know no interval, and the Prometheus operator is not installed"
        yield Unhonoured(part.name, "metrics.interval", reason)


def _endpoint(part: Part, port: str) -> Manifest:
    made: Manifest = {"port": port}
    if part.component.metrics is not None:
        made |= {
            "interval": in_order(part.component.metrics.interval),
            "path": part.component.metrics.path,
        }
    if part.facts.has_mesh:
        made["relabelings"] = _AS_ANNOTATED
    return made


def _service_port(part: Part) -> str:
    """Name of the Service's port that leads to the metrics; empty if there is none."""
    if not part.is_server:
        return ""
    number = metrics_port(part)
    for port in part.ports:
        if target_port(port) == number and port.protocol == "TCP":
            return port.name
    return ""
