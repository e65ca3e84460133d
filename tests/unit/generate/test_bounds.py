from typing import Any

import pytest

from generate.bounds import bounds_of, type_of

STRING = {"type": "string", "maxLength": 8}


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        pytest.param({"type": "boolean"}, "boolean", id="a scalar by its type"),
        pytest.param(
            {"x-kubernetes-int-or-string": True}, "integer or string", id="an int or string"
        ),
        pytest.param({"type": "array", "items": STRING}, "[]string", id="a list of its items"),
        pytest.param(
            {"type": "object", "additionalProperties": STRING}, "map[string]string", id="a map"
        ),
        pytest.param(
            {"type": "array", "items": {"type": "object", "properties": {}}},
            "[]Thing",
            id="a list of a model by the model's name",
        ),
        pytest.param(
            {"x-kubernetes-preserve-unknown-fields": True}, "any", id="a value of any type"
        ),
    ],
)
def test_type_is_written_as_in_kubernetes_reference(schema: dict[str, Any], expected: str) -> None:
    assert type_of(schema, "Thing") == expected


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        pytest.param({"type": "boolean"}, [], id="no bounds"),
        pytest.param({"minimum": 0}, ["at least 0"], id="a lower bound"),
        pytest.param({"maximum": 9}, ["at most 9"], id="an upper bound"),
        pytest.param({"minimum": 0, "maximum": 9}, ["0 to 9"], id="both bounds"),
        pytest.param(
            {"minimum": 0, "exclusiveMinimum": True}, ["more than 0"], id="an exclusive lower bound"
        ),
        pytest.param(
            {"minimum": 0, "maximum": 9, "exclusiveMaximum": True},
            ["at least 0, less than 9"],
            id="an exclusive upper bound beside a lower one",
        ),
        pytest.param(STRING, ["at most 8 characters"], id="a longest text"),
        pytest.param(
            STRING | {"minLength": 1}, ["1 to 8 characters"], id="a shortest and a longest text"
        ),
        pytest.param(
            STRING | {"minLength": 8}, ["exactly 8 characters"], id="a text of one length"
        ),
        pytest.param({"minItems": 1}, ["at least 1 items"], id="a shortest list"),
        pytest.param(
            {"enum": ["", "a"]}, ['one of `""`, `a`'], id="a choice, with the empty text visible"
        ),
        pytest.param(
            STRING | {"pattern": "^a$"},
            ["at most 8 characters", "matches `^a$`"],
            id="a pattern as code",
        ),
        pytest.param(
            {"type": "array", "maxItems": 2, "x-kubernetes-list-type": "set", "items": STRING},
            ["at most 2 items", "no duplicates", "each: at most 8 characters"],
            id="a set and its items",
        ),
        pytest.param(
            {
                "type": "array",
                "maxItems": 2,
                "x-kubernetes-list-type": "map",
                "x-kubernetes-list-map-keys": ["a", "b"],
                "items": {"type": "object", "properties": {"a": STRING}},
            },
            ["at most 2 items", "one for each `a`, `b`"],
            id="a keyed list, whose items have a table of their own",
        ),
        pytest.param(
            {"type": "object", "maxProperties": 2, "additionalProperties": STRING},
            ["at most 2 entries", "each: at most 8 characters"],
            id="a map and its values",
        ),
    ],
)
def test_bounds_are_said_in_words(schema: dict[str, Any], expected: list[str]) -> None:
    assert bounds_of(schema) == expected
