"""The chart on a cluster: installed, upgraded, rolled back, uninstalled, installed again by Helm.

A hundred tenants are there all the time. Nodes run nothing, so the operator itself runs beside its
pods, as the ServiceAccount that the release makes.
"""

import asyncio
from base64 import b64decode
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import helm_python as helm
import pytest
from prometheus_client.parser import text_string_to_metric_families

import foreign_kinds
from audit import AuditLog, is_list_of
from charts import ADDED, MATRIX, RETIRED, SAID, older
from cluster_api import ClusterApi
from devcluster import DevCluster
from installation import CHART, NAMESPACE, RELEASE, VOLUME, rendered
from kubectl import kubectl
from operator_process import OperatorProcess
from tenancy import tenant
from tenantry.api.base import Manifest
from tenantry.cluster.errors import Forbidden
from tenantry.cluster.resources import OWNED
from waiting import eventually

TENANTS = 100
PATIENCE = 120
"""Seconds that Helm may wait for pods."""
WRITES = {"APPLY", "DELETE", "DELETECOLLECTION", "PATCH", "POST", "PUT"}
ONLY_TENANTS = {"tenants", "resourcequotas", "limitranges", "namespaces"}
"""What no object of the chart is."""
STAYING = ("ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding")
RBAC = "rbac.authorization.k8s.io"

pytestmark = pytest.mark.timeout(300)


@dataclass
class Guarded:
    """What somebody was told who tried, again and again, to take a namespace."""

    refused: int = 0
    admitted: int = 0
    fewest: int = 99
    """Pods of the operator that were available, at the worst moment."""


@dataclass(frozen=True)
class Cluster:
    """One cluster, in everybody's hands."""

    running: DevCluster
    api: ClusterApi
    thief: ClusterApi
    """May write namespaces, and use no tenant."""
    helm: helm.Config
    folder: Path

    async def do(self, action: Any, *arguments: Any) -> tuple[Any, Guarded]:
        """One of Helm's actions, while somebody tries to get past the guards."""
        guarded = Guarded()
        doing = asyncio.create_task(asyncio.to_thread(action, *arguments))
        while not doing.done():
            await self._try(guarded)
        return doing.result(), guarded

    async def _try(self, guarded: Guarded) -> None:
        stolen = {"metadata": {"labels": {"tenantry.io/tenant": "t0"}}}
        try:
            await self.thief.patch("Namespace", "plain", stolen, dry_run=True)
            guarded.admitted += 1
        except Forbidden:
            guarded.refused += 1
        seen = await self.api.find("Deployment", RELEASE, NAMESPACE)
        ready = (seen or {}).get("status", {}).get("availableReplicas", 0)
        guarded.fewest = min(guarded.fewest, ready)

    @asynccontextmanager
    async def operator(self) -> AsyncIterator[Callable[[], Awaitable[None]]]:
        """The operator as its release's ServiceAccount; gives what waits for two further lists.

        What a list makes it do, it has done by the list after the next.
        """
        identity = self.running.service_account_kubeconfig(NAMESPACE, RELEASE)
        audit = AuditLog(self.running.audit_log)
        log = self.folder / "operator.log"
        running = await OperatorProcess.start(
            identity, log, resync_interval="1s", leader_elect="true", lease_namespace=NAMESPACE
        )

        async def looks() -> int:
            return audit.count(is_list_of("tenants"))

        async def looked_again() -> None:
            before = await looks()
            await eventually(looks, lambda seen: seen >= before + 3)

        try:
            yield looked_again
            await looked_again()
            assert (await running.stop(), running.defects()) == (0, [])
        finally:
            running.kill()

    async def state(self) -> dict[tuple[str, ...], str]:
        """Every Tenant and every object of one, with its resourceVersion."""
        found: dict[tuple[str, ...], str] = {}
        for kind in ("Tenant", *(one.kind for one in OWNED)):
            selector = "" if kind == "Tenant" else "tenantry.io/tenant"
            for one in await self.api.list(kind, selector=selector):
                metadata = one["metadata"]
                place = (kind, metadata.get("namespace", ""), metadata["name"])
                found[place] = metadata["resourceVersion"]
        return found

    async def written(self) -> float:
        """Writes of kinds that only tenants have, as the API server has counted them."""
        page = await kubectl(self.running.kubeconfig, "get", "--raw", "/metrics")
        counted = (line for line in page.splitlines() if "apiserver_request_total" in line)
        (family,) = text_string_to_metric_families("\n".join(counted))
        return sum(
            one.value
            for one in family.samples
            if one.labels["verb"] in WRITES
            and one.labels["resource"] in ONLY_TENANTS
            and not one.labels["dry_run"]
        )

    async def flows(self) -> set[str]:
        """The FlowSchemas by which requests have been let through, as the API server tells."""
        page = await kubectl(self.running.kubeconfig, "get", "--raw", "/metrics")
        name = "apiserver_flowcontrol_dispatched_requests_total"
        counted = (line for line in page.splitlines() if name in line)
        (family,) = text_string_to_metric_families("\n".join(counted))
        return {one.labels["flow_schema"] for one in family.samples if one.value}

    async def uids(self) -> dict[str, str]:
        """Of what guards: another one is one that was gone for a moment."""
        found = {
            f"{kind} {one['metadata']['name']}": one
            for kind in STAYING
            for one in await self.api.list(kind)
        }
        found |= {
            plural: await self.crd(plural) for plural in ("tenants", "applications", "ratecards")
        }
        return {name: one["metadata"]["uid"] for name, one in found.items()}

    async def crd(self, plural: str) -> Manifest:
        """One of the CRDs, which must be there."""
        return await self.api.get("CustomResourceDefinition", f"{plural}.tenantry.io")


@pytest.fixture(scope="module")
async def installed(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Cluster]:
    """The release before this one, with tenants."""
    folder = tmp_path_factory.mktemp("chart")
    with DevCluster.start() as running:
        async with (
            ClusterApi.connected(running.kubeconfig) as api,
            ClusterApi.connected(running.kubeconfig_for("thief", ())) as thief,
        ):
            await _furnish(api)
            with helm.Config(kubeconfig_path=running.kubeconfig, namespace=NAMESPACE) as config:
                cluster = Cluster(running, api, thief, config, folder)
                install = partial(config.install, wait="watcher", timeout=PATIENCE)
                await asyncio.to_thread(install, older(folder), RELEASE)
                await _invite(cluster)
                yield cluster


async def _furnish(api: ClusterApi) -> None:
    strict = {"pod-security.kubernetes.io/enforce": "restricted"}
    role = {"kind": "ClusterRole", "name": "thief", "apiGroup": RBAC}
    subject = {"kind": "User", "name": "thief", "apiGroup": RBAC}
    rule = {"apiGroups": [""], "resources": ["namespaces"], "verbs": ["patch"]}
    space = {"apiVersion": "v1", "kind": "Namespace"}
    for manifest in (
        space | {"metadata": {"name": NAMESPACE, "labels": strict}},
        space | {"metadata": {"name": "plain"}},
        VOLUME,
        {"kind": "ClusterRole", "metadata": {"name": "thief"}, "rules": [rule]},
        {
            "kind": "ClusterRoleBinding",
            "metadata": {"name": "thief"},
            "roleRef": role,
            "subjects": [subject],
        },
    ):
        await api.apply({"apiVersion": f"{RBAC}/v1"} | manifest)


async def _invite(cluster: Cluster) -> None:
    async with cluster.operator() as looked_again:
        for i in range(TENANTS):
            await cluster.api.create(tenant(f"t{i}", quota={"hard": {"pods": "10"}}))

        async def ready() -> int:
            conditions = [
                condition
                for one in await cluster.api.list("Tenant")
                for condition in one["status"]["conditions"]
            ]
            return sum((one["type"], one["status"]) == ("Ready", "True") for one in conditions)

        await eventually(ready, lambda seen: seen == TENANTS, within=90)
        # What Kubernetes counts of quotas is told when no Tenant waits.
        before: dict[tuple[str, ...], str] = {}
        while before != (now := await cluster.state()):
            before = now
            await looked_again()


@dataclass(frozen=True)
class Step:
    """A cluster, and what a step of its life has changed."""

    cluster: Cluster
    release: Any
    guarded: Guarded
    before: dict[tuple[str, ...], str]
    after: dict[tuple[str, ...], str]
    written: float
    replaced: list[str]


async def _step(cluster: Cluster, action: Any, *arguments: Any) -> Step:
    """Do one of Helm's actions; then the operator starts anew, if it still may."""
    before, written, uids = await cluster.state(), await cluster.written(), await cluster.uids()
    release, guarded = await cluster.do(action, *arguments)
    if await cluster.api.find("ServiceAccount", RELEASE, NAMESPACE):
        async with cluster.operator():
            pass
    now = await cluster.uids()
    replaced = [name for name, uid in uids.items() if now.get(name) != uid]
    after, more = await cluster.state(), await cluster.written()
    return Step(cluster, release, guarded, before, after, more - written, replaced)


@pytest.fixture(scope="module")
async def upgraded(installed: Cluster) -> Step:
    upgrade = partial(installed.helm.upgrade, wait="watcher", timeout=PATIENCE)
    return await _step(installed, upgrade, CHART, RELEASE, {"options": {"workers": 12}})


@pytest.fixture(scope="module")
async def rolled_back(upgraded: Step) -> Step:
    helm_ = upgraded.cluster.helm
    return await _step(
        upgraded.cluster, partial(helm_.rollback, RELEASE, wait="watcher", timeout=PATIENCE)
    )


@pytest.fixture(scope="module")
async def uninstalled(rolled_back: Step) -> Step:
    helm_ = rolled_back.cluster.helm
    uninstall = partial(helm_.uninstall, RELEASE, wait="watcher", timeout=PATIENCE)
    return await _step(rolled_back.cluster, uninstall)


@pytest.fixture(scope="module")
async def installed_again(uninstalled: Step) -> Step:
    install = partial(uninstalled.cluster.helm.install, wait="watcher", timeout=PATIENCE)
    return await _step(uninstalled.cluster, install, CHART, RELEASE)


async def test_the_pods_run_where_pod_security_is_restricted(installed: Cluster) -> None:
    deployment = await installed.api.get("Deployment", RELEASE, NAMESPACE)
    meter = await installed.api.get("StatefulSet", f"{RELEASE}-meter", NAMESPACE)
    pods = await installed.api.list("Pod", NAMESPACE, "app.kubernetes.io/component=operator")

    assert deployment["status"]["readyReplicas"] == 2
    assert len({one["spec"]["nodeName"] for one in pods}) == 2
    assert meter["status"]["readyReplicas"] == 1


async def test_a_release_fits_into_its_secret_with_room_to_grow(installed: Cluster) -> None:
    """Kubernetes takes a megabyte; Helm keeps chart and manifests in it."""
    kept = await installed.api.list("Secret", NAMESPACE, "owner=helm")

    assert kept
    for one in kept:
        assert len(b64decode(one["data"]["release"])) < 512 * 1024


async def test_the_operators_requests_have_a_share_of_the_api_server_to_themselves(
    installed: Cluster,
) -> None:
    assert {RELEASE, f"{RELEASE}-leader-election"} <= await installed.flows()


@pytest.mark.parametrize("values", MATRIX.values(), ids=MATRIX)
async def test_the_api_server_takes_every_object_whatever_the_chart_is_told(
    installed: Cluster, values: dict[str, Any]
) -> None:
    """Each by a dry run with strict validation of fields, beside a release that is there."""
    rest = {"crds": {"install": False}, "policies": {"install": False}}
    manifests = rendered(values | rest, name="other")

    kinds = {one["kind"] for one in manifests} & {"ServiceMonitor", "PrometheusRule"}
    if kinds:
        async with foreign_kinds.published(installed.api, "prometheus-operator"):
            await _offer(installed.api, manifests)
    else:
        await _offer(installed.api, manifests)


async def _offer(api: ClusterApi, manifests: list[Manifest]) -> None:
    assert manifests
    for manifest in manifests:
        await api.apply(manifest, dry_run=True)


def _untouched(step: Step) -> None:
    """Nothing of a tenant's was written, and no guard was gone for a moment."""
    assert len([one for one in step.before if one[0] == "Tenant"]) == TENANTS
    assert step.after == step.before
    assert step.written == 0
    assert step.replaced == []
    assert step.guarded.admitted == 0
    assert step.guarded.refused > 0


async def test_an_upgrade_writes_nothing_of_a_tenants_and_leaves_no_moment_unguarded(
    upgraded: Step,
) -> None:
    _untouched(upgraded)


async def test_an_upgrade_has_two_pods_at_every_moment(upgraded: Step) -> None:
    deployment = await upgraded.cluster.api.get("Deployment", RELEASE, NAMESPACE)

    assert upgraded.guarded.fewest >= 2
    image = deployment["spec"]["template"]["spec"]["containers"][0]["image"]
    assert image == "tenantry:0.1.0"
    assert deployment["status"]["updatedReplicas"] == 2


async def test_an_upgrade_changes_crds_and_policies_and_names_what_it_leaves(
    upgraded: Step,
) -> None:
    api = upgraded.cluster.api
    columns = (await upgraded.cluster.crd("tenants"))["spec"]["versions"][0]
    assert SAID in {one.get("description") for one in columns["additionalPrinterColumns"]}
    assert await api.find("ValidatingAdmissionPolicyBinding", ADDED)
    assert await api.find("ValidatingAdmissionPolicy", RETIRED)

    notes = upgraded.release["notes"]
    assert f"kubectl delete validatingadmissionpolicy {RETIRED}" in notes
    assert "metrics API" in notes
    assert "A default StorageClass" in notes
    assert "enforce NetworkPolicies" in notes
    assert "MutatingAdmissionPolicies" not in notes


async def test_a_rollback_is_as_harmless_as_an_upgrade(rolled_back: Step) -> None:
    _untouched(rolled_back)
    columns = (await rolled_back.cluster.crd("tenants"))["spec"]["versions"][0]
    assert SAID not in {one.get("description") for one in columns["additionalPrinterColumns"]}
    first, second, third = rolled_back.cluster.helm.history(RELEASE)
    assert first["chart_version"] == third["chart_version"] != second["chart_version"]


async def test_uninstalling_leaves_tenants_their_guards_and_their_peoples_roles(
    uninstalled: Step,
) -> None:
    _untouched(uninstalled)
    api = uninstalled.cluster.api
    gone = {
        "Deployment": NAMESPACE,
        "ServiceAccount": NAMESPACE,
        "ClusterRole": None,
        "ClusterRoleBinding": None,
        "FlowSchema": None,
        "PriorityLevelConfiguration": None,
    }
    for kind, namespace in gone.items():
        assert not await api.find(kind, RELEASE, namespace), kind
    for role in ("applications-edit", "applications-view", "tenants-view"):
        assert await api.find("ClusterRole", f"{RELEASE}-{role}")


async def test_installing_again_takes_over_what_was_left(installed_again: Step) -> None:
    _untouched(installed_again)
    deployment = await installed_again.cluster.api.get("Deployment", RELEASE, NAMESPACE)
    assert deployment["status"]["readyReplicas"] == 2
