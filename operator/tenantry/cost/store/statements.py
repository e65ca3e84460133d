"""Statements that the writer and the reader are made of, in the words of either database."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import Connection, Table, select, tuple_
from sqlalchemy.dialects import postgresql, sqlite

from tenantry.cost.store.database import Database

T = TypeVar("T")


def portions(values: Iterable[T], size: int) -> Iterator[Sequence[T]]:
    """Values in portions, for a statement has only so many parameters."""
    rest = iter(values)
    while portion := list(islice(rest, size)):
        yield portion


def those(table: Table, keys: Sequence[Any]) -> Any:
    """Rows by their primary keys."""
    return select(table).where(tuple_(*table.primary_key).in_(keys))


def or_nothing(database: Database, table: Table) -> Any:
    """Insert a row, unless there is one of the same key."""
    dialect = postgresql if database.is_postgresql else sqlite
    return dialect.insert(table).on_conflict_do_nothing()


def put(
    database: Database, connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]
) -> None:
    """Insert rows, in place of those that have the same key."""
    if not rows:
        return
    dialect = postgresql if database.is_postgresql else sqlite
    statement = dialect.insert(table)
    others = {
        column.name: statement.excluded[column.name] for column in table.c if not column.primary_key
    }
    key = [column.name for column in table.primary_key]
    connection.execute(statement.on_conflict_do_update(index_elements=key, set_=others), rows)
