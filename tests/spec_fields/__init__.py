"""Every field of the spec, with a value for it and where in the cluster that shows."""

from spec_fields.access import ROLES, SUBJECTS
from spec_fields.admission import ADMISSION
from spec_fields.amounts import AMOUNTS
from spec_fields.field import Field
from spec_fields.namespaces import MARKS
from spec_fields.network import NETWORK
from tenantry.api.base import Manifest

__all__ = ["ABOUT_PEOPLE", "BUDGET", "FIELDS", "ROLES", "Field"]

FIELDS = SUBJECTS | MARKS | AMOUNTS | NETWORK | ADMISSION

BUDGET: Manifest = {
    "cost": {
        "budget": {
            "monthly": "100.50",
            "currency": "EUR",
            "thresholds": [50, 100],
            "whenExceeded": "SuspendNewWorkloads",
        },
        "chargeBy": "Reservation",
    }
}
"""What the meter reads; see tests/e2e/test_budgets.py."""

ABOUT_PEOPLE: Manifest = {
    "displayName": "Acme Inc.",
    "description": "Sells anvils.",
    "contacts": [{"name": "Ann", "email": "ann@example.com", "url": "https://example.com/ann"}],
}
