"""Hears of pods that did not fit into a quota, from the Events of those who could not make them.

Only what is said from now on counts: what is older has been tried again since.
"""

from tenantry.cluster.cache import NoCache
from tenantry.cluster.client import Client
from tenantry.cluster.listing import list_patiently
from tenantry.cluster.resources import FAILED_CREATIONS
from tenantry.cluster.watching import Watch
from tenantry.handlers.engine import Engine


async def follow_refusals(engine: Engine, client: Client, watches: list[Watch]) -> None:
    """Hear, for ever.

    Args:
        engine: told of what is heard.
        client: reads.
        watches: the watch is added to them.

    Raises:
        ApiError: the API server keeps refusing to tell.
    """
    cache = NoCache()
    version = await list_patiently(cache, client, FAILED_CREATIONS, lambda *_: None)
    watch = Watch(client, cache, FAILED_CREATIONS, version, engine.hear_refusal, lambda *_: None)
    watches.append(watch)
    await watch.run()
