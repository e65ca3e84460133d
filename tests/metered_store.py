"""Two days of a small cluster, written into a store by the meter's own ledger.

A node of 4 cores and 8 GiB runs for 48 hours. acme's pod, of the Application shop, asks for a core
and a GiB all of the time; globex's for half a core and a GiB in the first 24 hours.
"""

from datetime import UTC, datetime
from typing import Final

from cost_metered_world import namespace, node, pod
from tenantry.cost.ledger import Ledger
from tenantry.cost.store import Writer, open_database

START: Final = datetime(2026, 10, 24, tzinfo=UTC)
SECOND: Final = int(START.timestamp())
DAY: Final = 24 * 3600
SHOP: Final = {"tenantry.io/application": "shop", "tenantry.io/component": "web"}


def fill(url: str, acme: str = "acme", globex: str = "globex") -> None:
    """Write them into the database of this URL; the tenants may have other names."""
    store = open_database(url)
    writer = Writer(store)
    taken = writer.take_over(SECOND)
    ledger = Ledger(taken.since, taken.until)
    machine = node("node-a", cpu="4", memory="8Gi")
    machine["metadata"]["creationTimestamp"] = "2026-10-24T00:00:00Z"
    began = {"start": SECOND, "created": SECOND}
    for told in (
        namespace("acme-web", acme, second=SECOND),
        namespace("globex-web", globex, second=SECOND),
        machine,
        pod("a", labels=SHOP, **began),
        pod("b", namespace="globex-web", cpu="500m", end=SECOND + DAY, **began),
    ):
        ledger.hear("ADDED", told, SECOND)
    ledger.recall(ledger.fresh(), {})
    settlement = ledger.settle(SECOND + 2 * DAY)
    writer.write(settlement, {}, ())
    ledger.committed(settlement)
    store.close()
