"""RateCards that break one rule each, and what the API server says of them."""

from dataclasses import dataclass
from typing import Final

from tenantry.api.base import Manifest
from tenantry.api.money import _ADVICE, _PERCENT_ADVICE

SINCE: Final = "2026-01-01T00:00:00Z"
TENANT_KEYS: Final = "keys are names of Tenants"
NAMES: Final = "names have 1 to 253 characters"
NO_LABEL: Final = "a selector needs a label: without one it would match every node"
UNQUALIFIED: Final = (
    "keys must be qualified names: an optional DNS prefix and '/', then at most 63 characters"
)
NO_HOUR: Final = (
    "must be a full hour that exists, in UTC, for costs are counted by the hour: "
    "2030-01-31T12:00:00Z"
)
ENDS_BEFORE: Final = (
    "validTo must be later than validFrom: it is the first hour that the card does not hold for"
)
NO_SHARES: Final = "Fixed needs sharing.shares: percent by Tenant"
TOO_MUCH: Final = "shares must not be more than 100 percent together"
CHARGED: Final = (
    "spec.validTo must not be before status.pricedUntil: the hours up to then have been charged at "
    "these prices"
)
PASSED: Final = "spec.validTo has passed and cannot change: write another RateCard for later hours"


def fixed(name: str) -> str:
    return (
        f"{name} cannot change, for what was charged by it would: end this RateCard with "
        "spec.validTo and write another one that is valid from then on"
    )


@dataclass(frozen=True)
class Bad:
    """A RateCard that breaks a rule.

    Args:
        spec: what is laid over a valid spec.
        message: what the API server says.
        before: for rules about changes: the spec that was there.
        priced_until: for rules about the past: what the status said.
    """

    spec: Manifest
    message: str
    before: Manifest | None = None
    priced_until: str = ""


def _node_class(**fields: object) -> Manifest:
    return {"nodeClasses": [{"name": "big", "nodeSelectors": [{"a": "b"}]} | fields]}


CHANGES: Final[dict[str, Manifest]] = {
    "currency": {"currency": "EUR"},
    "validFrom": {"validFrom": "2026-02-01T00:00:00Z"},
    "prices": {"prices": {"cpu": "1"}},
    "nodeClasses": _node_class(),
    "storage": {"storage": {"price": "1"}},
    "loadBalancer": {"loadBalancer": "1"},
    "network": {"network": {"zone": "1"}},
    "fixedCosts": {"fixedCosts": [{"name": "a", "monthly": "1"}]},
    "discounts": {"discounts": [{"name": "a", "percent": "1"}]},
    "sharing": {"sharing": {"idle": "Even"}},
}

BAD_RATE_CARDS: Final[dict[str, Bad]] = {
    "a negative price": Bad({"prices": {"cpu": "-0.01"}}, _ADVICE),
    "a price with an exponent": Bad({"loadBalancer": "1e-3"}, _ADVICE),
    "a price with a comma": Bad({"storage": {"price": "0,01"}}, _ADVICE),
    "a price of a class": Bad(_node_class(cpu=""), _ADVICE),
    "a price of a device": Bad({"prices": {"extended": {"a.example/b": "free"}}}, _ADVICE),
    "more than all off": Bad({"discounts": [{"name": "a", "percent": "101"}]}, _PERCENT_ADVICE),
    "a percent sign": Bad({"discounts": [{"name": "a", "percent": "10%"}]}, _PERCENT_ADVICE),
    "a device without a name": Bad({"prices": {"extended": {"": "1"}}}, NAMES),
    "a selector of nothing": Bad(_node_class(nodeSelectors=[{}]), NO_LABEL),
    "a label with two slashes": Bad(_node_class(nodeSelectors=[{"a/b/c": "d"}]), UNQUALIFIED),
    "half an hour": Bad({"validFrom": "2026-01-01T00:30:00Z"}, NO_HOUR),
    "a day that is none": Bad({"validTo": "2026-02-30T00:00:00Z"}, NO_HOUR),
    "an end before the beginning": Bad({"validTo": "2025-01-01T00:00:00Z"}, ENDS_BEFORE),
    "an end at the beginning": Bad({"validTo": SINCE}, ENDS_BEFORE),
    "fixed shares of nothing": Bad({"sharing": {"idle": "Fixed"}}, NO_SHARES),
    "more than there is": Bad({"sharing": {"shares": {"a": "60", "b": "40.01"}}}, TOO_MUCH),
    "a share of nobody": Bad({"sharing": {"shares": {"": "1"}}}, TENANT_KEYS),
    **{f"another {name}": Bad(spec, fixed(name), {}) for name, spec in CHANGES.items()},
    "an end in the past": Bad(
        {"validTo": "2026-03-01T00:00:00Z"}, CHARGED, {}, "2026-03-01T01:00:00Z"
    ),
    "a past end that is put off": Bad(
        {"validTo": "2027-01-01T00:00:00Z"},
        PASSED,
        {"validTo": "2026-03-01T00:00:00Z"},
        "2026-03-01T00:00:00Z",
    ),
}
