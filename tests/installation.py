"""Tenantry on a cluster, as a platform team installs it: the CRDs, the chart, the policies."""

import json
from functools import cache, partial
from typing import Any, Final

import yaml

from cluster_api import ClusterApi
from examples import ROOT
from tenantry import policies
from tenantry.api.base import Manifest
from tenantry.api.kinds import KINDS
from tenantry.cluster.errors import ApiError
from tenantry.policies.policy import MutatingPolicy, Policy, Resources, Validation, documents
from waiting import eventually

CHART: Final = ROOT / "helm" / "tenantry"
NAMESPACE: Final = "tenantry-system"
RELEASE: Final = "tenantry"
BINDABLE: Final = ("secret-rotator", "quota-reader")
"""ClusterRoles of the platform team's own that the operator may hand out in tests."""
VOLUME: Final[Manifest] = {
    "apiVersion": "v1",
    "kind": "PersistentVolume",
    "metadata": {"name": "counts"},
    "spec": {
        "capacity": {"storage": "10Gi"},
        "accessModes": ["ReadWriteOnce"],
        "hostPath": {"path": "/counts"},
    },
}
"""What the meter's pod waits for where nobody makes volumes, as on the cluster of the tests."""
_HERE: Final = {"policies": {"mutating": True}}
"""What the cluster of the tests has; rendering asks none."""
_BESIDE: Final = {"replicas": 0, "crds": {"install": False}}
"""The operator runs beside the cluster, for nodes run nothing there; CRDs come first."""


def crds() -> list[Manifest]:
    """The CustomResourceDefinitions, as they are committed."""
    return [yaml.safe_load(path.read_text()) for path in sorted((ROOT / "crds").glob("*.yaml"))]


def schema_of(kind: str) -> dict[str, Any]:
    """The schema of a kind's objects, as it is committed."""
    (crd,) = (one for one in crds() if one["spec"]["names"]["kind"] == kind)
    schema: dict[str, Any] = crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
    return schema


def chart(values: dict[str, Any] | None = None) -> list[Manifest]:
    """The chart's manifests but for CRDs, rendered by Helm."""
    return rendered(_HERE | {"crds": {"install": False}} | (values or {}))


def rendered(values: dict[str, Any], name: str = RELEASE) -> list[Manifest]:
    """The chart's manifests with these values, rendered by Helm for a release of this name.

    They are shared: who changes one copies it before.
    """
    return [*_rendered(json.dumps(values), name)]


@cache
def _rendered(values: str, name: str) -> list[Manifest]:
    import helm_python as helm  # noqa: PLC0415 - eighty megabytes that most tests do without

    with helm.Chart.load(CHART) as loaded:
        files = loaded.render(json.loads(values), name=name, namespace=NAMESPACE)
    texts = [text for path, text in sorted(files.items()) if path.endswith(".yaml")]
    return [one for text in texts for one in yaml.load_all(text, yaml.CSafeLoader) if one]


@cache
def _installed() -> tuple[Manifest, ...]:
    there = chart(_BESIDE | {"bindableClusterRoles": [*BINDABLE]})
    # A meter runs beside the cluster as well, where a test wants one.
    return tuple(one for one in there if one["kind"] != "StatefulSet")


async def install(api: ClusterApi) -> None:
    """Install CRDs, chart, policies and the platform team's own ClusterRoles."""
    for crd in crds():
        await api.apply(crd, force=True)
    await api.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}})
    for manifest in (*_installed(), *map(_cluster_role, BINDABLE)):
        await api.apply(manifest, manager="helm", force=True)
    for crd in crds():
        get = partial(api.get, "CustomResourceDefinition", crd["metadata"]["name"])
        await eventually(get, _is_served)
    for kind in KINDS:
        await eventually(partial(api.list, kind.kind), lambda seen: isinstance(seen, list))
    for manifest in policies.manifests():
        await api.apply(manifest, force=True)
    await _in_force(api)


_CONFIG_MAPS: Final = Resources(
    groups=("",), versions=("v1",), resources=("configmaps",), operations=("CREATE",)
)
_IS_SENTINEL: Final = ("is-sentinel", "object.metadata.name == 'sentinel'")
_SENTINELS: Final = (
    MutatingPolicy(
        name="sentinel",
        purpose="Shows that what came before it is in force.",
        resources=(_CONFIG_MAPS,),
        match_conditions=(_IS_SENTINEL,),
        patches=("[JSONPatch{op: 'add', path: '/data', value: {'seen': 'yes'}}]",),
        in_tenants_only=False,
    ),
    Policy(
        name="sentinel",
        purpose="Shows that what came before it is in force.",
        resources=(_CONFIG_MAPS,),
        match_conditions=(_IS_SENTINEL,),
        validations=(Validation(expression="!has(object.data)", message="'in force'"),),
        has_modes=False,
        in_tenants_only=False,
    ),
)


async def _in_force(api: ClusterApi) -> None:
    """Wait until the API server has taken in every policy, which it does in their order."""
    for sentinel in _SENTINELS:
        for manifest in documents(sentinel):
            await api.apply(manifest)
    metadata = {"name": "sentinel", "namespace": "default"}
    probe = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata}

    async def says() -> str:
        try:
            await api.create(probe, dry_run=True)
        except ApiError as refused:
            return str(refused)
        return ""

    await eventually(says, lambda said: "in force" in said)
    for sentinel in _SENTINELS:
        for manifest in documents(sentinel):
            await api.delete(manifest["kind"], manifest["metadata"]["name"])


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
