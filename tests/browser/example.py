"""A platform with a month behind it, to look at: three tenants, their budgets, idle nodes."""

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final, TypeVar

from metered import Hours
from rate_cards import card
from tenantry.api.application import Application
from tenantry.api.tenant import Tenant
from tenantry.cost.sources import Source
from tenantry.cost.store import Reader
from tenantry.cost.store.reading import Extent
from tenantry.meter.reports import Reports

DAYS: Final = 30
APPLICATIONS: Final = {
    "acme": {"shop": ("web", "api", "db"), "search": ("index", "query")},
    "globex": {"bank": ("teller", "ledger"), "reports": ("nightly",)},
    "initech": {"tps": ("cover-sheet", "printer")},
}
BUDGETS: Final = {"acme": ("400", "301.12", "688.40"), "globex": ("150", "163.80", "371.22")}
Answer = TypeVar("Answer")


def midnight() -> datetime:
    """The beginning of today, in UTC."""
    return datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


class Month(Hours):
    """The hours of it; the same each time but for when they were."""

    def __init__(self) -> None:
        super().__init__()
        start, chance = midnight() - timedelta(days=DAYS - 1), random.Random(1)  # noqa: S311 - to look at
        span = {"since": start, "hours": 24 * DAYS}
        self.had("node", "cpu", 40, **span).had("node", "memory", 160, **span)
        self.ran("", "cpu", 1, namespace="kube-system", **span)
        for tenant, applications in APPLICATIONS.items():
            for application, components in applications.items():
                for component in components:
                    about = {"application": application, "component": component, "hours": 24}
                    usual = chance.uniform(0.5, 4)
                    for day in range(DAYS):
                        asked = usual * chance.uniform(0.8, 1.25)
                        used, since = asked * chance.uniform(0.3, 0.9), start + day * _DAY
                        self.ran(tenant, "cpu", asked, used, since=since, **about)
                        self.ran(tenant, "memory", 3 * asked, 2 * used, since=since, **about)

    def extent(self) -> Extent:
        """All of it."""
        return Extent(midnight() - timedelta(days=DAYS - 1), datetime.now(UTC))


_DAY: Final = timedelta(days=1)


def tenant(name: str, monthly: str, so_far: str, projected: str) -> Tenant:
    """A Tenant with a budget, of which the meter has told how much is spent."""
    cost = {"month": "2026-11", "monthToDate": so_far, "projected": projected, "currency": "EUR"}
    spec = {
        "owners": [{"kind": "User", "name": "olivia"}],
        "cost": {"budget": {"monthly": monthly, "currency": "EUR"}},
    }
    kind = {"apiVersion": "tenantry.io/v1alpha1", "kind": "Tenant", "metadata": {"name": name}}
    return Tenant.parse(kind | {"spec": spec, "status": {"cost": cost}})


def shop() -> Application:
    """An Application with a budget of its own."""
    cost = {"month": "2026-11", "monthToDate": "161.30", "projected": "212.45", "currency": "EUR"}
    kind = {
        "apiVersion": "tenantry.io/v1alpha1",
        "kind": "Application",
        "metadata": {"name": "shop", "namespace": "acme-prod"},
    }
    spec = {
        "components": [{"name": "web", "image": "registry.k8s.io/pause:3.10"}],
        "cost": {"budget": {"monthly": "180", "currency": "EUR"}},
    }
    return Application.parse(kind | {"spec": spec, "status": {"tenant": "acme", "cost": cost}})


class Examples(Reports):
    """Reports of it."""

    def __init__(self) -> None:
        prices = card(
            currency="EUR",
            prices={"cpu": "0.0264", "memory": "0.0035"},
            fixedCosts=[{"name": "control-plane", "monthly": "67"}],
            sharing={"namespaces": ["kube-system"]},
        )
        tenants = [tenant(name, *amounts) for name, amounts in BUDGETS.items()]
        self._hours, self._source = Month(), Source([prices], tenants, [shop()])

    async def make(self, what: Callable[[Reader, Source], Answer]) -> Answer:
        return what(self._hours, self._source)  # type: ignore[arg-type] # as much of one as is read
