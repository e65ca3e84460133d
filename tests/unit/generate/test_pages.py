from pathlib import Path
from typing import Annotated

import pytest
import yaml
from pydantic import BaseModel, Field

from generate import configuration, examples, reference
from tenantry.api.crd import Kind
from tenantry.api.markers import list_map, rule, rules
from tenantry.options import options

Text = Annotated[str, Field(max_length=8)]


class Part(BaseModel, use_attribute_docstrings=True):
    """A part of it."""

    name: Annotated[str, Field(max_length=8, pattern="^(a|b)$")]
    """What it is called."""
    size: Annotated[int, Field(ge=1)] = 1
    """How large it is."""


class Cover(
    BaseModel,
    use_attribute_docstrings=True,
    json_schema_extra=rules(rule("self.depth > 0", "must be deep")),
):
    """What it is covered by."""

    patch: Part | None = None
    """A patch on it."""
    depth: int = 1
    """How deep it is."""


class WidgetSpec(BaseModel, use_attribute_docstrings=True):
    """What is wanted."""

    cover: Cover = Cover()
    """The cover."""
    parts: Annotated[
        list[Part],
        Field(
            max_length=4,
            json_schema_extra=list_map("name", validations=(rule("true", "parts must fit"),)),
        ),
    ] = Field(default=[])
    """The parts."""
    spare: Cover = Cover(depth=2)
    """Another cover."""
    colour: Text = Field("", examples=["blue"], json_schema_extra=rules(rule("true", "be nice")))
    """The colour."""
    loud: bool = False
    """Whether it makes a noise."""


class WidgetStatus(BaseModel, use_attribute_docstrings=True):
    """What is."""

    ready: bool = False
    """Whether it works."""


WIDGET = Kind(
    kind="Widget",
    plural="widgets",
    singular="widget",
    description="A widget.",
    short_names=("wd",),
    spec=WidgetSpec,
    status=WidgetStatus,
    rules=(rule("self.metadata.name != 'x'", "not x"),),
)
SAMPLE = {
    "metadata": {"name": "mine"},
    "spec": {
        "cover": {"patch": {"name": "b"}},
        "parts": [{"name": "a"}, {"name": "b"}],
    },
}


@pytest.fixture
def page() -> str:
    return reference.text(WIDGET)


@pytest.fixture
def sample(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of samples, with one for a Widget."""
    monkeypatch.setattr(examples, "SAMPLES", tmp_path)
    (tmp_path / "widget.yaml").write_text(yaml.safe_dump(SAMPLE))
    return tmp_path


@pytest.mark.parametrize(
    "line",
    [
        pytest.param(
            "`tenantry.io/v1alpha1` · namespaced · short name `wd`", id="the kind's facts"
        ),
        pytest.param("| `loud` | boolean | `false` |  | Whether it makes a noise. |", id="a field"),
        pytest.param(
            "| `cover` | [Cover](#cover) |  |  | The cover. |",
            id="a model of defaults, whose defaults are in its own table",
        ),
        pytest.param(
            '| `spare` | [Cover](#cover) | `{"depth": 2}` |  | Another cover. |',
            id="a model's default that differs from its fields' own",
        ),
        pytest.param(
            "| `parts` | [][Part](#part) | `[]` | at most 4 items; one for each `name` "
            "| The parts. |",
            id="a list of a model, with a link",
        ),
        pytest.param(
            r"| `name` | string | **required** | at most 8 characters; matches `^(a\|b)$` "
            "| What it is called. |",
            id="a required field, with a pattern that does not break the table",
        ),
        pytest.param("At `spec.parts[]`, `spec.cover.patch`.", id="every use of a model"),
        pytest.param(
            "  - [Part](#part): `spec.parts[]`", id="a model's entry at its shortest path"
        ),
        pytest.param("- `parts`: parts must fit.", id="a field's rule in words"),
        pytest.param("- not x.", id="a rule of the whole object"),
        pytest.param(
            "| Age | always | `.metadata.creationTimestamp` | Time since the object was created. |",
            id="a column of kubectl",
        ),
    ],
)
def test_the_reference_page_has_a_line_for(page: str, line: str) -> None:
    assert line in page.splitlines()


def test_the_reference_page_has_one_section_for_each_model(page: str) -> None:
    sections = [line for line in page.splitlines() if line.startswith("## ")]

    assert sections == [
        "## Contents",
        "## Rules for the whole object",
        "## WidgetSpec",
        "## Cover",
        "## Part",
        "## WidgetStatus",
        "## What kubectl prints",
    ]


@pytest.mark.usefixtures("sample")
def test_an_example_has_every_field_with_its_description_once() -> None:
    assert (
        examples.text(WIDGET)
        == """\
# Every field of a Widget, with its description; most can be left out.
# Generated from operator/tenantry/api and tools/generate/samples by `make generate`.
apiVersion: tenantry.io/v1alpha1
kind: Widget
metadata:
  name: mine
spec:
  # The cover.
  cover:
    # A patch on it.
    patch:
      name: b
    # How deep it is. Default: 1.
    depth: 1

  # The parts.
  parts:
    # What it is called. Required.
    - name: a
      # How large it is. Default: 1.
      size: 1
    - name: b

  # Another cover.
  spare:
    depth: 2

  # The colour. Default: "".
  colour: blue

  # Whether it makes a noise. Default: false.
  loud: false
"""
    )


@pytest.mark.parametrize(
    ("spec", "why"),
    [
        pytest.param(
            {"parts": [{"name": "a"}]}, "lacks spec.cover.patch", id="a field that nothing shows"
        ),
        pytest.param(
            {"cover": {"path": {}}},
            "spec.cover has no field path",
            id="a field that does not exist",
        ),
        pytest.param(
            {"parts": [{"name": "c"}]},
            "String should match pattern",
            id="a value that is not valid",
        ),
    ],
)
def test_a_sample_is_refused_for(sample: Path, spec: object, why: str) -> None:
    (sample / "widget.yaml").write_text(yaml.safe_dump(SAMPLE | {"spec": spec}))

    with pytest.raises(ValueError, match=why):
        examples.text(WIDGET)


def test_the_configuration_page_has_each_option_in_all_its_spellings() -> None:
    rows = [line for line in configuration.text().splitlines() if line.startswith("| `--")]

    assert len(rows) == len([*options(), *options("meter")])
    assert (
        "| `--workers NUMBER` | `TENANTRY_WORKERS` | `workers` | `24` "
        "| Tenants that are reconciled at the same time. |" in rows
    )
