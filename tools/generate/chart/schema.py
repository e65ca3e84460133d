"""helm/tenantry/values.schema.json: Helm refuses values that it does not know or that cannot be.

Written for draft 7, which every Helm 3 and 4 reads. The options of operator and meter come from
their own settings, so that a misspelt one is refused before anything is installed.
"""

import json
from collections.abc import Mapping
from typing import Any, Final

from generate.chart.values import TITLE, Chart
from tenantry.options import OF, Command, Option, options

_CONNECTION: Final = frozenset({"config", "kubeconfig", "context", "listen"})
CHARTS_OWN: Final[Mapping[Command, frozenset[str]]] = {
    "run": _CONNECTION | {"leader_elect", "lease_name", "lease_namespace"},
    "meter": _CONNECTION | {"database"},
}
"""Options that the chart sets by itself."""
_DRAFT: Final = "http://json-schema.org/draft-07/schema#"
_FOR_SUBCHARTS: Final = {
    "type": "object",
    "description": "What charts that contain this one share; not read.",
}


def text() -> str:
    """The file, its note on where it is from in the place that JSON has for it."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


def schema() -> dict[str, Any]:
    """What values may be."""
    model = Chart.model_json_schema(by_alias=True)
    definitions = {
        name: _without_titles(one) | {"description": _one_line(one["description"])}
        for name, one in model.pop("$defs").items()
    }
    properties = {name: _without_titles(one) for name, one in model["properties"].items()}
    properties["options"] |= _options("run")
    definitions["Meter"]["properties"]["options"] |= _options("meter")
    return {
        "$schema": _DRAFT,
        "$comment": "Generated from tools/generate/chart/values.py by `make generate`.",
        "title": TITLE,
        "type": "object",
        "additionalProperties": False,
        "properties": properties | {"global": _FOR_SUBCHARTS},
        "definitions": definitions,
    }


def _options(command: Command) -> dict[str, Any]:
    """What of an option's value Helm can refuse."""
    settings, _ = OF[command]
    known = {
        one.key: {"description": one.description}
        | _type(one, settings.model_fields[one.name].default)
        for one in options(command)
        if one.name not in CHARTS_OWN[command]
    }
    return {"properties": known, "additionalProperties": False}


def _type(option: Option, default: Any) -> dict[str, Any]:
    if option.choices:
        return {"enum": [*option.choices]}
    if option.is_switch:
        return {"type": "boolean"}
    if option.metavar == "DURATION":
        return {"type": ["string", "number"]}
    if isinstance(default, int | float):
        return {"type": "number", "minimum": 0}
    return {"type": "string"}


def _without_titles(node: Any) -> Any:
    """What pydantic writes, less the titles that it makes of names, in the words of draft 7."""
    if isinstance(node, list):
        return [_without_titles(one) for one in node]
    if not isinstance(node, dict):
        return node
    kept = {key: value for key, value in node.items() if not _is_title(key, value)}
    return {key: _converted(key, value) for key, value in kept.items()}


def _is_title(key: str, value: Any) -> bool:
    return key == "title" and isinstance(value, str)


def _converted(key: str, value: Any) -> Any:
    if key == "$ref":
        return value.replace("#/$defs/", "#/definitions/")
    if key == "description":
        return _one_line(value)
    return _without_titles(value)


def _one_line(text: str) -> str:
    return " ".join(text.split())
