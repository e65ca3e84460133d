"""A year that was metered, made by the database itself, and how long a month's question takes."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from sqlalchemy import text

from tenantry.cost.periods import DAY, HOUR, Period, after, begin
from tenantry.cost.store import Reader, open_database

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from sqlalchemy import Connection

    from tenantry.cost.buckets import Bucket
    from tenantry.cost.store import Database

WORKLOADS: Final = 3
"""Of each tenant, each with CPU and memory."""
YEAR: Final = 365 * DAY
HOURS_KEPT: Final = 62 * DAY
"""The meter's default."""
_INSERT: Final = text(
    "WITH RECURSIVE starts(start) AS (SELECT :first UNION ALL SELECT start + :length FROM starts "
    "WHERE start + :length < :stop) INSERT INTO buckets SELECT :period, start, id, "
    "CAST(:length * (1 + id % 7) AS TEXT) || '.25', CAST(:length AS TEXT) FROM starts, series"
)


def fill(database: Database, tenants: int, now: int) -> int:
    """Write a year of history; gives the number of rows."""
    year = begin(Period.DAY, now - YEAR)
    kept = begin(Period.DAY, now - HOURS_KEPT)
    with database.writing() as connection:
        connection.execute(
            text(
                "INSERT INTO meter (id, writer, since, until, hours_from, days_from, versions) "
                "VALUES (1, '', :year, :now, :kept, 0, '{}')"
            ),
            {"year": year, "now": now, "kept": kept},
        )
        _make_series(connection, tenants)
        hours = {"period": 0, "first": kept, "length": HOUR, "stop": begin(Period.HOUR, now)}
        days = {"period": 1, "first": year, "length": DAY, "stop": now}
        connection.execute(_INSERT, hours)
        connection.execute(_INSERT, days)
        month = begin(Period.MONTH, year)
        while month < now:
            stop = after(Period.MONTH, month)
            connection.execute(
                _INSERT, {"period": 2, "first": month, "length": stop - month, "stop": stop}
            )
            month = stop
        count = connection.execute(text("SELECT count(*) FROM buckets")).scalar()
    return int(count or 0)


def _make_series(connection: Connection, tenants: int) -> None:
    """What each tenant runs."""
    names = ("tenant", "namespace", "application", "component", "workload", "node_class")
    statement = (
        f"INSERT INTO series ({', '.join(names)}, resource) VALUES "  # noqa: S608 - constants
        f"({', '.join(f':{name}' for name in names)}, :resource)"
    )
    rows = [
        {
            "tenant": f"t{tenant}",
            "namespace": f"t{tenant}-web",
            "application": "shop",
            "component": f"c{workload}",
            "workload": f"Deployment/c{workload}",
            "node_class": "default",
            "resource": resource,
        }
        for tenant in range(tenants)
        for workload in range(WORKLOADS)
        for resource in ("cpu", "memory")
    ]
    connection.execute(text(statement), rows)


def ask(database: Database, now: int) -> dict[str, tuple[float, int]]:
    """Seconds and buckets of each question about the last whole month."""
    this = begin(Period.MONTH, now)
    start, end = _moment(begin(Period.MONTH, this - DAY)), _moment(this)
    reader = Reader(database)
    questions: dict[str, Callable[[], Iterable[Bucket]]] = {
        "all by month": lambda: reader.buckets(start, end, None, finest=Period.MONTH),
        "all by day": lambda: reader.buckets(start, end, None, finest=Period.DAY),
        "one by hour": lambda: reader.buckets(start, end, "t1"),
    }
    answers = {}
    for name, question in questions.items():
        began = time.perf_counter()
        count = len(list(question()))
        answers[name] = time.perf_counter() - began, count
    return answers


def history(folder: Path, tenants: int) -> tuple[int, dict[str, tuple[float, int]], int]:
    """Fill a database and ask it: rows, answers, and the size of its file in bytes."""
    path = folder / "history.db"
    database = open_database(f"sqlite:///{path}")
    now = int(time.time())
    try:
        rows = fill(database, tenants, now)
        return rows, ask(database, now), path.stat().st_size
    finally:
        database.close()


def _moment(second: int) -> datetime:
    return datetime.fromtimestamp(second, UTC)
