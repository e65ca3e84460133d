"""Values that the chart is tried with: what each of them is about, and those of its examples."""

import shutil
from pathlib import Path
from typing import Any, Final

import yaml

from installation import CHART

EXAMPLES: Final = {path.stem: path for path in sorted((CHART / "examples").glob("*.yaml"))}
EVERYTHING: Final[dict[str, Any]] = {
    "replicas": 3,
    "image": {
        "registry": "registry.example.com:5000/mirror/",
        "repository": "platform/tenantry",
        "digest": f"sha256:{'0' * 64}",
        "pullPolicy": "Always",
    },
    "imagePullSecrets": ["registry", "mirror"],
    "options": {"log-level": "debug", "workers": 8, "usage-interval": "5s", "backoff-max": 60},
    "env": [{"name": "HTTPS_PROXY", "value": "http://proxy.example.com:3128"}],
    "bindableClusterRoles": ["secret-rotator"],
    "platformAdministrators": [
        {"kind": "Group", "name": "platform", "apiGroup": "rbac.authorization.k8s.io"}
    ],
    "serviceAccount": {"name": "platform-operator", "annotations": {"example.com/role": "a"}},
    "leaderElection": {"leaseName": "platform"},
    "podLabels": {"team": "platform"},
    "podAnnotations": {"example.com/scrape": "true"},
    "nodeSelector": {"kubernetes.io/os": "linux"},
    "tolerations": [{"key": "control-plane", "operator": "Exists"}],
    "affinity": {
        "nodeAffinity": {
            "preferredDuringSchedulingIgnoredDuringExecution": [
                {
                    "weight": 1,
                    "preference": {"matchExpressions": [{"key": "fast", "operator": "Exists"}]},
                }
            ]
        }
    },
    "topologyKeys": ["topology.kubernetes.io/region"],
    "priorityClassName": "system-cluster-critical",
    "service": {"port": 9090, "annotations": {"prometheus.io/scrape": "true"}},
    "serviceMonitor": {"enabled": True, "labels": {"release": "prometheus"}, "interval": "15s"},
    "prometheusRule": {"enabled": True, "labels": {"release": "prometheus"}},
    "dashboards": {"annotations": {"grafana_folder": "Platform"}},
    "networkPolicy": {"metricsFrom": [{"podSelector": {}}], "apiServer": {"cidrs": ["::1/128"]}},
    "policies": {"mutating": True},
}
"""All that may be given, at once."""
NOTHING: Final[dict[str, Any]] = {
    "replicas": 0,
    "topologyKeys": [],
    "podDisruptionBudget": {"enabled": False},
    "dashboards": {"enabled": False},
    "networkPolicy": {"enabled": False},
    "priorityAndFairness": {"enabled": False},
    "crds": {"install": False},
    "policies": {"install": False},
    "peoplesRoles": {"create": False},
    "resources": {"requests": None, "limits": None},
}
"""All that may be left out, at once."""
METER: Final[dict[str, Any]] = {
    "serviceMonitor": {"enabled": True},
    "meter": {
        "enabled": True,
        "options": {"flush-interval": "30s"},
        "persistence": {"size": "20Gi", "storageClass": "fast"},
        "reportsFrom": [{"podSelector": {"matchLabels": {"app": "reports"}}}],
        "serviceAccountAnnotations": {"example.com/role": "b"},
        "nodeSelector": {"kubernetes.io/os": "linux"},
        "tolerations": [{"key": "control-plane", "operator": "Exists"}],
    },
}
ON_POSTGRESQL: Final[dict[str, Any]] = {
    "networkPolicy": {"metricsFrom": []},
    "meter": {
        "enabled": True,
        "env": [{"name": "PGSSLMODE", "value": "verify-full"}],
        "database": {"secretName": "meter", "peers": [{"ipBlock": {"cidr": "10.0.0.1/32"}}]},
    },
}
MATRIX: Final[dict[str, dict[str, Any]]] = {
    "defaults": {},
    "everything": EVERYTHING,
    "nothing": NOTHING,
    "meter": METER,
    "meter on PostgreSQL": ON_POSTGRESQL,
    **{name: yaml.safe_load(path.read_text()) for name, path in EXAMPLES.items()},
}

RETIRED: Final = "tenantry-retired"
"""A policy that only the older release has."""
ADDED: Final = "tenantry-images-audit"
"""A binding that only this release has: of a policy that is bound without it, so that an operator
of this release misses nothing beside the older chart."""
SAID: Final = "Whether everything is as the spec says."
"""What this release's CRDs tell of a column, and the older one's do not."""
_SEPARATOR: Final = "\n---\n"


def older(folder: Path, version: str = "0.0.9") -> Path:
    """A chart as a release before this one would have been, in a folder of its own.

    Its policies and CRDs differ in what an upgrade has to change, add and leave behind.
    """
    chart = folder / "tenantry"
    shutil.copytree(CHART, chart)
    about = chart / "Chart.yaml"
    this: str = yaml.safe_load(about.read_text())["version"]
    about.write_text(about.read_text().replace(f"ersion: {this}", f"ersion: {version}"))
    policies = chart / "files" / "validating-policies.yaml"
    there = [one for one in policies.read_text().split(_SEPARATOR) if f"name: {ADDED}\n" not in one]
    retired = [one.replace("tenantry-retained-namespaces", RETIRED) for one in there]
    there += [one for one in retired if RETIRED in one]
    policies.write_text(_SEPARATOR.join(one.removesuffix("\n") for one in there) + "\n")
    for crd in (chart / "files" / "crds").glob("*.yaml"):
        crd.write_text(crd.read_text().replace(SAID, "Said otherwise."))
    return chart
