"""Whether Kubernetes is new enough for what Tenantry asks of it."""

import re
from collections.abc import Iterator
from typing import Final

from tenantry.doctor.facts import Facts
from tenantry.doctor.finding import Finding, Level, ok

NAME: Final = "kubernetes"
MINIMUM: Final = (1, 30)
"""ValidatingAdmissionPolicy v1:
https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/."""
MUTATING: Final = (1, 36)
"""MutatingAdmissionPolicy v1:
https://kubernetes.io/docs/reference/access-authn-authz/mutating-admission-policy/."""


def check(facts: Facts) -> Iterator[Finding]:
    """The API server's version."""
    match = re.match(r"v?(\d+)\.(\d+)", facts.version)
    if match is None:
        yield Finding(NAME, Level.UNKNOWN, f"{facts.version!r} is no version of Kubernetes")
        return
    version = int(match[1]), int(match[2])
    if version < MINIMUM:
        yield Finding(
            NAME,
            Level.ERROR,
            f"Kubernetes {facts.version}; Tenantry needs {_text(MINIMUM)} or newer",
            "The API server has no ValidatingAdmissionPolicies: nothing holds tenants to their "
            "rules.",
            "kubectl version",
        )
    elif version < MUTATING:
        yield ok(
            NAME,
            f"Kubernetes {facts.version}; before {_text(MUTATING)} the operator itself sets cost "
            "labels, a moment later",
        )
    else:
        yield ok(NAME, f"Kubernetes {facts.version}")


def _text(version: tuple[int, int]) -> str:
    return ".".join(map(str, version))
