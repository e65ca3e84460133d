"""What goes on beside the hands, from the first list until the end: watches, and timers."""

import asyncio
from collections.abc import Mapping

from tenantry.cluster.client import Client
from tenantry.cluster.errors import ApiError, check_order
from tenantry.cluster.events import EventRecorder
from tenantry.cluster.listing import list_all
from tenantry.cluster.resources import FOLLOWED, Resource
from tenantry.cluster.watching import Watch
from tenantry.handlers.cost_labels import CostLabeller
from tenantry.handlers.engine import Engine
from tenantry.handlers.guardrails import follow_guardrails
from tenantry.handlers.rate_cards import follow_rate_cards
from tenantry.handlers.refusals import follow_refusals
from tenantry.handlers.supervision import Task
from tenantry.handlers.vitals import Vitals
from tenantry.settings import Settings
from tenantry.telemetry.logging import get_logger

log = get_logger(__name__)


def background(
    engine: Engine,
    recorder: EventRecorder,
    client: Client,
    versions: Mapping[Resource, int],
    settings: Settings,
    vitals: Vitals,
) -> list[Task]:
    """What is done from time to time, or when something is told; each for ever.

    Args:
        engine: told of what is found.
        recorder: writes Events.
        client: reads.
        versions: resource versions of the first lists.
        settings: the ``resync_interval``.
        vitals: the watches are added to it.
    """
    resync = _resync(engine, client, versions, settings.resync_interval)
    refusals = follow_refusals(engine, client, vitals.watches)
    rate_cards = follow_rate_cards(client, recorder, vitals.watches)
    return [
        asyncio.create_task(recorder.run(), name="event recorder"),
        asyncio.create_task(resync, name="resync"),
        asyncio.create_task(follow_guardrails(engine, client), name="guardrails"),
        asyncio.create_task(CostLabeller(engine, client).run(), name="cost labels"),
        asyncio.create_task(refusals, name="refusals"),
        asyncio.create_task(rate_cards, name="rate cards"),
    ]


def following(
    engine: Engine,
    client: Client,
    versions: Mapping[Resource, int],
    absence: float,
    vitals: Vitals,
) -> list[Task]:
    """Watches of all that is owned, going on from where it was listed.

    Args:
        engine: told of what happens.
        client: reads.
        versions: resource versions of the lists.
        absence: seconds between two looks for a kind that is not there.
        vitals: the watches are added to it.
    """

    def served(resource: Resource, *, is_it: bool) -> None:
        engine.applications.found_kind(resource.known_as, is_served=is_it)

    watches = [
        Watch(client, engine.cache, one, versions[one], engine.hear, engine.found, served, absence)
        for one in FOLLOWED
    ]
    vitals.watches += watches
    return [
        asyncio.create_task(watch.run(), name=f"watch of {watch.resource.plural}")
        for watch in watches
    ]


async def _resync(
    engine: Engine, client: Client, versions: Mapping[Resource, int], interval: float
) -> None:
    """List everything again from time to time, for what a cut watch has missed.

    Raises:
        WentBack: the API server's state is an older one.
    """
    while True:
        await asyncio.sleep(interval)
        try:
            found = await list_all(engine.cache, client, engine.found)
        except ApiError as problem:
            log.warning("resync failed", cause=str(problem))
            continue
        for kind, version in found.items():
            check_order(version, versions[kind])
        versions = found
