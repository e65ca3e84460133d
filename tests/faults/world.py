"""Is the cluster as the Tenants say? All that should be, equal; nothing else; and said so.

What should be is rendered by the operator's own pure core, whose output other tests pin down; what
is comes from the API server, read by somebody else than the operator.
"""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from cluster_api import ClusterApi
from tenancy import LiveTenant, condition
from tenantry.api.base import Manifest
from tenantry.api.names import MANAGED_BY, MANAGED_BY_LABEL, TENANT_LABEL
from tenantry.api.tenant import Tenant
from tenantry.cluster.resources import OWNED
from tenantry.desired import desired_namespaces
from tenantry.desired.cluster_roles import cluster_roles
from tenantry.desired.objects import Facts
from tenantry.observed import Key, key_of, observe
from tenantry.plan import compare
from tenantry.status import total
from waiting import eventually

KINDS: Final = tuple(one.kind for one in OWNED)
PACE: Final = 0.2
"""Seconds between two looks at the whole cluster, which keep the operator waiting for a core."""
_GONE: Final = "2026-01-01T00:00:00Z"


@dataclass
class World:
    """What a test expects of a cluster.

    Attributes:
        prefix: with which the names of the test's Tenants begin; other tests' are not looked at.
        departed: Tenants that were deleted, as they last were.
    """

    api: ClusterApi
    prefix: str
    departed: dict[str, Manifest] = field(default_factory=dict)

    async def is_right(self, within: float = 30) -> None:
        """Wait until everything is as it should be.

        Raises:
            AssertionError: it does not become so; tells what is wrong.
        """

        async def look() -> list[str]:
            wrongs = await self.wrongs()
            if wrongs:
                await asyncio.sleep(PACE)
            return wrongs

        await eventually(look, lambda wrongs: not wrongs, within=within)

    async def wrongs(self) -> list[str]:
        """What is not as it should be, a line each."""
        tenants = {one["metadata"]["name"]: one for one in await self.tenants()}
        objects = await self.owned()
        prefixes = {name: f"{name}-" for name in tenants}
        found: list[str] = []
        for name in tenants.keys() | self.departed.keys() | objects.keys():
            manifest = tenants.get(name)
            own = objects.get(name, {})
            if manifest is not None:
                found += _wrong_objects(manifest, own, prefixes)
                found += _wrong_status(manifest, own)
            elif name in self.departed:
                found += _wrong_remains(self.departed[name], own)
            else:
                found.append(f"{name}: no such tenant has objects: {sorted(own)}")
        return found

    def tenant(self, suffix: str = "") -> LiveTenant:
        """A Tenant to make, or one that was made."""
        return LiveTenant(self.api, self.prefix + suffix)

    async def tenants(self) -> list[Manifest]:
        """The test's Tenants."""
        every = await self.api.list("Tenant")
        return [one for one in every if one["metadata"]["name"].startswith(self.prefix)]

    async def depart(self, tenant: LiveTenant) -> None:
        """Delete a Tenant; from now on it is right that it goes."""
        self.departed[tenant.name] = await tenant.get()
        await tenant.delete()

    async def clear(self) -> None:
        """Take everything away, without the operator's help; namespaces end when they do."""
        for one in await self.tenants():
            name = one["metadata"]["name"]
            await self.api.patch("Tenant", name, {"metadata": {"finalizers": None}})
            if "deletionTimestamp" not in one["metadata"]:
                await self.api.delete("Tenant", name)
        for one in await self.api.list("Namespace"):
            if one["metadata"]["name"].startswith(self.prefix):
                await self.api.delete("Namespace", one["metadata"]["name"])

    async def owned(self) -> dict[str, dict[Key, Manifest]]:
        """All that carries a tenant's label, by tenant."""
        objects: dict[str, dict[Key, Manifest]] = defaultdict(dict)
        for kind in KINDS:
            for item in await self.api.list(kind, selector=TENANT_LABEL):
                manifest = {"kind": kind} | item
                tenant = item["metadata"]["labels"][TENANT_LABEL]
                if tenant.startswith(self.prefix):
                    objects[tenant][key_of(manifest)] = manifest
        return objects


def _wrong_objects(
    manifest: Manifest, own: Mapping[Key, Manifest], prefixes: Mapping[str, str]
) -> list[str]:
    tenant = Tenant.parse(manifest)
    listed = {tenant.prefix + one.name for one in tenant.spec.namespaces}
    spaces = {key[2] for key in own if key[0] == "Namespace"}
    if "deletionTimestamp" in manifest["metadata"]:
        return [f"{tenant.name}: is still being deleted"]
    facts = Facts(prefixes, unlisted=frozenset(spaces - listed), held=frozenset(spaces))
    wanted = desired_namespaces(tenant, facts)
    inside = [one for space in wanted for one in (space.namespace, *space.guards, *space.access)]
    seen = [space.name for space in wanted if space.listed]
    return _differences([*inside, *cluster_roles(tenant, seen, [])], own)


def _differences(wanted: Iterable[Manifest], own: Mapping[Key, Manifest]) -> list[str]:
    found, keys = [], set()
    for one in wanted:
        key = key_of(one)
        keys.add(key)
        if key not in own:
            found.append(f"{key}: missing")
        elif "deletionTimestamp" in own[key]["metadata"]:
            found.append(f"{key}: is being deleted")
        elif change := compare(one, observe(own[key])):
            found.append(f"{key}: differs in {', '.join(change.differs)}")
    return found + [f"{key}: nobody wants it" for key in sorted(own.keys() - keys)]


def _wrong_status(manifest: Manifest, own: Mapping[Key, Manifest]) -> list[str]:
    name, status = manifest["metadata"]["name"], manifest.get("status", {})
    ready = condition({"status": status}, "Ready") or {}
    generation = manifest["metadata"]["generation"]
    told = {one["name"]: one.get("uid") for one in status.get("namespaces", ())}
    are = {key[2]: one["metadata"]["uid"] for key, one in own.items() if key[0] == "Namespace"}
    quotas = [one for key, one in own.items() if key[0] == "ResourceQuota"]
    hard = total(one.get("status", {}).get("hard") or one["spec"]["hard"] for one in quotas)
    used = total(one.get("status", {}).get("used", {}) for one in quotas)
    quota = {part: total([status.get("quota", {}).get(part, {})]) for part in ("hard", "used")}
    checks = {
        f"Ready is {ready.get('status')}: {ready.get('message')}": ready.get("status") == "True",
        f"Ready speaks of another generation than {generation}": (
            ready.get("observedGeneration") == status.get("observedGeneration") == generation
        ),
        f"status tells of namespaces {told}, and there are {are}": told == are,
        f"status tells of quota {quota}, and there is {hard}, {used} of it used": (
            quota == {"hard": hard, "used": used}
        ),
    }
    return [f"{name}: {wrong}" for wrong, is_right in checks.items() if not is_right]


def _wrong_remains(manifest: Manifest, own: Mapping[Key, Manifest]) -> list[str]:
    """What is left of a Tenant that is gone: by Retain its namespaces, else nothing of ours."""
    gone = manifest["metadata"] | {"deletionTimestamp": _GONE}
    tenant = Tenant.parse(manifest | {"metadata": gone})
    retained = frozenset(key[2] for key in own if key[0] == "Namespace")
    if tenant.spec.deletion_policy == "Retain":
        listed = {tenant.prefix + one.name for one in tenant.spec.namespaces}
        empty = tenant.spec.model_copy(update={"namespaces": []})
        facts = Facts({tenant.name: tenant.prefix}, unlisted=retained)
        wanted = desired_namespaces(tenant.model_copy(update={"spec": empty}), facts)
        missing = [f"{one}: is not retained" for one in sorted(listed - retained)]
        every = [one for space in wanted for one in (space.namespace, *space.guards, *space.access)]
        return missing + _differences(every, own)
    ours = {key: one for key, one in own.items() if _is_managed(one)}
    return [f"{key}: is left" for key in sorted(ours)]


def _is_managed(manifest: Manifest) -> bool:
    return bool(manifest["metadata"]["labels"].get(MANAGED_BY_LABEL) == MANAGED_BY)
