from enum import StrEnum
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field, create_model

from tenantry.api.markers import list_atomic, list_map, map_atomic, rule, rules
from tenantry.api.structural import structural_schema

Short = Annotated[str, Field(max_length=8)]
SHORT = {"type": "string", "maxLength": 8}


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


class Inner(BaseModel):
    """What is within."""

    size: int = 3
    name: Short | None = None


INNER_PROPERTIES = {"size": {"type": "integer", "default": 3}, "name": SHORT}


def schema_of(annotation: Any, default: Any = ...) -> dict[str, Any]:
    """The schema of a field that has this type and default."""
    model = create_model("Model", field=(annotation, default))
    found: dict[str, Any] = structural_schema(model)["properties"]["field"]
    return found


@pytest.mark.parametrize(
    ("annotation", "expected"),
    [
        pytest.param(bool, {"type": "boolean"}, id="a boolean stays one"),
        pytest.param(
            Annotated[int, Field(ge=1, le=5, multiple_of=2)],
            {"type": "integer", "minimum": 1, "maximum": 5, "multipleOf": 2},
            id="inclusive bounds stay as they are",
        ),
        pytest.param(
            Annotated[int, Field(gt=1, lt=5)],
            {
                "type": "integer",
                "minimum": 1,
                "exclusiveMinimum": True,
                "maximum": 5,
                "exclusiveMaximum": True,
            },
            id="exclusive bounds become bounds with a flag",
        ),
        pytest.param(
            Annotated[str, Field(min_length=1, max_length=8, pattern="^a+$")],
            {"type": "string", "minLength": 1, "maxLength": 8, "pattern": "^a+$"},
            id="a string keeps its lengths and pattern",
        ),
        pytest.param(
            Literal["a", "b"],
            {"type": "string", "enum": ["a", "b"]},
            id="a choice of literals becomes an enum",
        ),
        pytest.param(
            Literal["a"],
            {"type": "string", "enum": ["a"]},
            id="a single literal becomes an enum, for const is not checked",
        ),
        pytest.param(
            Colour,
            {"type": "string", "enum": ["red", "blue"]},
            id="an enum class is inlined",
        ),
        pytest.param(
            Annotated[list[Short], Field(max_length=3)],
            {"type": "array", "maxItems": 3, "items": SHORT},
            id="a list keeps its items and length",
        ),
        pytest.param(
            Annotated[tuple[Short, ...], Field(max_length=3)],
            {"type": "array", "maxItems": 3, "items": SHORT},
            id="a tuple of any length is a list",
        ),
        pytest.param(
            Annotated[set[Short], Field(max_length=3)],
            {"type": "array", "maxItems": 3, "items": SHORT, "x-kubernetes-list-type": "set"},
            id="a set is a list of list type set",
        ),
        pytest.param(
            Annotated[dict[str, Short], Field(max_length=3)],
            {"type": "object", "maxProperties": 3, "additionalProperties": SHORT},
            id="a dict is an object with additional properties",
        ),
        pytest.param(
            int | Short,
            {"x-kubernetes-int-or-string": True, "maxLength": 8},
            id="an int or string has no type but the extension",
        ),
        pytest.param(
            Annotated[int, Field(ge=0)] | Annotated[str, Field(max_length=8, pattern="^a$")],
            {
                "x-kubernetes-int-or-string": True,
                "minimum": 0,
                "maxLength": 8,
                "pattern": "^a$",
            },
            id="an int or string keeps the bounds of both",
        ),
        pytest.param(
            Annotated[
                dict[str, Any],
                Field(json_schema_extra={"x-kubernetes-preserve-unknown-fields": True}),
            ],
            {"type": "object", "x-kubernetes-preserve-unknown-fields": True},
            id="a free-form object must be marked, and then needs no bounds",
        ),
        pytest.param(
            Annotated[Any, Field(json_schema_extra={"x-kubernetes-preserve-unknown-fields": True})],
            {"x-kubernetes-preserve-unknown-fields": True},
            id="a value of any type must be marked, and then has no type",
        ),
        pytest.param(
            Annotated[str, Field(json_schema_extra={"format": "date-time"})],
            {"type": "string", "format": "date-time"},
            id="a date-time is bounded by its format",
        ),
        pytest.param(
            Inner,
            {
                "description": "What is within.",
                "type": "object",
                "properties": INNER_PROPERTIES,
            },
            id="a nested model is inlined with its docstring",
        ),
        pytest.param(
            Annotated[Inner, Field(description="Outer\n  words, in ``code``.")],
            {
                "description": "Outer words, in `code`.",
                "type": "object",
                "properties": INNER_PROPERTIES,
            },
            id="a field's description wins over its model's, and is folded to one line",
        ),
    ],
)
def test_type_becomes_structural(annotation: Any, expected: dict[str, Any]) -> None:
    assert schema_of(annotation) == expected


@pytest.mark.parametrize(
    ("annotation", "default", "expected"),
    [
        pytest.param(Short | None, None, SHORT, id="an optional field loses null and default"),
        pytest.param(
            int | Short | None,
            None,
            {"x-kubernetes-int-or-string": True, "maxLength": 8},
            id="an optional int or string loses null and default",
        ),
        pytest.param(Short, "a", {**SHORT, "default": "a"}, id="a scalar keeps its default"),
        pytest.param(
            Annotated[list[Short], Field(max_length=3)],
            Field(default_factory=list),
            {"type": "array", "maxItems": 3, "items": SHORT, "default": []},
            id="a factory's default is written as well, for the model has it",
        ),
        pytest.param(
            Inner,
            Inner(),
            {
                "description": "What is within.",
                "type": "object",
                "properties": INNER_PROPERTIES,
                "default": {},
            },
            id="a model of defaults is the empty object, which the server fills",
        ),
        pytest.param(
            Inner,
            Inner(size=4, name="x"),
            {
                "description": "What is within.",
                "type": "object",
                "properties": INNER_PROPERTIES,
                "default": {"size": 4, "name": "x"},
            },
            id="a model's default says what differs from the fields' own defaults",
        ),
        pytest.param(
            Annotated[list[Inner], Field(max_length=3)],
            [Inner(size=4), Inner()],
            {
                "type": "array",
                "maxItems": 3,
                "items": {
                    "description": "What is within.",
                    "type": "object",
                    "properties": INNER_PROPERTIES,
                },
                "default": [{"size": 4}, {}],
            },
            id="defaults within a list's default are left to the server",
        ),
    ],
)
def test_default_is_what_the_server_must_fill(
    annotation: Any, default: Any, expected: dict[str, Any]
) -> None:
    assert schema_of(annotation, default) == expected


def test_a_default_is_whole_where_a_rule_looks_on() -> None:
    class Ruled(BaseModel):
        model_config = ConfigDict(json_schema_extra=rules(rule("self.inner.size > 0", "large")))
        inner: Inner = Inner()

    field = schema_of(Ruled, Ruled())

    assert field["default"] == {"inner": {"size": 3}}
    assert field["properties"]["inner"]["default"] == {}


def test_only_fields_without_default_are_required() -> None:
    model = create_model("Model", a=(int, ...), b=(int, 1), c=(int | None, None))

    assert structural_schema(model)["required"] == ["a"]


def test_properties_keep_the_order_and_the_aliases_of_the_fields() -> None:
    model = create_model("Model", zoo=(int, 1), from_=(int, Field(1, alias="from")), ant=(int, 1))

    assert [*structural_schema(model)["properties"]] == ["zoo", "from", "ant"]


def test_fields_called_like_keywords_are_fields() -> None:
    model = create_model("Model", default=(int, 1), title=(bool, ...), required=(Short, "x"))

    assert structural_schema(model)["properties"] == {
        "default": {"type": "integer", "default": 1},
        "title": {"type": "boolean"},
        "required": {**SHORT, "default": "x"},
    }


def test_keywords_are_written_in_one_order_whatever_pydantic_does() -> None:
    field = schema_of(
        Annotated[list[Short], Field(max_length=3, description="Words.", min_length=1)], ["a"]
    )

    assert [*field] == ["description", "type", "minItems", "maxItems", "default", "items"]


def test_forbidding_extra_fields_is_left_to_the_server() -> None:
    class Strict(BaseModel):
        model_config = ConfigDict(extra="forbid")
        size: int

    assert "additionalProperties" not in structural_schema(Strict)


def test_noise_is_stripped() -> None:
    field = schema_of(Annotated[int, Field(title="Size", examples=[1], deprecated=True)])

    assert field == {"type": "integer"}


@pytest.mark.parametrize(
    ("marker", "expected"),
    [
        pytest.param(
            list_map("size"),
            {
                "x-kubernetes-list-type": "map",
                "x-kubernetes-list-map-keys": ["size"],
            },
            id="a list that is merged by keys",
        ),
        pytest.param(list_atomic(), {"x-kubernetes-list-type": "atomic"}, id="an atomic list"),
        pytest.param(
            list_atomic(rule("size(self) > 0", "some")),
            {
                "x-kubernetes-list-type": "atomic",
                "x-kubernetes-validations": [{"rule": "size(self) > 0", "message": "some"}],
            },
            id="a list with a rule",
        ),
    ],
)
def test_list_markers_are_carried(marker: dict[str, Any], expected: dict[str, Any]) -> None:
    field = schema_of(Annotated[list[Inner], Field(max_length=3, json_schema_extra=marker)])

    assert {key: field[key] for key in field if key.startswith("x-")} == expected


def test_rules_of_a_model_and_of_the_field_that_uses_it_add_up() -> None:
    class Ruled(BaseModel):
        model_config = ConfigDict(json_schema_extra=rules(rule("self.size > 0", "first")))
        size: int

    field = schema_of(Annotated[Ruled, Field(json_schema_extra=rules(rule("true", "second")))])

    assert [each["message"] for each in field["x-kubernetes-validations"]] == ["first", "second"]


def test_a_rule_is_written_before_its_message() -> None:
    field = schema_of(
        Annotated[
            int,
            Field(
                json_schema_extra={
                    "x-kubernetes-validations": [{"messageExpression": "'m'", "rule": "self > 1"}]
                }
            ),
        ]
    )

    assert [*field["x-kubernetes-validations"][0]] == ["rule", "messageExpression"]


@pytest.mark.parametrize(
    ("key", "expression", "message"),
    [
        pytest.param(
            Annotated[str, Field(min_length=1, max_length=8)],
            "self.all(key, size(key) >= 1 && size(key) <= 8)",
            "keys must have at least 1 characters and have at most 8 characters",
            id="lengths",
        ),
        pytest.param(
            Annotated[str, Field(pattern=r'^"\d$')],
            'self.all(key, key.matches("^\\"\\\\d$"))',
            'keys must match ^"\\d$',
            id="a pattern, quoted for CEL",
        ),
        pytest.param(
            Literal["a", "b"],
            'self.all(key, key in ["a", "b"])',
            "keys must be one of a, b",
            id="a choice",
        ),
        pytest.param(
            Literal["a"], 'self.all(key, key in ["a"])', "keys must be one of a", id="one literal"
        ),
        pytest.param(
            Colour,
            'self.all(key, key in ["red", "blue"])',
            "keys must be one of red, blue",
            id="an enum class",
        ),
    ],
)
def test_bounds_of_a_map_s_keys_become_a_rule(key: Any, expression: str, message: str) -> None:
    field = schema_of(Annotated[dict[key, int], Field(max_length=3)])

    assert field == {
        "type": "object",
        "maxProperties": 3,
        "additionalProperties": {"type": "integer"},
        "x-kubernetes-validations": [{"rule": expression, "message": message}],
    }


def test_a_rule_for_keys_comes_after_the_map_s_own() -> None:
    field = schema_of(
        Annotated[
            dict[Annotated[str, Field(max_length=8)], int],
            Field(max_length=3, json_schema_extra=map_atomic(rule("true", "own"))),
        ]
    )

    messages = [each["message"] for each in field["x-kubernetes-validations"]]
    assert messages == ["own", "keys must have at most 8 characters"]


def test_the_schema_shares_nothing_with_the_model() -> None:
    first = structural_schema(Inner)
    first["properties"]["size"]["default"] = 99

    assert structural_schema(Inner)["properties"] == INNER_PROPERTIES
