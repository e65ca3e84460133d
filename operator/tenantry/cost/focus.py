"""A bill in FOCUS 1.2, the FinOps Foundation's form of cost and usage, for FinOps tools to read.

Each charge is a row (https://focus.finops.org/focus-specification/v1-2/): the platform is the
provider, the cluster its billing account, tenants are sub-accounts. Split cost is marked by columns
of our own, for FOCUS has names for it only from 1.3 on: ``x_ChargeKind`` says why something is
charged, ``x_Split`` whether it is a share of what nobody caused alone.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from typing import Final

from tenantry.cost.allocation import Charge
from tenantry.cost.billing import Bill
from tenantry.cost.consumption import DAY, EXACT, Owner, Pool
from tenantry.cost.price_book import unit_of
from tenantry.cost.rounding import shares_of

_DIGITS: Final = Decimal("1e-10")
"""What costs are rounded to: rows add up to the total of the window, rounded likewise."""
_FINEST: Final = Decimal("1e-18")
"""What quantities and unit prices are rounded to."""
_CATEGORIES: Final = {
    "storage": ("Storage", "Block Storage", "Persistent Volumes"),
    "network": ("Networking", "Other (Networking)", "Network Traffic"),
    "load-balancer": ("Networking", "Application Networking", "Load Balancers"),
}
_COMPUTE: Final = ("Compute", "Containers", "Kubernetes")
_MANAGEMENT: Final = ("Management and Governance", "Other (Management and Governance)", "Platform")
_DESCRIPTIONS: Final = {
    "Usage": "{resource} of {who}",
    "Reserved": "{resource} set aside for {who} and not asked for",
    "Idle": "{resource} that nobody asked for",
    "SharedNamespace": "{resource} of namespaces that serve all tenants",
    "FixedCost": "{resource}, paid by the month",
    "Unallocated": "{resource} of namespaces of no tenant",
}


@dataclass(frozen=True, slots=True)
class Issuer:
    """Who bills.

    Attributes:
        provider: the platform's name.
        account: the cluster's, unique at the provider.
    """

    provider: str = "Tenantry"
    account: str = "cluster"


def focus_rows(bill: Bill, issuer: Issuer) -> Iterator[dict[str, str]]:
    """A row of each charge, with the columns in the order of the specification.

    Amounts of money are in the bill's currency, with ten digits after the point; the columns that
    do not apply are empty, which is FOCUS' null in CSV.
    """
    with localcontext(EXACT):
        charges = [one for one in bill.charges if one.cost or one.list_cost]
        total = sum((one.cost for one in charges), Decimal(0)).quantize(_DIGITS, ROUND_HALF_EVEN)
        costs = shares_of(total, [one.cost for one in charges], _DIGITS)
    for charge, cost in zip(charges, costs, strict=True):
        with localcontext(EXACT):
            yield _row(charge, cost, bill.currency, issuer)


def _row(charge: Charge, cost: Decimal, currency: str, issuer: Issuer) -> dict[str, str]:
    category, subcategory, service = _service(charge)
    unit, quantity = _quantity(charge)
    month = charge.start.replace(day=1, hour=0)
    listed = charge.list_cost.quantize(_DIGITS, ROUND_HALF_EVEN)
    sku = f"{charge.pool.resource}/{charge.pool.node_class or 'default'}"
    return {
        "BilledCost": _number(cost),
        "BillingAccountId": issuer.account,
        "BillingAccountName": issuer.account,
        "BillingAccountType": "Cluster",
        "BillingCurrency": currency,
        "BillingPeriodEnd": _time((month + 32 * DAY).replace(day=1)),
        "BillingPeriodStart": _time(month),
        "ChargeCategory": "Usage",
        "ChargeClass": "",
        "ChargeDescription": _description(charge),
        "ChargeFrequency": "Recurring" if charge.kind == "FixedCost" else "Usage-Based",
        "ChargePeriodEnd": _time(charge.end),
        "ChargePeriodStart": _time(charge.start),
        "CommitmentDiscountStatus": "",  # asked for by the rules of ConsumedQuantity
        "ConsumedQuantity": _number(quantity),
        "ConsumedUnit": unit,
        "ContractedCost": _number(cost),
        "ContractedUnitPrice": _price(cost, quantity),
        "EffectiveCost": _number(cost),
        "InvoiceId": f"{issuer.account}-{month:%Y-%m}",
        "InvoiceIssuerName": issuer.provider,
        "ListCost": _number(listed),
        "ListUnitPrice": _price(listed, quantity),
        "PricingCategory": "Standard",
        "PricingCurrency": currency,
        "PricingCurrencyContractedUnitPrice": _price(cost, quantity),
        "PricingCurrencyEffectiveCost": _number(cost),
        "PricingCurrencyListUnitPrice": _price(listed, quantity),
        "PricingQuantity": _number(quantity),
        "PricingUnit": unit,
        "ProviderName": issuer.provider,
        "PublisherName": issuer.provider,
        **_resource(charge),
        "ServiceCategory": category,
        "ServiceName": service,
        "ServiceSubcategory": subcategory,
        "SkuId": sku,
        "SkuMeter": _meter(charge),
        "SkuPriceDetails": "",
        "SkuPriceId": sku,
        **_sub_account(charge),
        "Tags": _tags(charge),
        "x_ChargeKind": charge.kind,
        "x_NodeClass": charge.pool.node_class,
        "x_Split": "true" if _is_split(charge) else "false",
    }


def _sub_account(charge: Charge) -> dict[str, str]:
    tenant = charge.owner.tenant
    return {
        "SubAccountId": tenant,
        "SubAccountName": tenant,
        "SubAccountType": "Tenant" if tenant else "",
    }


def _resource(charge: Charge) -> dict[str, str]:
    """The smallest thing that is known to have cost it."""
    owner = charge.owner
    named = {
        "Workload": owner.workload,
        "Component": owner.component,
        "Application": owner.application,
        "Namespace": owner.namespace,
    }
    type_, name = next(((key, value) for key, value in named.items() if value), ("", ""))
    place = [owner.namespace, owner.application, owner.component, owner.workload]
    return {
        "ResourceId": "/".join(part for part in place if part) if name else "",
        "ResourceName": name,
        "ResourceType": type_,
    }


def _service(charge: Charge) -> tuple[str, str, str]:
    if charge.kind == "FixedCost":
        return _MANAGEMENT
    return _CATEGORIES.get(charge.pool.resource.partition("/")[0], _COMPUTE)


def _quantity(charge: Charge) -> tuple[str, Decimal]:
    """In the unit that the price is for."""
    if charge.kind == "FixedCost":
        return "Months", charge.amount
    unit, size = unit_of(charge.pool.resource)
    return unit, charge.amount / size


def _description(charge: Charge) -> str:
    who = " ".join(part for part in (charge.owner.tenant, charge.owner.application) if part)
    text = _DESCRIPTIONS[charge.kind].format(resource=charge.pool.resource, who=who)
    return f"Share of {text}" if _is_split(charge) and charge.owner.tenant else text


def _is_split(charge: Charge) -> bool:
    return charge.kind in ("Idle", "SharedNamespace", "FixedCost") and bool(charge.owner.tenant)


def _meter(charge: Charge) -> str:
    return "Fixed Cost" if charge.kind == "FixedCost" else f"{charge.pool.resource} hours"


def _tags(charge: Charge) -> str:
    owner = charge.owner
    tags = {
        "tenantry.io/tenant": owner.tenant,
        "tenantry.io/application": owner.application,
        "tenantry.io/component": owner.component,
        "kubernetes.io/metadata.name": owner.namespace,
    }
    return json.dumps({key: value for key, value in tags.items() if value}, sort_keys=True)


def _price(cost: Decimal, quantity: Decimal) -> str:
    return _number(cost / quantity) if quantity else ""


def _number(value: Decimal) -> str:
    """Without an exponent and without noughts that say nothing."""
    text = f"{value.quantize(_FINEST, ROUND_HALF_EVEN):f}"
    return text.rstrip("0").rstrip(".")


def _time(when: datetime) -> str:
    return when.strftime("%Y-%m-%dT%H:%M:%SZ")


def _columns() -> tuple[str, ...]:
    """The columns of every row, found out from one."""
    start = datetime(1970, 1, 1, tzinfo=UTC)
    nought = Decimal(0)
    nothing = Charge(start, start, Owner(), "Idle", Pool("", "cpu"), nought, nought, nought)
    return tuple(_row(nothing, Decimal(0), "USD", Issuer()))


COLUMNS: Final = _columns()
"""The columns of a data set, in the order of the rows' fields."""
