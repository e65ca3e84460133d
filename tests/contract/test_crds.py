import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from generate import crds, examples, files
from tenantry.api.crd import Kind, custom_resource_definition
from tenantry.api.kinds import KINDS

ROOT = Path(__file__).parents[2]

every_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.kind)


def schema_nodes(kind: Kind) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every node of a kind's schema below spec and status, with its path."""
    version = custom_resource_definition(kind)["spec"]["versions"][0]
    root = version["schema"]["openAPIV3Schema"]["properties"]
    for part in ("spec", "status"):
        yield from _below(root[part], part)


def _below(node: dict[str, Any], path: str) -> Iterator[tuple[str, dict[str, Any]]]:
    yield path, node
    for name, inner in node.get("properties", {}).items():
        yield from _below(inner, f"{path}.{name}")
    for key, step in (("items", "[]"), ("additionalProperties", "{}")):
        if key in node:
            yield from _below(node[key], path + step)


def test_generated_files_are_what_the_models_say() -> None:
    stale = [str(each.path.relative_to(ROOT)) for each in files.stale(ROOT)]

    assert stale == [], "run `make generate` and commit what it writes"


@every_kind
def test_the_written_crd_is_read_back_as_it_was_made(kind: Kind) -> None:
    text = (ROOT / crds.path(kind)).read_text()

    assert yaml.safe_load(text) == custom_resource_definition(kind)


@every_kind
def test_every_field_is_described(kind: Kind) -> None:
    silent = [
        path
        for path, node in schema_nodes(kind)
        if not path.endswith(("[]", "{}")) and not node.get("description", "").endswith(".")
    ]

    assert silent == []


@every_kind
def test_every_list_says_how_server_side_apply_merges_it(kind: Kind) -> None:
    silent = [
        path
        for path, node in schema_nodes(kind)
        if node.get("type") == "array" and "x-kubernetes-list-type" not in node
    ]

    assert silent == []


PERL_CLASS = re.compile(r"(?<!\\)(?:\\\\)*\\[dDsSwWbB]")


@every_kind
def test_patterns_mean_the_same_to_the_server_and_to_the_models(kind: Kind) -> None:
    """Perl's classes are ASCII to Go and Unicode to Rust; [[:space:]] is ASCII to both."""
    ambiguous = [
        (path, node["pattern"])
        for path, node in schema_nodes(kind)
        if PERL_CLASS.search(node.get("pattern", ""))
    ]

    assert ambiguous == []


@every_kind
def test_every_rule_says_what_is_wrong(kind: Kind) -> None:
    silent = [
        (path, rule["rule"])
        for path, node in schema_nodes(kind)
        for rule in node.get("x-kubernetes-validations", ())
        if not rule.keys() & {"message", "messageExpression"}
    ]

    assert silent == []


@every_kind
def test_the_example_is_valid_by_the_model(kind: Kind) -> None:
    document = yaml.safe_load((ROOT / examples.path(kind)).read_text())

    spec = kind.spec.model_validate(document["spec"])

    assert spec.model_dump(mode="json", by_alias=True, exclude_unset=True) == document["spec"]
