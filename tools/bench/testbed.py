"""A fresh control plane with Tenantry installed as users install it, for one side of a comparison.

Both sides write as the operator's ServiceAccount, with the rights that its chart gives and a token
of the same kind, and both have their Tenants made by the administrator.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from bench import chart
from bench.api import Api
from bench.audit import AuditLog
from devcluster import DevCluster

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

ACCOUNT: Final = f"system:serviceaccount:{chart.NAMESPACE}:{chart.RELEASE}"
PATIENCE: Final = 30.0
SETTLING: Final = 1.0
"""Seconds after which a new control plane has done what every one does once."""


class TimedOut(Exception):  # noqa: N818 - reads as what happened
    """Something that should happen did not, within a generous time."""


@dataclass(frozen=True)
class Testbed:
    """A control plane and what is needed to measure on it.

    Attributes:
        admin: the administrator's connections.
        identity: the kubeconfig of the operator's ServiceAccount.
        folder: for scripts and logs; goes with the testbed.
        audit: what has been written, by whom.
    """

    cluster: DevCluster
    admin: Api
    identity: Path
    folder: Path
    audit: AuditLog

    @property
    def pids(self) -> Mapping[str, int]:
        """The control plane's programs."""
        return self.cluster.pids


@asynccontextmanager
async def testbed() -> AsyncIterator[Testbed]:
    """A control plane that lives while the block lasts."""
    cluster = await asyncio.to_thread(DevCluster.start, nodes=1)
    try:
        with tempfile.TemporaryDirectory(prefix="bench-") as folder:
            async with Api(cluster.kubeconfig, connections=64) as admin:
                await _install(admin)
                identity = await asyncio.to_thread(
                    cluster.service_account_kubeconfig, chart.NAMESPACE, chart.RELEASE
                )
                audit = AuditLog(cluster.audit_log)
                await asyncio.sleep(SETTLING)
                yield Testbed(cluster, admin, identity, Path(folder), audit)
    finally:
        await asyncio.to_thread(cluster.stop)


async def _install(admin: Api) -> None:
    for manifest in await asyncio.to_thread(chart.manifests):
        await admin.post(_collection(manifest), manifest)
        if manifest["kind"] == "CustomResourceDefinition":
            await _served(admin, manifest)


async def _served(admin: Api, crd: dict[str, Any]) -> None:
    """Wait until the API server takes objects of the new kind."""
    path = f"{_collection(crd)}/{crd['metadata']['name']}"
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        conditions = (await admin.get(path))["status"].get("conditions") or ()
        if any(one["type"] == "Established" and one["status"] == "True" for one in conditions):
            return
        await asyncio.sleep(0.05)
    raise TimedOut(f"{crd['metadata']['name']} was not established within {PATIENCE:g} s")


def _collection(manifest: dict[str, Any]) -> str:
    """Where objects of this kind are made."""
    version = manifest["apiVersion"]
    root = f"/apis/{version}" if "/" in version else f"/api/{version}"
    namespace = manifest["metadata"].get("namespace")
    within = f"/namespaces/{namespace}" if namespace else ""
    kind = manifest["kind"].lower()
    plural = f"{kind[:-1]}ies" if kind.endswith("y") else f"{kind}s"
    return f"{root}{within}/{plural}"
