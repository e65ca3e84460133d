import datetime as dt
import itertools
import re
import uuid
from collections.abc import Callable
from decimal import Decimal
from typing import Annotated, Any, Literal, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import AnyUrl, BaseModel, Field, create_model

from tenantry.api.json_schema import SchemaError
from tenantry.api.markers import list_atomic, rule, rules
from tenantry.api.structural import structural_schema

Short = Annotated[str, Field(max_length=8)]


class Cat(BaseModel):
    kind: Literal["cat"]


class Dog(BaseModel):
    kind: Literal["dog"]


class Node(BaseModel):
    children: Annotated[list["Node"], Field(max_length=2)]


class Open(BaseModel, extra="allow"):
    size: int


@pytest.mark.parametrize(
    ("annotation", "where", "why"),
    [
        pytest.param(str, "Model.field", "a string needs a maxLength", id="a string without end"),
        pytest.param(
            int | str, "Model.field", "a string needs a maxLength", id="an int or endless string"
        ),
        pytest.param(list[int], "Model.field", "a list needs a maxItems", id="a list without end"),
        pytest.param(
            dict[str, int], "Model.field", "a map needs a maxProperties", id="a map without end"
        ),
        pytest.param(
            Annotated[list[str], Field(max_length=2)],
            "Model.field[]",
            "a string needs a maxLength",
            id="an endless string in a list",
        ),
        pytest.param(
            Annotated[dict[str, list[int]], Field(max_length=2)],
            "Model.field{}",
            "a list needs a maxItems",
            id="an endless list in a map",
        ),
        pytest.param(Any, "Model.field", "has no type of its own", id="a value of any type"),
        pytest.param(
            Annotated[dict[str, Any], Field(max_length=2)],
            "Model.field",
            "takes any field",
            id="a map of anything",
        ),
        pytest.param(Open, "Model.field", "takes any field", id="a model that allows extra fields"),
        pytest.param(
            Short | bool, "Model.field", "a union other than", id="a union of other scalars"
        ),
        pytest.param(Cat | Dog, "Model.field", "a union other than", id="a union of models"),
        pytest.param(
            Annotated[Cat | Dog, Field(discriminator="kind")],
            "Model.field",
            "CEL rule 'exactly one of'",
            id="a discriminated union",
        ),
        pytest.param(
            int | Literal["a"], "Model.field", "enum|const", id="a literal in an int or string"
        ),
        pytest.param(
            Short | None, "Model.field", "the API server prunes nulls", id="null, but required"
        ),
        pytest.param(
            Annotated[list[Short | None], Field(max_length=2)],
            "Model.field[]",
            "the API server prunes nulls",
            id="null in a list",
        ),
        pytest.param(
            tuple[int, Short], "Model.field", "a model with named fields", id="a tuple of two types"
        ),
        pytest.param(float, "Model.field", "a float loses digits", id="a float"),
        pytest.param(Decimal, "Model.field", "a union other than", id="a decimal"),
        pytest.param(dt.timedelta, "Model.field", "format duration means", id="an ISO duration"),
        pytest.param(uuid.UUID, "Model.field", "format uuid means", id="a format of another kind"),
        pytest.param(AnyUrl, "Model.field", "format uri means", id="a URL"),
        pytest.param(Literal["a", 1], "Model.field", "has no type of its own", id="mixed literals"),
        pytest.param(
            Node, "Model.field.children[]", "Node contains itself", id="a model within itself"
        ),
        pytest.param(
            Annotated[set[Short], Field(max_length=2, json_schema_extra=list_atomic())],
            "Model.field",
            "can only be of x-kubernetes-list-type set",
            id="an atomic set",
        ),
        pytest.param(
            Annotated[int, Field(json_schema_extra={"x-kubernetes-lisst-type": "set"})],
            "Model.field",
            "x-kubernetes-lisst-type has no structural form",
            id="an extension that does not exist",
        ),
        pytest.param(
            Annotated[
                int,
                Field(json_schema_extra={"x-kubernetes-validations": [{"rul": "true"}]}),
            ],
            "Model.field",
            "a CEL rule has no field rul",
            id="a misspelt rule",
        ),
        pytest.param(
            Annotated[int, Field(ge=1, gt=2)],
            "Model.field",
            "exclude each other",
            id="an inclusive and an exclusive bound",
        ),
        pytest.param(
            Annotated[
                dict[Annotated[str, Field(json_schema_extra={"format": "x"})], int],
                Field(max_length=2),
            ],
            "Model.field{key}",
            "format cannot be checked on a map's keys",
            id="a format for a map's keys",
        ),
    ],
)
def test_what_would_lose_a_check_is_refused_with_its_path(
    annotation: Any, where: str, why: str
) -> None:
    model = create_model("Model", field=(annotation, ...))

    with pytest.raises(SchemaError, match=f"^{re.escape(where)}: .*({why})"):
        structural_schema(model)


def _counting() -> Any:
    return itertools.count().__next__


@pytest.mark.parametrize(
    ("annotation", "default", "why"),
    [
        pytest.param(
            Short | None,
            "x",
            "the API server prunes nulls",
            id="null may be given, but the default is another",
        ),
        pytest.param(
            int, Field(default_factory=_counting()), "from call to call", id="a changing default"
        ),
        pytest.param(
            int,
            Field(default_factory=len),
            "made from other fields",
            id="a default made from other fields",
        ),
        pytest.param(int, object(), "non-serializable-default", id="a default that is no JSON"),
    ],
)
def test_a_default_that_the_server_cannot_share_is_refused(
    annotation: Any, default: Any, why: str
) -> None:
    model = create_model("Model", field=(annotation, default))

    with pytest.raises(SchemaError, match=why):
        structural_schema(model)


def test_a_default_written_by_another_alias_than_it_is_read_by_is_refused() -> None:
    class Inner(BaseModel):
        size: int = Field(1, validation_alias="size", serialization_alias="Size")

    model = create_model("Model", field=(Inner, Inner()))

    with pytest.raises(SchemaError, match=r"Model.field: its default is written with Size"):
        structural_schema(model)


def test_a_marker_that_a_field_takes_from_its_type_is_refused() -> None:
    typed = Annotated[Short, Field(json_schema_extra=rules(rule("true", "of the type")))]

    class Model(BaseModel):
        field: typed = Field("", json_schema_extra=rules(rule("true", "of the field")))

    with pytest.raises(SchemaError, match=r"Model.field: .* replaces x-kubernetes-validations"):
        structural_schema(Model)


def test_a_field_that_contradicts_its_model_is_refused() -> None:
    class Inner(BaseModel, json_schema_extra={"x-kubernetes-map-type": "atomic"}):
        size: int

    outer = Annotated[Inner, Field(json_schema_extra={"x-kubernetes-map-type": "granular"})]

    with pytest.raises(SchemaError, match="'atomic' by its type, but 'granular' by its field"):
        structural_schema(create_model("Model", field=(outer, ...)))


class Typed(NamedTuple):
    """A type, and whether everything in it has an upper bound."""

    annotation: Any
    is_bounded: bool


def _within_others(inner: st.SearchStrategy[Typed]) -> st.SearchStrategy[Typed]:
    made: Any = {list: list, dict: dict, Annotated: Annotated}  # values, to a type checker

    def endless_list(each: Typed) -> Typed:
        return Typed(made[list][each.annotation], is_bounded=False)

    def endless_map(each: Typed) -> Typed:
        return Typed(made[dict][str, each.annotation], is_bounded=False)

    def bounded(container: Callable[[Typed], Typed]) -> Callable[[Typed], Typed]:
        return lambda each: Typed(
            made[Annotated][container(each).annotation, Field(max_length=3)], each.is_bounded
        )

    def model(each: Typed) -> Typed:
        return Typed(create_model("Inner", it=(each.annotation, ...)), each.is_bounded)

    wrappers = (endless_list, endless_map, bounded(endless_list), bounded(endless_map), model)
    return st.one_of([inner.map(wrapper) for wrapper in wrappers])


types = st.recursive(
    st.sampled_from(
        [
            Typed(str, is_bounded=False),
            Typed(int | str, is_bounded=False),
            Typed(bool, is_bounded=True),
            Typed(int, is_bounded=True),
            Typed(Short, is_bounded=True),
            Typed(int | Short, is_bounded=True),
            Typed(Literal["a", "b"], is_bounded=True),
        ]
    ),
    _within_others,
    max_leaves=4,
)


@given(types)
def test_a_schema_is_made_exactly_when_everything_in_it_is_bounded(typed: Typed) -> None:
    model = create_model("Model", field=(typed.annotation, ...))

    if typed.is_bounded:
        assert "field" in structural_schema(model)["properties"]
    else:
        with pytest.raises(SchemaError, match=" needs a max"):
            structural_schema(model)
