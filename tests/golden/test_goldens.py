from collections.abc import Callable

import pytest
import yaml

from examples import GOLDEN, TENANTS, documents, rendered, tenant_of

Golden = Callable[[str, str], str]


@pytest.mark.parametrize("name", TENANTS)
def test_an_example_becomes_what_is_written_down(name: str, golden: Golden) -> None:
    text = documents(rendered(tenant_of(TENANTS[name])))

    assert text == golden(name, text)


def test_every_golden_has_an_example() -> None:
    assert {path.stem for path in GOLDEN.glob("*.yaml")} == TENANTS.keys()


@pytest.mark.parametrize("name", TENANTS)
def test_every_example_says_what_it_shows(name: str) -> None:
    readme = (TENANTS[name].parent / "README.md").read_text()

    assert f"kubectl apply -f examples/{name}/tenant.yaml" in readme


def test_no_two_examples_make_the_same_namespace() -> None:
    names = [
        document["metadata"]["name"]
        for path in GOLDEN.glob("*.yaml")
        for document in yaml.safe_load_all(path.read_text())
        if document["kind"] == "Namespace"
    ]

    assert len(names) == len(set(names))
