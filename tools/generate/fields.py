"""The fields of a model as its readers meet them: schema, nested model, examples, side by side.

The schema that the API server gets has everything inlined. A page and an example need to know which
object of it is which model, so this walks the models and their schemas together.
"""

import typing
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from pydantic import BaseModel

from tenantry.api.inlining import Schema
from tenantry.api.structural import structural_schema


@dataclass(frozen=True, kw_only=True)
class DocumentedField:
    """One field of a model."""

    name: str
    schema: Schema
    is_required: bool
    model: type[BaseModel] | None
    """The model of the field, of its items or of its values."""
    examples: tuple[Any, ...]


@cache
def fields_of(model: type[BaseModel]) -> list[DocumentedField]:
    """The fields of a model in the order of their declaration."""
    schema = structural_schema(model)
    found = []
    for name, info in model.model_fields.items():
        alias = info.alias or name
        found.append(
            DocumentedField(
                name=alias,
                schema=schema["properties"][alias],
                is_required=alias in schema.get("required", ()),
                model=next(_models_in(info.annotation), None),
                examples=tuple(info.examples or ()),
            )
        )
    return found


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in typing.get_args(annotation):
        yield from _models_in(argument)


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a model appears in the objects of a kind."""

    home: str
    """The shortest path, or the first of these: the model is shown in full there."""
    uses: tuple[str, ...]
    """Every field that it is the type of, at the home of the field's model."""


def places_below(model: type[BaseModel], path: str) -> dict[type[BaseModel], Place]:
    """Where each model of an object appears, in the order in which a reader meets their homes."""
    homes: dict[type[BaseModel], str] = {}
    for each, where in _walk(model, path):
        if each not in homes or where.count(".") < homes[each].count("."):
            homes[each] = where
    uses: dict[type[BaseModel], list[str]] = {model: [path]}
    for each, home in homes.items():
        for inner, where in _inner(each, home):
            uses.setdefault(inner, []).append(where)
    met = dict.fromkeys(each for each, where in _walk(model, path) if homes[each] == where)
    return {each: Place(home=homes[each], uses=tuple(uses[each])) for each in met}


def _walk(model: type[BaseModel], path: str) -> Iterator[tuple[type[BaseModel], str]]:
    yield model, path
    for inner, where in _inner(model, path):
        yield from _walk(inner, where)


def _inner(model: type[BaseModel], path: str) -> Iterator[tuple[type[BaseModel], str]]:
    for field in fields_of(model):
        if field.model is not None:
            yield field.model, f"{path}.{field.name}{steps_to(field.schema)}"


def described(schema: Schema) -> str:
    """What a schema describes its value as."""
    description: str = schema.get("description", "")
    return description


def steps_to(schema: Schema) -> str:
    """How a path goes on from a field to the objects in it: ``[]`` for items, ``{}`` for values."""
    if "items" in schema:
        return "[]" + steps_to(schema["items"])
    if "additionalProperties" in schema:
        return "{}" + steps_to(schema["additionalProperties"])
    return ""
