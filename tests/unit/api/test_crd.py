import dataclasses
from typing import Any

import pytest
from pydantic import BaseModel, Field

from tenantry.api.crd import AGE, Column, Kind, awaiting_operator, custom_resource_definition
from tenantry.api.markers import rule


class WidgetSpec(BaseModel):
    """What is wanted."""

    size: int = 1


class WidgetStatus(BaseModel):
    """What is."""

    ready: bool = False


WIDGET = Kind(
    kind="Widget",
    plural="widgets",
    singular="widget",
    group="example.com",
    version="v1",
    description="A widget.",
    spec=WidgetSpec,
    status=WidgetStatus,
)


def version_of(**changes: Any) -> dict[str, Any]:
    made = custom_resource_definition(dataclasses.replace(WIDGET, **changes))
    found: dict[str, Any] = made["spec"]["versions"][0]
    return found


def schema_of(**changes: Any) -> dict[str, Any]:
    found: dict[str, Any] = version_of(**changes)["schema"]["openAPIV3Schema"]
    return found


def test_a_kind_with_names_only_is_a_whole_crd() -> None:
    assert custom_resource_definition(WIDGET) == {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {
            "name": "widgets.example.com",
            "labels": {
                "app.kubernetes.io/name": "tenantry",
                "app.kubernetes.io/component": "api",
                "app.kubernetes.io/part-of": "tenantry",
            },
        },
        "spec": {
            "group": "example.com",
            "names": {
                "kind": "Widget",
                "listKind": "WidgetList",
                "plural": "widgets",
                "singular": "widget",
            },
            "scope": "Namespaced",
            "versions": [
                {
                    "name": "v1",
                    "served": True,
                    "storage": True,
                    "subresources": {"status": {}},
                    "additionalPrinterColumns": [
                        {
                            "name": "Age",
                            "type": "date",
                            "jsonPath": ".metadata.creationTimestamp",
                            "description": "Time since the object was created.",
                        }
                    ],
                    "schema": {
                        "openAPIV3Schema": {
                            "description": "A widget.",
                            "type": "object",
                            "properties": {
                                "apiVersion": {
                                    "description": (
                                        "Group and version of this representation: example.com/v1."
                                    ),
                                    "type": "string",
                                },
                                "kind": {
                                    "description": "The kind of the object: Widget.",
                                    "type": "string",
                                },
                                "metadata": {"type": "object"},
                                "spec": {
                                    "description": "What is wanted.",
                                    "type": "object",
                                    "properties": {"size": {"type": "integer", "default": 1}},
                                },
                                "status": {
                                    "description": "What is.",
                                    "type": "object",
                                    "properties": {"ready": {"type": "boolean", "default": False}},
                                },
                            },
                            "required": ["spec"],
                        }
                    },
                }
            ],
        },
    }


def test_short_names_categories_and_scope_are_written() -> None:
    made = custom_resource_definition(
        dataclasses.replace(WIDGET, short_names=("wd",), categories=("all",), scope="Cluster")
    )

    assert made["spec"]["names"]["shortNames"] == ["wd"]
    assert made["spec"]["names"]["categories"] == ["all"]
    assert made["spec"]["scope"] == "Cluster"


def test_columns_keep_their_order_and_priority_is_written_when_not_always_shown() -> None:
    ready = Column(name="Ready", json_path=".status.ready", type="boolean", priority=1)

    first, second = version_of(columns=(ready, AGE))["additionalPrinterColumns"]

    assert first == {
        "name": "Ready",
        "type": "boolean",
        "jsonPath": ".status.ready",
        "priority": 1,
    }
    assert second["name"] == "Age"


def test_rules_on_the_whole_object_stand_at_the_root() -> None:
    rules = (rule("self.metadata.name != 'x'", "not x"),)

    assert schema_of(rules=rules)["x-kubernetes-validations"] == [
        {"rule": "self.metadata.name != 'x'", "message": "not x"}
    ]


def test_a_name_s_length_is_the_only_thing_said_of_metadata() -> None:
    assert schema_of(name_max_length=40)["properties"]["metadata"] == {
        "type": "object",
        "properties": {"name": {"type": "string", "maxLength": 40}},
    }


def test_an_object_nobody_looked_at_waits_for_the_operator() -> None:
    status = schema_of(status_default=awaiting_operator())["properties"]["status"]

    (condition,) = status["default"]["conditions"]
    assert (condition["type"], condition["status"], condition["reason"]) == (
        "Ready",
        "Unknown",
        "Pending",
    )


def test_a_kind_with_an_unbounded_field_has_no_crd() -> None:
    class Endless(BaseModel):
        words: list[str] = Field(default=[])

    with pytest.raises(ValueError, match=r"Endless.words\[\]: a string needs a maxLength"):
        version_of(spec=Endless)
