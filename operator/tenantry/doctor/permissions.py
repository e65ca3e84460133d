"""Whether the operator's ServiceAccount may do what the operator does, and no more than that.

Asked of the API server, one SubjectAccessReview a right, so that whatever authorizes counts:
https://kubernetes.io/docs/reference/access-authn-authz/authorization/#checking-api-access.
"""

from collections.abc import Iterator
from typing import Final

from tenantry.doctor.facts import Facts, Installation, Right, Unseen
from tenantry.doctor.finding import Finding, Level, listed, ok, unknown
from tenantry.doctor.rights import FORBIDDEN

NAME: Final = "permissions"
INSTALL: Final = (
    "helm upgrade --install tenantry helm/tenantry --namespace tenantry-system --create-namespace"
)


def check(facts: Facts) -> Iterator[Finding]:
    """What the operator may, against what it needs."""
    place = facts.installation
    if place is None:
        yield Finding(
            NAME,
            Level.ERROR,
            "there is no ServiceAccount of the chart's (app.kubernetes.io/name=tenantry)",
            "The operator's rights are not installed; or they are by other means: then name them "
            "with --namespace and --service-account.",
            INSTALL,
        )
    elif isinstance(place, Unseen):
        yield unknown(NAME, "the operator's ServiceAccount", place)
    elif isinstance(facts.allowed, Unseen):
        yield unknown(NAME, f"what {place.user} may do", facts.allowed)
    else:
        yield from _judged({**facts.allowed}, place)


def _judged(allowed: dict[Right, bool], place: Installation) -> Iterator[Finding]:
    refused = [right for right, is_it in allowed.items() if not is_it and right not in FORBIDDEN]
    too_much = [str(right) for right in FORBIDDEN if allowed.get(right)]
    mend = (
        f"helm upgrade {place.release} helm/tenantry --namespace {place.namespace} --reuse-values"
    )
    for is_optional, level, means in (
        (False, Level.ERROR, "What it may not write is not made or repaired; Tenants tell where."),
        (True, Level.WARNING, "Where the cluster has these kinds, Applications go without them."),
    ):
        if names := [str(one) for one in refused if one.is_optional is is_optional]:
            yield Finding(NAME, level, f"{place.user} may not: {listed(names)}", means, mend)
    if too_much:
        yield Finding(
            NAME,
            Level.WARNING,
            f"{place.user} may do what it never does: {listed(too_much)}",
            "Whoever gets hold of its token could take over the cluster by it. Find the binding "
            "that the chart did not make.",
            "kubectl get clusterrolebindings,rolebindings -A -o wide | "
            f"grep -w {place.service_account}",
        )
    elif not any(True for one in refused):
        yield ok(NAME, f"{place.user} may do the {len(allowed) - len(FORBIDDEN)} things it needs")
