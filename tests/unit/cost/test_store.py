"""The store, on SQLite and on PostgreSQL: written once, read by periods, taken over, forgotten."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, text

from cost_metered_world import EPOCH, namespace, node, pod
from tenantry.cost.buckets import Bucket, Gap, Store, Supply
from tenantry.cost.ledger import Ledger, Readings
from tenantry.cost.periods import DAY, HOUR, Period
from tenantry.cost.store import Database, Overtaken, Reader, StoreError, Writer, open_database
from tenantry.cost.store.schema import metadata
from tenantry.cost.store.writing import Outage

GIB = 2**30
HALF_PAST = datetime(2026, 10, 24, 20, 30, tzinfo=UTC)
EVENING = datetime(2026, 10, 24, 20, tzinfo=UTC)
LATER = datetime(2027, 10, 24, tzinfo=UTC)


@pytest.fixture
def store(url: str) -> Iterator[Database]:
    opened = open_database(url)
    yield opened
    opened.close()


class Meter:
    """A meter's process without a cluster: killed by being let go of."""

    def __init__(self, store: Database, now: int = EPOCH) -> None:
        self.writer = Writer(store)
        self.taken = self.writer.take_over(now)
        self.ledger = Ledger(self.taken.since, self.taken.until)
        self.ledger.restore(self.taken.rows)
        for told in (namespace("acme-web", "acme"), node("node-a")):
            self.ledger.hear("ADDED", told, now)

    def settle(self, until: int, readings: Readings | None = None, *outages: Outage) -> None:
        names = self.ledger.fresh()
        self.ledger.recall(names, self.writer.recall(names))
        settlement = self.ledger.settle(until, readings)
        self.writer.write(settlement, {"pods": until}, outages)
        self.ledger.committed(settlement)


def cores(buckets: Iterator[Bucket]) -> list[tuple[datetime, Decimal, Decimal | None]]:
    return [(one.hour, one.requested, one.used) for one in buckets if one.resource == "cpu"]


def test_what_was_written_is_read_by_hours_days_and_months(store: Database) -> None:
    meter = Meter(store)
    meter.ledger.hear("ADDED", pod("a", start=EPOCH, cpu="250m"), EPOCH)
    meter.settle(EPOCH + 600)
    meter.settle(EPOCH + 2 * HOUR)
    meter.ledger.hear("ADDED", pod("a", start=EPOCH, cpu="250m", end=EPOCH + 2 * DAY), EPOCH)
    meter.settle(EPOCH + 9 * DAY)
    reader: Store = Reader(store)
    hours = list(reader.buckets(HALF_PAST, LATER, None))

    whose = ("acme", "acme-web", "", "", "", "default", "cpu")
    assert hours[0] == Bucket(EVENING, *whose, Decimal(450), None)
    assert sum(one.requested for one in hours if one.resource == "cpu") == 250 * 2 * 86_400 / 1000
    assert sum(one.requested for one in hours if one.resource == "memory") == 2 * 86_400 * GIB
    full = Reader(store)
    days = cores(full.buckets(HALF_PAST, LATER, "acme", finest=Period.DAY))
    assert [(day.day, requested) for day, requested, _ in days] == [
        *((24, 450), (24, 900), (24, 900), (24, 900)),  # its hours, for the range begins within
        *((25, 21_600), (26, 18_450)),
    ]
    midnight = datetime(2026, 10, 1, tzinfo=UTC)
    assert cores(full.buckets(midnight, LATER, "acme", finest=Period.MONTH)) == [
        (midnight, Decimal(43_200), None)
    ]
    assert list(full.buckets(midnight, LATER, "globex", finest=Period.MONTH)) == []


def test_supplies_are_read_likewise_and_gaps_where_they_touch(store: Database) -> None:
    meter = Meter(store)
    outage = Outage(EPOCH + 10, EPOCH + 20, "the meter was not running", is_recovered=True)
    meter.settle(EPOCH + HOUR, None, outage)
    reader = Reader(store)

    (first, *_) = reader.supplies(HALF_PAST, LATER)
    assert first == Supply(EVENING, "node", "default", "cpu", Decimal(4 * 1800))
    (gap,) = reader.gaps(EVENING, LATER)
    assert gap == Gap(
        HALF_PAST.replace(second=10), HALF_PAST.replace(second=20), outage.reason, is_recovered=True
    )
    assert list(reader.gaps(HALF_PAST.replace(second=30), LATER)) == []


def test_a_process_that_was_killed_goes_on_where_it_was_and_nothing_is_charged_twice(
    store: Database,
) -> None:
    meter = Meter(store)
    meter.ledger.hear("ADDED", pod("a", start=EPOCH, cpu="2"), EPOCH)
    meter.settle(EPOCH + 100)
    again = Meter(store, now=EPOCH + 500)

    assert (again.taken.since, again.taken.until, again.taken.is_new) == (EPOCH, EPOCH + 100, False)
    assert again.taken.versions == {"pods": EPOCH + 100}
    again.ledger.hear("DELETED", pod("a", start=EPOCH, cpu="2", end=EPOCH + 300), EPOCH + 500)
    again.settle(EPOCH + 600)
    again.ledger.hear("ADDED", pod("a", start=EPOCH, cpu="2", end=EPOCH + 300), EPOCH + 700)
    again.settle(EPOCH + 700)
    assert cores(Reader(store).buckets(EVENING, LATER, None)) == [(EVENING, Decimal(600), None)]
    with pytest.raises(Overtaken, match="another meter"):
        meter.settle(EPOCH + 800)
    assert Meter(store).taken.until == EPOCH + 700, "what the first one wrote last is undone"


class Deaf(Database):
    """A connection that breaks when the database has done all that it was told."""

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        with super().writing() as connection:
            yield connection
        raise StoreError("the connection is lost")


def test_a_write_whose_answer_was_lost_is_not_made_again(store: Database) -> None:
    meter = Meter(store)
    meter.ledger.hear("ADDED", pod("a", start=EPOCH, cpu="2"), EPOCH)
    meter.settle(EPOCH + 100)
    meter.writer.database = Deaf(store.engine)
    with pytest.raises(StoreError, match="the connection is lost"):
        meter.settle(EPOCH + 200)
    meter.ledger.failed()
    meter.writer.database = store
    with pytest.raises(Overtaken, match="the answer to a write was lost"):
        meter.settle(EPOCH + 300)

    again = Meter(store, now=EPOCH + 300)
    again.settle(EPOCH + 400)
    assert cores(Reader(store).buckets(EVENING, LATER, None)) == [(EVENING, Decimal(800), None)]


def test_usage_is_charged_from_when_it_was_measured_and_absent_where_nothing_measures(
    store: Database,
) -> None:
    meter = Meter(store)
    meter.ledger.hear("ADDED", pod("a", start=EPOCH, cpu="2"), EPOCH)
    meter.settle(EPOCH + 100)
    used = Readings(EPOCH + 90, {("acme-web", "a"): (("cpu", Decimal("0.000000001")),)})
    meter.settle(EPOCH + 160, used)
    meter.settle(EPOCH + 260)
    buckets = list(Reader(store).buckets(EVENING, LATER, None))

    assert {one.resource: one.used for one in buckets} == {
        "cpu": Decimal("0.00000006"),
        "memory": None,
    }


def test_hours_and_days_are_forgotten_and_their_sum_stays(store: Database) -> None:
    meter = Meter(store)
    meter.ledger.hear("ADDED", pod("a", start=EPOCH, cpu="1"), EPOCH)
    meter.settle(EPOCH + 70 * DAY)
    reader = Reader(store)
    before = sum(requested for _, requested, _ in cores(reader.buckets(EVENING, LATER, None)))
    kept = meter.writer.forget(3 * DAY, 20 * DAY, EPOCH + 70 * DAY)
    meter.settle(EPOCH + 70 * DAY + 5)
    found = [hour for hour, _, _ in cores(reader.buckets(EVENING, LATER, None))]

    assert before == 70 * DAY
    after = cores(reader.buckets(EVENING, LATER, None))
    assert sum(requested for _, requested, _ in after) == before + 5
    # 2027-01-02 20:30: hours from the 30th on, days from December on, October and November whole
    assert (datetime.fromtimestamp(kept.hours, UTC).day, len(found)) == (30, 2 + 29 + 3 * 24 + 21)
    with store.reading() as connection:
        assert connection.execute(text("SELECT count(*) FROM lives")).scalar() == 2
        rows = connection.execute(text("SELECT count(*) FROM buckets WHERE period = 0")).scalar()
        assert rows == 2 * (3 * 24 + 21)


def test_more_byte_seconds_than_64_bits_hold_are_kept_to_the_last_one(store: Database) -> None:
    meter = Meter(store)
    meter.ledger.hear("ADDED", node("big", memory="9223372036854775807"), EPOCH)
    meter.settle(EPOCH + 1000)
    meter.settle(EPOCH + 1001)

    amounts = [one.amount for one in Reader(store).supplies(EVENING, LATER)]
    assert 1001 * (2**63 - 1 + 8 * GIB) in amounts


def test_names_from_a_cluster_are_data_and_nothing_else(store: Database) -> None:
    meter = Meter(store)
    hostile = "x'); DROP TABLE buckets; --"
    labels = {"app.kubernetes.io/name": hostile}
    meter.ledger.hear("ADDED", pod("a", start=EPOCH, labels=labels), EPOCH)
    meter.settle(EPOCH + 100)

    components = {one.component for one in Reader(store).buckets(EVENING, LATER, "acme")}
    assert components == {hostile}
    assert list(Reader(store).buckets(EVENING, LATER, "' OR '1'='1")) == []


def test_the_tables_are_what_the_code_says_and_opening_again_changes_nothing(url: str) -> None:
    for _ in range(2):
        store = open_database(url)
        with store.reading() as connection:
            context = MigrationContext.configure(connection, opts={"compare_type": True})
            assert compare_metadata(context, metadata) == []
        store.close()


def test_who_only_reads_makes_no_tables_and_a_later_release_is_left_alone(url: str) -> None:
    with pytest.raises(StoreError, match="has no tables of a meter; start 'tenantry meter'"):
        open_database(url, is_migrated=False)
    store = open_database(url)
    with store.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    store.close()
    with pytest.raises(StoreError, match="of a later release of Tenantry"):
        open_database(url)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("/var/lib/meter.db", "expected sqlite:////path/to/file.db or postgresql://"),
        ("mysql://meter@localhost/meter", "expected sqlite:////path/to/file.db or postgresql://"),
        ("sqlite:////no/such/folder/meter.db", "unable to open database file"),
        ("postgresql://meter:secret@127.0.0.1:1/meter", "meter:\\*\\*\\*@127.0.0.1:1/meter: "),
    ],
)
def test_a_database_that_cannot_be_used_is_told_in_a_line_without_its_password(
    given: str, told: str
) -> None:
    with pytest.raises(StoreError, match=told) as refused:
        open_database(given)

    assert "\n" not in str(refused.value)
    assert "secret" not in str(refused.value)


def test_sqlite_keeps_a_log_so_that_readers_and_the_writer_never_wait(tmp_path: Path) -> None:
    store = open_database(f"sqlite:///{tmp_path}/meter.db")
    with store.writing(), store.reading() as reading:
        assert reading.execute(text("SELECT count(*) FROM buckets")).scalar() == 0
    store.close()

    plain = sqlite3.connect(tmp_path / "meter.db")
    assert plain.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    plain.close()
