"""Pydantic's own JSON Schema, with its three silent losses turned into errors.

Pydantic leaves a default out when a factory makes it, warns when it cannot write one, and lets the
``json_schema_extra`` of a field replace that of the field's type, CEL rules included. Each would
let the model and the API server disagree without anybody noticing. ``structural`` builds on this.
"""

from typing import Any, NoReturn, get_type_hints

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic.json_schema import (
    GenerateJsonSchema,
    JsonSchemaValue,
    JsonSchemaWarningKind,
)
from pydantic_core import core_schema


class SchemaError(ValueError):
    """A model that cannot become a CRD's schema without losing a check; says which field."""


class FaithfulJsonSchema(GenerateJsonSchema):
    """JSON Schema in the order of the fields, with factories' defaults, that loses nothing."""

    def sort(self, value: JsonSchemaValue, parent_key: str | None = None) -> JsonSchemaValue:
        """Keep the order of declaration."""
        del parent_key
        return value

    def emit_warning(self, kind: JsonSchemaWarningKind, detail: str) -> NoReturn:
        """Refuse what pydantic would leave out with a warning."""
        raise SchemaError(f"{kind}: {detail}")

    def get_default_value(self, schema: core_schema.WithDefaultSchema) -> Any:
        """The default, called from its factory if there is one and it always gives the same."""
        if "default_factory" not in schema:
            return super().get_default_value(schema)
        if schema.get("default_factory_takes_data"):
            raise SchemaError("a default made from other fields cannot be the API server's too")
        factory: Any = schema["default_factory"]
        made = factory()
        if made != factory():
            raise SchemaError("a default that changes from call to call cannot be the API server's")
        return made

    def model_schema(self, schema: core_schema.ModelSchema) -> JsonSchemaValue:
        """A model's schema, once it is sure that no marker of its fields' types gets lost."""
        _refuse_lost_markers(schema["cls"])
        return super().model_schema(schema)


def _refuse_lost_markers(model: type[BaseModel]) -> None:
    hints = get_type_hints(model, include_extras=True)
    for name, field in model.model_fields.items():
        kept = field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}
        for info in getattr(hints[name], "__metadata__", ()):
            extra = info.json_schema_extra if isinstance(info, FieldInfo) else None
            for key, value in extra.items() if isinstance(extra, dict) else ():
                if kept.get(key) != value:
                    raise SchemaError(
                        f"{model.__name__}.{name}: its json_schema_extra replaces {key} of its "
                        "type: write both in one place"
                    )
