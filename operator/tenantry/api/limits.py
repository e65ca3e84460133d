"""How much a namespace may take: limit ranges, in the terms of the LimitRange API."""

from typing import Annotated, Literal

from pydantic import Field

from tenantry.api.base import Model
from tenantry.api.markers import list_map, rule, rules
from tenantry.api.quantities import ResourceList


def _is_at_most(lower: str, upper: str) -> dict[str, str]:
    """Where both are given for a resource, the one is no more than the other."""
    return rule(
        f"self.{lower}.all(k, !(k in self.{upper}) || quantity(string(self.{lower}[k]))"
        f".compareTo(quantity(string(self.{upper}[k]))) <= 0)",
        f"{lower} must not be more than {upper}",
    )


class LimitRangeItem(Model):
    """Bounds and defaults for one type of thing, as in ``LimitRange.spec.limits``."""

    # As the API server validates a LimitRange, so that the Tenant is refused and not its LimitRange
    # later on: ``ValidateLimitRange`` in pkg/apis/core/validation/validation.go.
    model_config = Model.model_config | {
        "json_schema_extra": rules(
            _is_at_most("min", "defaultRequest"),
            _is_at_most("min", "default"),
            _is_at_most("min", "max"),
            _is_at_most("defaultRequest", "default"),
            _is_at_most("defaultRequest", "max"),
            _is_at_most("default", "max"),
            rule(
                "self.type != 'Pod' || size(self.default) + size(self.defaultRequest) == 0",
                "a Pod has no defaults: set those of its containers, with type Container",
            ),
            rule(
                "self.type != 'PersistentVolumeClaim' || 'storage' in self.min || "
                "'storage' in self.max",
                "a PersistentVolumeClaim needs a min or a max for storage",
            ),
            rule(
                "self.maxLimitRequestRatio.all(k, "
                "quantity(string(self.maxLimitRequestRatio[k])).compareTo(quantity('1')) >= 0)",
                "maxLimitRequestRatio must be at least 1, for no limit is below its request",
            ),
            rule(
                "self.maxLimitRequestRatio.all(k, !(k in self.min) || !(k in self.max) || "
                "quantity(string(self.max[k])).asApproximateFloat() >= "
                "quantity(string(self.maxLimitRequestRatio[k])).asApproximateFloat() * "
                "quantity(string(self.min[k])).asApproximateFloat())",
                "maxLimitRequestRatio must not be more than max divided by min",
            ),
        )
    }

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
