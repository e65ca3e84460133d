"""Stores of both kinds, empty."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from postgres import database, postgres


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """A PostgreSQL server."""
    with postgres() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database, of the one kind and of the other."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/meter.db"
        return
    with database(request.getfixturevalue("postgresql")) as made:
        yield made
