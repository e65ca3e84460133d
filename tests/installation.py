"""Tenantry on a cluster, as a platform team installs it: the CRDs, then the chart."""

from functools import cache, partial
from typing import Any, Final

import yaml

from cluster_api import ClusterApi
from examples import ROOT
from tenantry.api.base import Manifest
from waiting import eventually

CHART: Final = ROOT / "helm" / "tenantry"
NAMESPACE: Final = "tenantry-system"
RELEASE: Final = "tenantry"
BINDABLE: Final = ("secret-rotator", "quota-reader")
"""ClusterRoles of the platform team's own that the operator may hand out in tests."""


def crds() -> list[Manifest]:
    """The CustomResourceDefinitions, as they are committed."""
    return [yaml.safe_load(path.read_text()) for path in sorted((ROOT / "crds").glob("*.yaml"))]


def chart(values: dict[str, Any] | None = None) -> list[Manifest]:
    """The chart's manifests, rendered by Helm."""
    import helm_python as helm  # noqa: PLC0415 - eighty megabytes that most tests do without

    with helm.Chart.load(CHART) as loaded:
        rendered = loaded.render(values or {}, name=RELEASE, namespace=NAMESPACE)
    return [
        document
        for _, text in sorted(rendered.items())
        for document in yaml.safe_load_all(text)
        if document
    ]


@cache
def _installed() -> tuple[Manifest, ...]:
    return tuple(chart({"bindableClusterRoles": [*BINDABLE]}))


async def install(api: ClusterApi) -> None:
    """Install CRDs, chart and the platform team's own ClusterRoles."""
    for crd in crds():
        await api.apply(crd, force=True)
    await api.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}})
    for manifest in (*_installed(), *map(_cluster_role, BINDABLE)):
        await api.apply(manifest, manager="helm", force=True)
    for crd in crds():
        get = partial(api.get, "CustomResourceDefinition", crd["metadata"]["name"])
        await eventually(get, _is_served)
    await eventually(partial(api.list, "Tenant"), lambda seen: isinstance(seen, list))


def _cluster_role(name: str) -> Manifest:
    rule = {"apiGroups": [""], "resources": ["resourcequotas"], "verbs": ["get", "list"]}
    return {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRole",
        "metadata": {"name": name},
        "rules": [rule],
    }


def _is_served(crd: Manifest) -> bool:
    conditions = crd.get("status", {}).get("conditions", [])
    return any(one["type"] == "Established" and one["status"] == "True" for one in conditions)
