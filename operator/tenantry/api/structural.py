"""From a pydantic model to the structural schema that a CustomResourceDefinition carries.

The API server takes a subset of OpenAPI v3 (``$ref``, ``null``, ``const``, numeric exclusive bounds
and more are refused, or, worse, pruned without a word), and pydantic writes JSON Schema 2020-12. So
every keyword is either carried over, translated, dropped because it says nothing about validity, or
refused with the path of its field: what is not understood here must never become a missing check.
The same goes for bounds. CEL rules get a cost estimate from the largest value that a schema admits,
and an unbounded list, map or string makes it infinite; here a missing bound is an error.

Source: https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#specifying-a-structural-schema
"""

import json
from copy import deepcopy
from typing import Any, Final

from pydantic import BaseModel

from tenantry.api.inlining import Place, Schema, flat, without
from tenantry.api.json_schema import FaithfulJsonSchema

_IN_THIS_ORDER: Final = (
    "description",
    "type",
    "format",
    "minimum",
    "exclusiveMinimum",
    "maximum",
    "exclusiveMaximum",
    "multipleOf",
    "minLength",
    "maxLength",
    "pattern",
    "minItems",
    "maxItems",
    "minProperties",
    "maxProperties",
    "enum",
    "default",
    "items",
    "additionalProperties",
    "properties",
    "required",
    "x-kubernetes-embedded-resource",
    "x-kubernetes-int-or-string",
    "x-kubernetes-list-map-keys",
    "x-kubernetes-list-type",
    "x-kubernetes-map-type",
    "x-kubernetes-preserve-unknown-fields",
    "x-kubernetes-validations",
)
_TRANSLATED: Final = frozenset(
    {
        "additionalProperties",
        "const",
        "default",
        "description",
        "exclusiveMaximum",
        "exclusiveMinimum",
        "items",
        "patternProperties",
        "properties",
        "propertyNames",
        "uniqueItems",
        "x-kubernetes-validations",
    }
)
_SAYING_NOTHING: Final = ("title", "examples", "deprecated")
_UNDERSTOOD: Final = _TRANSLATED.union(_IN_THIS_ORDER, _SAYING_NOTHING)
_ADVICE: Final = {
    "discriminator": "make it one model with optional members and a CEL rule 'exactly one of'",
    "oneOf": "make it one model with optional members and a CEL rule 'exactly one of'",
    "prefixItems": "make the tuple a model with named fields",
    "contentEncoding": "make it a bounded string",
    "contentMediaType": "make it a bounded string",
}
_TYPES: Final = ("object", "array", "string", "integer", "boolean")
_FORMATS: Final = ("date-time", "date")
_RULE_FIELDS: Final = (
    "rule",
    "message",
    "messageExpression",
    "reason",
    "fieldPath",
    "optionalOldSelf",
)


def structural_schema(model: type[BaseModel]) -> Schema:
    """The structural schema of a model, by its validation aliases, in the order of its fields.

    Args:
        model: a pydantic model; CEL rules and list types come from ``json_schema_extra``, made
            by ``tenantry.api.markers``.

    Returns:
        A new OpenAPI v3 schema as JSON values, without ``$ref``.

    Raises:
        SchemaError: a field has no faithful structural form or no upper bound.
    """
    raw = model.model_json_schema(schema_generator=FaithfulJsonSchema)
    place = Place(model.__name__, raw.pop("$defs", {}))
    return _node(raw, place)


def _node(raw: Schema, place: Place) -> Schema:
    raw, place = flat(raw, place)
    _refuse_unknown_keywords(raw, place)
    carried = raw.keys() & _UNDERSTOOD - _TRANSLATED
    made: Schema = {key: deepcopy(raw[key]) for key in carried}
    made |= _scalars(raw, place)
    made |= _items(raw, place)
    made |= _properties(raw, place)
    made |= _additional_properties(raw, place)
    if rules := _rules(raw, place):
        made["x-kubernetes-validations"] = rules
    _refuse_untyped(made, place)
    _refuse_unbounded(made, place)
    if "default" in raw:
        made["default"] = _default(raw["default"], made, place)
    return {key: made[key] for key in _IN_THIS_ORDER if key in made}


def _refuse_unknown_keywords(raw: Schema, place: Place) -> None:
    for key in raw:
        if key not in _UNDERSTOOD:
            advice = _ADVICE.get(key, "the API server would refuse it or not check it")
            raise place.refused(f"{key} has no structural form: {advice}")
    if raw.get("format", "date") not in _FORMATS:
        raise place.refused(
            f"format {raw['format']} means something else to the API server: "
            "make it a string with a pattern and a maxLength"
        )


def _scalars(raw: Schema, place: Place) -> Schema:
    made: Schema = {}
    if "description" in raw:
        made["description"] = " ".join(raw["description"].split()).replace("``", "`")
    if "const" in raw:
        made["enum"] = [raw["const"]]
    for bound in ("Minimum", "Maximum"):
        exclusive, inclusive = f"exclusive{bound}", bound.lower()
        if exclusive in raw:
            if inclusive in raw:
                raise place.refused(f"{inclusive} and {exclusive} exclude each other: keep one")
            made |= {inclusive: raw[exclusive], exclusive: True}
    return made


def _items(raw: Schema, place: Place) -> Schema:
    made: Schema = {}
    if "items" in raw:
        made["items"] = _node(raw["items"], place.below("[]"))
    if raw.get("uniqueItems"):
        if raw.get("x-kubernetes-list-type", "set") != "set":
            raise place.refused("a Python set can only be of x-kubernetes-list-type set")
        made["x-kubernetes-list-type"] = "set"
    return made


def _properties(raw: Schema, place: Place) -> Schema:
    if "properties" not in raw:
        return {}
    members = raw["properties"].items()
    return {"properties": {name: _node(inner, place.below(f".{name}")) for name, inner in members}}


def _additional_properties(raw: Schema, place: Place) -> Schema:
    """The values of a map; ``extra="forbid"`` is left to pruning and strict field validation."""
    values = raw.get("additionalProperties", False)
    patterns = list(raw.get("patternProperties", {}).values())
    if len(patterns) > 1 or (patterns and "additionalProperties" in raw):
        raise place.refused("a map has one kind of key: use one pattern")
    if patterns:
        values = patterns[0]
    if values is False:
        return {}
    if values is True or values == {}:
        if raw.get("x-kubernetes-preserve-unknown-fields"):
            return {}
        raise place.refused(
            "takes any field: give it a type, or mark it x-kubernetes-preserve-unknown-fields"
        )
    return {"additionalProperties": _node(values, place.below("{}"))}


def _rules(raw: Schema, place: Place) -> list[Schema]:
    rules = [*raw.get("x-kubernetes-validations", [])]
    for rule in rules:
        if unknown := rule.keys() - set(_RULE_FIELDS):
            raise place.refused(f"a CEL rule has no field {', '.join(sorted(unknown))}")
    if keys := _key_rule(raw, place):
        rules.append(keys)
    return [{key: rule[key] for key in _RULE_FIELDS if key in rule} for rule in rules]


def _key_rule(raw: Schema, place: Place) -> Schema:
    """What a map's keys must be, as CEL: a structural schema has no word for it."""
    place = place.below("{key}")
    names, place = flat(raw.get("propertyNames", {}), place)
    names = without(names, "type", *_SAYING_NOTHING, "description")
    if patterns := list(raw.get("patternProperties", {})):
        names["pattern"] = patterns[0]
    if not names:
        return {}
    if "const" in names:
        names["enum"] = [names.pop("const")]
    makers = {
        "minLength": ("size(key) >= {}", "have at least {} characters"),
        "maxLength": ("size(key) <= {}", "have at most {} characters"),
        "pattern": ("key.matches({})", "match {}"),
        "enum": ("key in {}", "be one of {}"),
    }
    if unknown := names.keys() - makers.keys():
        raise place.refused(f"{', '.join(sorted(unknown))} cannot be checked on a map's keys")
    checks = [makers[name][0].format(json.dumps(value)) for name, value in names.items()]
    words = [makers[name][1].format(_spoken(value)) for name, value in names.items()]
    return {
        "rule": f"self.all(key, {' && '.join(checks)})",
        "message": f"keys must {' and '.join(words)}",
    }


def _spoken(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _refuse_untyped(made: Schema, place: Place) -> None:
    free = "x-kubernetes-int-or-string" in made or "x-kubernetes-preserve-unknown-fields" in made
    if made.get("type", "object" if free else None) not in _TYPES:
        raise place.refused(
            "a float loses digits between clients: make it an integer or a string"
            if made.get("type") == "number"
            else "has no type of its own: give it one, or mark it "
            "x-kubernetes-preserve-unknown-fields"
        )


def _refuse_unbounded(made: Schema, place: Place) -> None:
    is_string = made.get("type") == "string" or "x-kubernetes-int-or-string" in made
    if is_string and not made.keys() & {"maxLength", "enum", "format"}:
        raise place.refused("a string needs a maxLength, an enum or a date-time format")
    if made.get("type") == "array" and "maxItems" not in made:
        raise place.refused("a list needs a maxItems")
    if "additionalProperties" in made and "maxProperties" not in made:
        raise place.refused("a map needs a maxProperties")


def _default(value: Any, made: Schema, place: Place, *, is_whole: bool = False) -> Any:
    """A default without nulls, and without what the server would default within it anyway.

    Where a CEL rule looks on, the default is whole: the server tries the rule on the default as it
    is written, before anything is defaulted within it.
    """
    is_whole = is_whole or "x-kubernetes-validations" in made
    if isinstance(value, list) and "items" in made:
        inner, place = made["items"], place.below("[]")
        return [_default(item, inner, place, is_whole=is_whole) for item in value]
    if isinstance(value, dict) and "additionalProperties" in made:
        inner, place = made["additionalProperties"], place.below("{}")
        return {key: _default(item, inner, place, is_whole=is_whole) for key, item in value.items()}
    if not isinstance(value, dict) or "properties" not in made:
        return value
    kept: Schema = {}
    for name, item in value.items():
        if name not in made["properties"]:
            raise place.refused(f"its default is written with {name}, which is not a field of it")
        inner = made["properties"][name]
        tried = _default(item, inner, place.below(f".{name}"), is_whole=is_whole)
        if tried is not None and (is_whole or "default" not in inner or tried != inner["default"]):
            kept[name] = tried
    return kept
