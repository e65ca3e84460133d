"""What leases are compared with: the formula that Capsule shares a tenant's quota by.

``hard = total - used by all + used here`` in every namespace (its
``internal/controllers/tenant/resourcequotas.go``): each of them may take all that is left, at the
same time.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress

from cluster_api import ClusterApi
from faults.quota_hammer import Witness
from tenantry.api.base import Manifest
from waiting import eventually

PAUSE = 0.01
"""Seconds between two looks, faster than any operator's."""


def resource_quota(namespace: str, pods: int) -> Manifest:
    """One that counts pods."""
    return {
        "apiVersion": "v1",
        "kind": "ResourceQuota",
        "metadata": {"name": "tenantry", "namespace": namespace},
        "spec": {"hard": {"pods": str(pods)}},
    }


@asynccontextmanager
async def formula(
    api: ClusterApi, witness: Witness, namespaces: Sequence[str], total: int
) -> AsyncIterator[None]:
    """Share a total by the formula while the context lasts; the namespaces are made here."""
    for name in namespaces:
        await api.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
        await api.create(resource_quota(name, total))

    async def known() -> list[int]:
        return [one.status for one in witness.quotas.values()]

    await eventually(known, lambda seen: seen == [total] * len(namespaces))
    applying = asyncio.create_task(_apply(api, witness, total))
    try:
        yield
    finally:
        applying.cancel()
        with suppress(asyncio.CancelledError):
            await applying


async def _apply(api: ClusterApi, witness: Witness, total: int) -> None:
    while True:
        left = total - sum(one.used for one in witness.quotas.values())
        wanted = {name: max(0, left + one.used) for name, one in witness.quotas.items()}
        changes = [
            api.patch("ResourceQuota", "tenantry", {"spec": {"hard": {"pods": str(pods)}}}, name)
            for name, pods in wanted.items()
            if pods != witness.quotas[name].spec
        ]
        await asyncio.gather(*changes)
        await asyncio.sleep(PAUSE)
