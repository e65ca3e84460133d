"""The ground that every model stands on, and the bounded scalars that they share.

Models are frozen values in the API's own camelCase. They read leniently (an unknown field is
ignored, so that an older operator survives a newer CRD during a roll-back), for the API server
is strict at the door: pruning and strict field validation refuse unknown fields there.
"""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from tenantry.api.markers import map_atomic, rule, rules

Manifest = dict[str, Any]
"""A Kubernetes manifest, JSON as Python values; used only where objects meet the API server."""


class Model(BaseModel):
    """A frozen value of the API, camelCase outside and snake_case inside."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        extra="ignore",
        frozen=True,
        populate_by_name=True,
        use_attribute_docstrings=True,
    )


DNS_LABEL = r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?$"

DnsLabel = Annotated[str, Field(min_length=1, max_length=63, pattern=DNS_LABEL)]
"""RFC 1123 label: what a namespace, a port or a Tenant may be called."""

LabelValue = Annotated[
    str, Field(max_length=63, pattern=r"^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$")
]

_QUALIFIED = rule(
    "self.all(k, !format.qualifiedName().validate(k).hasValue())",
    "keys must be qualified names: an optional DNS prefix and '/', then at most 63 characters",
)

LabelSelectorValues = Annotated[
    dict[str, LabelValue], Field(max_length=16, json_schema_extra=map_atomic(_QUALIFIED))
]
"""Labels to match, all of them."""

Labels = Annotated[
    dict[str, LabelValue],
    Field(
        max_length=32,
        json_schema_extra=rules(
            _QUALIFIED,
            rule(
                "self.all(k, !k.startsWith('tenantry.io/') && !k.contains('.tenantry.io/') && "
                "!k.startsWith('pod-security.kubernetes.io/') && "
                "k != 'app.kubernetes.io/managed-by' && k != 'kubernetes.io/metadata.name')",
                "labels under tenantry.io/ and pod-security.kubernetes.io/, "
                "app.kubernetes.io/managed-by and kubernetes.io/metadata.name are set by the "
                "operator: use spec.cost, spec.podSecurity or another key",
            ),
        ),
    ),
]
"""Labels that a platform team adds to namespaces."""

AnnotationValue = Annotated[str, Field(max_length=4096)]

Annotations = Annotated[
    dict[str, AnnotationValue],
    Field(
        max_length=32,
        json_schema_extra=rules(
            _QUALIFIED,
            rule(
                "self.all(k, !k.startsWith('tenantry.io/') && !k.contains('.tenantry.io/') && "
                "k != 'scheduler.alpha.kubernetes.io/node-selector')",
                "annotations under tenantry.io/ and scheduler.alpha.kubernetes.io/node-selector "
                "are set by the operator: use spec.nodeSelector or another key",
            ),
        ),
    ),
]
"""Annotations that a platform team adds to namespaces."""


def manifest_of(model: BaseModel) -> Mapping[str, Any]:
    """The model as the API server would see it: camelCase, JSON types, unset fields left out."""
    return model.model_dump(mode="json", by_alias=True, exclude_unset=True, exclude_none=True)
