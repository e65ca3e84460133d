"""What a value may be, in words: the type and the bounds of a schema, for people."""

from typing import Any

from tenantry.api.inlining import Schema


def type_of(schema: Schema, object_name: str = "object") -> str:
    """The type as Kubernetes' own reference writes it: ``[]Subject``, ``map[string]string``."""
    if "x-kubernetes-int-or-string" in schema:
        return "integer or string"
    if "items" in schema:
        return "[]" + type_of(schema["items"], object_name)
    if "additionalProperties" in schema:
        return "map[string]" + type_of(schema["additionalProperties"], object_name)
    if "properties" in schema:
        return object_name
    name: str = schema.get("type", "any")
    return name


def bounds_of(schema: Schema) -> list[str]:
    """What a value may be, a phrase for each bound; patterns and values as Markdown code."""
    said = []
    if "enum" in schema:
        said.append("one of " + ", ".join(code(value) for value in schema["enum"]))
    if "minimum" in schema or "maximum" in schema:
        said.append(_numbers(schema))
    counted = (_count(schema, of_what) for of_what in ("characters", "items", "entries"))
    said += filter(None, counted)
    if schema.get("x-kubernetes-list-type") == "set":
        said.append("no duplicates")
    if keys := schema.get("x-kubernetes-list-map-keys"):
        said.append("one for each " + ", ".join(code(key) for key in keys))
    if "pattern" in schema:
        said.append("matches " + code(schema["pattern"]))
    return said + _of_inner(schema)


def code(value: Any) -> str:
    """A value as Markdown code; strings without quotes, but for the empty one."""
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    return f"`{value}`" if value != "" else '`""`'


def _numbers(schema: Schema) -> str:
    low, high = schema.get("minimum"), schema.get("maximum")
    above = "more than" if schema.get("exclusiveMinimum") else "at least"
    below = "less than" if schema.get("exclusiveMaximum") else "at most"
    if low is None:
        return f"{below} {high}"
    if high is None:
        return f"{above} {low}"
    if "exclusiveMinimum" in schema or "exclusiveMaximum" in schema:
        return f"{above} {low}, {below} {high}"
    return f"{low} to {high}"


def _count(schema: Schema, of_what: str) -> str:
    suffix = {"characters": "Length", "items": "Items", "entries": "Properties"}[of_what]
    low, high = schema.get(f"min{suffix}"), schema.get(f"max{suffix}")
    if high is None:
        return f"at least {low} {of_what}" if low else ""
    if low == high:
        return f"exactly {high} {of_what}"
    return f"{low} to {high} {of_what}" if low else f"at most {high} {of_what}"


def _of_inner(schema: Schema) -> list[str]:
    inner = schema.get("items", schema.get("additionalProperties"))
    if inner is None or "properties" in inner:
        return []
    words = bounds_of(inner)
    return [f"each: {', '.join(words)}"] if words else []
