"""What the gauges show, read from the cache at each scrape."""

from collections import Counter
from collections.abc import Iterator, Mapping

from tenantry.api.quantities import amount
from tenantry.desired.quotas import quota_name
from tenantry.handlers.engine import Engine
from tenantry.telemetry.budgets import Spending
from tenantry.telemetry.metrics import QuotaUsage, Snapshot


def snapshot(engine: Engine, heard: Mapping[str, float]) -> Snapshot:
    """What is so at this moment, as far as the cache knows.

    Args:
        engine: the operator's insides.
        heard: Unix time at which each kind's watch heard from the API server last.
    """
    states: Counter[str] = Counter()
    conditions: Counter[tuple[str, str]] = Counter()
    namespaces: Counter[str] = Counter()
    quotas = [*_quotas_of_namespaces(engine)]
    for (_, _, name), _, status in engine.cache.statuses("Tenant"):
        states[status.get("state", "Pending")] += 1
        for condition in status.get("conditions", ()):
            conditions[condition["type"], condition["status"]] += 1
        for space in status.get("namespaces", ()):
            namespaces[space["state"]] += 1
        quotas += _quotas(name, "", status.get("quota", {}))
    applications = Counter(
        status.get("state", "Pending") for _, _, status in engine.cache.statuses("Application")
    )
    return Snapshot(
        queue_depth=len(engine.queue),
        oldest_look=max(engine.queue.oldest_look(), engine.applications.queue.oldest_look()),
        cache_objects=engine.cache.sizes(),
        heard=heard,
        policies_missing=len(engine.reconciler.guardrails.missing),
        tenants=states,
        conditions=conditions,
        namespaces=namespaces,
        quotas=quotas,
        applications_queued=len(engine.applications.queue),
        applications=applications,
        spendings=[*_spendings(engine)],
    )


def _spendings(engine: Engine) -> Iterator[Spending]:
    for (_, _, tenant), _, status in engine.cache.statuses("Tenant"):
        cost = status.get("cost", {})
        if not cost.get("monthToDate"):
            continue
        projected, used = cost.get("projected"), cost.get("budgetUsed", "").rstrip("%")
        yield Spending(
            tenant=tenant,
            currency=cost["currency"],
            month_to_date=float(cost["monthToDate"]),
            projected=float(projected) if projected else None,
            budget_used=float(used) / 100 if used else None,
        )


def _quotas_of_namespaces(engine: Engine) -> Iterator[QuotaUsage]:
    for (_, namespace, name), tenant, status in engine.cache.statuses("ResourceQuota"):
        # A label alone is no proof: anybody may write it in a namespace of no tenant.
        if engine.cache.owner_of(("Namespace", "", namespace)) != tenant:
            continue
        first, _, scope = name.partition("-")
        if first == quota_name(""):
            yield from _quotas(tenant, namespace, status, scope)


def _quotas(
    tenant: str, namespace: str, status: Mapping[str, dict[str, str]], scope: str = ""
) -> list[QuotaUsage]:
    """Entries of one quota, from a status with ``hard`` and ``used``."""
    used = status.get("used", {})
    return [
        QuotaUsage(
            tenant=tenant,
            namespace=namespace,
            scope=scope,
            resource=resource,
            hard=float(amount(hard)),
            used=float(amount(used.get(resource, 0))),
        )
        for resource, hard in status.get("hard", {}).items()
    ]
