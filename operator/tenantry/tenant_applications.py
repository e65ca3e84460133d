"""Pure: the Applications of a tenant and their states, to what its Tenant's status says of them."""

from collections import Counter
from collections.abc import Mapping
from typing import Final, get_args

from tenantry.api.tenant_status import (
    MAX_APPLICATIONS,
    ApplicationsStatus,
    ApplicationState,
    ApplicationSummary,
)
from tenantry.observed import Observed

_TROUBLE_FIRST: Final[tuple[ApplicationState, ...]] = (
    "Degraded",
    "Pending",
    "Progressing",
    "Terminating",
    "Ready",
)


def applications_of(states: Mapping[tuple[str, str], str]) -> ApplicationsStatus:
    """How many Applications are in which state, and which they are, those in trouble first.

    Args:
        states: by namespace and name; a state that is not known is that of one that waits.
    """
    known = {place: _known(state) for place, state in states.items()}
    ordered = sorted(known, key=lambda place: (_TROUBLE_FIRST.index(known[place]), place))
    counts = Counter(known.values())
    return ApplicationsStatus(
        total=len(known),
        ready=counts["Ready"],
        progressing=counts["Progressing"],
        degraded=counts["Degraded"],
        pending=counts["Pending"],
        items=[
            ApplicationSummary(namespace=namespace, name=name, state=known[namespace, name])
            for namespace, name in ordered[:MAX_APPLICATIONS]
        ],
    )


def state_of(application: Observed) -> str:
    """The state of an Application, as its Tenant tells it."""
    if application.is_being_deleted:
        return "Terminating"
    return str(application.status.get("state") or "Pending")


def _known(state: str) -> ApplicationState:
    """States are read from what the API server has, which another release may have written."""
    return next((one for one in get_args(ApplicationState) if one == state), "Pending")
