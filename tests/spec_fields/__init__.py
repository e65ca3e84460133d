"""Every field of the spec, with a value for it and where in the cluster that shows."""

from spec_fields.access import ROLES, SUBJECTS
from spec_fields.admission import ADMISSION
from spec_fields.amounts import AMOUNTS
from spec_fields.field import Field
from spec_fields.namespaces import MARKS
from spec_fields.network import NETWORK
from tenantry.api.base import Manifest

__all__ = ["ABOUT_PEOPLE", "FIELDS", "RECORDED", "ROLES", "Field"]

FIELDS = SUBJECTS | MARKS | AMOUNTS | NETWORK | ADMISSION

RECORDED: dict[str, Manifest] = {
    "spec.cost.budget": {"cost": {"budget": {"monthly": "100.50", "currency": "EUR"}}},
}
"""What a status says of itself that it is not enforced yet."""

ABOUT_PEOPLE: Manifest = {
    "displayName": "Acme Inc.",
    "description": "Sells anvils.",
    "contacts": [{"name": "Ann", "email": "ann@example.com", "url": "https://example.com/ann"}],
}
