"""The meter's side of the store: who writes, what has been charged, and what is forgotten.

There is one writer. Whoever opens the store to write enters its token, and each write changes that
to the next one, in the same transaction as what is charged. So whoever finds another token is
refused: a meter that does not know yet that another one has taken over, and one whose last write
went through though the answer was lost. Charges, the lives that they were computed from, and the
second up to which they go are written together or not at all.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass, field
from decimal import Decimal
from typing import Any, Final, TypeVar
from uuid import uuid4

import orjson
from sqlalchemy import Connection, delete, select, update

from tenantry.cost.known import Row, life_of
from tenantry.cost.ledger import Settlement
from tenantry.cost.lives import Account, Charges, Life, Offer
from tenantry.cost.periods import Kept, Period, begin
from tenantry.cost.store import schema
from tenantry.cost.store.database import Database, StoreError
from tenantry.cost.store.series import SeriesIds
from tenantry.cost.store.statements import or_nothing, portions, put, those

T = TypeVar("T")

CHUNK: Final = 500
"""Values in one statement, at most."""
Totals = dict[tuple[int, int, int], list[Decimal | None]]
"""Requested and used, by period, start and series."""
REMEMBERED: Final = 3600
"""Seconds for which the life of a thing that is gone is kept."""


class Overtaken(StoreError):  # noqa: N818 - reads as what happened
    """The store is not as this meter has left it: it must go on from what is there."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What a meter goes on from.

    Attributes:
        since: the first second that anything was charged for.
        until: from when on nothing has been charged.
        versions: where the watch of each kind was, by its plural.
        rows: the things that were there.
        is_new: whether nobody metered before.
    """

    since: int
    until: int
    versions: Mapping[str, int]
    rows: Sequence[Row]
    is_new: bool


@dataclass(frozen=True, slots=True)
class Outage:
    """A gap, in seconds since 1970."""

    start: int
    end: int
    reason: str
    is_recovered: bool


@dataclass(slots=True)
class Writer:
    """Writes what was metered. Not to be used by two threads at once."""

    database: Database
    _token: str = field(default_factory=lambda: str(uuid4()))
    _series: SeriesIds = field(default_factory=SeriesIds)

    def take_over(self, now: int) -> Taken:
        """Become the writer.

        Args:
            now: the first second that is charged for, if nobody metered before.

        Raises:
            StoreError: the database cannot be used.
        """
        first = {"since": now, "until": now, "hours_from": 0, "days_from": 0, "versions": "{}"}
        with self.database.writing() as connection:
            made = connection.execute(
                or_nothing(self.database, schema.meter), {"id": 1, "writer": "", **first}
            )
            connection.execute(update(schema.meter).values(writer=self._token))
            state = connection.execute(select(schema.meter)).one()
            rows = connection.execute(select(schema.lives).where(schema.lives.c.gone.is_(None)))
            return Taken(
                since=state.since,
                until=state.until,
                versions=orjson.loads(state.versions),
                rows=[_row(one) for one in rows],
                is_new=made.rowcount == 1,
            )

    def recall(self, names: Iterable[str]) -> dict[str, Life]:
        """What things have been charged for, of those that have been charged for anything."""
        lives: dict[str, Life] = {}
        with self.database.reading() as connection:
            for some in portions(names, CHUNK):
                found = connection.execute(
                    select(schema.lives.c.name, schema.lives.c.life).where(
                        schema.lives.c.name.in_(some)
                    )
                )
                lives |= {name: life_of(orjson.loads(life)[1]) for name, life in found}
        return lives

    def write(
        self,
        settlement: Settlement,
        versions: Mapping[str, int],
        outages: Iterable[Outage] = (),
    ) -> None:
        """Write all of a settlement.

        Args:
            settlement: what is charged.
            versions: where the watch of each kind is, at the latest.
            outages: that came to be known.

        Raises:
            Overtaken: another meter writes now.
            StoreError: nothing was written.
        """
        following = str(uuid4())
        try:
            with self.database.writing() as connection:
                kept = self._go_on(connection, following, settlement.until, versions)
                self._charge(connection, settlement, kept)
                self._supply(connection, settlement.charges, kept)
                rows = [_stored(row, settlement.until) for row in settlement.rows]
                put(self.database, connection, schema.lives, rows)
                gaps = [dict(zip(_GAP, astuple(one), strict=True)) for one in outages]
                put(self.database, connection, schema.gaps, gaps)
        except BaseException:
            self._series.forget()
            raise
        self._token = following

    def forget(self, hours_for: int, days_for: int, now: int) -> Kept:
        """Forget hours and days that are old: they are in their days and months. And old lives.

        Args:
            hours_for: seconds for which hours are kept.
            days_for: seconds for which days are kept.
            now: seconds since 1970.

        Returns:
            From when on hours and days are kept.

        Raises:
            Overtaken: another meter writes now.
        """
        days = begin(Period.MONTH, now - max(days_for, hours_for))
        kept = Kept(hours=begin(Period.DAY, now - hours_for), days=days)
        with self.database.writing() as connection:
            self._claim(connection, hours_from=kept.hours, days_from=kept.days)
            for table in (schema.buckets, schema.supplies):
                for period, limit in ((Period.HOUR, kept.hours), (Period.DAY, kept.days)):
                    old = (table.c.period == period.value) & (table.c.start < limit)
                    connection.execute(delete(table).where(old))
            gone = schema.lives.c.gone < now - REMEMBERED
            connection.execute(delete(schema.lives).where(gone))
        return kept

    def _go_on(
        self, connection: Connection, token: str, until: int, versions: Mapping[str, int]
    ) -> Kept:
        where = orjson.dumps(versions).decode()
        self._claim(connection, writer=token, until=until, versions=where)
        found = connection.execute(select(schema.meter.c.hours_from, schema.meter.c.days_from))
        return Kept(*found.one())

    def _claim(self, connection: Connection, **values: Any) -> None:
        mine = schema.meter.c.writer == self._token
        done = connection.execute(update(schema.meter).where(mine).values(**values))
        if done.rowcount != 1:
            raise Overtaken(
                "another meter has taken the store over, or the answer to a write was lost; this "
                "one ends, and the next goes on from what is there"
            )

    def _charge(self, connection: Connection, settlement: Settlement, kept: Kept) -> None:
        requested, used = _of_accounts(settlement.charges), _of_accounts(settlement.used)
        ids = self._series.of(connection, {key[1:] for key in (*requested, *used)})
        totals: Totals = defaultdict(lambda: [None, None])
        for column, amounts in enumerate((requested, used)):
            for (hour, account, resource), units in amounts.items():
                for period, start in _periods(hour, kept):
                    total = totals[period, start, ids[account, resource]]
                    total[column] = _sum(total[column], units)
        _add_what_is_there(connection, totals)
        rows = [
            {
                "period": period,
                "start": start,
                "series": one,
                "requested": asked or Decimal(),
                "used": taken,
            }
            for (period, start, one), (asked, taken) in totals.items()
        ]
        put(self.database, connection, schema.buckets, rows)

    def _supply(self, connection: Connection, charges: Charges, kept: Kept) -> None:
        totals: dict[tuple[int, int, str, str, str], Decimal] = defaultdict(Decimal)
        for (hour, payer, resource), units in charges.items():
            if isinstance(payer, Offer):
                for period, start in _periods(hour, kept):
                    totals[period, start, payer.kind, payer.node_class, resource] += units
        table = schema.supplies
        for some in portions(totals, CHUNK):
            for *key, amount in connection.execute(those(table, some)):
                totals[tuple(key)] += amount
        names = [column.name for column in table.primary_key]
        rows = [
            {**dict(zip(names, key, strict=True)), "amount": units} for key, units in totals.items()
        ]
        put(self.database, connection, table, rows)


_GAP: Final = ("start", "end", "reason", "is_recovered")


def _add_what_is_there(connection: Connection, totals: Totals) -> None:
    """Add what has been charged before to what is charged now."""
    table = schema.buckets
    by_start: dict[tuple[int, int], list[int]] = defaultdict(list)
    for period, start, one in totals:
        by_start[period, start].append(one)
    for (period, start), series in by_start.items():
        query = select(table.c.series, table.c.requested, table.c.used).where(
            table.c.period == period, table.c.start == start
        )
        for some in portions(series, CHUNK):
            for one, before, before_used in connection.execute(
                query.where(table.c.series.in_(some))
            ):
                total = totals[period, start, one]
                total[:] = [_sum(total[0], before), _sum(total[1], before_used)]


def _of_accounts(charges: Charges) -> dict[tuple[int, Account, str], Decimal]:
    return {
        (hour, payer, resource): units
        for (hour, payer, resource), units in charges.items()
        if isinstance(payer, Account)
    }


def _periods(hour: int, kept: Kept) -> Iterator[tuple[int, int]]:
    """Every period that an hour is added to: those that are kept."""
    limits = {Period.HOUR: kept.hours, Period.DAY: kept.days, Period.MONTH: 0}
    for period, limit in limits.items():
        start = begin(period, hour)
        if start >= limit:
            yield period.value, start


def _sum(left: Decimal | None, right: Decimal | None) -> Decimal | None:
    return right if left is None else left if right is None else left + right


def _stored(row: Row, until: int) -> dict[str, Any]:
    kind, namespace, name = row.key
    return {
        "name": row.name,
        "kind": kind,
        "namespace": namespace,
        "object": name,
        "version": row.version,
        "life": row.encoded(),
        "gone": until if row.is_over else None,
    }


def _row(stored: Any) -> Row:
    key = (stored.kind, stored.namespace, stored.object)
    return Row.decoded(stored.name, key, stored.version, stored.life)
