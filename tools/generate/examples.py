"""examples/reference/<kind>.yaml: a manifest with every field, each with its description.

Values come from the kind's sample, then from the ``examples`` of the field, then from its default.
A sample says what cannot be guessed, such as peers that exclude each other; defaults keep up with
the models by themselves. A field that appears nowhere is an error: the manifest has them all.
"""

import textwrap
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel

from generate import bounds
from generate.fields import DocumentedField, described, fields_of, places_below
from tenantry.api.crd import Kind
from tenantry.api.documents import WIDTH, to_yaml
from tenantry.api.inlining import Schema

SAMPLES = Path(__file__).parent / "samples"


class IncompleteSampleError(ValueError):
    """A kind's sample and defaults leave fields out of its example."""


def path(kind: Kind) -> str:
    """Where the example is written, from the root of the repository."""
    return f"examples/reference/{kind.singular}.yaml"


def text(kind: Kind) -> str:
    """The example as YAML with comments.

    Raises:
        IncompleteSampleError: some fields have neither sample, example nor default.
        pydantic.ValidationError: the example is not valid by the model.
    """
    manifest = document(kind)
    article = "an" if kind.kind[0] in "AEIOU" else "a"
    header = (
        f"Every field of {article} {kind.kind}, with its description; most can be left out.\n"
        "Generated from operator/tenantry/api and tools/generate/samples by `make generate`."
    )
    return _annotated(to_yaml([manifest], header=header), comments(kind))


def document(kind: Kind) -> dict[str, Any]:
    """The example as a manifest."""
    sample = yaml.safe_load((SAMPLES / f"{kind.singular}.yaml").read_text(encoding="utf-8"))
    homes = _homes(kind)
    spec = _filled(kind.spec, sample["spec"], "spec", homes)
    kind.spec.model_validate(spec)
    shown = set(_paths(spec, "spec"))
    if missing := [where for where in comments(kind) if where not in shown]:
        raise IncompleteSampleError(
            f"tools/generate/samples/{kind.singular}.yaml lacks {', '.join(missing)}"
        )
    return {
        "apiVersion": kind.api_version,
        "kind": kind.kind,
        "metadata": sample["metadata"],
        "spec": spec,
    }


def comments(kind: Kind) -> dict[str, str]:
    """The comment for each field of a kind's spec, by the path where its model is at home."""
    return {
        f"{path}.{field.name}": _comment(field)
        for model, path in _homes(kind).items()
        for field in fields_of(model)
    }


_Homes = Mapping[type[BaseModel], str]


def _homes(kind: Kind) -> _Homes:
    """Where each model is shown in full and commented."""
    return {model: place.home for model, place in places_below(kind.spec, "spec").items()}


def _filled(
    model: type[BaseModel], given: Mapping[str, Any], path: str, homes: _Homes
) -> dict[str, Any]:
    """The fields of an object in their order: as given or, where it is at home, by default."""
    made = {}
    for field in fields_of(model):
        where = f"{path}.{field.name}"
        if field.name in given:
            made[field.name] = _within(field.schema, given[field.name], field, where, homes)
        elif homes[model] == path and field.examples:
            made[field.name] = field.examples[0]
        elif homes[model] == path and "default" in field.schema:
            default = field.schema["default"]
            made[field.name] = _within(field.schema, default, field, where, homes)
    if unknown := given.keys() - made.keys():
        raise IncompleteSampleError(f"{path} has no field {', '.join(sorted(unknown))}")
    return made


def _within(schema: Schema, value: Any, field: DocumentedField, path: str, homes: _Homes) -> Any:
    """A field's value with its first object filled; further items of a list stay short."""
    if field.model is None:
        return value
    if "items" in schema:
        first = [_within(schema["items"], item, field, f"{path}[]", homes) for item in value[:1]]
        return first + value[1:]
    if "additionalProperties" in schema:
        inner = schema["additionalProperties"]
        return {
            key: _within(inner, item, field, f"{path}{{}}", homes) for key, item in value.items()
        }
    return _filled(field.model, value, path, homes)


def _paths(value: Any, path: str) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield f"{path}.{key}"
            yield from _paths(inner, f"{path}.{key}")
    elif isinstance(value, list):
        for inner in value:
            yield from _paths(inner, f"{path}[]")


def _comment(field: DocumentedField) -> str:
    parts = [described(field.schema)]
    if "enum" in field.schema:
        parts.append("One of: " + ", ".join(str(value) or '""' for value in field.schema["enum"]))
    if field.is_required:
        parts.append("Required")
    elif "default" in field.schema and not isinstance(field.schema["default"], dict | list):
        parts.append("Default: " + bounds.code(field.schema["default"]).strip("`"))
    return " ".join(part if part.endswith(".") else part + "." for part in parts if part)


def _annotated(plain: str, said: dict[str, str]) -> str:
    """YAML text with a comment above the first appearance of each field."""
    lines = plain.splitlines()
    above: dict[int, list[str]] = {}
    commented = set()
    for where, mark in _marks(yaml.compose(plain, Loader=yaml.SafeLoader), ""):
        if where in said and where not in commented:
            commented.add(where)
            line = lines[mark.line]
            indent = line[: len(line) - len(line.lstrip())]
            folded = textwrap.wrap(said[where], WIDTH - len(indent) - 2)
            is_section = where.count(".") == 1 and not lines[mark.line - 1].endswith("spec:")
            above[mark.line] = [""] * is_section + [f"{indent}# {words}" for words in folded]
    made = [text for at, line in enumerate(lines) for text in (*above.get(at, ()), line)]
    return "\n".join(made) + "\n"


def _marks(node: yaml.Node | None, path: str) -> Iterator[tuple[str, yaml.Mark]]:
    """Where each key of a YAML text stands, by the path of the field."""
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            where = f"{path}.{key.value}".removeprefix(".")
            yield where, key.start_mark
            yield from _marks(value, where)
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from _marks(item, f"{path}[]")
