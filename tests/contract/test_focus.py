"""The FOCUS export, judged by the FinOps Foundation's own validator."""

import csv
import io
from decimal import Decimal
from pathlib import Path

import pytest

from focuscheck.verdict import verdict
from metered import HOUR, START, Hours
from rate_cards import card
from tenantry.cost.billing import Bill, Terms, bill
from tenantry.cost.consumption import PARTS
from tenantry.cost.focus import Issuer
from tenantry.cost.formats import to_focus
from tenantry.cost.price_book import PriceBook

EITHER_WAY = {"InvoiceId-C-004-C"}
"""Two rules, of which the validator wants either: InvoiceId is null, or it is not. It counts the
one that does not hold as failed, in whatever data set."""
DAY_AND_A_HALF = 36


def metered() -> Hours:
    """All sorts of charges: tenants, idle, shared, unallocated, fixed, volumes, load balancers."""
    long = {"hours": DAY_AND_A_HALF}
    hours = Hours().had("node", "cpu", 8, **long).had("node", "memory", 16, **long)
    hours.had("node", "cpu", 4, node_class="spot", **long)
    hours.had("volume", "storage/fast", 50, node_class="fast", **long)
    hours.had("load-balancer", "load-balancer", 1, **long)
    hours.ran("acme", "cpu", 2, 1, application="shop", component="web", workload="Deployment/web")
    hours.ran("acme", "cpu", 2, application="shop", component="db", **long)
    hours.ran("acme", "load-balancer", 1, **long).ran("acme", "cpu", 1, node_class="spot", **long)
    hours.ran("globex", "memory", "0.37", **long).ran("globex", "storage/fast", 30, **long)
    hours.ran("", "cpu", "0.5", namespace="kube-system", **long)
    return hours.ran("", "cpu", "0.5", namespace="legacy", **long)


def billed() -> Bill:
    prices = card(
        currency="EUR",
        fixedCosts=[{"name": "control-plane", "monthly": "73"}],
        loadBalancer="0.025",
        discounts=[{"name": "committed-use", "percent": "33"}],
        sharing={"idle": "Weighted", "fixedCosts": "Even"},
    )
    reserved = {"globex": {"cpu": Decimal(1)}}
    terms = Terms(parts=PARTS[1:], reservations=reserved)
    return bill(metered(), PriceBook([prices]), START, START + DAY_AND_A_HALF * HOUR, terms)


@pytest.mark.timeout(600)  # the first time, it is installed
def test_the_validator_of_focus_accepts_what_is_exported(tmp_path: Path) -> None:
    data = tmp_path / "focus.csv"
    data.write_text(to_focus(billed(), Issuer("Acme Platform", "prod-eu")))

    found = verdict(data)

    assert found.failed == EITHER_WAY, found.said
    assert found.passed > 250


def test_rows_add_up_to_the_bill_and_tell_split_cost_from_usage() -> None:
    made = billed()

    rows = [*csv.DictReader(io.StringIO(to_focus(made, Issuer())))]

    billed_cost = sum(Decimal(row["BilledCost"]) for row in rows)
    assert billed_cost.quantize(Decimal("0.01")) == made.total
    split = {(row["x_ChargeKind"], row["x_Split"], bool(row["SubAccountId"])) for row in rows}
    assert split == {
        ("Usage", "false", True),
        ("Reserved", "false", True),
        ("Idle", "true", True),
        ("FixedCost", "true", True),
        ("SharedNamespace", "false", False),
        ("Unallocated", "false", False),
    }
    for row in rows:
        cost = Decimal(row["PricingQuantity"]) * Decimal(row["ContractedUnitPrice"])
        assert abs(cost - Decimal(row["BilledCost"])) < Decimal("1e-9")


def test_a_tenants_data_set_has_nothing_of_anybody_else() -> None:
    rows = [*csv.DictReader(io.StringIO(to_focus(billed(), Issuer(), "acme")))]

    assert {row["SubAccountId"] for row in rows} == {"acme"}
    nobody = to_focus(billed(), Issuer(), "nobody")
    assert nobody.count("\n") == 1
    assert nobody.startswith("BilledCost,")
