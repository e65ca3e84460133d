"""Whether Tenants are what they should be, as their own conditions tell."""

from collections.abc import Iterator, Sequence
from typing import Final

from tenantry.api.base import Manifest
from tenantry.doctor.facts import Facts, Unseen
from tenantry.doctor.finding import Finding, Level, listed, ok, unknown

NAME: Final = "tenants"


def check(facts: Facts) -> Iterator[Finding]:
    """Those that nobody looks at, those that wait for a person, those that are not Ready."""
    if isinstance(facts.tenants, Unseen):
        yield unknown(NAME, "Tenants", facts.tenants)
        return
    unread = [one for one in facts.tenants if _generation(one) != one["metadata"]["generation"]]
    read = [one for one in facts.tenants if one not in unread]
    stalled = [one for one in read if _status(one, "Stalled") == "True"]
    unready = [one for one in read if one not in stalled and _status(one, "Ready") != "True"]
    bad = [
        *_finding(unread, Level.ERROR, "not looked at since changed", "No operator is at work."),
        *_finding(stalled, Level.ERROR, "Stalled", "Only a person can put them right."),
        *_finding(
            unready,
            Level.WARNING,
            "not Ready",
            "The operator tries again by itself, with pauses of up to five minutes.",
        ),
    ]
    yield from bad or [ok(NAME, f"Tenants: {len(facts.tenants)}, all Ready")]


def _finding(
    tenants: Sequence[Manifest], level: Level, state: str, means: str
) -> Iterator[Finding]:
    if tenants:
        names = [one["metadata"]["name"] for one in tenants]
        yield Finding(
            NAME, level, f"{state}: {listed(names)}", means, f"kubectl describe tenant {names[0]}"
        )


def _generation(tenant: Manifest) -> int:
    return int(tenant.get("status", {}).get("observedGeneration", 0))


def _status(tenant: Manifest, type_: str) -> str:
    conditions = tenant.get("status", {}).get("conditions", ())
    return next((one["status"] for one in conditions if one["type"] == type_), "")
