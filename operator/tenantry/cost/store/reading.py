"""The reports' side of the store: ``buckets.Store``, over the finest buckets that are needed."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import Connection, Select, select

from tenantry.cost.buckets import Bucket, Gap, Supply
from tenantry.cost.periods import Kept, Period, after, begin, pieces
from tenantry.cost.store import schema
from tenantry.cost.store.database import Database
from tenantry.cost.store.statements import portions

_ROWS: Final = 5000
"""Rows that are read at once."""
_STARTS: Final = 500
"""Hours, and as many series, in one statement."""


@dataclass(frozen=True, slots=True)
class Extent:
    """What there is.

    Attributes:
        since: the first moment that anything was metered.
        until: from when on nothing has been metered yet.
    """

    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads what was metered; implements ``tenantry.cost.buckets.Store``.

    A bucket's ``hour`` is where it begins. It lasts an hour, unless it is of a time of which only
    days or months are kept, or is asked for by days or months (``finest``).
    """

    database: Database

    def extent(self) -> Extent | None:
        """From when until when there is anything; None before a meter has run."""
        with self.database.reading() as connection:
            found = connection.execute(select(schema.meter.c.since, schema.meter.c.until)).first()
        return None if found is None else Extent(_moment(found.since), _moment(found.until))

    def buckets(
        self,
        start: datetime,
        end: datetime,
        tenant: str | None = None,
        *,
        finest: Period = Period.HOUR,
    ) -> Iterator[Bucket]:
        """What was requested and used, by period and series.

        Args:
            start: UTC.
            end: not in it. If nothing was metered after it yet, the day or month that it is in
                counts as over.
            tenant: of this one only; None for all.
            finest: with DAY or MONTH, whole days or months come in one bucket each.
        """
        with self.database.reading() as connection:
            series = _series(connection, tenant)
            few = list(series) if tenant is not None else None
            for period, first, stop in _pieces(connection, start, end, finest):
                for row in _rows(connection, _in_buckets(period), period, (first, stop), few):
                    at, one, requested, used = row
                    yield Bucket(_moment(at), *series[one], requested, used)

    def supplies(
        self, start: datetime, end: datetime, *, finest: Period = Period.HOUR
    ) -> Iterator[Supply]:
        """What there was to be had, by period; times as for ``buckets``."""
        table = schema.supplies
        columns = [one for one in table.c if one.name != "period"]
        with self.database.reading() as connection:
            for period, first, stop in _pieces(connection, start, end, finest):
                query = select(*columns).where(table.c.period == period.value)
                for at, *rest in _rows(connection, query, period, (first, stop), None):
                    yield Supply(_moment(at), *rest)

    def gaps(self, start: datetime, end: datetime) -> Iterator[Gap]:
        """When nobody metered, as far as that touches a range of time."""
        table = schema.gaps
        touches = (table.c.start < _second(end)) & (table.c.end > _second(start))
        with self.database.reading() as connection:
            for one in connection.execute(select(table).where(touches).order_by(table.c.start)):
                yield Gap(_moment(one.start), _moment(one.end), one.reason, one.is_recovered)


def _pieces(
    connection: Connection, start: datetime, end: datetime, finest: Period
) -> list[tuple[Period, int, int]]:
    columns = (schema.meter.c.hours_from, schema.meter.c.days_from)
    state = connection.execute(select(*columns, schema.meter.c.since, schema.meter.c.until)).first()
    if state is None:
        return []
    hours, days, since, until = state
    first = max(_second(start), begin(Period.MONTH, since))
    last = min(_second(end), max(until, first))
    return list(pieces(first, last, finest, Kept(hours, days), until))


def _series(
    connection: Connection, tenant: str | None
) -> dict[int, tuple[str, str, str, str, str, str, str]]:
    query = select(schema.series)
    if tenant is not None:
        query = query.where(schema.series.c.tenant == tenant)
    found = connection.execute(query)
    return {row[0]: (row[1], row[2], row[3], row[4], row[5], row[6], row[7]) for row in found}


def _in_buckets(period: Period) -> Select[Any]:
    table = schema.buckets
    columns = (table.c.start, table.c.series, table.c.requested, table.c.used)
    return select(*columns).where(table.c.period == period.value)


def _rows(
    connection: Connection,
    query: Select[Any],
    period: Period,
    bounds: tuple[int, int],
    few: list[int] | None,
) -> Iterable[Any]:
    """Rows between two seconds, in order; of a few series, where they are named.

    All of an hour are side by side. So the hours are listed for the few of a tenant, that the
    database may go straight to them instead of past all others'.
    """
    first, stop = bounds
    table = query.get_final_froms()[0]
    if few is None:
        every = query.where(table.c.start >= first, table.c.start < stop)
        found = connection.execution_options(yield_per=_ROWS).execute(
            every.order_by(*table.primary_key)
        )
        yield from found
        return
    for starts in portions(_starts(period, first, stop), _STARTS):
        for some in portions(few, _STARTS):
            those = query.where(table.c.start.in_(starts), table.c.series.in_(some))
            yield from connection.execute(those.order_by(table.c.start, table.c.series))


def _starts(period: Period, first: int, stop: int) -> Iterator[int]:
    while first < stop:
        yield first
        first = after(period, first)


def _moment(second: int) -> datetime:
    return datetime.fromtimestamp(second, UTC)


def _second(moment: datetime) -> int:
    return int(moment.timestamp())
