"""Whether the operator keeps up, by its own metrics, and its version."""

from collections.abc import Iterator
from importlib.metadata import version
from typing import Final

from tenantry.doctor.facts import Facts, Installation, Replica, Unseen
from tenantry.doctor.finding import Finding, Level, ok, unknown

NAME: Final = "queue"
BEHIND: Final = 100
"""Keys that wait, from which on a person should look. A start with thousands of Tenants passes
through it for some seconds."""


def check(facts: Facts) -> Iterator[Finding]:
    """What waits for the leader, and its version."""
    if isinstance(facts.replicas, Unseen):
        yield unknown(NAME, "the operator's pods", facts.replicas)
        return
    leading = [one for one in facts.replicas if one.leads]
    unread = [one for one in facts.replicas if one.unseen]
    for one in leading:
        place = facts.installation.namespace if isinstance(facts.installation, Installation) else ""
        yield _depth(one, place)
        yield from _version(one, place)
    if leading:
        return
    if unread and unread[0].unseen:
        yield unknown(NAME, f"the queue of {unread[0].pod}", unread[0].unseen)
    elif facts.replicas:
        yield Finding(NAME, Level.UNKNOWN, "none of the operator's pods leads")
    else:
        yield Finding(NAME, Level.UNKNOWN, "cannot be told: the operator has no pods here")


def _depth(replica: Replica, namespace: str) -> Finding:
    told = f"{replica.tenants} Tenants and {replica.applications} Applications wait"
    if max(replica.tenants, replica.applications) < BEHIND:
        return ok(NAME, f"{told} in {replica.pod}")
    return Finding(
        NAME,
        Level.WARNING,
        f"{told} in {replica.pod}",
        "The operator is starting, or does not keep up: see what it does, and whether the API "
        "server makes it wait.",
        f"kubectl logs {replica.pod} -n {namespace} --tail=50",
    )


def _version(replica: Replica, namespace: str) -> Iterator[Finding]:
    own = version("tenantry")
    if replica.version not in {"", own}:
        yield Finding(
            NAME,
            Level.WARNING,
            f"{replica.pod} is tenantry {replica.version}; this program is {own}",
            "What is said here of CRDs, policies and permissions is what this program's version "
            "needs. Use the program of the operator's image:",
            f"kubectl get pod {replica.pod} -n {namespace} -o jsonpath='{{..image}}'",
        )
