"""What the gauges show, read from the cache at each scrape."""

from collections import Counter
from collections.abc import Iterator

from tenantry.api.quantities import amount
from tenantry.handlers.engine import Engine
from tenantry.telemetry.budgets import Spending
from tenantry.telemetry.metrics import QuotaUsage, Snapshot


def snapshot(engine: Engine) -> Snapshot:
    """What is so at this moment, as far as the cache knows."""
    conditions: Counter[tuple[str, str]] = Counter()
    namespaces: Counter[str] = Counter()
    for _, _, status in engine.cache.statuses("Tenant"):
        for condition in status.get("conditions", ()):
            conditions[condition["type"], condition["status"]] += 1
        for space in status.get("namespaces", ()):
            namespaces[space["state"]] += 1
    applications = Counter(
        status.get("state", "Pending") for _, _, status in engine.cache.statuses("Application")
    )
    return Snapshot(
        queue_depth=len(engine.queue),
        cache_objects=engine.cache.sizes(),
        conditions=conditions,
        namespaces=namespaces,
        quotas=_quotas(engine),
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


def _quotas(engine: Engine) -> list[QuotaUsage]:
    return [
        QuotaUsage(
            tenant=tenant,
            namespace=namespace,
            resource=resource,
            hard=float(amount(hard)),
            used=float(amount(status.get("used", {}).get(resource, 0))),
        )
        for (_, namespace, _), tenant, status in engine.cache.statuses("ResourceQuota")
        for resource, hard in status.get("hard", {}).items()
    ]
