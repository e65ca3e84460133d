"""docs/reference/<kind>.md: every field of a kind, where a person looks it up.

A page has a table for each object, in the order in which a reader of a manifest meets them. What
the API server will answer to a wrong value stands below the table, in the words of the answer.
"""

import json
from collections.abc import Iterator, Mapping

from pydantic import BaseModel

from generate import bounds, examples
from generate.fields import DocumentedField, Place, described, fields_of, places_below
from tenantry.api.crd import Kind
from tenantry.api.inlining import Schema
from tenantry.api.structural import structural_schema

HEADER = (
    "<!-- Generated from operator/tenantry/api by `make generate`: "
    "change the models, not this file. -->"
)


def path(kind: Kind) -> str:
    """Where the page is written, from the root of the repository."""
    return f"docs/reference/{kind.singular}.md"


def text(kind: Kind) -> str:
    """The page as Markdown."""
    objects = places_below(kind.spec, "spec") | places_below(kind.status, "status")
    parts = [
        HEADER,
        f"# {kind.kind}",
        _facts(kind),
        kind.description,
        f"A manifest with every field: [{examples.path(kind)}](../../{examples.path(kind)}).",
        "## Contents",
        _contents(objects),
        "## Rules for the whole object",
        _rule_lines([("", rule) for rule in kind.rules]),
        *(part for model, place in objects.items() for part in _section(model, place)),
        "## What kubectl prints",
        _columns(kind),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _facts(kind: Kind) -> str:
    facts = [
        f"`{kind.api_version}`",
        "cluster-scoped" if kind.scope == "Cluster" else "namespaced",
        *(f"short name `{name}`" for name in kind.short_names),
        *(f"category `{name}`" for name in kind.categories),
    ]
    return " · ".join(facts)


def _contents(objects: Mapping[type[BaseModel], Place]) -> str:
    return "\n".join(
        f"{'  ' * place.home.count('.')}- {_link(model)}: `{place.home}`"
        for model, place in objects.items()
    )


def _link(model: type[BaseModel]) -> str:
    return f"[{model.__name__}](#{model.__name__.lower()})"


def _section(model: type[BaseModel], place: Place) -> Iterator[str]:
    fields = fields_of(model)
    schema = structural_schema(model)
    yield f"## {model.__name__}"
    yield described(schema)
    yield "At " + ", ".join(f"`{where}`" for where in place.uses) + "."
    head = "| Field | Type | Default | Bounds | Description |\n|---|---|---|---|---|\n"
    yield head + "\n".join(_row(field) for field in fields)
    rules = [("", rule) for rule in schema.get("x-kubernetes-validations", [])]
    for field in fields:
        rules += [(where, rule) for where, rule in _rules_in(field.schema, field.name)]
    if rules:
        yield "Rules:"
        yield _rule_lines(rules)


def _row(field: DocumentedField) -> str:
    name = _link(field.model) if field.model else "object"
    cells = (
        f"`{field.name}`",
        bounds.type_of(field.schema, name),
        _default(field),
        "; ".join(bounds.bounds_of(field.schema)),
        described(field.schema),
    )
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _default(field: DocumentedField) -> str:
    if field.is_required:
        return "**required**"
    if "default" not in field.schema:
        return ""
    value = field.schema["default"]
    if "properties" in field.schema:
        inner = field.schema["properties"]
        value = {name: each for name, each in value.items() if each != inner[name].get("default")}
        return bounds.code(json.dumps(value)) if value else ""
    return bounds.code(json.dumps(value) if isinstance(value, dict | list) else value)


def _rules_in(schema: Schema, path: str) -> Iterator[tuple[str, Schema]]:
    """The rules of a field, down to where another object begins, which has its own section."""
    if "properties" in schema:
        return
    for rule in schema.get("x-kubernetes-validations", ()):
        yield path, rule
    for key, step in (("items", "[]"), ("additionalProperties", "{}")):
        if key in schema:
            yield from _rules_in(schema[key], path + step)


def _rule_lines(rules: list[tuple[str, Schema]]) -> str:
    """A line for each rule, with all the fields that it holds for."""
    by_rule: dict[str, tuple[Schema, list[str]]] = {}
    for where, rule in rules:
        by_rule.setdefault(json.dumps(rule), (rule, []))[1].append(where)
    return "\n".join(_rule_line(rule, where) for rule, where in by_rule.values())


def _rule_line(rule: Schema, where: list[str]) -> str:
    fields = ", ".join(f"`{path}`" for path in where if path)
    message = rule.get("message") or f"`{rule.get('messageExpression', '')}`"
    return f"- {fields + ': ' if fields else ''}{message}.\n  `{rule['rule']}`"


def _columns(kind: Kind) -> str:
    head = "| Column | Shown | From | Meaning |\n|---|---|---|---|\n"
    rows = (
        f"| {column.name} | {'with `-o wide`' if column.priority else 'always'} "
        f"| `{column.json_path}` | {column.description} |"
        for column in kind.columns
    )
    return head + "\n".join(rows)
