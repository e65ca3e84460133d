"""Pure: a Tenant, and the facts about its surroundings, to the manifests that should be.

This is the table of contents. One file a concern, named as users name it; each gives manifests as
the API server would store them (defaults written out, quantities canonical), so that comparing
them with what is there needs no knowledge of defaulting. Nothing here awaits, reads the clock or
the environment, or depends on the order of a set: the same Tenant gives the same bytes.

Manifests share their parts with each other and with the Tenant, for rendering happens at every
reconcile and most parts are the same in each namespace. Whoever gets one reads it; whoever must
change one copies it first.
"""

from collections.abc import Collection
from dataclasses import dataclass

from tenantry.api.namespaces import UNLISTED, NamespaceSpec
from tenantry.api.tenant import Tenant
from tenantry.desired.access import TenantBinding, role_bindings, tenant_bindings
from tenantry.desired.admission import Admission, admission
from tenantry.desired.floor import default_policy, floor_selector
from tenantry.desired.limits import Limits, limit_range
from tenantry.desired.namespaces import State, claim, namespace, ownership_labels, refusal
from tenantry.desired.network import network_policy
from tenantry.desired.objects import DesiredNamespace, Facts, Leases, Refusal
from tenantry.desired.prefixes import indexed
from tenantry.desired.quotas import Amounts, resource_quotas
from tenantry.desired.service_accounts import default_service_account


@dataclass(frozen=True, slots=True)
class _Tenancy:
    """What is the same in all of a tenant's namespaces, computed once."""

    tenant: Tenant
    names: tuple[str, ...]
    amounts: Amounts
    leases: Leases
    limits: Limits
    bindings: tuple[TenantBinding, ...]
    admission: Admission
    inhabited: Collection[str]


def desired_namespaces(tenant: Tenant, facts: Facts) -> list[DesiredNamespace]:
    """Every namespace that should be, with all that belongs into it, in the order of names.

    A namespace that the tenant has no more should be only under the deletion policy Retain, and a
    Tenant that is being deleted has none any more, unless it is protected.

    Args:
        tenant: as the API server has it.
        facts: what else matters: the prefixes of all tenants, the namespaces that carry this
            tenant's label although it does not list them.
    """
    listed = {tenant.prefix + own.name: own for own in tenant.spec.namespaces}
    own = dict.fromkeys(facts.members | facts.parked, UNLISTED) | listed
    specs = dict.fromkeys(facts.unlisted, UNLISTED) | own
    retained = {*specs} if _is_going(tenant) else specs.keys() - own.keys()
    refusals = {name: _refusal(name, tenant, facts) for name in sorted(specs)}
    # A refused name is somebody else's namespace: no rule may let it in.
    names = [name for name, refused in refusals.items() if refused is None]
    others = facts.parked | facts.foreign
    tenancy = _tenancy(tenant, [name for name in names if name not in others], facts)
    return [
        _refused(name, refused, listed=name not in retained)
        if refused
        else _parked(name, tenancy)
        if name in facts.parked and name not in retained
        else _desired(name, specs[name], tenancy, retained=name in retained)
        for name, refused in refusals.items()
        if name not in retained or tenant.spec.deletion_policy == "Retain"
    ]


def _refusal(name: str, tenant: Tenant, facts: Facts) -> Refusal | None:
    """Why no namespace of this name can be the tenant's, if so."""
    has_joined = name in facts.held or name in facts.unlisted or name in facts.members
    if has_joined or name in facts.parked:
        return refusal(name)
    return refusal(name) or claim(name, tenant, indexed(facts.prefixes))


def _tenancy(tenant: Tenant, names: list[str], facts: Facts) -> _Tenancy:
    amounts = Amounts(tenant.spec.quota)
    return _Tenancy(
        tenant=tenant,
        names=tuple(names),
        amounts=amounts,
        leases=facts.leases,
        limits=Limits(tenant.spec.limit_range, amounts.of(UNLISTED)),
        bindings=tenant_bindings(tenant.spec),
        admission=admission(tenant, names),
        inhabited=facts.inhabited,
    )


def _is_going(tenant: Tenant) -> bool:
    return tenant.is_being_deleted and not tenant.spec.deletion_protection


def _desired(
    name: str, own: NamespaceSpec, tenancy: _Tenancy, *, retained: bool
) -> DesiredNamespace:
    tenant, labels = tenancy.tenant, ownership_labels(tenancy.tenant, own)
    hard, network = tenancy.amounts.of(own), own.network or tenant.spec.network
    is_inhabited = name in tenancy.inhabited
    selector = floor_selector(has_applications=is_inhabited)
    floor = network_policy(name, labels, network, tenancy.names, selector)
    state: State = "retained" if retained else _state(tenant)
    return DesiredNamespace(
        name=name,
        namespace=namespace(
            name,
            tenant,
            own,
            {**labels, **tenancy.admission.labels},
            state=state,
            policy=tenancy.admission.annotations(name, network, floor),
        ),
        closures=(default_policy(name, labels),) if is_inhabited else (),
        guards=(
            *resource_quotas(name, labels, hard, tenant.spec.quota, tenancy.leases),
            limit_range(name, labels, tenancy.limits.of(own, hard)),
            floor,
            default_service_account(name, labels),
        ),
        access=() if retained else tuple(role_bindings(name, own, labels, tenancy.bindings)),
        listed=not retained,
    )


def _state(tenant: Tenant) -> State:
    if tenant.spec.suspend:
        return "suspended"
    return "over-budget" if tenant.is_over_budget else ""


def _parked(name: str, tenancy: _Tenancy) -> DesiredNamespace:
    """Marked, so that policies refuse whatever would run in it, and nothing else."""
    tenant = tenancy.tenant
    labels = ownership_labels(tenant, UNLISTED)
    marked = namespace(name, tenant, UNLISTED, labels, state="parked")
    return DesiredNamespace(name=name, namespace=marked, is_parked=True)


def _refused(name: str, refused: Refusal, *, listed: bool) -> DesiredNamespace:
    identity = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
    return DesiredNamespace(name=name, namespace=identity, listed=listed, refusal=refused)
