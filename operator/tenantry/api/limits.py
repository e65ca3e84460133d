"""How much a namespace may take: limit ranges, in the terms of the LimitRange API."""

from typing import Annotated, Literal

from pydantic import Field

from tenantry.api.base import Model
from tenantry.api.markers import list_map
from tenantry.api.quantities import ResourceList


class LimitRangeItem(Model):
    """Bounds and defaults for one type of thing, as in ``LimitRange.spec.limits``."""

    type: Literal["Container", "Pod", "PersistentVolumeClaim"]
    """What the bounds are for."""
    default: ResourceList = Field(default={})
    """Limits of a container that states none."""
    default_request: ResourceList = Field(default={})
    """Requests of a container that states none."""
    max: ResourceList = Field(default={})
    """The most that one may ask for."""
    min: ResourceList = Field(default={})
    """The least that one must ask for."""
    max_limit_request_ratio: ResourceList = Field(default={})
    """How many times its request a limit may be."""


class LimitRangeSpec(Model):
    """What a LimitRange says, laid over the defaults that let pods without requests start."""

    limits: Annotated[
        list[LimitRangeItem], Field(max_length=3, json_schema_extra=list_map("type"))
    ] = Field(default=[])
    """One item a type. Values given for containers replace the defaults key by key."""
