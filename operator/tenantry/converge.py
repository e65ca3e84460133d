"""One namespace on its way from what it is to what it should be, in the order that is safe.

Access that is no longer wanted goes first. Then the Namespace; then all that limits; and only when
every guard is in place the RoleBindings that let people in. Each object's failure is recorded and
stops what comes after it in this namespace, and nothing anywhere else.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tenantry.adoption import refusal_to_adopt
from tenantry.api.base import Manifest
from tenantry.api.names import TENANT_LABEL
from tenantry.api.tenant import Tenant
from tenantry.api.tenant_status import NamespaceState
from tenantry.cluster.apply import Writer
from tenantry.cluster.cache import Cache
from tenantry.cluster.client import Client
from tenantry.cluster.errors import AlreadyExists, ApiError, Forbidden, NotFound, Throttled
from tenantry.cluster.resources import NAMESPACES
from tenantry.desired.floor import DEFAULT_POLICY
from tenantry.desired.objects import DesiredNamespace, Refusal
from tenantry.observed import Key, Observed, key_of, observe
from tenantry.outcomes import Failure, NamespaceOutcome
from tenantry.plan import Change, Verb, compare, obsolete

ACCESS = "RoleBinding"
CLUSTER_WIDE = frozenset(
    {"ClusterRole", "ClusterRoleBinding", "ClusterNetworkPolicy", "AdminNetworkPolicy"}
)
"""Kinds that a tenant has outside of its namespaces."""
_HINTS: Mapping[type[ApiError], str] = {
    Forbidden: "the operator may bind the ClusterRoles that its chart names in "
    "bindableClusterRoles: add this one there, or take it out of spec.roleBindings",
    NotFound: "is there a ClusterRole of this name?",
}
"""What to do about a RoleBinding that is refused, where the API server does not say it."""


@dataclass(slots=True)
class Look:
    """One look at a Tenant: what it is, how urgent, and what has been done so far."""

    tenant: Tenant
    is_urgent: bool
    done: list[Change] = field(default_factory=list)


class Converger:
    """Makes namespaces what they should be."""

    def __init__(self, client: Client, writer: Writer) -> None:
        self._client, self._writer = client, writer

    async def converge(
        self, look: Look, desired: DesiredNamespace, observed: Mapping[Key, Observed]
    ) -> NamespaceOutcome:
        """Bring one namespace to what it should be; gives what became of it.

        Args:
            look: the Tenant and what is done for it.
            desired: the namespace as it should be.
            observed: the Namespace and the tenant's objects in it, as they are.
        """
        if desired.refusal:
            return _refused(desired, desired.refusal)
        own = observed.get(key_of(desired.namespace))
        if own is not None and _is_terminating(own):
            return _terminating(desired, own)
        unwanted = obsolete(
            {key: seen for key, seen in observed.items() if key[0] != "Namespace"},
            [*desired.closures, *desired.guards, *desired.access],
        )
        still_there = await self._make_all(look, [c for c in unwanted if is_access(c)])
        failures = await self._namespace(look, desired, own)
        if not failures and not desired.is_parked:
            failures = await self._fill(look, desired, observed, unwanted)
        return _outcome(desired, [*failures, *still_there])

    async def turn_away(
        self, look: Look, name: str, why: Refusal, observed: Mapping[Key, Observed]
    ) -> NamespaceOutcome:
        """Leave a namespace alone that has the tenant's label and is not the tenant's.

        But for access that the operator gave: it may have adopted the namespace, and been ended
        before it could tell, and the Tenant may have ceased to list it since.
        """
        rest = {key: seen for key, seen in observed.items() if key[0] != "Namespace"}
        given = [change for change in obsolete(rest, []) if is_access(change)]
        failures = await self._make_all(look, given, cause="not the tenant's")
        return NamespaceOutcome(
            name,
            "NotAdopted",
            is_listed=False,
            failures=tuple(failures),
            reason=why.reason,
            message=why.message,
        )

    async def converge_quotas(
        self, look: Look, spaces: Sequence[DesiredNamespace], cache: Cache
    ) -> list[Failure]:
        """Bring the ResourceQuotas that are there to what was lent since they were looked at."""
        changes = [
            compare(one, seen)
            for space in spaces
            for one in space.guards
            if one["kind"] == "ResourceQuota" and (seen := cache.get(key_of(one)))
        ]
        return await self._make_all(look, [one for one in changes if one])

    async def converge_cluster_wide(
        self, look: Look, wanted: Sequence[Manifest], observed: Mapping[Key, Observed]
    ) -> list[Failure]:
        """Bring what the tenant has outside of its namespaces to what it should be.

        Bindings last: nobody can bind a role that is not there yet.
        """
        changes = [*_changes(wanted, observed), *obsolete(dict(observed), [*wanted])]
        bindings = [one for one in changes if one.manifest["kind"] == "ClusterRoleBinding"]
        failures = await self._make_all(look, [one for one in changes if one not in bindings])
        return failures or await self._make_all(look, bindings)

    async def _fill(
        self,
        look: Look,
        desired: DesiredNamespace,
        observed: Mapping[Key, Observed],
        unwanted: Sequence[Change],
    ) -> list[Failure]:
        failures = await self._make_all(look, _changes(desired.closures, observed))
        if not failures:
            failures += await self._make_all(look, _changes(desired.guards, observed))
        is_guarded = not failures
        if is_guarded:
            failures += await self._make_all(look, _changes(desired.access, observed))
        rest = [one for one in unwanted if not is_access(one)]
        # What closes the pods of Applications is needed until the floor has them again.
        due = [one for one in rest if is_guarded or not _is_closure(one)]
        failures += await self._make_all(look, due)
        return failures

    async def _namespace(
        self, look: Look, desired: DesiredNamespace, own: Observed | None
    ) -> list[Failure]:
        if own is not None:
            change = compare(desired.namespace, own)
            return await self._make_all(look, [change] if change else [])
        try:
            return await self._make_or_adopt(look, desired)
        except ApiError as problem:
            return [failure_of("Namespace", desired.name, problem)]

    async def _make_or_adopt(self, look: Look, desired: DesiredNamespace) -> list[Failure]:
        manifest = desired.namespace
        change = Change(Verb.CREATE, manifest)
        try:
            await self._writer.create_only(change, look.tenant.name, urgent=look.is_urgent)
        except AlreadyExists:
            existing = observe(await self._client.get(NAMESPACES, desired.name))
            refusal = refusal_to_adopt(look.tenant, manifest, existing)
            if refusal:
                return [_lasting("Namespace", refusal)]
            if existing.is_being_deleted:
                return [_still_terminating(existing)]
            adopted = compare(manifest, existing)
            # A label of the operator's own: it comes of a POST whose answer was lost.
            is_posted = TENANT_LABEL in existing.own_labels
            if adopted is None and not is_posted:
                adopted = Change(Verb.APPLY, manifest)
            is_known = is_posted or existing.uid in look.tenant.status.namespace_uids
            changes = [adopted] if adopted else []
            return await self._make_all(look, changes, cause="" if is_known else "adopted")
        look.done.append(change)
        return []

    async def _make_all(
        self, look: Look, changes: Sequence[Change], cause: str = ""
    ) -> list[Failure]:
        """Make independent changes side by side; gives the failures, in the changes' order."""
        if not changes:
            return []
        results = await asyncio.gather(*(self._make(look, one, cause) for one in changes))
        return [failure for failure in results if failure]

    async def _make(self, look: Look, change: Change, cause: str) -> Failure | None:
        try:
            await self._writer.make(change, look.tenant.name, urgent=look.is_urgent, cause=cause)
        except ApiError as problem:
            kind, namespace, name = key_of(change.manifest)
            return failure_of(kind, f"{namespace}/{name}" if namespace else name, problem)
        look.done.append(change)
        return None


def failure_of(kind: str, name: str, problem: ApiError) -> Failure:
    """What the API server said, as a failure that names the object."""
    patience = problem.retry_after if isinstance(problem, Throttled) else 0.0
    # What follows the first line is a list of all that a refused role could do.
    what, _, _ = str(problem).partition("\n")
    message = f"{kind} {name}: {what.rstrip(':')}"
    if kind == ACCESS and type(problem) in _HINTS:
        message += f"; {_HINTS[type(problem)]}"
    return Failure(kind, problem.reason, message, problem.is_transient, patience)


def _changes(wanted: Sequence[Manifest], observed: Mapping[Key, Observed]) -> list[Change]:
    compared = (compare(manifest, observed.get(key_of(manifest))) for manifest in wanted)
    return [change for change in compared if change]


def is_access(change: Change) -> bool:
    """Whether it concerns what lets people in."""
    return bool(change.manifest["kind"] == ACCESS)


def _is_closure(change: Change) -> bool:
    kind, _, name = key_of(change.manifest)
    return (kind, name) == ("NetworkPolicy", DEFAULT_POLICY)


def _is_terminating(own: Observed) -> bool:
    return own.is_being_deleted or own.status.get("phase") == "Terminating"


def _lasting(kind: str, refusal: Refusal) -> Failure:
    return Failure(kind, refusal.reason, refusal.message, is_transient=False)


def _refused(desired: DesiredNamespace, refusal: Refusal) -> NamespaceOutcome:
    return NamespaceOutcome(
        desired.name, "Conflict", desired.listed, (_lasting("Namespace", refusal),)
    )


def _still_terminating(own: Observed) -> Failure:
    blockers = "; ".join(one["message"] for one in own.status.get("conditions", ()))
    name = own.body["metadata"]["name"]
    return Failure(
        "Namespace",
        "NamespaceTerminating",
        f"namespace {name} is being deleted and will be made anew: {blockers or 'waiting'}",
    )


def ending(name: str, observed: Mapping[Key, Observed]) -> NamespaceOutcome:
    """A namespace that had joined the tenant and is being deleted."""
    failure = _still_terminating(observed["Namespace", "", name])
    blockers = failure.message.rpartition(": ")[2]
    return NamespaceOutcome(name, "Terminating", is_listed=False, message=blockers)


def _terminating(desired: DesiredNamespace, own: Observed) -> NamespaceOutcome:
    failures = (_still_terminating(own),) if desired.listed else ()
    return NamespaceOutcome(desired.name, "Terminating", desired.listed, failures)


_RETAINED = (
    "no longer listed: workloads, quota and isolation stay, access is gone (deletionPolicy Retain)"
)
_PARKED = (
    "waits, without access and without quota: the tenant has as many namespaces as it may have "
    "(spec.namespaceOptions.max). Delete one, or ask a platform administrator to raise it"
)
_STATES: dict[str, NamespaceState] = {
    "NotAdopted": "NotAdopted",
    "NotIdentical": "NotAdopted",
    "HeldByAnotherTenant": "Conflict",
    "NamespaceTerminating": "Terminating",
}


def _outcome(desired: DesiredNamespace, failures: list[Failure]) -> NamespaceOutcome:
    if failures:
        state = _STATES.get(failures[0].reason, "Failed")
        return NamespaceOutcome(desired.name, state, desired.listed, tuple(failures))
    if not desired.listed:
        return NamespaceOutcome(desired.name, "Retained", is_listed=False, message=_RETAINED)
    if desired.is_parked:
        return NamespaceOutcome(
            desired.name, "Parked", is_listed=False, reason="TooManyNamespaces", message=_PARKED
        )
    return NamespaceOutcome(desired.name)
