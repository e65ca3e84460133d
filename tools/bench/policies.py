"""What the admission policies cost whoever makes pods and namespaces, with many Tenants present.

The same requests are made with the policies bound and without, in blocks that take turns on one
control plane, by one of the tenant's people, one request at a time: what is measured is how long
that person waits. A block begins when a request that the policies refuse shows that they are in
force, or are not, and their types have been checked. No operator runs: the namespace is as it would
have made it.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from statistics import median, quantiles
from typing import TYPE_CHECKING, Any, Final

import orjson

from bench.api import JSON, Api, Refused, Write
from bench.result import Bench, Measure, Result
from bench.script import posted, tenant
from bench.testbed import Testbed, TimedOut, testbed
from tenantry.api.tenant import Tenant
from tenantry.desired import desired_namespaces
from tenantry.desired.cluster_roles import cluster_roles
from tenantry.desired.objects import Facts
from tenantry.policies import manifests

if TYPE_CHECKING:
    from tenantry.api.base import Manifest

NAME: Final = "load"
SPACE: Final = f"{NAME}-n0"
OWNER: Final = f"{NAME}-owner"
SUBMITTERS: Final = 16
PATIENCE: Final = 30.0
_ADMISSION: Final = "/apis/admissionregistration.k8s.io/v1"
_PLURALS: Final = {
    "ValidatingAdmissionPolicy": "validatingadmissionpolicies",
    "ValidatingAdmissionPolicyBinding": "validatingadmissionpolicybindings",
    "MutatingAdmissionPolicy": "mutatingadmissionpolicies",
    "MutatingAdmissionPolicyBinding": "mutatingadmissionpolicybindings",
}
_KINDS: Final = {
    "Namespace": "/api/v1/namespaces",
    "ResourceQuota": f"/api/v1/namespaces/{SPACE}/resourcequotas",
    "LimitRange": f"/api/v1/namespaces/{SPACE}/limitranges",
    "RoleBinding": f"/apis/rbac.authorization.k8s.io/v1/namespaces/{SPACE}/rolebindings",
    "ClusterRole": "/apis/rbac.authorization.k8s.io/v1/clusterroles",
    "ClusterRoleBinding": "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings",
}


@dataclass
class Run:
    """Seconds that each creation took, with the policies and without."""

    on: list[float] = field(default_factory=list)
    off: list[float] = field(default_factory=list)


async def measure(bench: Bench) -> Result:
    """Pods and namespaces, in blocks that take turns."""
    runs = {"pods": Run(), "namespaces": Run()}
    async with testbed() as bed:
        bench.say(f"policies: making {bench.scale.present} Tenants")
        await _present(bed, bench.scale.present)
        await _namespace(bed)
        kubeconfig = await asyncio.to_thread(bed.cluster.kubeconfig_for, OWNER)
        async with Api(kubeconfig) as owner:
            for block in range(2 * bench.scale.blocks):
                is_on = block % 4 in {1, 2}
                bench.say(f"policies, block {block + 1} of {2 * bench.scale.blocks}")
                await _switch(bed, owner, is_on=is_on)
                for name, times in (await _block(bed, owner, bench.scale.pods, block)).items():
                    (runs[name].on if is_on else runs[name].off).extend(times)
    return _result(runs, bench.scale.present)


async def _present(bed: Testbed, count: int) -> None:
    places = asyncio.Semaphore(SUBMITTERS)

    async def one(number: int) -> None:
        async with places:
            await bed.admin.send(posted(tenant(f"present-{number}")))

    await asyncio.gather(*(one(number) for number in range(count)))


async def _namespace(bed: Testbed) -> None:
    """One tenant's namespace, and what lets its owner in, as the operator makes them."""
    manifest = tenant(NAME, 1)
    manifest["spec"]["namespaceOptions"] = {"selfService": True, "max": 64}
    much = {"pods": "100k", "requests.cpu": "1M", "requests.memory": "1Pi"}
    limits = {"limits.cpu": "1M", "limits.memory": "1Pi"}
    storage = {f"{kind}.ephemeral-storage": "1Pi" for kind in ("requests", "limits")}
    manifest["spec"]["quota"] = {"perNamespace": much | limits | storage}
    await bed.admin.send(posted(manifest))
    made = Tenant.parse(manifest)
    [space] = desired_namespaces(made, Facts())
    roles = cluster_roles(made, [SPACE], [])
    for one in (space.namespace, *space.guards, *space.access, *roles):
        if one["kind"] in _KINDS:
            await bed.admin.post(_KINDS[one["kind"]], dict(one))


async def _switch(bed: Testbed, owner: Api, *, is_on: bool) -> None:
    """Install all policies, or none, and wait until it is so."""
    for manifest in manifests():
        collection = f"{_ADMISSION}/{_PLURALS[manifest['kind']]}"
        name = manifest["metadata"]["name"]
        try:
            if is_on:
                await bed.admin.post(collection, manifest)
            else:
                await bed.admin.send(Write("DELETE", f"{collection}/{name}", JSON, b"{}"))
        except Refused as problem:
            if not {"AlreadyExists", "NotFound"} & {_reason(problem)}:
                raise
    deadline = time.monotonic() + PATIENCE
    while await _is_refused(owner) != is_on or not await _is_calm(bed):
        if time.monotonic() > deadline:
            raise TimedOut(f"the policies were not switched within {PATIENCE:g} s")
        await asyncio.sleep(0.1)


async def _is_calm(bed: Testbed) -> bool:
    """Whether the controller that checks the types of new policies is through with them.

    It takes a second or two of a core, and whoever installs policies does so once.
    """
    found = await bed.admin.get(f"{_ADMISSION}/{_PLURALS['ValidatingAdmissionPolicy']}")
    return all("observedGeneration" in one.get("status", {}) for one in found["items"])


def _reason(problem: Refused) -> str:
    text = str(problem)
    answer: dict[str, Any] = orjson.loads(text[text.index("{") :]) if "{" in text else {}
    return str(answer.get("reason", ""))


async def _is_refused(owner: Api) -> bool:
    """Whether a pod that tolerates everything is."""
    pod = _pod("probe")
    pod["spec"]["tolerations"] = [{"operator": "Exists"}]
    try:
        await owner.post(f"/api/v1/namespaces/{SPACE}/pods?dryRun=All", pod)
    except Refused:
        return True
    return False


async def _block(bed: Testbed, owner: Api, count: int, block: int) -> dict[str, list[float]]:
    """Make pods, then namespaces, one by one; gives the seconds that each took."""
    pods = f"/api/v1/namespaces/{SPACE}/pods"
    made: dict[str, list[float]] = {"pods": [], "namespaces": []}
    for number in range(count):
        made["pods"].append(await _timed(owner, pods, _pod(f"p{block}-{number}")))
    for number in range(count // 5):
        space = {"metadata": {"name": f"{NAME}-b{block}x{number}"}}
        made["namespaces"].append(await _timed(owner, "/api/v1/namespaces", space))
    await bed.admin.send(Write("DELETE", f"{pods}?gracePeriodSeconds=0", JSON, b"{}"))
    for number in range(count // 5):
        path = f"/api/v1/namespaces/{NAME}-b{block}x{number}"
        await bed.admin.send(Write("DELETE", path, JSON, b"{}"))
    return made


async def _timed(owner: Api, path: str, manifest: Manifest) -> float:
    began = time.perf_counter()
    await owner.post(path, manifest)
    return time.perf_counter() - began


def _pod(name: str) -> Manifest:
    container = {
        "name": "main",
        "image": "registry.k8s.io/pause:3.10",
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
        },
    }
    security = {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}}
    return {
        "metadata": {"name": name},
        "spec": {"securityContext": security, "containers": [container]},
    }


def _result(runs: dict[str, Run], present: int) -> Result:
    measures = [
        Measure(
            f"policies-{name}",
            f"{title} with all policies, {present} Tenants present: median",
            median(run.on) / median(run.off),
            "\N{MULTIPLICATION SIGN} without",
            2.0,
            "at most",
            detail=f"{_told(run.on)} against {_told(run.off)}; p99 "
            f"{_late(run.on) / _late(run.off):.2f}\N{MULTIPLICATION SIGN}",
        )
        for name, title, run in (
            ("pods", "A pod made", runs["pods"]),
            ("namespaces", "A namespace made by self-service", runs["namespaces"]),
        )
    ]
    return Result(measures, {"policies": {name: vars(run) for name, run in runs.items()}})


def _late(times: list[float]) -> float:
    return quantiles(times, n=100)[98]


def _told(times: list[float]) -> str:
    return f"p50 {1000 * median(times):.1f} ms, p99 {1000 * _late(times):.1f} ms"
