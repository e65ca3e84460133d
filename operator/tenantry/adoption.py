"""Pure: whether a namespace that exists already may be taken into a tenant.

A namespace that carries the Tenant's label is the tenant's, and so is one that the Tenant's status
says it made, whatever became of its labels. One that carries another's label never is.
What belongs to no tenant is taken by ``spec.namespaceOptions.adoptionPolicy``, and when it is not,
the refusal says what would have to change.
"""

from tenantry.api.base import Manifest
from tenantry.api.names import TENANT_LABEL
from tenantry.api.tenant import Tenant
from tenantry.desired.objects import Refusal
from tenantry.observed import Observed


def refusal_to_adopt(tenant: Tenant, desired: Manifest, existing: Observed) -> Refusal | None:
    """Why the namespace is left alone, or None if the tenant may have it.

    Args:
        tenant: who lists it.
        desired: the Namespace as the tenant would have it.
        existing: the Namespace as it is.
    """
    holder = existing.labels.get(TENANT_LABEL)
    if holder == tenant.name or existing.uid in tenant.status.namespace_uids:
        return None
    name = existing.body["metadata"]["name"]
    if holder:
        return Refusal(
            "HeldByAnotherTenant",
            f"namespace {name} is labelled as another tenant's: choose another name, or take it "
            f"out of that tenant first (a platform administrator may set its label {TENANT_LABEL})",
        )
    policy = tenant.spec.namespace_options.adoption_policy
    if policy == "Never":
        return Refusal(
            "NotAdopted",
            f"namespace {name} exists and was not made for this tenant: set "
            "spec.namespaceOptions.adoptionPolicy to IfIdentical or Always to take it, or choose "
            "another name",
        )
    overwritten = _overwritten(desired, existing) if policy == "IfIdentical" else []
    if overwritten:
        return Refusal(
            "NotIdentical",
            f"namespace {name} exists and differs in {', '.join(overwritten)}: make them equal, or "
            "set spec.namespaceOptions.adoptionPolicy to Always to overwrite them",
        )
    return None


def _overwritten(desired: Manifest, existing: Observed) -> list[str]:
    """Labels and annotations that are there with another value than the tenant's."""
    return [
        f"{name.removesuffix('s')} {key} ({present[key]!r}, not {value!r})"
        for name in ("labels", "annotations")
        for present in (existing.body["metadata"].get(name, {}),)
        for key, value in desired["metadata"].get(name, {}).items()
        if key in present and present[key] != value
    ]
