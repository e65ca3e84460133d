"""How a tenant's namespaces are left: by its deletion policy, and never by a cascade.

``Retain`` is rendering without access, and needs nothing here. ``Orphan`` takes the operator's
labels and objects out; ``Delete`` deletes the namespace and tells what it waits for. When the
Tenants' own CRD is being removed, every Tenant is deleted with it: that is an accident or an
uninstallation, not the end of all tenants, so nothing in their namespaces is touched.
"""

from collections.abc import Mapping

from tenantry.api.base import Manifest  # noqa: TC001 - annotates a local
from tenantry.api.names import FINALIZER, GROUP, SELF_SERVICE_LABEL, TENANT_LABEL
from tenantry.api.tenant import Tenant
from tenantry.cluster.apply import Writer
from tenantry.cluster.client import Client
from tenantry.cluster.errors import ApiError, NotFound
from tenantry.cluster.resources import CRDS, NAMESPACES
from tenantry.converge import Look, failure_of, is_access
from tenantry.observed import Key, Observed, observe
from tenantry.outcomes import NamespaceOutcome
from tenantry.plan import Change, Verb, name_only, obsolete

_BY_POLICY = frozenset({SELF_SERVICE_LABEL})
"""Labels that a policy puts on a namespace in the name of whoever makes it."""


class Departure:
    """Leaves namespaces, and lets Tenants go."""

    def __init__(self, client: Client, writer: Writer) -> None:
        self._client, self._writer = client, writer

    async def orphan(self, look: Look, name: str, observed: Mapping[Key, Observed]) -> None:
        """Take the operator's objects, labels and annotations out of a namespace.

        Raises:
            ApiError: something could not be taken out; what was is gone.
        """
        own = observed["Namespace", "", name]
        rest = {key: seen for key, seen in observed.items() if key[0] != "Namespace"}
        # Access first: an end half-way must not leave people in without isolation.
        for change in sorted(obsolete(rest, []), key=lambda one: not is_access(one)):
            await self._make(look, change)
        removals = {
            "metadata": {
                "labels": dict.fromkeys(sorted(own.own_labels | _BY_POLICY & own.labels.keys())),
                "annotations": dict.fromkeys(sorted(own.own_annotations)),
            }
        }
        manifest = name_only(("Namespace", "", name))
        change = Change(Verb.APPLY, manifest, ("orphaned",), applies=False, removals=removals)
        await self._make(look, change)

    async def delete(
        self, look: Look, name: str, observed: Mapping[Key, Observed]
    ) -> NamespaceOutcome:
        """Delete a namespace with all that is in it; gives what it waits for."""
        own = observed["Namespace", "", name]
        if not own.is_being_deleted:
            manifest = name_only(("Namespace", "", name))
            await self._make(look, Change(Verb.DELETE, manifest, uid=own.uid))
        blockers = "; ".join(one["message"] for one in own.status.get("conditions", ()))
        return NamespaceOutcome(
            name, "Terminating", is_listed=False, message=blockers or "being deleted"
        )

    async def leave(
        self, look: Look, name: str, observed: Mapping[Key, Observed]
    ) -> NamespaceOutcome | None:
        """Orphan or delete a namespace, as the Tenant says; None once nothing is left of it."""
        try:
            if look.tenant.spec.deletion_policy == "Delete":
                return await self.delete(look, name, observed)
            await self.orphan(look, name, observed)
        except ApiError as problem:
            failure = failure_of("Namespace", name, problem)
            return NamespaceOutcome(name, "Failed", is_listed=False, failures=(failure,))
        return None

    async def move_out(
        self, look: Look, name: str, observed: Mapping[Key, Observed]
    ) -> NamespaceOutcome | None:
        """Take the tenant's objects out of a namespace that was moved out of it by its label.

        Access goes at once. What limits stays where another tenant has the namespace, which makes
        it its own; else it goes with the operator's labels. One that is gone, or on its way, takes
        its objects along.
        """
        try:
            own = observe(await self._client.get(NAMESPACES, name))
            if own.is_being_deleted or own.labels.get(TENANT_LABEL) == look.tenant.name:
                return None
            if TENANT_LABEL not in own.labels:
                await self.orphan(look, name, {**observed, ("Namespace", "", name): own})
                return None
            for change in obsolete(dict(observed), []):
                if is_access(change):
                    await self._make(look, change)
        except NotFound:
            return None
        except ApiError as problem:
            failure = failure_of("Namespace", name, problem)
            return NamespaceOutcome(name, "Failed", is_listed=False, failures=(failure,))
        return None

    async def is_crd_going(self) -> bool:
        """Whether the Tenants' CRD is being removed, and the Tenants with it."""
        try:
            crd = await self._client.get(CRDS, f"tenants.{GROUP}")
        except NotFound:
            return True
        return "deletionTimestamp" in crd["metadata"]

    async def hold(self, tenant: Tenant) -> None:
        """Put the finalizer on a Tenant, before anything is made for it."""
        await self._finalizers(tenant, [*tenant.metadata.finalizers, FINALIZER])

    async def let_go(self, tenant: Tenant) -> None:
        """Take the finalizer off a Tenant that nothing depends on any more."""
        rest = [one for one in tenant.metadata.finalizers if one != FINALIZER]
        await self._finalizers(tenant, rest)

    async def _finalizers(self, tenant: Tenant, finalizers: list[str]) -> None:
        # The list is tested: another controller's finalizer must not be lost.
        seen = tenant.metadata.finalizers or None
        patch: list[Manifest] = [
            {"op": "test", "path": "/metadata/finalizers", "value": seen},
            {"op": "add", "path": "/metadata/finalizers", "value": finalizers},
        ]
        await self._writer.patch_tenant(tenant.metadata, patch, urgent=False)

    async def _make(self, look: Look, change: Change) -> None:
        await self._writer.make(change, look.tenant.name, urgent=look.is_urgent, cause="departure")
        look.done.append(change)
