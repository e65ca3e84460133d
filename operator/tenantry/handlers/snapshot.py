"""What the gauges show, read from the cache at each scrape."""

from collections import Counter

from tenantry.api.quantities import amount
from tenantry.handlers.engine import Engine
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
