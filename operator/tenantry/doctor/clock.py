"""Whether clocks agree: this machine's, the leader's and the API server's.

Elections do not depend on it (``cluster/lease.py``). Certificates, tokens and the times that people
read do.
"""

from collections.abc import Iterator
from typing import Final

from tenantry.doctor.facts import Facts, Unseen
from tenantry.doctor.finding import Finding, Level, ok
from tenantry.doctor.lease import age_of

NAME: Final = "clock"
TOLERANCE: Final = 5.0
"""Seconds: the Date header has whole ones, and the answer takes its time."""
INTOLERABLE: Final = 60.0
"""Seconds: tokens and certificates that are a minute old are refused, or outlive their end."""
_MEND: Final = "timedatectl set-ntp true"


def check(facts: Facts) -> Iterator[Finding]:
    """This machine's clock, then the leader's."""
    if abs(facts.ahead) <= TOLERANCE:
        yield ok(NAME, "this machine and the API server agree")
    else:
        yield Finding(
            NAME,
            Level.ERROR if abs(facts.ahead) > INTOLERABLE else Level.WARNING,
            f"this machine is {_apart(facts.ahead)} the API server",
            "Certificates and tokens may count as not valid yet, or as expired. Run this where it "
            "was found, or on the node of the API server.",
            _MEND,
        )
    yield from _leader(facts)


def _leader(facts: Facts) -> Iterator[Finding]:
    if facts.lease is None or isinstance(facts.lease, Unseen):
        return
    age = age_of(facts.lease, facts.now)
    if age is None or not (age < -TOLERANCE or facts.is_renewed):
        return
    yield Finding(
        NAME,
        Level.WARNING,
        f"the leader is {_apart(-age)} the API server",
        "Times in conditions, Events and logs are wrong by as much. The election is not concerned. "
        "Run this on the leader's node.",
        _MEND,
    )


def _apart(seconds: float) -> str:
    return f"{abs(seconds):.0f} s {'ahead of' if seconds > 0 else 'behind'}"
