"""The tables. A change here needs a migration, and a test compares the two.

Amounts are exact: NUMERIC in PostgreSQL; in SQLite, whose numbers have 64 bits (a month of ten
terabytes has more byte-seconds than that), text. Times are seconds since 1970 in UTC.
"""

from decimal import Decimal
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Dialect,
    Index,
    Integer,
    MetaData,
    Numeric,
    SmallInteger,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)


class Exact(TypeDecorator[Decimal]):
    """A decimal number of any size, not rounded by anything."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        """The type of the column."""
        kind = Numeric() if dialect.name == "postgresql" else Text()
        return dialect.type_descriptor(kind)

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> Any:
        """The way in."""
        return value if value is None or dialect.name == "postgresql" else f"{value:f}"

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        """The way out."""
        del dialect
        return None if value is None else Decimal(value)


metadata: Final = MetaData()

meter: Final = Table(
    "meter",
    metadata,
    Column("id", Integer, primary_key=True),  # there is one row, 1
    Column("writer", Text, nullable=False),
    Column("since", BigInteger, nullable=False),
    Column("until", BigInteger, nullable=False),
    Column("hours_from", BigInteger, nullable=False),
    Column("days_from", BigInteger, nullable=False),
    Column("versions", Text, nullable=False),
)
"""Who writes, since when anything is metered and until when it has been charged, what is still
kept, and at which resource versions the watches go on."""

series: Final = Table(
    "series",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("tenant", Text, nullable=False),
    Column("namespace", Text, nullable=False),
    Column("application", Text, nullable=False),
    Column("component", Text, nullable=False),
    Column("workload", Text, nullable=False),
    Column("node_class", Text, nullable=False),
    Column("resource", Text, nullable=False),
    UniqueConstraint(
        "tenant",
        "namespace",
        "application",
        "component",
        "workload",
        "node_class",
        "resource",
        name="series_key",
    ),
)
"""Who is charged for which resource: what buckets of all hours have in common."""

buckets: Final = Table(
    "buckets",
    metadata,
    Column("period", SmallInteger, primary_key=True, autoincrement=False),
    Column("start", BigInteger, primary_key=True, autoincrement=False),
    Column("series", Integer, primary_key=True, autoincrement=False),
    Column("requested", Exact, nullable=False),
    Column("used", Exact),
    sqlite_with_rowid=False,
)
"""Unit-seconds by period (0 hours, 1 days, 2 months) and series. The order of the key is that in
which they are written: all of one hour side by side."""

supplies: Final = Table(
    "supplies",
    metadata,
    Column("period", SmallInteger, primary_key=True, autoincrement=False),
    Column("start", BigInteger, primary_key=True, autoincrement=False),
    Column("kind", String(16), primary_key=True),
    Column("node_class", Text, primary_key=True),
    Column("resource", Text, primary_key=True),
    Column("amount", Exact, nullable=False),
    sqlite_with_rowid=False,
)
"""Unit-seconds that were there to be had."""

lives: Final = Table(
    "lives",
    metadata,
    Column("name", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("namespace", Text, nullable=False),
    Column("object", Text, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("life", Text, nullable=False),
    Column("gone", BigInteger),
    Index("lives_gone", "gone"),
)
"""What each metered thing has been charged for. It is kept for a while after the thing is gone, so
that old news of it are known to be old."""

gaps: Final = Table(
    "gaps",
    metadata,
    Column("start", BigInteger, primary_key=True, autoincrement=False),
    Column("end", BigInteger, nullable=False),
    Column("reason", Text, nullable=False),
    Column("is_recovered", Boolean, nullable=False),
)
"""When nobody metered."""
