import re
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from tenantry.api.documents import WIDTH, to_yaml

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=9,
)


@given(json_values)
def test_what_is_written_is_read_back(value: Any) -> None:
    assert yaml.safe_load(to_yaml([value])) == value


@given(json_values)
def test_text_ends_in_one_newline(value: Any) -> None:
    text = to_yaml([{"key": value}])

    assert text.endswith("\n")
    assert not text.endswith("\n\n")


@pytest.mark.parametrize(
    "word",
    [
        "y",
        "N",
        "yes",
        "off",
        "true",
        "null",
        "~",
        "1e3",
        "1.",
        ".5",
        "0o7",
        "012",
        "1_000",
        "0x1f",
        "12:30:45",
        "-1",
        "2024-01-01",
        "=",
        "<<",
        "",
    ],
)
def test_a_text_that_some_reader_takes_for_another_type_is_quoted(word: str) -> None:
    assert re.fullmatch(r"key: (['\"]).*\1\n", to_yaml([{"key": word}]))


@pytest.mark.parametrize("word", ["yard", "1.2.3.4", "10.0.0.0/8", "500m", "e3"])
def test_a_text_that_no_reader_mistakes_is_left_bare(word: str) -> None:
    assert to_yaml([{"key": word}]) == f"key: {word}\n"


def test_shared_values_are_written_out_each_time() -> None:
    shared = {"a": [1]}

    assert to_yaml([[shared, shared]]) == "- a:\n    - 1\n- a:\n    - 1\n"


def test_keys_keep_their_order() -> None:
    assert to_yaml([{"z": 1, "a": 2}]) == "z: 1\na: 2\n"


def test_long_text_is_folded() -> None:
    text = to_yaml([{"key": "word " * 100 + "end"}])

    assert max(map(len, text.splitlines())) <= WIDTH + len(" word")


def test_documents_are_set_apart_below_one_header() -> None:
    text = to_yaml([{"a": 1}, {"b": 2}], header="One.\n\nTwo.")

    assert text == "# One.\n#\n# Two.\na: 1\n---\nb: 2\n"
