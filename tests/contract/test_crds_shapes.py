"""Every shape that a model may have, against the API server: the Tenant does not use them all."""

import json
from collections.abc import Callable
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, Field

from devcluster import readiness
from tenantry.api.crd import AGE, Column, Kind, awaiting_operator, custom_resource_definition
from tenantry.api.documents import to_yaml
from tenantry.api.markers import list_map, map_atomic, rule, rules
from tenantry.api.tenant_status import TenantStatus

Kubectl = Callable[..., str]
Text = Annotated[str, Field(max_length=8)]
Key = Annotated[str, Field(min_length=2, max_length=8, pattern=r"^[a-z.\"]+$")]
FREE = {"x-kubernetes-preserve-unknown-fields": True}


class Part(BaseModel, use_attribute_docstrings=True, json_schema_extra=map_atomic()):
    """A part."""

    name: Text
    size: int = 1
    note: Text | None = None


class WidgetSpec(BaseModel):
    """A field of each shape."""

    exclusive: Annotated[int, Field(gt=0, lt=10, multiple_of=3)] = 3
    either: Annotated[int, Field(ge=1)] | Text = "a"
    perhaps: int | Text | None = None
    constant: Literal["only"] = "only"
    choice: Literal[1, 2] = 2
    day: Annotated[str, Field(json_schema_extra={"format": "date-time"})] | None = None
    words: Annotated[set[Text], Field(max_length=3)] = {"a", "b"}
    series: Annotated[tuple[int, ...], Field(max_length=3)] = (1, 2)
    keyed: Annotated[dict[Key, Text], Field(max_length=3)] = {}
    named: Annotated[dict[Literal["x", "y"], int], Field(max_length=2)] = {"x": 1}
    free: Annotated[dict[str, Any], Field(json_schema_extra=FREE)] = {}
    anything: Annotated[Any, Field(json_schema_extra=FREE)] = None
    part: Annotated[Part, Field(json_schema_extra=rules(rule("self.size < 9", "small")))] = Part(
        name="p"
    )
    parts: Annotated[list[Part], Field(max_length=3, json_schema_extra=list_map("name"))] = Field(
        default_factory=lambda: [Part(name="q", size=2)]
    )


WIDGET = Kind(
    kind="Widget",
    plural="widgets",
    singular="widget",
    group="shapes.example.com",
    scope="Cluster",
    description="A widget.",
    spec=WidgetSpec,
    status=TenantStatus,
    columns=(Column(name="Size", type="integer", json_path=".spec.part.size"), AGE),
    rules=(rule("self.metadata.name != 'x'", "not x"),),
    name_max_length=20,
    status_default=awaiting_operator(),
)
"""Stands for the kinds to come."""


@pytest.fixture(scope="module")
def widgets(kubectl: Kubectl) -> Callable[[Any], str]:
    """Asks the API server what it would store for a Widget's spec."""
    crd = to_yaml([custom_resource_definition(WIDGET)])
    kubectl("apply", "--server-side", "--validate=strict", "-f", "-", stdin=crd)
    kubectl.established(f"crd/{WIDGET.crd_name}")
    readiness.until(
        lambda: "widgets" in kubectl("api-resources", f"--api-group={WIDGET.group}"),
        "The API",
        lambda: None,
    )

    def stored(spec: Any) -> str:
        manifest = {
            "apiVersion": WIDGET.api_version,
            "kind": WIDGET.kind,
            "metadata": {"name": "w"},
            "spec": spec,
        }
        return kubectl("create", "--dry-run=server", "-ojson", "-f-", stdin=json.dumps(manifest))

    return stored


@pytest.mark.parametrize(
    "spec",
    [
        pytest.param({}, id="nothing but defaults"),
        pytest.param(
            {"perhaps": 3, "day": "2030-01-01T00:00:00Z", "anything": [1], "free": {"a": [{}]}},
            id="what has no default",
        ),
        pytest.param(
            {"part": {"name": "r"}, "parts": [{"name": "s"}, {"name": "t", "note": "n"}]},
            id="objects with defaults of their own",
        ),
        pytest.param({"keyed": {'a."b': "v"}, "named": {"y": 2}}, id="maps by allowed keys"),
    ],
)
def test_server_and_model_default_alike(widgets: Callable[[Any], str], spec: Any) -> None:
    model = WidgetSpec.model_validate(spec)

    stored = json.loads(widgets(spec))["spec"]

    assert WidgetSpec.model_validate(stored) == model
    assert stored == model.model_dump(mode="json", by_alias=True, exclude_none=True) | {
        "words": stored["words"]
    }


@pytest.mark.parametrize(
    ("spec", "why"),
    [
        pytest.param({"exclusive": 0}, "greater than 0", id="an exclusive bound"),
        pytest.param({"exclusive": 4}, "multiple of 3", id="a multiple"),
        pytest.param({"either": 0}, "greater than or equal to 1", id="an integer of either"),
        pytest.param({"either": "long text"}, "more than 8", id="a text of either"),
        pytest.param({"constant": "other"}, 'supported values: "only"', id="a constant"),
        pytest.param({"words": ["a", "a"]}, "Duplicate value", id="a set"),
        pytest.param({"keyed": {"a": "v"}}, "keys must have at least 2", id="a map's short key"),
        pytest.param({"keyed": {"A.B": "v"}}, "keys must .*match", id="a map's odd key"),
        pytest.param({"named": {"z": 1}}, "keys must be one of x, y", id="a map's unknown key"),
        pytest.param({"part": {"name": "p", "size": 9}}, "small", id="a rule of field and model"),
        pytest.param({"other": 1}, "unknown field", id="an unknown field"),
    ],
)
def test_server_and_model_refuse(widgets: Callable[[Any], str], spec: Any, why: str) -> None:
    with pytest.raises(AssertionError, match=why):
        widgets(spec)
