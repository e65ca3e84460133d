"""Every bound that a CRD's schema sets, with a value just beyond it."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from tenantry.api.base import Manifest

Schema = dict[str, Any]
_ENTRY = "pods"
"""A key that every map admits: it is a label, a quota key and a resource."""

Wrap = Callable[[Any], Any]
"""Puts a value where it belongs in a spec that has nothing else but what it must have."""


@dataclass(frozen=True)
class Breach:
    """A value beyond a bound.

    Args:
        path: the field, as the API server writes it; empty where it writes it otherwise.
        spec: one that has this value and no other mistake against the schema.
        message: a part of what the API server has to say.
    """

    path: str
    keyword: str
    spec: Manifest
    message: str


def rules_in(schema: Schema) -> list[dict[str, str]]:
    """The CEL rules of a schema and of all that is in it."""
    found = [*schema.get("x-kubernetes-validations", ())]
    inner = [*schema.get("properties", {}).values()]
    inner += [schema[key] for key in ("items", "additionalProperties") if key in schema]
    return found + [rule for one in inner for rule in rules_in(one)]


def breaches(schema: Schema, path: str, wrap: Wrap, key: str = "") -> Iterator[Breach]:
    """All breaches of a schema and of what is in it.

    Args:
        path: of the value, as the API server writes it.
        wrap: puts the value where it belongs.
        key: the one field that the value's list tells its items apart by.
    """
    for keyword, make in _MAKERS.items():
        if keyword in schema:
            value, message = make(schema)
            yield Breach(path, keyword, wrap(value), message)
    yield from _in_properties(schema, path, wrap)
    yield from _required(schema, path, wrap, key)
    if "items" in schema:
        keys = schema.get("x-kubernetes-list-map-keys", ())
        only = keys[0] if len(keys) == 1 else ""
        yield from breaches(schema["items"], f"{path}[0]", lambda value: wrap([value]), only)
    if isinstance(schema.get("additionalProperties"), dict):
        inner = schema["additionalProperties"]
        yield from breaches(inner, f"{path}.{_ENTRY}", lambda value: wrap({_ENTRY: value}))


def _in_properties(schema: Schema, path: str, wrap: Wrap) -> Iterator[Breach]:
    for name, inner in schema.get("properties", {}).items():
        yield from breaches(inner, f"{path}.{name}", partial(_within, schema, name, wrap))


def _within(schema: Schema, name: str, wrap: Wrap, value: Any) -> Any:
    """A field's value in an object that has its required fields."""
    return wrap(sample(schema) | {name: value})


def _required(schema: Schema, path: str, wrap: Wrap, key: str) -> Iterator[Breach]:
    """Each required field left out; without its only key, an item cannot even be merged."""
    for name in schema.get("required", ()):
        rest = {other: value for other, value in sample(schema).items() if other != name}
        if name == key:
            yield Breach("", "required", wrap(rest), f'omits all key fields ["{key}"]')
        else:
            yield Breach(f"{path}.{name}", "required", wrap(rest), "Required value")


def sample(schema: Schema, number: int = 1) -> Any:
    """The least that is admitted by the schema (not by its rules); differs from number to number.

    Args:
        number: which one of a list's items it is.
    """
    if "enum" in schema:
        choices = schema["enum"]
        return choices[number - 1] if number <= len(choices) else f"x{number}"
    match schema.get("type"):
        case "object":
            required = schema.get("required", ())
            return {name: sample(schema["properties"][name], number) for name in required}
        case "array":
            return [sample(schema["items"], one + 1) for one in range(schema.get("minItems", 0))]
        case "boolean":
            return True
        case "integer":
            return max(number, schema.get("minimum", 0))
        case _:
            return str(number)


def _too_many_items(schema: Schema) -> tuple[Any, str]:
    most = schema["maxItems"]
    items = [_item(schema, number) for number in range(1, most + 2)]
    return items, f"Too many: {most + 1}: must have at most {most} items"


def _item(schema: Schema, number: int) -> Any:
    """An item that has keys of its own, where the list tells its items apart by keys."""
    item = sample(schema["items"], number)
    keys = schema.get("x-kubernetes-list-map-keys", ())
    properties = schema["items"].get("properties", {})
    given = {
        key: sample(properties[key], number) for key in keys if "default" not in properties[key]
    }
    return item | given if given else item


def _too_few_items(schema: Schema) -> tuple[Any, str]:
    least = schema["minItems"]
    items = [_item(schema, number) for number in range(1, least)]
    return items, f"should have at least {least} items"


def _too_many_entries(schema: Schema) -> tuple[Any, str]:
    most = schema["maxProperties"]
    value = sample(schema["additionalProperties"])
    entries = {f"count/k{number}": value for number in range(most + 1)}
    return entries, f"Too many: {most + 1}: must have at most {most} items"


def _too_long(schema: Schema) -> tuple[Any, str]:
    most = schema["maxLength"]
    return "1" * (most + 1), f"Too long: may not be more than {most} bytes"


def _too_short(schema: Schema) -> tuple[Any, str]:
    least = schema["minLength"]
    return "1" * (least - 1), f"should be at least {least} chars long"


def _unmatched(schema: Schema) -> tuple[Any, str]:
    pattern, least = schema["pattern"], schema.get("minLength", 1)
    odd = ("!" * least, "a!" * least, "-" * least, "/" * least, "\t" * least)
    value = next(one for one in odd if not _matches(pattern, one))
    return value, f"should match '{pattern}'"


def _matches(pattern: str, text: str) -> bool:
    """As the API server's RE2 does; Python has no POSIX classes of characters."""
    pattern = pattern.replace("[:cntrl:]", r"\x00-\x1f\x7f").replace("[:space:]", r"\s")
    return re.search(pattern, text) is not None


def _unlisted(schema: Schema) -> tuple[Any, str]:
    del schema
    return "Nonsense", 'Unsupported value: "Nonsense"'


def _too_small(schema: Schema) -> tuple[Any, str]:
    least = schema["minimum"]
    return least - 1, f"should be greater than or equal to {least}"


def _too_large(schema: Schema) -> tuple[Any, str]:
    most = schema["maximum"]
    return most + 1, f"should be less than or equal to {most}"


_MAKERS: dict[str, Callable[[Schema], tuple[Any, str]]] = {
    "maxItems": _too_many_items,
    "minItems": _too_few_items,
    "maxProperties": _too_many_entries,
    "maxLength": _too_long,
    "minLength": _too_short,
    "pattern": _unmatched,
    "enum": _unlisted,
    "minimum": _too_small,
    "maximum": _too_large,
}
