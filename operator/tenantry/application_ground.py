"""Pure: whose an Application is, and whether its tenant is ready for it.

The tenant follows from the namespace's label, and counts only where the Tenant's status knows the
namespace by its uid: a label alone may be anybody's.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from pydantic import ValidationError

from tenantry.api.application import Application
from tenantry.api.names import FIELD_MANAGER, TENANT_LABEL
from tenantry.api.tenant import Tenant
from tenantry.api.times import moment
from tenantry.application_outcome import Wait
from tenantry.desired.floor import DEFAULT_POLICY, floor_selector
from tenantry.observed import Key, Observed

EARLY: Final = 5.0
"""Seconds of an Application's life in which it is not told that its Tenant has yet to close its
namespace: that is under way, and whoever reads the status could do nothing about it."""
_GROUND: Final = frozenset({"Active", "Retained"})
"""States of a namespace in which isolation and quota are in place."""


def ground_of(
    namespace: str, get: Callable[[Key], Observed | None]
) -> tuple[str, Tenant | None, Wait | None]:
    """The tenant's name, the Tenant if it is ready, and why not if it is not.

    Args:
        namespace: the Application's.
        get: knows Namespaces and Tenants.
    """
    space = get(("Namespace", "", namespace))
    name = space.labels.get(TENANT_LABEL, "") if space else ""
    if space is None or not name:
        message = (
            f"namespace {namespace} is no tenant's: put the Application into a namespace of a "
            "tenant's, or have a Tenant list this one"
        )
        return "", None, Wait("NoTenant", message)
    if space.is_being_deleted:
        return name, None, Wait("NamespaceTerminating", f"namespace {namespace} is being deleted")
    seen = get(("Tenant", "", name))
    if seen is None:
        return name, None, Wait("TenantMissing", f"there is no Tenant {name}")
    try:
        tenant = Tenant.parse(seen.body | {"status": seen.status})
    except ValidationError:
        return (
            name,
            None,
            Wait("TenantInvalid", f"the Tenant {name} cannot be read: see its status"),
        )
    return name, tenant, _wait(tenant, namespace, space.uid)


def is_closed(tenant: Tenant, namespace: str, get: Callable[[Key], Observed | None]) -> Wait | None:
    """Why pods of an Application would not be isolated yet, if so.

    Args:
        tenant: whose namespace it is.
        namespace: its full name.
        get: knows NetworkPolicies.
    """
    closed = get(("NetworkPolicy", namespace, DEFAULT_POLICY))
    floor = get(("NetworkPolicy", namespace, FIELD_MANAGER))
    selector = floor_selector(has_applications=True)
    if closed and floor and floor.body["spec"].get("podSelector") == selector:
        return None
    message = f"the Tenant {tenant.name} has not closed namespace {namespace} to Applications yet"
    return Wait("TenantNotReady", message)


def _wait(tenant: Tenant, namespace: str, uid: str) -> Wait | None:
    state = next((one for one in tenant.status.namespaces if one.name == namespace), None)
    if state is None or not state.uid or state.uid != uid:
        message = f"the Tenant {tenant.name} has not made namespace {namespace} its own yet"
        return Wait("TenantNotReady", message)
    if state.state not in _GROUND:
        message = f"namespace {namespace} of the Tenant {tenant.name} is {state.state}"
        return Wait("TenantNotReady", f"{message}: {state.message}" if state.message else message)
    return None


def is_new(application: Application, now: datetime) -> bool:
    """Whether an Application has just been applied, and nothing was told of it yet."""
    created = application.metadata.creation_timestamp
    if not created or application.status.observed_generation:
        return False
    return 0 <= (now - moment(created)).total_seconds() < EARLY
