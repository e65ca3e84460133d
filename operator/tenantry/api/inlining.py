"""References and unions of JSON Schema, resolved: a structural schema has neither.

Definitions are inlined, ``X | None`` becomes X that may be left out (the API server prunes nulls
before it applies defaults), and ``int | str`` becomes ``x-kubernetes-int-or-string``. Every other
union is refused. ``structural`` asks for this before it looks at a node.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from tenantry.api.json_schema import SchemaError

Schema = dict[str, Any]

_NULL: Final = {"type": "null"}


@dataclass(frozen=True)
class Place:
    """Where the conversion stands, and what references resolve to there."""

    path: str
    definitions: Mapping[str, Schema]
    within: tuple[str, ...] = ()

    def below(self, step: str) -> "Place":
        """The place of a property, item or value; ``step`` is added to the path as it is."""
        return replace(self, path=self.path + step)

    def refused(self, why: str) -> SchemaError:
        """The error to raise here."""
        return SchemaError(f"{self.path}: {why}")


def flat(raw: Schema, place: Place) -> tuple[Schema, Place]:
    """The node with its references and unions resolved, and the place within those references.

    Raises:
        SchemaError: a type contains itself, a union is neither ``int | str`` nor ``X | None``, or
            a field contradicts its type.
    """
    while "$ref" in raw or "anyOf" in raw:
        if "$ref" in raw:
            name = raw["$ref"].removeprefix("#/$defs/")
            if name in place.within:
                raise place.refused(f"{name} contains itself: a structural schema cannot recurse")
            place = replace(place, within=(*place.within, name))
            raw = _merged(place.definitions[name], without(raw, "$ref"), place)
        else:
            raw = _without_union(raw, place)
    return raw, place


def without(raw: Schema, *keys: str) -> Schema:
    """A copy that lacks these keys."""
    return {key: value for key, value in raw.items() if key not in keys}


def _merged(inner: Schema, outer: Schema, place: Place) -> Schema:
    """A type and what the field that uses it says beside it: rules add up, words give way."""
    made = without(inner, "title", "examples")
    for key, value in outer.items():
        if key == "x-kubernetes-validations":
            made[key] = [*made.get(key, []), *value]
        elif key in made and key not in ("description", "default") and made[key] != value:
            raise place.refused(f"{key} is {made[key]!r} by its type, but {value!r} by its field")
        else:
            made[key] = value
    return made


def _without_union(raw: Schema, place: Place) -> Schema:
    branches = _branches(raw)
    kept = [branch for branch in branches if branch != _NULL]
    siblings = without(raw, "anyOf")
    if len(kept) < len(branches):
        if siblings.get("default", 0) is not None:
            raise place.refused(
                "may be null, but is no field that defaults to None: the API server prunes nulls"
            )
        del siblings["default"]
    if len(kept) == 1:
        return _merged(kept[0], siblings, place)
    return _merged(_int_or_string(kept, place), siblings, place)


def _branches(raw: Schema) -> list[Schema]:
    """The branches of a union, those of the unions within it among them."""
    found: list[Schema] = []
    for branch in raw["anyOf"]:
        found += _branches(branch) if branch.keys() == {"anyOf"} else [branch]
    return found


def _int_or_string(branches: list[Schema], place: Place) -> Schema:
    """Both branches' bounds side by side: each keyword speaks of one of the two types only."""
    if sorted(str(branch.get("type")) for branch in branches) != ["integer", "string"]:
        raise place.refused("a union other than int | str and X | None is not structural")
    made: Schema = {"x-kubernetes-int-or-string": True}
    for branch in branches:
        for key, value in without(branch, "type", "title").items():
            if key in ("enum", "const") or key.startswith("x-kubernetes-"):
                raise place.refused(f"{key} in one branch of int | str: put it beside the union")
            made[key] = value
    return made
