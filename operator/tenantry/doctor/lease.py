"""Whether an operator is at work: who holds the Lease, and when it was renewed last.

https://kubernetes.io/docs/concepts/architecture/leases/
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from tenantry.api.base import Manifest
from tenantry.doctor.facts import Facts, Installation, Unseen
from tenantry.doctor.finding import Finding, Level, ok, unknown

NAME: Final = "leader"
_MEANS: Final = "Admission policies and quotas hold; nothing is made, repaired or told."


def check(facts: Facts) -> Iterator[Finding]:
    """The Lease that replicas elect their leader by."""
    place = facts.installation
    if not isinstance(place, Installation):
        yield Finding(NAME, Level.UNKNOWN, "without an installation there is no Lease to look for")
    elif isinstance(facts.lease, Unseen):
        yield unknown(NAME, "the Lease", facts.lease)
    else:
        yield _judged(facts.lease, facts, place)


def age_of(lease: Manifest, now: datetime) -> float | None:
    """Seconds since a Lease was renewed, by the server's clock and its holder's; None if never."""
    renewed = (lease.get("spec") or {}).get("renewTime")
    return (now - datetime.fromisoformat(renewed)).total_seconds() if renewed else None


def looks_expired(lease: Manifest, now: datetime) -> bool:
    """Whether its times say that nobody renews it; a clock that is wrong looks the same."""
    age = age_of(lease, now)
    duration = (lease.get("spec") or {}).get("leaseDurationSeconds", 0)
    return age is None or age > duration


def _judged(lease: Manifest | None, facts: Facts, place: Installation) -> Finding:
    name = f"{place.namespace}/{place.lease}"
    if lease is None:
        return Finding(
            NAME,
            Level.ERROR,
            f"there is no Lease {name}",
            f"No operator has led here, or it runs without --leader-elect. {_MEANS}",
            _start(place),
        )
    spec = lease.get("spec") or {}
    holder, age = spec.get("holderIdentity"), age_of(lease, facts.now)
    if not holder:
        what = f"the Lease {name} was given back, and nobody has taken it"
    elif looks_expired(lease, facts.now) and not facts.is_renewed:
        since = f" for {age:.0f} s" if age is not None else ""
        what = f"{holder} has not renewed the Lease {name}{since}"
    else:
        return ok(NAME, f"{holder} leads; {spec.get('leaseTransitions', 0)} changes of leader")
    return Finding(NAME, Level.ERROR, what, f"No operator leads. {_MEANS}", _start(place))


def _start(place: Installation) -> str:
    """Start an operator, whichever way it is run here."""
    if place.deployment:
        return f"kubectl rollout restart deployment/{place.deployment} -n {place.namespace}"
    return (
        f"tenantry run --leader-elect --lease-namespace {place.namespace} "
        f"--lease-name {place.lease}"
    )
