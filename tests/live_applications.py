"""An Application on a cluster, as tests make, change and await it."""

from typing import Any

from cluster_api import ClusterApi
from tenancy import condition
from tenantry.api.base import Manifest
from tenantry.api.names import API_VERSION, APPLICATION_LABEL
from waiting import eventually, eventually_gone
from workloads import IMAGE


def component(name: str, **fields: Any) -> Manifest:
    """A component; of one image and one port unless others are given (None: none at all)."""
    given = {"versions", "image"} & fields.keys()
    made = {"name": name, "port": 8080} | ({} if given else {"image": IMAGE}) | fields
    return {key: value for key, value in made.items() if value is not None}


def application(name: str, namespace: str, *components: Manifest, **spec: Any) -> Manifest:
    """An Application's manifest; hello, unless components are given."""
    return {
        "apiVersion": API_VERSION,
        "kind": "Application",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {"components": [*components] or [component(name)]} | spec,
    }


class LiveApplication:
    """One Application: what was applied last, and what became of it."""

    def __init__(self, api: ClusterApi, name: str, namespace: str) -> None:
        self.api, self.name, self.namespace = api, name, namespace

    async def apply(self, *components: Manifest, **spec: Any) -> Manifest:
        """Apply it."""
        return await self.api.apply(
            application(self.name, self.namespace, *components, **spec), force=True
        )

    async def get(self) -> Manifest:
        """As the API server has it; its status first, for that is what a test that fails shows."""
        seen = await self.api.get("Application", self.name, self.namespace)
        del seen["metadata"]["managedFields"]
        return {"status": seen.get("status", {})} | seen

    async def ready(self) -> Manifest:
        """Wait until its present generation is Ready."""
        return await eventually(self.get, lambda seen: _says(seen, "Ready", "True"))

    async def says(self, type_: str, status: str, reason: str = "") -> Manifest:
        """Wait for a condition of its present generation; gives the condition."""
        seen = await eventually(self.get, lambda seen: _says(seen, type_, status, reason))
        found = condition(seen, type_)
        assert found is not None
        return found

    async def delete(self) -> None:
        """Delete it and wait until it is gone."""
        await self.api.delete("Application", self.name, self.namespace)
        await eventually_gone(self.get)

    async def has(self, kind: str) -> dict[str, Manifest]:
        """What of a kind it was made into, by name."""
        return {
            one["metadata"]["name"]: one
            for one in await self.api.list(kind, self.namespace)
            if one["metadata"].get("labels", {}).get(APPLICATION_LABEL) == self.name
        }


def _says(seen: Manifest, type_: str, status: str, reason: str = "") -> bool:
    found = condition(seen, type_)
    return (
        found is not None
        and found["status"] == status
        and found.get("observedGeneration") == seen["metadata"]["generation"]
        and reason in {"", found["reason"]}
    )
