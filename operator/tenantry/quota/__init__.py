"""Pure: how a tenant's total reaches its namespaces without ever being exceeded.

The API server enforces a ResourceQuota in each namespace by itself: admission compares what is
used with ``status.hard``, to which a controller copies ``spec.hard`` some time later. So that the
sum of what is enforced never exceeds the total, amounts are lent: granted in a ledger first, and
granted anew only when the ResourceQuota that gave them up is seen to be without them.

``ledger`` has the types and why stale views are safe, ``leases`` decides, and below it are
``members`` (one key, everything known), ``targets`` (what each should have), ``moves`` (one step
towards it), ``shares`` and ``amounts`` (the arithmetic). All keys are independent.
"""

from tenantry.quota.amounts import from_units, to_units
from tenantry.quota.leases import decide
from tenantry.quota.ledger import Amounts, Claim, Decision, Ledger, Seen, Wanted

__all__ = [
    "Amounts",
    "Claim",
    "Decision",
    "Ledger",
    "Seen",
    "Wanted",
    "decide",
    "from_units",
    "to_units",
]
