"""Keeps the operator's knowledge of the admission policies fresh.

They change when a platform team installs or upgrades, hardly ever else, so they are listed from
time to time rather than watched. Whatever has changed concerns every Tenant.
"""

import asyncio
from typing import Final

from tenantry.cluster.client import Client
from tenantry.cluster.errors import ApiError
from tenantry.cluster.guardrails import look_up
from tenantry.handlers.engine import Engine
from tenantry.telemetry.logging import get_logger

log = get_logger(__name__)

INTERVAL: Final = 10.0
"""Seconds between two looks."""


async def follow_guardrails(engine: Engine, client: Client) -> None:
    """Look again and again, and have all Tenants told of what is new."""
    while True:
        await asyncio.sleep(INTERVAL)
        try:
            found = await look_up(client)
        except ApiError as problem:
            log.warning("admission policies not looked up", cause=str(problem))
            continue
        if found != engine.reconciler.guardrails:
            engine.reconciler.guardrails = found
            log.info("admission policies changed", missing=found.missing)
            for _, _, name in engine.cache.keys("Tenant"):
                engine.queue.add(name)
