"""A Tenant on a cluster, as tests make, change and await it."""

from typing import Any, Final

from cluster_api import ClusterApi
from tenantry.api.base import Manifest
from tenantry.api.names import API_VERSION
from waiting import PATIENCE, eventually, eventually_gone

OWNER: Final[Manifest] = {"kind": "User", "name": "olivia"}


def tenant(name: str, **spec: Any) -> Manifest:
    """A Tenant's manifest; with one owner unless others are given.

    Namespaces may be given by their short names alone.
    """
    namespaces = [
        {"name": one} if isinstance(one, str) else one for one in spec.pop("namespaces", ["web"])
    ]
    return {
        "apiVersion": API_VERSION,
        "kind": "Tenant",
        "metadata": {"name": name},
        "spec": {"owners": [OWNER], "namespaces": namespaces} | spec,
    }


def condition(manifest: Manifest, type_: str) -> Manifest | None:
    """A condition of an object's status, or None."""
    found = (one for one in manifest["status"].get("conditions", ()) if one["type"] == type_)
    return next(found, None)


class LiveTenant:
    """One Tenant: what was applied last, and what became of it."""

    def __init__(self, api: ClusterApi, name: str) -> None:
        self.api, self.name = api, name
        self._spec: Manifest = {}

    def namespace(self, short: str = "web") -> str:
        """The full name of one of its namespaces."""
        return f"{self.name}-{short}"

    async def apply(self, **changes: Any) -> Manifest:
        """Apply its manifest with these fields of the spec changed; None takes a field out."""
        self._spec = {k: v for k, v in (self._spec | changes).items() if v is not None}
        return await self.api.apply(tenant(self.name, **self._spec))

    async def get(self) -> Manifest:
        """As it is now."""
        return await self.api.get("Tenant", self.name)

    async def becomes(
        self,
        type_: str,
        status: str,
        reason: str | None = None,
        *,
        within: float = PATIENCE,
    ) -> Manifest:
        """Wait for a condition that speaks of the current spec; gives the condition."""

        async def look() -> tuple[int, list[Manifest]]:
            seen = await self.get()
            return seen["metadata"]["generation"], seen["status"].get("conditions", [])

        def is_it(one: Manifest, generation: int) -> bool:
            wanted = {"type": type_, "status": status, "observedGeneration": generation}
            return wanted.items() <= one.items() and reason in {None, one["reason"]}

        generation, conditions = await eventually(
            look, lambda seen: any(is_it(one, seen[0]) for one in seen[1]), within=within
        )
        return next(one for one in conditions if is_it(one, generation))

    async def ready(self, *, within: float = PATIENCE) -> Manifest:
        """Wait until it is Ready as the spec now is; gives the Tenant."""
        await self.becomes("Ready", "True", within=within)
        return await self.get()

    async def made(self, kind: str, name: str = "tenantry", short: str = "web") -> Manifest:
        """An object that the operator made in one of its namespaces."""
        if kind == "Namespace":
            return await self.api.get(kind, self.namespace(short))
        return await self.api.get(kind, name, self.namespace(short))

    async def appears(
        self, kind: str, name: str = "tenantry", short: str = "web", *, within: float = PATIENCE
    ) -> Manifest:
        """Wait for an object that the operator is to make; gives it."""
        return await eventually(lambda: self.made(kind, name, short), within=within)

    async def state_of(self, short: str) -> Manifest:
        """What its status says of one namespace."""
        spaces: list[Manifest] = (await self.get())["status"].get("namespaces", [])
        return next((one for one in spaces if one["name"] == self.namespace(short)), {})

    async def delete(self) -> None:
        """Ask for its deletion."""
        await self.api.delete("Tenant", self.name)

    async def gone(self, *, within: float = PATIENCE) -> None:
        """Wait until it is no more."""
        await eventually_gone(self.get, within=within)
