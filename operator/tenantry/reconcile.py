"""Observe, desire, plan, act, report: one look at one Tenant, from whatever state it is in.

Nothing here asks what has happened; it compares what should be with what is, and makes them equal.
So it may be interrupted anywhere, and the next look goes on from what the first one left.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Self

from pydantic import ValidationError

from tenantry.api.base import manifest_of
from tenantry.api.names import FINALIZER
from tenantry.api.quantities import amount
from tenantry.api.tenant import Metadata, Tenant
from tenantry.api.tenant_status import TenantStatus
from tenantry.application_index import ApplicationIndex
from tenantry.application_policies import policies_in
from tenantry.cluster.apply import Writer
from tenantry.cluster.cache import Cache
from tenantry.cluster.client import Client
from tenantry.cluster.errors import ApiError
from tenantry.cluster.events import EventRecorder
from tenantry.cluster.status_patch import status_patch
from tenantry.converge import CLUSTER_WIDE, Converger, Look, ending, failure_of
from tenantry.departure import Departure
from tenantry.desired import desired_namespaces
from tenantry.desired.objects import Facts
from tenantry.desired.prefixes import Prefixes
from tenantry.desired.quotas import quota_name
from tenantry.filling import fill
from tenantry.guardrails import Guardrails
from tenantry.leasing import Lessor, leases_now, version_to_write_over, with_ledgers
from tenantry.lending import Lending
from tenantry.membership import Membership, membership
from tenantry.news import tell
from tenantry.observed import Key, Observed
from tenantry.outcomes import OWN_STATES, Failure, NamespaceOutcome, Outcome, foreign
from tenantry.refusals import Refusals
from tenantry.status import report, total, unhealthy
from tenantry.tenant_wide import tenant_wide
from tenantry.territory import Tree, elsewhere, tree_of


@dataclass(frozen=True, slots=True)
class Result:
    """What one look came to.

    Attributes:
        failures: what must be tried again.
        changes: how many objects were written (the status of what was looked at not counted).
        look_again_in: seconds after which time alone may have changed what should be.
    """

    failures: tuple[Failure, ...] = ()
    changes: int = 0
    look_again_in: float | None = None

    @classmethod
    def failed(cls, problem: ApiError) -> Self:
        """The Tenant itself could not be written."""
        return cls((failure_of("Tenant", "", problem),))


@dataclass(slots=True)
class Reconciler:
    """The one verb.

    Args:
        now: RFC 3339 time, for conditions.
        prefixes: of all Tenants, name to prefix; kept by whoever hears of Tenants.
        guardrails: what of the admission policies is in place; kept by whoever looks it up.
        refusals: what did not fit into a quota lately; kept by whoever hears of it.
        index: of all Applications, likewise.
    """

    client: Client
    cache: Cache
    writer: Writer
    recorder: EventRecorder
    now: Callable[[], str]
    prefixes: Prefixes
    guardrails: Guardrails = field(default_factory=Guardrails)
    refusals: Refusals = field(default_factory=Refusals)
    index: ApplicationIndex = field(default_factory=ApplicationIndex)

    async def reconcile(self, name: str, *, urgent: bool = False) -> Result:
        """Make one Tenant's world as the Tenant says.

        Raises:
            ApiError: the Tenant itself could not be written. What happens to its namespaces is
                recorded in its status instead.
        """
        seen = self.cache.get(("Tenant", "", name))
        if seen is None:
            return Result()
        try:
            tenant = Tenant.parse(seen.body | {"status": seen.status})
        except ValidationError as problem:
            return await self.confess(name, "InvalidSpec", explained(problem))
        look = Look(tenant, urgent)
        tree = tree_of(self.cache, tenant)
        if tenant.is_being_deleted:
            return await self._end(look, tree)
        departure = Departure(self.client, self.writer)
        if FINALIZER not in tenant.metadata.finalizers:
            await departure.hold(tenant)
        outcome = await self._converge(look, tree, departure)
        await self._report(look, outcome)
        return self._result(look, outcome)

    async def confess(self, name: str, reason: str, message: str) -> Result:
        """Say in a Tenant's status that it could not even be looked at."""
        failure = Failure("Tenant", reason, message, is_transient=False)
        seen = self.cache.get(("Tenant", "", name))
        if seen is not None:
            before = TenantStatus.model_validate(seen.status)
            metadata = Metadata.model_validate(seen.body["metadata"])
            status = unhealthy(before, metadata.generation, reason, message, self.now())
            await self._write_status(metadata, before, status, urgent=False)
        return Result((failure,))

    async def _converge(self, look: Look, tree: Tree, departure: Departure) -> Outcome:
        """What the tenant has as it should be; what it has no more, as its deletion policy says."""
        tenant, converger = look.tenant, Converger(self.client, self.writer)
        is_guarded = self.guardrails.guards_labels
        sorting = membership(tenant, _namespaces(tree), self.prefixes, is_guarded=is_guarded)
        left = frozenset() if tenant.spec.deletion_policy == "Retain" else sorting.unlisted
        outcomes: list[NamespaceOutcome | None] = await asyncio.gather(
            *(departure.leave(look, name, tree[name]) for name in sorted(left)),
            *(converger.turn_away(look, name, why, tree[name]) for name, why in sorting.refused),
            *(departure.move_out(look, name, held) for name, held in self._elsewhere(tenant, tree)),
        )
        wanted, made = await fill(
            converger,
            look,
            self._facts(tenant, sorting),
            left,
            partial(tree_of, self.cache, tenant),
        )
        outcomes += made
        outcomes += [ending(name, tree[name]) for name in sorted(sorting.ending)]
        lending, unlent = await self._lend(look, converger, sorting)
        outcome = self._outcome(tenant, [one for one in outcomes if one], sorting, lending)
        opened = policies_in(self.cache, self.index, (one.name for one in wanted))
        objects = tenant_wide(tenant, outcome, wanted, opened)
        seen = self.cache.of_tenant(tenant.name, *CLUSTER_WIDE)
        failures = await converger.converge_cluster_wide(look, objects, seen)
        return replace(outcome, own_failures=(*unlent, *failures))

    def _facts(self, tenant: Tenant, sorting: Membership) -> Facts:
        # What is orphaned takes no share from now on; what is deleted does until it is gone.
        sharing = frozenset() if tenant.spec.deletion_policy == "Orphan" else sorting.unlisted
        held = sorting.held - sorting.parked
        return Facts(
            self.prefixes,
            sharing,
            sorting.members,
            sorting.parked,
            leases_now(self.cache, tenant),
            held,
            foreign(tenant.status.namespaces),
            self.index.namespaces,
        )

    async def _lend(
        self, look: Look, converger: Converger, sorting: Membership
    ) -> tuple[Lending, list[Failure]]:
        """Lend the tenant's quota to its namespaces, now that they are there.

        A look that is overtaken by somebody else's write is repeated.
        """
        tenant = look.tenant
        before = Lending(tuple(tenant.status.quota.ledgers))
        lessor = Lessor(self.client, self.cache, self.writer)
        try:
            lending = await lessor.lend(look, sorting, self.refusals)
        except ApiError as problem:
            return before, [failure_of("ResourceQuota", quota_name(""), problem)]
        self.refusals.waits(tenant.name, waits=lending.waits)
        if lending.ledgers == before.ledgers:
            return lending, []
        facts = self._facts(with_ledgers(tenant, lending), sorting)
        spaces = desired_namespaces(with_ledgers(tenant, lending), facts)
        return lending, await converger.converge_quotas(look, spaces, self.cache)

    async def _end(self, look: Look, tree: Tree) -> Result:
        """The Tenant is being deleted: leave its namespaces by its policy, then let it go."""
        tenant, departure = look.tenant, Departure(self.client, self.writer)
        if FINALIZER not in tenant.metadata.finalizers:
            return Result()
        if await departure.is_crd_going():
            await departure.let_go(tenant)
            return Result()
        if tenant.spec.deletion_protection:
            blocked = "protected: set spec.deletionProtection to false to let the Tenant go"
            outcome = replace(await self._converge(look, tree, departure), deletion_blocked=blocked)
            await self._report(look, outcome)
            return self._result(look, outcome)
        outcome = await self._converge(look, tree, departure)
        waiting = [one for one in outcome.namespaces if one.state in {"Failed", "Terminating"}]
        if not waiting:
            tell(self.recorder, look, None)
            await departure.let_go(tenant)
            return self._result(look, outcome)
        await self._report(look, outcome.blocked(waiting))
        return self._result(look, outcome)

    def _elsewhere(self, tenant: Tenant, tree: Tree) -> list[tuple[str, dict[Key, Observed]]]:
        """The tenant's objects in namespaces whose label says, no more, that they are its own.

        That counts only where the label is guarded: else whoever may label namespaces could lift
        the isolation of one.
        """
        return elsewhere(self.cache, tenant, tree) if self.guardrails.guards_labels else []

    def _outcome(
        self,
        tenant: Tenant,
        spaces: list[NamespaceOutcome],
        sorting: Membership,
        lending: Lending,
    ) -> Outcome:
        quotas = [
            seen
            for key, seen in self.cache.of_tenant(tenant.name, "ResourceQuota").items()
            # Its label says whose it is, and anybody may write that in a namespace of no tenant.
            if key[2] == quota_name("")
            and self.cache.owner_of(("Namespace", "", key[1])) == tenant.name
        ]
        hard = (seen.status.get("hard") or seen.body["spec"].get("hard", {}) for seen in quotas)
        used = (seen.status.get("used", {}) for seen in quotas)
        known = [
            replace(
                one,
                uid=self._uid(tenant.name, one),
                joined=one.name in sorting.joined,
                self_served=one.name in sorting.self_served,
            )
            for one in spaces
        ]
        ordered = tuple(sorted(known, key=lambda one: one.name))
        whole = {key: amount(value) for key, value in tenant.spec.quota.hard.items()}
        own = [one.name for one in ordered if one.state in OWN_STATES]
        return Outcome(
            ordered,
            hard=total(hard) | whole,
            used=total(used),
            lending=lending,
            applications={k: v for one in own for k, v in self.index.states_in(one).items()},
            guardrails=self.guardrails,
        )

    def _uid(self, tenant: str, space: NamespaceOutcome) -> str:
        """The uid of a namespace that is the tenant's; empty for one that is not."""
        key = ("Namespace", "", space.name)
        seen = self.cache.get(key)
        is_own = seen and self.cache.owner_of(key) == tenant and space.state in OWN_STATES
        return seen.uid if seen and is_own else ""

    async def _report(self, look: Look, outcome: Outcome) -> None:
        """Write the status, if it says something new, and tell what a person should know."""
        tenant = look.tenant
        status = report(tenant, outcome, self.now())
        tell(self.recorder, look, status)
        await self._write_status(tenant.metadata, tenant.status, status, urgent=look.is_urgent)

    async def _write_status(
        self, metadata: Metadata, before: TenantStatus, status: TenantStatus, *, urgent: bool
    ) -> None:
        if status == before:
            return
        seen = self.cache.get(("Tenant", "", metadata.name))
        patch = status_patch(seen.status if seen else {}, dict(manifest_of(status)))
        if not patch:
            return
        version = version_to_write_over(self.cache, metadata.name, status)
        await self.writer.patch_tenant(
            metadata, patch, subresource="status", urgent=urgent, version=version
        )

    def _result(self, look: Look, outcome: Outcome) -> Result:
        failures = tuple(failure for _, failure in outcome.failures)
        return Result(failures, len(look.done))


def _namespaces(tree: Tree) -> dict[str, Observed]:
    """The Namespaces with the tenant's label, by name."""
    keys = ((name, ("Namespace", "", name)) for name in tree)
    return {name: tree[name][key] for name, key in keys if key in tree[name]}


def explained(problem: ValidationError) -> str:
    """What is wrong with a manifest, field by field, for a person."""
    lines = [f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in problem.errors()[:5]]
    return "; ".join(lines)
