"""The doctor on a real cluster: each fault is made, found, and mended by the command that it gives.

The commands are run as they are told, by a shell.
"""

import asyncio
import json
import os
import re
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

import installation
from cluster_api import ClusterApi
from conftest import Site
from examples import ROOT
from tenancy import LiveTenant
from tenantry.api.base import Manifest
from tenantry.cluster.connection import Connection, connect
from tenantry.doctor import examine
from tenantry.doctor.facts import Installation, Right
from tenantry.doctor.finding import Finding, Level
from tenantry.gathering import Gathering
from waiting import eventually

BIN = Path(sys.executable).parent
NETWORK_PLUGIN = "kube-network-policies"
STATE_METRICS = "kube-state-metrics"


class _Sparing(Gathering):
    """Asks once for the operator's rights, which are most of the requests and seldom the point."""

    rights: dict[Right, bool] | None = None

    async def _allowed(self, place: Installation) -> dict[Right, bool]:
        if _Sparing.rights is None:
            _Sparing.rights = await super()._allowed(place)
        return _Sparing.rights


class Doctor:
    """Asks about one cluster, and does what it is told."""

    def __init__(self, connection: Connection, kubeconfig: Path) -> None:
        self._connection, self.kubeconfig = connection, kubeconfig
        self.is_thorough = False

    async def findings(self) -> list[Finding]:
        """All that is found now."""
        gathering = Gathering if self.is_thorough else _Sparing
        return [*examine(await gathering(self._connection).facts())]

    async def bad(self) -> list[Finding]:
        """What is a warning or an error."""
        severe = {Level.WARNING, Level.ERROR}
        return [one for one in await self.findings() if one.level in severe]

    async def finds(self, what: str) -> Finding:
        """Wait for the one finding that says this; gives it."""

        async def look() -> list[Finding]:
            return [one for one in await self.bad() if what in one.what]

        return (await eventually(look))[0]

    async def is_well(self) -> None:
        """Wait until nothing is found any more."""
        await eventually(self.bad, lambda found: not found)

    def shell(self, command: str) -> subprocess.CompletedProcess[str]:
        """Run a command as somebody at a terminal would."""
        environment = os.environ | {
            "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
            "KUBECONFIG": str(self.kubeconfig),
        }
        return subprocess.run(
            ["bash", "-c", f"set -o pipefail; {command}"],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )

    async def mend(self, found: Finding) -> None:
        """Do what a finding says; it must work."""
        done = await asyncio.to_thread(self.shell, found.mend)
        assert done.returncode == 0, f"{found}\n{done.stdout}{done.stderr}"


@pytest.fixture(scope="module")
async def doctor(site: Site) -> AsyncIterator[Doctor]:
    connection = await connect(site.cluster.kubeconfig)
    try:
        yield Doctor(connection, site.cluster.kubeconfig)
    finally:
        await connection.close()


@pytest.fixture(scope="module", autouse=True)
async def network_plugin(site: Site) -> AsyncIterator[None]:
    """Something that looks as if it enforced NetworkPolicies: a DaemonSet is all that is read."""
    await site.api.apply(_workload("DaemonSet", NETWORK_PLUGIN))
    yield
    await site.api.delete("DaemonSet", NETWORK_PLUGIN, "kube-system")


def _workload(kind: str, name: str, *arguments: str) -> Manifest:
    labels = {"app.kubernetes.io/name": name}
    container = {"name": name, "image": f"example.com/{name}", "args": [*arguments]}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [container]}}
    return {
        "apiVersion": "apps/v1",
        "kind": kind,
        "metadata": {"name": name, "namespace": "kube-system", "labels": labels},
        "spec": {"selector": {"matchLabels": labels}, "template": template},
    }


@asynccontextmanager
async def _operator(site: Site) -> AsyncIterator[None]:
    options = {"leader_elect": "true", "lease_namespace": installation.NAMESPACE}
    async with site.operator(**options):
        yield


async def test_where_nobody_leads_it_says_how_to_start_an_operator(
    site: Site, doctor: Doctor
) -> None:
    async with _operator(site):
        await doctor.is_well()

    # Nodes run nothing here: the operator is started as where there is no Deployment.
    (deployment,) = (one for one in installation.chart({"replicas": 0}) if _is_ours(one))
    await site.api.delete("Deployment", installation.RELEASE, installation.NAMESPACE)
    given_back = await doctor.finds("was given back, and nobody has taken it")
    await site.api.delete("Lease", "tenantry", installation.NAMESPACE)
    found = await doctor.finds(f"there is no Lease {installation.NAMESPACE}/tenantry")
    assert found.level is given_back.level is Level.ERROR
    program, *arguments = found.mend.split()
    started = await asyncio.create_subprocess_exec(
        BIN / program,
        *arguments,
        "--listen=127.0.0.1:0",
        env=os.environ | {"KUBECONFIG": str(doctor.kubeconfig)},
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        await doctor.is_well()
    finally:
        await site.api.apply(deployment, manager="helm", force=True)
        started.terminate()
        assert await started.wait() == 0


def _is_ours(manifest: Manifest) -> bool:
    return bool(manifest["kind"] == "Deployment")


async def test_a_cluster_where_all_is_well_is_told_to_be_so_to_scripts_and_to_people(
    site: Site, doctor: Doctor
) -> None:
    async with _operator(site):
        tenant = LiveTenant(site.api, "well")
        await tenant.apply()
        await tenant.ready()
        await doctor.is_well()

        piped = await asyncio.to_thread(doctor.shell, "tenantry doctor")
        table = await asyncio.to_thread(doctor.shell, "tenantry doctor -o table")
        await tenant.delete()
        await tenant.gone()

    assert (piped.returncode, table.returncode) == (0, 0), piped.stdout
    told = json.loads(piped.stdout)["findings"]
    levels = {one["check"]: one["level"] for one in told}
    assert levels.pop("queue") == "Unknown", "there are no pods to ask"
    assert {*levels.values()} == {"OK"}
    assert re.search(r"Tenants: \d+, all Ready", table.stdout)
    assert "\x1b" not in table.stdout


async def test_without_an_api_server_it_fails_in_one_line(doctor: Doctor) -> None:
    command = "KUBECONFIG=/none tenantry doctor 2>&1 >/dev/null"

    done = await asyncio.to_thread(doctor.shell, command)

    assert done.returncode == 2
    assert done.stdout.splitlines()[-1].startswith("Error: cannot use /none")


async def _break(api: ClusterApi) -> dict[str, str]:
    """Make every fault that a command can mend; gives what each is found by."""
    await api.delete("ValidatingAdmissionPolicy", "tenantry-hosts")
    await api.delete("ValidatingAdmissionPolicyBinding", "tenantry-images-warn")
    await api.patch(
        "ValidatingAdmissionPolicy", "tenantry-volumes", {"spec": {"failurePolicy": "Ignore"}}
    )
    crd = "tenants.tenantry.io"
    version = (await api.get("CustomResourceDefinition", crd))["spec"]["versions"][0]
    version["additionalPrinterColumns"].pop()
    await api.patch("CustomResourceDefinition", crd, {"spec": {"versions": [version]}})
    await api.apply(
        _workload("Deployment", STATE_METRICS, "--metric-labels-allowlist=nodes=[zone]")
    )
    return {
        "not installed: tenantry-hosts": "tenantry policies",
        "not bound: tenantry-images-warn": "tenantry policies",
        "not as this version ships them: tenantry-volumes": "tenantry policies",
        f"{crd} is ": "tenantry crds",
        "kube-state-metrics does not show namespaces: tenantry.io/tenant": "kubectl patch",
    }


async def test_each_fault_is_found_and_mended_by_the_command_that_is_told(
    site: Site, doctor: Doctor
) -> None:
    async with _operator(site):
        faults = await _break(site.api)
        found = {what: await doctor.finds(what) for what in faults}
        status = (await asyncio.to_thread(doctor.shell, "tenantry doctor")).returncode

        assert status == 2
        assert {what: one.mend.startswith(faults[what]) for what, one in found.items()} == (
            dict.fromkeys(faults, True)
        )
        for mend in dict.fromkeys(one.mend for one in found.values()):
            await doctor.mend(next(one for one in found.values() if one.mend == mend))
        await doctor.is_well()
        arguments = (await site.api.get("Deployment", STATE_METRICS, "kube-system"))["spec"]
        assert "nodes=[zone]" in arguments["template"]["spec"]["containers"][0]["args"][0]
        await site.api.delete("Deployment", STATE_METRICS, "kube-system")


async def test_rights_that_are_cut_or_too_many_are_found(site: Site, doctor: Doctor) -> None:
    """What gives them back is the chart's upgrade, which is tried with the chart."""
    role = await site.api.get("ClusterRole", installation.RELEASE)
    rules: list[dict[str, Any]] = role["rules"]
    cut = [one for one in rules if "limitranges" not in one["resources"]]
    cut.append({"apiGroups": [""], "resources": ["secrets"], "verbs": ["get"]})
    await site.api.patch("ClusterRole", installation.RELEASE, {"rules": cut})
    doctor.is_thorough = True
    try:
        missing = await doctor.finds("may not: create limitranges, ")
        too_much = await doctor.finds("may do what it never does: get secrets")
    finally:
        doctor.is_thorough = False
        await site.api.patch("ClusterRole", installation.RELEASE, {"rules": rules})

    assert missing.level is Level.ERROR
    assert "helm upgrade tenantry helm/tenantry --namespace tenantry-system" in missing.mend
    shown = await asyncio.to_thread(doctor.shell, too_much.mend)
    assert installation.RELEASE in shown.stdout


async def test_somebody_who_may_read_nothing_is_told_so(site: Site) -> None:
    kubeconfig = site.cluster.kubeconfig_for("nobody")
    connection = await connect(kubeconfig)
    try:
        findings = [*examine(await Gathering(connection).facts())]
    finally:
        await connection.close()

    assert {one.level for one in findings} == {Level.OK, Level.UNKNOWN}
    assert any("cannot list resource" in one.what for one in findings)
