"""What a RateCard prices: nodes by class, volumes, traffic, fixed costs; and what is taken off.

Every default is OpenCost's (https://github.com/opencost/opencost/blob/develop/configs/default.json),
which are Google's list prices of us-central1, so that a cluster without a price list of its own is
told something plausible, and the same as by OpenCost.
"""

from typing import Annotated, Final

from pydantic import Field

from tenantry.api.base import DnsLabel, LabelSelectorValues, Model
from tenantry.api.markers import list_atomic, list_set, rule, rules
from tenantry.api.money import Percent, Price

_KEYS: Final = rule("self.all(k, size(k) > 0 && size(k) <= 253)", "names have 1 to 253 characters")

PricesByName = Annotated[dict[str, Price], Field(max_length=64, json_schema_extra=rules(_KEYS))]
"""Prices by the name of what has them."""


class Prices(Model):
    """What an hour costs, on nodes of no class."""

    cpu: Price = "0.031611"
    """A core."""
    memory: Price = "0.004237"
    """A GiB."""
    ephemeral_storage: Price = "0"
    """A GiB of the node's own disk; OpenCost has no price for it."""
    extended: PricesByName = Field(default={"nvidia.com/gpu": "0.95"})
    """One device, by the name of its extended resource. What is not named here costs nothing, and
    reports say so."""


class NodeClass(Model):
    """Nodes that cost something else: another machine type, or spot instances."""

    name: DnsLabel
    """What reports call it."""
    node_selectors: Annotated[
        list[LabelSelectorValues],
        Field(
            min_length=1,
            max_length=16,
            json_schema_extra=list_atomic(
                rule(
                    "self.all(s, size(s) > 0)",
                    "a selector needs a label: without one it would match every node",
                )
            ),
        ),
    ]
    """Labels of its nodes: all of one of these. Of several classes that fit a node, it is of the
    first."""
    cpu: Price | None = None
    """A core; left out, as on nodes of no class, and so for all that follows."""
    memory: Price | None = None
    """A GiB."""
    ephemeral_storage: Price | None = None
    """A GiB of the node's own disk."""
    extended: PricesByName = Field(default={})
    """One device, by the name of its extended resource."""


SPOT: Final = NodeClass(
    name="spot",
    node_selectors=[
        {"karpenter.sh/capacity-type": "spot"},
        {"eks.amazonaws.com/capacityType": "SPOT"},
        {"cloud.google.com/gke-spot": "true"},
        {"kubernetes.azure.com/scalesetpriority": "spot"},
    ],
    cpu="0.006655",
    memory="0.000892",
)
"""Nodes that the clouds' own labels mark as spot instances, at OpenCost's default prices."""


class Storage(Model):
    """What a GiB of a PersistentVolume costs an hour."""

    price: Price = "0.00005479452"
    """Of classes that are not named below."""
    classes: PricesByName = Field(default={})
    """By StorageClass."""


class Network(Model):
    """What a GiB that leaves a pod costs, where somebody measures it."""

    zone: Price = "0.01"
    """To another zone."""
    region: Price = "0.01"
    """To another region."""
    internet: Price = "0.12"
    """To the internet."""


class FixedCost(Model):
    """What is paid every month, whatever runs."""

    name: DnsLabel
    """What reports call it: ``control-plane``, ``support``."""
    monthly: Price
    """The amount. Each hour of a month has its share of it, so that a month has all of it."""


class Discount(Model):
    """What is taken off, in percent."""

    name: DnsLabel
    """What reports call it: ``committed-use``."""
    percent: Percent
    """How much. Of several that fit, each is taken off what the ones before leave."""
    resources: Annotated[
        list[Annotated[str, Field(min_length=1, max_length=253)]],
        Field(max_length=32, json_schema_extra=list_set()),
    ] = Field(default=[])
    """Which: ``cpu``, ``memory``, ``ephemeral-storage``, ``storage``, ``load-balancer``, or the
    name of an extended resource; none for all that is paid by the hour."""
    node_classes: Annotated[
        list[Annotated[str, Field(max_length=63)]],
        Field(max_length=32, json_schema_extra=list_set()),
    ] = Field(default=[])
    """On nodes of which classes, ``""`` being those of none; none for all."""
