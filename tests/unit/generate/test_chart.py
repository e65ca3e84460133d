"""The values of the chart are written once and come out the same in file, schema and README."""

import json

import yaml

from generate.chart import readme, schema, values_file
from generate.chart.entries import entries
from generate.chart.values import Chart


def test_the_file_has_every_value_with_its_default() -> None:
    assert yaml.safe_load(values_file.text()) == Chart().model_dump(by_alias=True)


def test_every_value_is_described_in_the_file_and_in_the_readme() -> None:
    file, page = values_file.text(), readme.text()

    for entry in entries():
        assert entry.description, entry.path
        assert entry.description.split(maxsplit=1)[0] in file
        if not entry.is_group:
            assert f"| `{'.'.join(entry.path)}` | `{json.dumps(entry.default)}` |" in page
    assert all(len(line) <= values_file.WIDTH for line in file.splitlines())


def test_the_schema_knows_every_value_and_says_what_it_is() -> None:
    made = schema.schema()
    groups = {one.path[0] for one in entries() if one.is_group}

    for entry in entries():
        if len(entry.path) == 1 and not entry.is_group:
            assert made["properties"][entry.path[0]]["description"] == entry.description
    for name in groups:
        definition = made["definitions"][made["properties"][name]["$ref"].rpartition("/")[2]]
        assert definition["additionalProperties"] is False
        assert all(
            "description" in one or "$ref" in one for one in definition["properties"].values()
        )


def test_the_schema_is_of_a_draft_that_every_helm_reads() -> None:
    text = schema.text()

    assert "draft-07" in text
    assert "$defs" not in text
