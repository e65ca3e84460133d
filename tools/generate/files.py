"""Every generated file and its text: what there should be, against what there is."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

from generate import (
    chart,
    configuration,
    crds,
    dashboards,
    examples,
    metrics,
    policies,
    reference,
)
from tenantry.api.kinds import KINDS

MARK = "by `make generate`"
"""Stands in the first lines of each generated file, and of no other."""

_FOLDERS = (
    "crds",
    "docs/reference",
    "examples/reference",
    policies.FOLDER,
    dashboards.FOLDER,
    *chart.FOLDERS,
)


@dataclass(frozen=True, kw_only=True)
class Stale:
    """A file that is not what the models say."""

    path: Path
    text: str | None
    """What it should be; None when it should not be there."""


def stale(root: Path) -> Iterator[Stale]:
    """The files below a repository's root that are missing, out of date or left over."""
    wanted = {root / where: text for where, text in generated().items()}
    for path, text in wanted.items():
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            yield Stale(path=path, text=text)
    for folder in _FOLDERS:
        for path in sorted((root / folder).glob("*.*")):
            if path not in wanted and MARK in path.read_text(encoding="utf-8")[:500]:
                yield Stale(path=path, text=None)


@cache
def generated() -> Mapping[str, str]:
    """Every generated file's text by its path from the repository's root."""
    made = {configuration.PATH: configuration.text(), metrics.PATH: metrics.text()}
    made |= policies.texts() | dashboards.texts() | chart.texts(KINDS)
    for kind in KINDS:
        for maker in (crds, reference, examples):
            made[maker.path(kind)] = maker.text(kind)
    return MappingProxyType(made)


def write(found: Stale) -> None:
    """Make a file what it should be."""
    if found.text is None:
        found.path.unlink()
        return
    found.path.parent.mkdir(parents=True, exist_ok=True)
    found.path.write_text(found.text, encoding="utf-8")
