"""Costs over HTTP, asked of a real meter with tokens of a real cluster.

The meter goes on from a store in which two tenants have a history: acme 48 core-hours and
48 GiB-hours, at OpenCost's prices 1.72; globex 12 and 24, so 0.48.
"""

import asyncio
import csv
import io
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest

from cluster_api import ClusterApi
from conftest import MakeTenant
from devcluster import DevCluster
from granted import METER
from installation import NAMESPACE, RELEASE
from metered_store import fill
from operator_process import MeterProcess
from tenantry.api.base import Manifest

WINDOW: Final = "2026-10-24..2026-10-25"
FORMS: Final = ("json", "csv", "focus", "html")
OF_GLOBEX: Final = "0.48"


@dataclass
class Costs:
    """The meter's port, asked in HTTP as it is written, so that nothing on the way tidies it."""

    port: int
    acme: str
    globex: str

    async def get(self, target: str, token: str, *headers: str) -> tuple[int, str]:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        brought = [f"Authorization: Bearer {token}"] if token else []
        lines = [f"GET {target} HTTP/1.1", "Host: meter", *brought, *headers, "", ""]
        writer.write("\r\n".join(lines).encode())
        answer = (await asyncio.wait_for(reader.read(), 30)).decode()
        writer.close()
        head, _, body = answer.partition("\r\n\r\n")
        return int(head.split()[1]), body

    async def costs(self, words: str, token: str, form: str = "json") -> tuple[int, str]:
        return await self.get(f"/api/v1/costs?window={WINDOW}&format={form}&{words}", token)


async def _token(api: ClusterApi, account: str) -> str:
    """What ``kubectl create token`` gives, of a ServiceAccount that is made for it."""
    manifest = {
        "apiVersion": "v1",
        "kind": "ServiceAccount",
        "metadata": {"name": account, "namespace": "default"},
    }
    await api.apply(manifest)
    review = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {}}
    path = f"/api/v1/namespaces/default/serviceaccounts/{account}/token"
    return str((await api._client.request("POST", path, review))["status"]["token"])


def _account(name: str) -> Manifest:
    return {"kind": "ServiceAccount", "name": name, "namespace": "default"}


def _binding(account: str) -> Manifest:
    rbac = "rbac.authorization.k8s.io"
    return {
        "apiVersion": f"{rbac}/v1",
        "kind": "ClusterRoleBinding",
        "metadata": {"name": account},
        "roleRef": {"apiGroup": rbac, "kind": "ClusterRole", "name": f"{RELEASE}-finops"},
        "subjects": [_account(account)],
    }


@pytest.fixture
async def costs(
    cluster: DevCluster, api: ClusterApi, make_tenant: MakeTenant, name: str, tmp_path: Path
) -> AsyncIterator[Costs]:
    acme = await make_tenant("a", owners=[_account(f"{name}-acme")])
    globex = await make_tenant("g", owners=[_account(f"{name}-globex")])
    await api.apply(_binding(f"{name}-finops"))
    url = f"sqlite:///{tmp_path}/meter.db"
    fill(url, acme.name, globex.name)
    identity = cluster.service_account_kubeconfig(NAMESPACE, METER)
    meter = await MeterProcess.start(identity, tmp_path / "meter.log", database=url)
    try:
        port = (await meter.logged("listening"))["port"]
        yield Costs(port, acme.name, globex.name)
        assert (await meter.stop(), meter.defects()) == (0, [])
    finally:
        meter.kill()
        await api.delete("ClusterRoleBinding", f"{name}-finops")
        for account in ("acme", "finops"):
            await api.delete("ServiceAccount", f"{name}-{account}", "default")


async def test_tenants_see_what_they_cost_finops_all_and_nobody_anything_else(
    costs: Costs, api: ClusterApi, name: str
) -> None:
    owner, finops = await _token(api, f"{name}-acme"), await _token(api, f"{name}-finops")
    await _own(costs, owner)
    await _others(costs, owner)
    await _all(costs, finops)
    await _strangers(costs, owner)


async def _own(costs: Costs, owner: str) -> None:
    for form in FORMS:
        code, text = await costs.costs(f"tenant={costs.acme}", owner, form)
        assert (code, costs.globex in text) == (200, False), text
    code, text = await costs.costs(f"tenant={costs.acme}&by=tenant,application", owner)
    assert json.loads(text)["total"] == "1.72"
    _, data = await costs.costs(f"tenant={costs.acme}", owner, "focus")
    assert {one["SubAccountId"] for one in csv.DictReader(io.StringIO(data))} == {costs.acme}
    page = f"/?window={WINDOW}&tenant={costs.acme}"
    code, text = await costs.get(page, "", f"Cookie: tenantry-token={owner}")
    assert (code, "1.72" in text, costs.globex in text) == (200, True, False)


async def _others(costs: Costs, owner: str) -> None:
    acme, globex = costs.acme, costs.globex
    for words in (
        f"tenant={globex}",
        "",
        "tenant=",
        f"tenant={acme}&tenant={globex}",
        f"tenant={globex}&tenant={acme}",
        f"tenant={acme}&Tenant={globex}",
        f"tenant={acme}%00{globex}",
        f"tenant=%20{globex}",
        f"tenant={globex}/status",
        f"tenant=../{globex}",
        f"tenant={acme},{globex}",
        "tenant=*",
        f"application={globex}",
    ):
        for form in FORMS:
            code, text = await costs.costs(words, owner, form)
            assert (code in (400, 403), OF_GLOBEX in text) == (True, False), (words, text)
        code, text = await costs.get(f"/?window={WINDOW}&{words}", owner)
        assert (code in (400, 403), OF_GLOBEX in text) == (True, False), (words, text)
    query = f"tenant={globex}&window={WINDOW}"
    for target in (
        f"/api/v1/costs/{globex}",
        f"/api/v1/costs/../costs?{query}",
        f"//api/v1/costs?{query}",
        f"/api/v1/%63osts?{query}",
        f"http://meter/api/v1/costs?{query}",
        f"/api/v1/costs?{query}#tenant={acme}",
        f"/api/v1/costs;tenant={globex}",
    ):
        code, text = await costs.get(target, owner)
        assert (code in (400, 403, 404), OF_GLOBEX in text) == (True, False), (target, text)
    for target in ("/metrics", "/healthz", "/api", "/api/v1/openapi.json"):
        code, text = await costs.get(target, "")
        assert (code, globex in text, acme in text) == (200, False, False)


async def _all(costs: Costs, finops: str) -> None:
    code, text = await costs.costs("", finops)
    assert code == 200, text
    rows: dict[str, Any] = {row["tenant"]: row["cost"] for row in json.loads(text)["rows"]}
    assert (rows[costs.acme], rows[costs.globex]) == ("1.72", OF_GLOBEX)
    code, text = await costs.get(f"/?window={WINDOW}", finops)
    assert (code, costs.acme in text, costs.globex in text) == (200, True, True)


async def _strangers(costs: Costs, owner: str) -> None:
    head, payload, signature = owner.split(".")
    for token in ("", "forged", f"{head}.{payload}.{signature[::-1]}", f"{head}.{payload}."):
        for target in (f"/api/v1/costs?tenant={costs.acme}", f"/?tenant={costs.acme}"):
            code, text = await costs.get(target, token)
            assert (code, "1.72" in text) == (401, False)
