"""What is wrong with an installation, and how to mend it: ``tenantry doctor``.

Pure checks over facts that were gathered once, one file a concern; this is the table of contents.
``gathering`` asks the API server, and only reads; the command prints. To add a check, write it in a
file named as platform teams name the concern, and add a line here.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from tenantry.doctor import (
    clock,
    costs,
    crds,
    lease,
    metrics_api,
    network,
    permissions,
    policies,
    queue,
    server,
    tenants,
)
from tenantry.doctor.facts import Facts
from tenantry.doctor.finding import Finding, Level

Check = Callable[[Facts], Iterable[Finding]]

CHECKS: Final[tuple[Check, ...]] = (
    server.check,
    clock.check,
    crds.check,
    policies.check,
    permissions.check,
    lease.check,
    queue.check,
    tenants.check,
    network.check,
    metrics_api.check,
    costs.check,
)
"""In the order in which a person mends: what the rest stands on comes first."""

_EXIT_STATUS: Final = {Level.WARNING: 1, Level.ERROR: 2}


def examine(facts: Facts) -> Iterator[Finding]:
    """What every check has to say, at least one finding each."""
    for check in CHECKS:
        yield from check(facts)


def exit_status(findings: Iterable[Finding]) -> int:
    """For scripts: 0 all is well or cannot be told, 1 there are warnings, 2 there are errors."""
    return max((_EXIT_STATUS.get(one.level, 0) for one in findings), default=0)
