"""The kinds that users write, each with its names and looks: the table of contents of the API."""

from typing import Final

from tenantry.api.application import ApplicationSpec
from tenantry.api.application_rules import ROOT_RULES as APPLICATION_RULES
from tenantry.api.application_status import ApplicationStatus
from tenantry.api.crd import AGE, Column, Kind, awaiting_operator
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
            name="Message",
            json_path=f"{_READY}.message",
            description="Why, for a person, with what to do.",
            priority=1,
        ),
    ),
)

KINDS: Final = (TENANT, APPLICATION)
"""Every kind, in the order in which a reader meets them."""
