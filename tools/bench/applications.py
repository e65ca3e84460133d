"""Applications of Bookinfo's size: one by one, a sick pod, and many at once.

All on one pair of control planes (``application_site``); many at once comes last, for it ends the
controllers that the others need.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench import application_health, application_latency, application_rate
from bench.application_site import site

if TYPE_CHECKING:
    from bench.result import Bench, Result


async def measure(bench: Bench) -> Result:
    """Rate, latency, and how soon a status tells."""
    alone = bench.scale.application_repeats + application_latency.warm_up(bench)
    async with site(bench, alone + application_rate.room(bench)) as there:
        scripts = there.scripts(alone)
        latency = await application_latency.measure(bench, there, scripts)
        names = [one["name"] for one in scripts]
        health = await application_health.measure(bench, there.ours, names)
        result = await application_rate.measure(bench, there)
    result.add(latency)
    result.add(health)
    return result
