"""The RateCard: what an hour of each resource costs, and since when.

Costs are counted by the hour, so a card holds from one full hour to another. What a card says of
money never changes: whoever wants other prices ends the card and writes the next one. So a bill
that was read once reads the same ever after.
"""

from typing import Annotated, Any, Final, Literal, Self

from pydantic import Field

from tenantry.api.base import Manifest, Model
from tenantry.api.markers import list_map, list_set, rule, rules
from tenantry.api.money import Currency, Percent, Price
from tenantry.api.prices import SPOT, Discount, FixedCost, Network, NodeClass, Prices, Storage
from tenantry.api.tenant import Metadata
from tenantry.api.tenant_status import Condition

Sharing = Literal["Separate", "Even", "Weighted", "Fixed"]
"""Apart; the same to each tenant; by what each has cost anyway; by ``shares``."""

_FIXED: Final = (
    "currency",
    "validFrom",
    "prices",
    "nodeClasses",
    "storage",
    "loadBalancer",
    "network",
    "fixedCosts",
    "discounts",
    "sharing",
)
"""All that says what something costs."""
Hour = Annotated[
    str,
    Field(
        max_length=20,
        pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-5][0-9]Z$",
        json_schema_extra=rules(
            rule(
                "!format.datetime().validate(self).hasValue() && self.endsWith(':00:00Z')",
                "must be a full hour that exists, in UTC, for costs are counted by the hour: "
                "2030-01-31T12:00:00Z",
            )
        ),
    ),
]
"""A full hour in UTC."""


class SharedCosts(Model):
    """What becomes of costs that no tenant has caused alone."""

    namespaces: Annotated[
        list[Annotated[str, Field(min_length=1, max_length=63)]],
        Field(max_length=64, json_schema_extra=list_set()),
    ] = Field(default=["kube-system"])
    """Namespaces that belong to no tenant and serve all: their cost is shared. What others of no
    tenant cost is unallocated."""
    idle: Sharing = "Separate"
    """Nodes, or parts of them, that nobody asked for."""
    shared_namespaces: Sharing = "Separate"
    """The namespaces above."""
    fixed_costs: Sharing = "Separate"
    """The fixed costs."""
    shares: Annotated[
        dict[str, Percent],
        Field(
            max_length=256,
            json_schema_extra=rules(
                rule("self.all(k, size(k) > 0 && size(k) <= 40)", "keys are names of Tenants"),
                rule(
                    "self.map(k, double(self[k])).sum() <= 100.000001",
                    "shares must not be more than 100 percent together",
                ),
            ),
        ),
    ] = Field(default={})
    """Percent by Tenant, for ``Fixed``. What they leave of 100 stays apart."""


class RateCardSpec(Model):
    """What things cost, from one hour to another."""

    model_config = Model.model_config | {
        "json_schema_extra": rules(
            rule(
                "!has(self.validTo) || self.validTo > self.validFrom",
                "validTo must be later than validFrom: it is the first hour that the card does "
                "not hold for",
            ),
            rule(
                "self.sharing.idle != 'Fixed' && self.sharing.sharedNamespaces != 'Fixed' && "
                "self.sharing.fixedCosts != 'Fixed' || size(self.sharing.shares) > 0",
                "Fixed needs sharing.shares: percent by Tenant",
            ),
            *(
                rule(
                    f"self.{field} == oldSelf.{field}",
                    f"{field} cannot change, for what was charged by it would: end this RateCard "
                    "with spec.validTo and write another one that is valid from then on",
                )
                for field in _FIXED
            ),
        )
    }

    description: Annotated[str, Field(max_length=1024)] = ""
    """What it is, and where its prices come from."""
    currency: Currency
    """ISO 4217 code of all its prices."""
    valid_from: Hour
    """The first hour that it holds for."""
    valid_to: Hour | None = None
    """The first hour that it holds for no more; left out while it goes on."""
    prices: Prices = Field(default=Prices())
    """What an hour of a node's resources costs."""
    node_classes: Annotated[
        list[NodeClass], Field(max_length=32, json_schema_extra=list_map("name"))
    ] = Field(default=[SPOT])
    """Nodes that cost something else."""
    storage: Storage = Field(default=Storage())
    """What PersistentVolumes cost."""
    load_balancer: Price = "0"
    """What a Service of type LoadBalancer costs an hour."""
    network: Network = Field(default=Network())
    """What traffic costs, where it is measured."""
    fixed_costs: Annotated[
        list[FixedCost], Field(max_length=32, json_schema_extra=list_map("name"))
    ] = Field(default=[])
    """What is paid every month."""
    discounts: Annotated[
        list[Discount], Field(max_length=32, json_schema_extra=list_map("name"))
    ] = Field(default=[])
    """What is taken off."""
    sharing: SharedCosts = Field(default=SharedCosts())
    """What becomes of costs that no tenant has caused alone."""


class RateCardStatus(Model):
    """What the operator tells about a RateCard."""

    observed_generation: Annotated[int, Field(ge=0)] = 0
    """The generation of the spec that this status speaks of."""
    conditions: Annotated[
        list[Condition], Field(max_length=8, json_schema_extra=list_map("type"))
    ] = Field(default=[])
    """Ready; ``Overlapping`` and ``FollowedByGap`` where that is so."""
    priced_until: Annotated[str, Field(max_length=20)] = ""
    """The hours before this one have passed, at these prices: the card cannot end earlier."""


class RateCard(Model):
    """A RateCard as the API server has it."""

    metadata: Metadata
    spec: RateCardSpec
    status: RateCardStatus = Field(default=RateCardStatus())

    @classmethod
    def parse(cls, manifest: Manifest) -> Self:
        """Read a manifest that the API server has admitted, or that a person wrote.

        Raises:
            pydantic.ValidationError: it is not a RateCard; each error has the field's path.
        """
        return cls.model_validate(manifest)

    @property
    def name(self) -> str:
        """The RateCard's name."""
        return self.metadata.name


_PASSED: Final = "has(self.status) && has(self.status.pricedUntil)"

ROOT_RULES: Final[tuple[dict[str, Any], ...]] = (
    rule(
        f"!has(self.spec.validTo) || !({_PASSED}) || self.spec.validTo >= self.status.pricedUntil",
        "spec.validTo must not be before status.pricedUntil: the hours up to then have been "
        "charged at these prices",
    ),
    rule(
        "!has(oldSelf.spec.validTo) || !(has(oldSelf.status) && has(oldSelf.status.pricedUntil)) "
        "|| oldSelf.spec.validTo > oldSelf.status.pricedUntil || "
        "(has(self.spec.validTo) && self.spec.validTo == oldSelf.spec.validTo)",
        "spec.validTo has passed and cannot change: write another RateCard for later hours",
    ),
)
"""Rules on the whole object, where CEL may read the status: it knows which hours have passed."""
