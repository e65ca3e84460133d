"""Lends a tenant's quota to its namespaces: decide, write the ledger, then the ResourceQuotas.

The ledger is part of the Tenant's status and is written only over the Tenant that was looked at,
spec and all. Only after that is a ResourceQuota changed, and only if it still is what was seen
(``fence``). Whatever fails in between is found by the next look: a grant that was written and not
carried out counts as given.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tenantry.api.base import Manifest, manifest_of
from tenantry.api.names import TENANT_LABEL
from tenantry.api.namespaces import UNLISTED
from tenantry.api.tenant import Tenant
from tenantry.api.tenant_status import TenantStatus
from tenantry.cluster.apply import Writer
from tenantry.cluster.cache import Cache
from tenantry.cluster.client import Client
from tenantry.cluster.errors import Conflict, NotFound
from tenantry.cluster.resources import NAMESPACES, RESOURCE_QUOTAS
from tenantry.converge import Look
from tenantry.desired.objects import Leases
from tenantry.desired.quotas import quota_name
from tenantry.lending import Lending, Space, leases, ledgers_in, lend, pools
from tenantry.membership import Membership
from tenantry.observed import Observed, observe
from tenantry.refusals import Refusals


@dataclass(frozen=True, slots=True)
class Lessor:
    """Lends for one operator."""

    client: Client
    cache: Cache
    writer: Writer

    async def lend(self, look: Look, sorting: Membership, refusals: Refusals) -> Lending:
        """Decide anew, and write the ledger if it changed; ResourceQuotas are the caller's.

        Raises:
            Conflict: the Tenant has changed since it was looked at.
            ApiError: the ledger could not be written.
        """
        tenant = look.tenant
        if not pools(tenant.spec.quota) and not tenant.status.quota.ledgers:
            return Lending()
        known = [*self._known(tenant, sorting)]
        spaces = [*known, *await self._vanished(tenant, known)]
        lending = lend(tenant, spaces, refusals.of(one.name for one in spaces))
        if [*lending.ledgers] != tenant.status.quota.ledgers:
            await self._write(look, lending)
        return lending

    def _known(self, tenant: Tenant, sorting: Membership) -> Iterator[Space]:
        """Those whose label says that they are the tenant's, new ones among them."""
        listed = {tenant.prefix + one.name: one for one in tenant.spec.namespaces}
        by_space: dict[str, dict[str, Observed]] = {}
        for (_, space, name), quota in self.cache.of_tenant(tenant.name, "ResourceQuota").items():
            by_space.setdefault(space, {})[name] = quota
        leaving = sorting.unlisted | sorting.ending
        for name in sorted(listed.keys() | sorting.members | leaving):
            key = ("Namespace", "", name)
            seen = self.cache.get(key)
            if seen is not None and self.cache.owner_of(key) == tenant.name:
                own, quotas = listed.get(name, UNLISTED), by_space.get(name, {})
                yield Space(name, seen.uid, own, name in leaving, quotas)

    async def _vanished(self, tenant: Tenant, known: Sequence[Space]) -> list[Space]:
        """Those that the ledgers have, that carry the label no more, and that are still there.

        Whether one is gone must be certain, so the API server is asked and not the cache.
        """
        uids = {one.uid for one in known}
        missing = {
            grant.uid: grant.namespace
            for ledger in tenant.status.quota.ledgers
            for grant in ledger.grants
            if grant.uid not in uids
        }
        found = [await self._ask(tenant, name, uid) for uid, name in sorted(missing.items())]
        return [one for one in found if one]

    async def _ask(self, tenant: Tenant, name: str, uid: str) -> Space | None:
        try:
            space = observe(await self.client.get(NAMESPACES, name))
        except NotFound:
            return None
        if space.uid != uid:
            return None
        quotas: dict[str, Observed] = {}
        for scope in pools(tenant.spec.quota):
            found = await self._quota(quota_name(scope), name)
            if found is not None and found.labels.get(TENANT_LABEL) == tenant.name:
                quotas[quota_name(scope)] = found
        return Space(name, uid, None, quotas=quotas) if quotas else None

    async def _quota(self, quota: str, namespace: str) -> Observed | None:
        try:
            return observe(await self.client.get(RESOURCE_QUOTAS, quota, namespace))
        except NotFound:
            return None

    async def _write(self, look: Look, lending: Lending) -> None:
        metadata, key = look.tenant.metadata, ("Tenant", "", look.tenant.name)
        seen = self.cache.get(key)
        if (
            seen is None
            or seen.body["metadata"]["generation"] != metadata.generation
            or ledgers_in(seen.status) != look.tenant.status.quota.ledgers
        ):
            raise Conflict(f"Tenant {look.tenant.name} has changed", reason="Overtaken")
        ledgers: list[Manifest] = [dict(manifest_of(one)) for one in lending.ledgers]
        patch: list[Manifest] = [{"op": "add", "path": "/status/quota/ledgers", "value": ledgers}]
        if "quota" not in seen.status:
            patch.insert(0, {"op": "add", "path": "/status/quota", "value": {}})
        await self.writer.patch_tenant(
            metadata,
            patch,
            subresource="status",
            urgent=look.is_urgent,
            version=self.cache.version(key),
        )


def with_ledgers(tenant: Tenant, lending: Lending) -> Tenant:
    """The Tenant as it is once the ledgers are written."""
    quota = tenant.status.quota.model_copy(update={"ledgers": [*lending.ledgers]})
    status = tenant.status.model_copy(update={"quota": quota})
    return tenant.model_copy(update={"status": status})


def leases_now(cache: Cache, tenant: Tenant) -> Leases:
    """What the ledgers say of the namespaces that are there."""
    names = {grant.namespace for one in tenant.status.quota.ledgers for grant in one.grants}
    seen = ((name, cache.get(("Namespace", "", name))) for name in names)
    return leases(tenant, {name: one.uid for name, one in seen if one})


def version_to_write_over(cache: Cache, name: str, status: TenantStatus) -> int:
    """The resource version to write a status over: an old ledger never over a new one; 0 for any.

    Raises:
        Conflict: there is a newer one.
    """
    key = ("Tenant", "", name)
    seen = cache.get(key)
    if not status.quota.ledgers or seen is None:
        return 0
    if ledgers_in(seen.status) != status.quota.ledgers:
        raise Conflict(f"Tenant {name} has another ledger", reason="Overtaken")
    return cache.version(key)
