"""CustomResourceDefinitions: a kind, described once, as the manifest that the API server takes.

What a kind is called and how ``kubectl`` shows it is written beside its models in ``kinds``; what
its fields are comes from the models themselves, through ``structural``. The result is a pure value:
``python -m generate`` writes it into ``crds/``, ``tenantry crds`` prints it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel

from tenantry.api import names
from tenantry.api.base import Manifest
from tenantry.api.structural import structural_schema


@dataclass(frozen=True, kw_only=True)
class Column:
    """A column of ``kubectl get``, as in ``additionalPrinterColumns``."""

    name: str
    json_path: str
    """Below the object's root: ``.spec.x``; conditions by ``[?(@.type=="Ready")]``."""
    type: Literal["string", "integer", "number", "boolean", "date"] = "string"
    description: str = ""
    priority: int = 0
    """0 is always shown, 1 with ``-o wide`` only."""


AGE = Column(
    name="Age",
    type="date",
    json_path=".metadata.creationTimestamp",
    description="Time since the object was created.",
)


@dataclass(frozen=True, kw_only=True)
class Kind:
    """All that makes a kind of the API: its names, models, rules and looks."""

    kind: str
    plural: str
    singular: str
    description: str
    spec: type[BaseModel]
    status: type[BaseModel]
    group: str = names.GROUP
    version: str = names.VERSION
    scope: Literal["Cluster", "Namespaced"] = "Namespaced"
    short_names: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    columns: tuple[Column, ...] = (AGE,)
    rules: Sequence[dict[str, Any]] = ()
    """CEL rules on the whole object; of the metadata they may read ``name`` only."""
    name_max_length: int | None = None
    """Checked by the schema, whose message is plain; a rule can say why. It also lets CEL count on
    short names when it estimates what a rule costs."""
    status_default: Manifest | None = None
    """The status of an object that no controller has looked at yet."""

    @property
    def crd_name(self) -> str:
        """The name of its CustomResourceDefinition."""
        return f"{self.plural}.{self.group}"

    @property
    def api_version(self) -> str:
        """The ``apiVersion`` of its objects."""
        return f"{self.group}/{self.version}"


def awaiting_operator(condition: str = "Ready") -> Manifest:
    """A default status that says the operator has not looked yet.

    Without it an object with no status passes for ready in whatever follows kstatus (Argo CD, Flux,
    ``kubectl wait``). The time is the epoch, for a schema knows no clock: the Gateway API's CRDs
    do the same.
    """
    return {
        "conditions": [
            {
                "type": condition,
                "status": "Unknown",
                "reason": "Pending",
                "message": "Waiting for the operator",
                "lastTransitionTime": "1970-01-01T00:00:00Z",
            }
        ]
    }


def custom_resource_definition(kind: Kind) -> Manifest:
    """The CustomResourceDefinition (apiextensions.k8s.io/v1) of a kind.

    Raises:
        SchemaError: a field of its models cannot be said in a structural schema.
    """
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {
            "name": kind.crd_name,
            "labels": {
                "app.kubernetes.io/name": "tenantry",
                "app.kubernetes.io/component": "api",
                "app.kubernetes.io/part-of": "tenantry",
            },
        },
        "spec": {
            "group": kind.group,
            "names": _names(kind),
            "scope": kind.scope,
            "versions": [_version(kind)],
        },
    }


def _names(kind: Kind) -> Manifest:
    made: Manifest = {
        "kind": kind.kind,
        "listKind": f"{kind.kind}List",
        "plural": kind.plural,
        "singular": kind.singular,
    }
    if kind.short_names:
        made["shortNames"] = [*kind.short_names]
    if kind.categories:
        made["categories"] = [*kind.categories]
    return made


def _version(kind: Kind) -> Manifest:
    return {
        "name": kind.version,
        "served": True,
        "storage": True,
        "subresources": {"status": {}},
        "additionalPrinterColumns": [_column(column) for column in kind.columns],
        "schema": {"openAPIV3Schema": _root(kind)},
    }


def _column(column: Column) -> Manifest:
    made: Manifest = {"name": column.name, "type": column.type, "jsonPath": column.json_path}
    if column.description:
        made["description"] = column.description
    if column.priority:
        made["priority"] = column.priority
    return made


def _root(kind: Kind) -> Manifest:
    metadata: Manifest = {"type": "object"}
    if kind.name_max_length is not None:
        metadata["properties"] = {"name": {"type": "string", "maxLength": kind.name_max_length}}
    status = structural_schema(kind.status)
    if kind.status_default is not None:
        status["default"] = kind.status_default
    made: Manifest = {
        "description": kind.description,
        "type": "object",
        "properties": {
            "apiVersion": {
                "description": f"Group and version of this representation: {kind.api_version}.",
                "type": "string",
            },
            "kind": {"description": f"The kind of the object: {kind.kind}.", "type": "string"},
            "metadata": metadata,
            "spec": structural_schema(kind.spec),
            "status": status,
        },
        "required": ["spec"],
    }
    if kind.rules:
        made["x-kubernetes-validations"] = [dict(rule) for rule in kind.rules]
    return made
