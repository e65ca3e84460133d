"""Opens the store: which database it is, how it is to behave, and its tables brought up to date."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError
from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlalchemy.pool import ConnectionPoolEntry

SQLITE: Final = "sqlite"
POSTGRESQL: Final = "postgresql"
_MIGRATING: Final = 7_346_001
"""PostgreSQL's advisory lock of whoever migrates; any number that nobody else takes."""
_ONE_MOMENT: Final = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"
_WRITES: Final = "tenantry_writes"
"""The execution option of connections that are going to write."""
_BUSY: Final = 30
"""Seconds that a connection waits for another one's transaction."""


class StoreError(Exception):
    """The database cannot be used; the message says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Database:
    """An open database. Its connections may be used from any thread, each by one at a time."""

    engine: Engine

    @property
    def is_postgresql(self) -> bool:
        """Whether it is PostgreSQL, and not SQLite."""
        return self.engine.dialect.name == POSTGRESQL

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that sees one moment and writes nothing."""
        with _told(self.engine), self.engine.connect() as connection:
            if self.is_postgresql:
                connection.execute(text(_ONE_MOMENT))
            yield connection
            connection.rollback()

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that is committed, unless an exception leaves the block."""
        with _told(self.engine), self.engine.connect() as plain:
            connection = plain.execution_options(**{_WRITES: True})
            yield connection
            connection.commit()

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()


def open_database(url: str, *, is_migrated: bool = True) -> Database:
    """Open a store.

    Args:
        url: ``sqlite:////var/lib/tenantry/meter.db`` or ``postgresql://user@host/name``; what
            follows ``://`` is as SQLAlchemy reads it
            (https://docs.sqlalchemy.org/en/20/core/engines.html#database-urls).
        is_migrated: whether to bring the tables up to date, as the meter does; who only reads
            does not.

    Raises:
        StoreError: there is no such database, or a later release has been at it.
    """
    database = Database(_engine(url))
    try:
        if is_migrated:
            _migrate(database)
        else:
            with database.reading() as connection:
                _check(connection)
    except BaseException:
        database.close()
        raise
    return database


def _engine(url: str) -> Engine:
    try:
        parsed = make_url(url)
    except ArgumentError as problem:
        raise StoreError(_EXPECTED.format(url)) from problem
    if parsed.drivername == POSTGRESQL:
        parsed = parsed.set(drivername=f"{POSTGRESQL}+psycopg")
    if parsed.drivername not in {SQLITE, f"{POSTGRESQL}+psycopg"}:
        raise StoreError(_EXPECTED.format(parsed.render_as_string()))
    try:
        if parsed.get_backend_name() == POSTGRESQL:
            return create_engine(parsed, pool_pre_ping=True, connect_args={"connect_timeout": 10})
        engine = create_engine(parsed, connect_args={"timeout": _BUSY})
    except (NoSuchModuleError, ImportError) as problem:
        raise StoreError("PostgreSQL needs its driver: install 'tenantry[postgresql]'") from problem
    event.listen(engine, "connect", _tune)
    event.listen(engine, "begin", _begin)
    return engine


_EXPECTED: Final = (
    "expected sqlite:////path/to/file.db or postgresql://user:password@host/name, not {!r}"
)


def _tune(connection: Any, _: ConnectionPoolEntry) -> None:
    """SQLite: readers never wait for the writer, nor it for them (https://sqlite.org/wal.html).

    A commit is on the disk when it returns (``synchronous=FULL``): what the API server has
    forgotten since could not be had again.
    """
    connection.isolation_level = None  # transactions begin where _begin says, not before a write
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}").close()


def _begin(connection: Connection) -> None:
    """Begin a transaction of SQLite; who will write takes its turn at once, not half-way."""
    writes = connection.get_execution_options().get(_WRITES)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextmanager
def _told(engine: Engine) -> Iterator[None]:
    """What the driver raises, in one line."""
    try:
        yield
    except DBAPIError as problem:
        what = str(problem.orig).strip().partition("\n")[0] or type(problem.orig).__name__
        raise StoreError(f"{engine.url.render_as_string()}: {what}") from problem


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", "tenantry.cost.store:migrations")
    return config


def _migrate(database: Database) -> None:
    config = _config()
    with database.writing() as connection:
        if database.is_postgresql:
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATING})
        config.attributes["connection"] = connection
        try:
            command.upgrade(config, "head")
        except CommandError as problem:
            raise StoreError(_NEWER.format(database.engine.url.render_as_string())) from problem


_NEWER: Final = (
    "{}: its tables are of a later release of Tenantry; run that one, or restore a backup"
)


def _check(connection: Connection) -> None:
    from alembic.runtime.migration import MigrationContext  # noqa: PLC0415 - for readers only

    head = ScriptDirectory.from_config(_config()).get_current_head()
    found = MigrationContext.configure(connection).get_current_revision()
    if found != head:
        where = connection.engine.url.render_as_string()
        what = "has no tables of a meter" if found is None else "has tables of another release"
        raise StoreError(f"{where}: {what}; start 'tenantry meter' of this release with it first")
