"""The kinds that users write, each with its names and looks: the table of contents of the API."""

from typing import Final

from tenantry.api.application import ApplicationSpec
from tenantry.api.application_rules import ROOT_RULES as APPLICATION_RULES
from tenantry.api.application_status import ApplicationStatus
from tenantry.api.crd import AGE, Column, Kind, awaiting_operator
from tenantry.api.rate_card import ROOT_RULES as RATE_CARD_RULES
from tenantry.api.rate_card import RateCardSpec, RateCardStatus
from tenantry.api.tenant import ROOT_RULES, TenantSpec
from tenantry.api.tenant_status import TenantStatus

_READY = '.status.conditions[?(@.type=="Ready")]'

TENANT: Final = Kind(
    kind="Tenant",
    plural="tenants",
    singular="tenant",
    scope="Cluster",
    short_names=("tn",),
    categories=("tenantry",),
    description=(
        "A Tenant is a share of the cluster: who owns it, its namespaces, how much they may use, "
        "whom they may talk to, and whom the cost is allocated to. With a name and one owner it "
        "is already isolated and limited."
    ),
    spec=TenantSpec,
    status=TenantStatus,
    rules=ROOT_RULES,
    status_default=awaiting_operator(),
    columns=(
        Column(
            name="Ready",
            json_path=f"{_READY}.status",
            description="Whether everything is as the spec says.",
        ),
        Column(
            name="State",
            json_path=".status.state",
            description="The whole in one word.",
        ),
        Column(
            name="Namespaces",
            json_path=".status.summary.namespaces",
            description="Active namespaces of those listed.",
        ),
        Column(
            name="Apps",
            json_path=".status.summary.applications",
            description="Ready Applications of those in its namespaces.",
        ),
        Column(
            name="CPU",
            json_path=".status.summary.cpu",
            description="Requested cores of those allowed.",
        ),
        Column(
            name="Memory",
            json_path=".status.summary.memory",
            description="Requested memory of that allowed.",
        ),
        AGE,
        Column(
            name="Cost Center",
            json_path=".spec.cost.costCenter",
            description="Whom the cost is allocated to.",
            priority=1,
        ),
        Column(
            name="Month To Date",
            json_path=".status.cost.monthToDate",
            description="What it has cost since the month began.",
            priority=1,
        ),
        Column(
            name="Projected",
            json_path=".status.cost.projected",
            description="What the month will have cost, if it goes on like this.",
            priority=1,
        ),
        Column(
            name="Budget",
            json_path=".status.cost.budgetUsed",
            description="What part of the monthly budget is spent.",
            priority=1,
        ),
        Column(
            name="Reason",
            json_path=f"{_READY}.reason",
            description="Why it is, or is not, ready.",
            priority=1,
        ),
        Column(
            name="Message",
            json_path=f"{_READY}.message",
            description="Why, for a person, with what to do.",
            priority=1,
        ),
    ),
)

APPLICATION: Final = Kind(
    kind="Application",
    plural="applications",
    singular="application",
    scope="Namespaced",
    short_names=("tapp",),
    categories=("tenantry",),
    description=(
        "An Application is a set of microservices in a tenant's namespace: what runs, who calls "
        "whom, how it is reached, scaled and rolled out. A component with a name, an image and a "
        "port already runs under the strictest defaults, and is reached by nobody else. Argo CD "
        "and others have kinds of this name, too: `applications.tenantry.io` is the full one."
    ),
    spec=ApplicationSpec,
    status=ApplicationStatus,
    rules=APPLICATION_RULES,
    status_default=awaiting_operator(),
    columns=(
        Column(
            name="Ready",
            json_path=f"{_READY}.status",
            description="Whether everything is as the spec says.",
        ),
        Column(
            name="Status",
            json_path=f"{_READY}.reason",
            description="Why it is, or is not, ready.",
        ),
        Column(
            name="Components",
            json_path=".status.componentsReady",
            description="Ready components of those listed.",
        ),
        Column(
            name="Hosts",
            json_path=".status.hosts",
            description="Where it is reached from outside.",
        ),
        AGE,
        Column(
            name="Criticality",
            json_path=".spec.criticality",
            description="How bad it is when it is down.",
            priority=1,
        ),
        Column(
            name="Traffic",
            json_path=".status.trafficProvider",
            description="Whose API the traffic is rendered for.",
            priority=1,
        ),
        Column(
            name="Cost/h",
            json_path=".status.cost.hourly",
            description="What it costs an hour.",
            priority=1,
        ),
        Column(
            name="Month To Date",
            json_path=".status.cost.monthToDate",
            description="What it has cost since the month began.",
            priority=1,
        ),
        Column(
            name="Projected",
            json_path=".status.cost.projected",
            description="What the month will have cost, if it goes on like this.",
            priority=1,
        ),
        Column(
            name="Budget",
            json_path=".status.cost.budgetUsed",
            description="What part of the monthly budget is spent.",
            priority=1,
        ),
        Column(
            name="Message",
            json_path=f"{_READY}.message",
            description="Why, for a person, with what to do.",
            priority=1,
        ),
    ),
)

RATE_CARD: Final = Kind(
    kind="RateCard",
    plural="ratecards",
    singular="ratecard",
    scope="Cluster",
    short_names=("trc",),
    categories=("tenantry",),
    description=(
        "A RateCard is what an hour of each resource costs, from one hour to another. With a "
        "currency and its first hour it has OpenCost's default prices. What it says of money never "
        "changes: to change prices, end it with spec.validTo and write another one."
    ),
    spec=RateCardSpec,
    status=RateCardStatus,
    rules=RATE_CARD_RULES,
    status_default=awaiting_operator(),
    columns=(
        Column(
            name="Ready",
            json_path=f"{_READY}.status",
            description="Whether its prices hold, or will, or did, in every hour that it names.",
        ),
        Column(
            name="Status",
            json_path=f"{_READY}.reason",
            description="InForce, Scheduled or Ended; or why it is not ready.",
        ),
        Column(
            name="Currency",
            json_path=".spec.currency",
            description="Of all its prices.",
        ),
        Column(
            name="Valid From",
            json_path=".spec.validFrom",
            description="The first hour that it holds for.",
        ),
        Column(
            name="Valid To",
            json_path=".spec.validTo",
            description="The first hour that it holds for no more.",
        ),
        AGE,
        Column(
            name="CPU",
            json_path=".spec.prices.cpu",
            description="What a core-hour costs on nodes of no class.",
            priority=1,
        ),
        Column(
            name="Memory",
            json_path=".spec.prices.memory",
            description="What a GiB-hour costs on nodes of no class.",
            priority=1,
        ),
        Column(
            name="Message",
            json_path=f"{_READY}.message",
            description="Why, for a person, with what to do.",
            priority=1,
        ),
    ),
)

KINDS: Final = (TENANT, APPLICATION, RATE_CARD)
"""Every kind, in the order in which a reader meets them."""
