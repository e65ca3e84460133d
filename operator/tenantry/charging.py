"""Tells Tenants and Applications what they cost: hours and RateCards in, ``status.cost`` out.

The meter does this, as the field manager ``tenantry-meter``, and writes nothing else: what follows
from an amount (conditions, Events, what may start) is the operator's to decide, which sees every
change of a status anyway (docs/adr/0020-two-writers-of-a-status.md).
"""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from pydantic import ValidationError

from tenantry.api.application import Application
from tenantry.api.base import Manifest
from tenantry.api.cost_status import CostStatus
from tenantry.api.tenant import Tenant
from tenantry.cluster.client import Client
from tenantry.cluster.errors import Conflict, NotFound
from tenantry.cluster.rate_cards import list_rate_cards
from tenantry.cluster.resources import APPLICATIONS, TENANTS, Resource
from tenantry.cost.billing import Terms
from tenantry.cost.buckets import Store
from tenantry.cost.daily import DailyCosts
from tenantry.cost.outlook import Outlook, has_moved, outlook, reservations, who_is
from tenantry.cost.sources import Source
from tenantry.telemetry.logging import get_logger

log = get_logger(__name__)


async def charge(
    client: Client, store: Store, now: datetime, terms: Terms, daily: DailyCosts | None = None
) -> int:
    """Bring ``status.cost`` of every Tenant and Application up to date, where it has moved.

    Args:
        client: whose ``field_manager`` is the meter's.
        store: what was metered; it is read in a thread.
        now: in UTC; what is told is of the full hours before it.
        terms: the basis; who is charged for reservations is read from the Tenants.
        daily: what is remembered from one hour to the next.

    Returns:
        How many were written.

    Raises:
        ApiError: something could not be listed or written.
        SeveralCurrenciesError: RateCards of different currencies hold in the month.
    """
    source = await source_of(client)
    asked = replace(terms, reservations=reservations(source.tenants))
    seen = await asyncio.to_thread(outlook, store, source.book, now, asked, daily)
    written = await _tell(client, TENANTS, source.tenants, seen)
    return written + await _tell(client, APPLICATIONS, source.applications, seen)


async def source_of(client: Client) -> Source:
    """What costs are reckoned by in a cluster.

    Raises:
        ApiError: something could not be listed.
    """
    tenants = [one for found in await _listed(client, TENANTS) if (one := _tenant(found))]
    applications = [
        read for found in await _listed(client, APPLICATIONS) if (read := _application(found))
    ]
    return Source(await list_rate_cards(client), tenants, applications)


async def _tell(
    client: Client,
    resource: Resource,
    charged: Sequence[Tenant] | Sequence[Application],
    found: Outlook,
) -> int:
    moved = [
        (one, told)
        for one in charged
        if not one.is_being_deleted
        and has_moved(
            one.status.cost, told := found.status(who_is(one), one.spec.cost.budget), found.unit
        )
    ]
    done = await asyncio.gather(*(_write(client, resource, one, told) for one, told in moved))
    return sum(done)


async def _write(
    client: Client, resource: Resource, about: Tenant | Application, told: CostStatus
) -> bool:
    """Write one; gives whether it is still there to be written."""
    metadata: Manifest = {"name": about.name, "uid": about.metadata.uid}
    if isinstance(about, Application):
        metadata["namespace"] = about.namespace
    cost = told.model_dump(mode="json", by_alias=True)
    patch = {"metadata": {"uid": about.metadata.uid}, "status": {"cost": cost}}
    try:
        await client.patch(resource, {"metadata": metadata}, patch, subresource="status")
    except (NotFound, Conflict):  # it is gone, or another one of that name has come
        log.info("cost not told: no longer there", kind=resource.kind, name=about.name)
        return False
    return True


async def _listed(client: Client, resource: Resource) -> list[Manifest]:
    found: list[Manifest] = []
    try:
        async for page in client.pages(resource):
            found += page.get("items", ())
    except NotFound:
        if not resource.is_optional:
            raise
    return found


def _tenant(manifest: Manifest) -> Tenant | None:
    try:
        return Tenant.parse(manifest)
    except ValidationError as problem:  # the operator says so in its status
        log.warning("tenant not understood", cause=str(problem))
        return None


def _application(manifest: Manifest) -> Application | None:
    try:
        return Application.parse(manifest)
    except ValidationError as problem:
        log.warning("application not understood", cause=str(problem))
        return None
