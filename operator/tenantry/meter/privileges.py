"""What the meter asks of the API server: each verb on each resource, and nothing else.

As ``cluster.privileges`` for the operator: the chart's role is checked against it
(tests/contract/test_rbac.py). Who adds a request, adds it here.
"""

from collections.abc import Iterator

from tenantry.cluster.privileges import Privilege
from tenantry.cluster.resources import (
    APPLICATIONS,
    RATE_CARDS,
    SUBJECT_ACCESS_REVIEWS,
    TENANTS,
    TOKEN_REVIEWS,
)
from tenantry.meter.following import FOLLOWED
from tenantry.meter.usage import POD_METRICS


def privileges() -> frozenset[Privilege]:
    """All that the meter may need."""
    return frozenset((*_read(), *_told(), *_asked()))


def _read() -> Iterator[Privilege]:
    for kind in FOLLOWED:
        for verb in ("list", "watch"):
            yield Privilege(kind.group, kind.plural, verb)
    for kind in (POD_METRICS, RATE_CARDS, TENANTS, APPLICATIONS):
        yield Privilege(kind.group, kind.plural, "list")


def _told() -> Iterator[Privilege]:
    for kind in (TENANTS, APPLICATIONS):
        yield Privilege(kind.group, f"{kind.plural}/status", "patch")


def _asked() -> Iterator[Privilege]:
    """Who somebody is, and what they may see; neither writes anything."""
    for kind in (TOKEN_REVIEWS, SUBJECT_ACCESS_REVIEWS):
        yield Privilege(kind.group, kind.plural, "create")
