"""Others' CRDs in the cache: what is there needs nothing, what is not says why it cannot be had."""

from __future__ import annotations

import io
import json
import os
import sys
from typing import TYPE_CHECKING

import pytest
from rich.console import Console

from devcluster import build, definitions
from devcluster.errors import NoNetworkError
from devcluster.progress import PlainProgress

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def progress() -> PlainProgress:
    return PlainProgress(Console(file=io.StringIO(), width=200))


@pytest.fixture
def cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An empty cache."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return build.cache()


def test_definitions_that_are_there_need_no_toolchain(
    cache: Path, monkeypatch: pytest.MonkeyPatch, progress: PlainProgress
) -> None:
    folder = cache / definitions.SOURCE.key()
    folder.mkdir(parents=True)
    for name in definitions.SETS:
        definitions.file(name, folder).write_text("[]")
    monkeypatch.setattr(sys, "prefix", str(cache))
    monkeypatch.setenv("PATH", os.devnull)

    assert definitions.definitions(progress) == folder


def test_a_set_that_was_removed_is_missed(tmp_path: Path) -> None:
    for name in definitions.SETS[1:]:
        definitions.file(name, tmp_path).write_text("[]")

    assert not definitions.is_complete(tmp_path)


@pytest.mark.usefixtures("cache")
def test_an_unreachable_module_proxy_is_said_with_what_to_check(
    monkeypatch: pytest.MonkeyPatch, progress: PlainProgress
) -> None:
    monkeypatch.setenv("GOPROXY", "http://127.0.0.1:1")

    with pytest.raises(NoNetworkError, match="connection refused") as raised:
        definitions.definitions(progress)
    assert "GOPROXY" in raised.value.advice


def test_only_definitions_are_taken_from_files_that_hold_more(tmp_path: Path) -> None:
    files = [tmp_path / "one.yaml", tmp_path / "two.yaml"]
    files[0].write_text("kind: CustomResourceDefinition\nmetadata: {name: a}\n---\nkind: Other\n")
    files[1].write_text("---\n---\nkind: CustomResourceDefinition\nmetadata: {name: b}\n")

    definitions.join(tmp_path / "both.json", files)

    made = json.loads((tmp_path / "both.json").read_text())
    assert [one["metadata"]["name"] for one in made] == ["a", "b"]
