"""Whether kube-state-metrics shows the labels by which Prometheus and OpenCost charge tenants.

It shows no labels of objects but those that it is told to, by ``--metric-labels-allowlist``
(https://github.com/kubernetes/kube-state-metrics/blob/main/docs/developer/cli-arguments.md).
Tenantry's own meter does not need it.
"""

import json
import re
from collections.abc import Iterator
from typing import Final

from tenantry.api.base import Manifest
from tenantry.api.names import COST_LABELS
from tenantry.doctor.facts import Facts, Unseen
from tenantry.doctor.finding import Finding, Level, listed, ok, unknown

NAME: Final = "cost-labels"
FLAG: Final = "--metric-labels-allowlist"
_CHARGED: Final = ("namespaces", "pods")
_ENTRY: Final = re.compile(r"([^,=\[\]]+)=\[([^\]]*)\]")


def check(facts: Facts) -> Iterator[Finding]:
    """Every kube-state-metrics in the cluster."""
    if isinstance(facts.workloads, Unseen):
        yield unknown(NAME, "kube-state-metrics", facts.workloads)
        return
    found = [one for one in facts.workloads if _is_kube_state_metrics(one)]
    if not found:
        yield ok(NAME, "no kube-state-metrics, which only Prometheus and OpenCost would need")
    for one in found:
        yield _judged(one)


def missing(arguments: list[str]) -> list[str]:
    """Labels that a command line does not show, as ``pods: tenantry.io/tenant``."""
    shown = _shown(arguments)
    everywhere = {*shown.get("*", ())}
    return [
        f"{resource}: {label}"
        for resource in _CHARGED
        for label in COST_LABELS
        if not {label, "*"} & {*shown.get(resource, ()), *everywhere}
    ]


def _judged(workload: Manifest) -> Finding:
    metadata = workload["metadata"]
    name = f"{metadata['namespace']}/{metadata['name']}"
    lacking = missing(_arguments(workload))
    if not lacking:
        return ok(NAME, f"kube-state-metrics {name} shows the labels of costs")
    return Finding(
        NAME,
        Level.WARNING,
        f"kube-state-metrics {name} does not show {listed(lacking, 2)}",
        "Prometheus and OpenCost cannot tell whose a pod is. If it was installed by a chart, set "
        "metricLabelsAllowlist there.",
        f"kubectl patch {workload['kind'].lower()} {metadata['name']} -n {metadata['namespace']} "
        f"--type=json -p '{json.dumps(_patch(workload))}'",
    )


def _patch(workload: Manifest) -> list[Manifest]:
    """Puts the labels into the flag; what it shows besides is kept."""
    container = _container(workload)
    index = workload["spec"]["template"]["spec"]["containers"].index(container)
    arguments: list[str] = [*container.get("args", [])]
    others = [one for one in arguments if not one.startswith(f"{FLAG}=")]
    shown = _shown(arguments)
    for resource in _CHARGED:
        shown[resource] = [*dict.fromkeys([*shown.get(resource, []), *COST_LABELS])]
    flag = f"{FLAG}=" + ",".join(f"{name}=[{','.join(of)}]" for name, of in shown.items())
    path = f"/spec/template/spec/containers/{index}/args"
    return [{"op": "add", "path": path, "value": [*others, flag]}]


def _shown(arguments: list[str]) -> dict[str, list[str]]:
    """Labels that a command line has shown, by resource; ``*`` stands for all of either."""
    shown: dict[str, list[str]] = {}
    for one in arguments:
        flag, _, value = one.partition("=")
        for resource, labels in _ENTRY.findall(value) if flag == FLAG else ():
            shown.setdefault(resource.strip(), []).extend(map(str.strip, labels.split(",")))
    return shown


def _arguments(workload: Manifest) -> list[str]:
    return [*_container(workload).get("args", [])]


def _container(workload: Manifest) -> Manifest:
    """The one that is kube-state-metrics, beside whatever proxies there are."""
    containers: list[Manifest] = workload["spec"]["template"]["spec"]["containers"]
    named = [one for one in containers if "kube-state-metrics" in one["name"] + one["image"]]
    return (named or containers)[0]


def _is_kube_state_metrics(workload: Manifest) -> bool:
    name = workload["metadata"].get("labels", {}).get("app.kubernetes.io/name")
    return workload["kind"] != "DaemonSet" and bool(name == "kube-state-metrics")
