"""What groups of the chart's values are made of."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

Switch = bool | Literal["auto"]
Text = Annotated[str, Field(max_length=1024)]
Texts = dict[str, Text]
Objects = list[dict[str, Any]]
Port = Annotated[int, Field(ge=1, le=65535)]
Quantity = (
    Annotated[str, Field(pattern=r"^[0-9]+(\.[0-9]+)?(m|k|M|G|T|Ki|Mi|Gi|Ti)?$")] | int | float
)
Amounts = dict[Literal["cpu", "memory", "ephemeral-storage"], Quantity]


class Values(BaseModel):
    """Values that belong together; nothing but what is listed is taken."""

    model_config = ConfigDict(
        alias_generator=to_camel, extra="forbid", frozen=True, use_attribute_docstrings=True
    )


class ServiceAccount(Values):
    """Who a program is."""

    name: Annotated[str, Field(max_length=253)] = ""
    """Its name. Empty: the release's."""
    annotations: Texts = {}
    """Annotations of the ServiceAccount."""


class Resources(Values):
    """What a pod may use."""

    requests: Amounts = Field(default={})
    """What is kept free for it."""
    limits: Amounts = Field(default={})
    """What it may not exceed. None of CPU: it would slow it down just when there is much to do."""
