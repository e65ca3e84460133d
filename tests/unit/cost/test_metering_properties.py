"""However the news come in, every second of every pod is charged once."""

from dataclasses import dataclass
from decimal import Decimal
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from cost_metered_world import EPOCH, Books, namespace, node, pod
from tenantry.api.base import Manifest
from tenantry.api.quantities import amount
from tenantry.cost.ledger import Ledger
from tenantry.cost.lives import HOUR, Account, Charges
from tenantry.cost.sightings import DEFAULT_CLASS

WEEK = 8 * 24 * HOUR
"""Long enough to meet the end of summer time and that of a month."""
ACME = Account("acme", "acme-web", node_class=DEFAULT_CLASS)


@dataclass(frozen=True)
class PodLife:
    """A pod as it really was."""

    name: str
    start: int
    end: int
    cpu: str
    resized: int | None
    then: str
    is_deleted: bool

    @property
    def history(self) -> list[tuple[int, str, Manifest]]:
        """What the API told of it, and when."""
        told = [(self.start - 1, "ADDED", pod(self.name, cpu=self.cpu, created=self.start - 1))]
        running = {"cpu": self.cpu, "created": self.start - 1, "start": self.start}
        told.append((self.start, "MODIFIED", pod(self.name, **running)))
        if self.resized is not None:
            running |= {"cpu": self.then, "asked": self.resized}
            told.append((self.resized, "MODIFIED", pod(self.name, **running)))
        ended = {**running, "end": self.end}
        told.append((self.end, "MODIFIED", pod(self.name, **ended)))
        if self.is_deleted:
            told.append((self.end + 5, "DELETED", pod(self.name, **ended)))
        return told

    def core_seconds(self) -> Decimal:
        if self.resized is None:
            return amount(self.cpu) * (self.end - self.start)
        first, second = self.resized - self.start, self.end - self.resized
        return amount(self.cpu) * first + amount(self.then) * second


@st.composite
def pod_lives(draw: st.DrawFn, *, with_resizes: bool = True) -> PodLife:
    start = EPOCH + draw(st.integers(1, WEEK))
    length = draw(st.integers(0, 3 * HOUR) | st.integers(0, WEEK // 2))
    resized = draw(st.none() | st.integers(start, start + length)) if with_resizes else None
    cpus = st.sampled_from(["1m", "100m", "333m", "1", "2500m"])
    return PodLife(
        name=f"p{draw(st.integers(0, 10**9))}",
        start=start,
        end=start + length,
        cpu=draw(cpus),
        resized=resized,
        then=draw(cpus),
        is_deleted=draw(st.booleans()),
    )


def several(*, with_resizes: bool = True) -> st.SearchStrategy[list[PodLife]]:
    lives = pod_lives(with_resizes=with_resizes)
    return st.lists(lives, min_size=1, max_size=3, unique_by=lambda one: one.name)


def truth(lives: list[PodLife]) -> tuple[Decimal, Decimal]:
    """Core-seconds and seconds times 2**30 bytes, by nothing but subtraction."""
    memory = sum(one.end - one.start for one in lives) * Decimal(2**30)
    return sum((one.core_seconds() for one in lives), Decimal()), memory


def charged(charges: Charges) -> tuple[Decimal, Decimal]:
    of = {"cpu": Decimal(), "memory": Decimal()}
    for (hour, payer, resource), units in charges.items():
        assert payer == ACME or isinstance(payer, Account) is False
        assert hour % HOUR == 0
        if payer == ACME:
            of[resource] += units
    return of["cpu"], of["memory"]


def hear_all(ledger: Ledger, told: list[tuple[int, str, Manifest]]) -> None:
    for second, event, manifest in told:
        ledger.hear(event, manifest, second)


def settled_in_vain(books: Books, ledger: Ledger, clock: int) -> None:
    """The database cannot be reached just then."""
    books.recall(ledger)
    ledger.settle(clock)
    ledger.failed()


@settings(max_examples=60)
@given(several(), st.data())
def test_the_sum_of_the_buckets_is_what_ran_through_crashes_repeats_and_bad_clocks(
    lives: list[PodLife], data: st.DataObject
) -> None:
    books = Books()
    ledger = books.ledger()
    around = [(EPOCH, "ADDED", one) for one in (namespace("acme-web", "acme"), node("node-a"))]
    history = sorted((one for life in lives for one in life.history), key=lambda one: one[0])
    for position, (second, event, manifest) in enumerate(history):
        hear_all(ledger, around if event == "DELETED" else [])
        ledger.hear(event, manifest, second)
        what = data.draw(st.sampled_from(["hear", "settle", "crash", "fail", "repeat", "around"]))
        clock = second + data.draw(st.sampled_from([0, -HOUR, 2 * HOUR]))
        heard: list[tuple[int, str, Manifest]] = []
        if what == "settle":
            books.settled(ledger, clock)
        elif what in {"crash", "fail"}:
            settled_in_vain(books, ledger, clock)
        if what == "crash":  # and the watch goes on from before all of it
            ledger, heard = books.ledger(), [*around, *history[: position + 1]]
        elif what == "repeat":
            heard = [history[data.draw(st.integers(0, position))]]
        elif what == "around":
            heard = around
        hear_all(ledger, heard)
    hear_all(ledger, around)
    books.settled(ledger, EPOCH + 3 * WEEK)

    assert charged(books.charges) == truth(lives)


@settings(max_examples=40)
@given(several(with_resizes=False), st.randoms(use_true_random=False))
def test_neither_order_nor_what_was_missed_in_between_matters(
    lives: list[PodLife], chance: Random
) -> None:
    books = Books()
    ledger = books.ledger()
    for one in (namespace("acme-web", "acme"), node("node-a")):
        ledger.hear("ADDED", one, EPOCH)
    heard = [(event, told) for one in lives for _, event, told in one.history[:-1]]
    heard = [one for one in heard if chance.random() < 0.5]
    heard += [(event, told) for one in lives for _, event, told in one.history[-1:]]
    chance.shuffle(heard)
    for event, told in heard:
        ledger.hear(event, told, EPOCH + 2 * WEEK)
        if chance.random() < 0.5:
            books.settled(ledger, EPOCH + int(chance.random() * 3 * WEEK))
    books.settled(ledger, EPOCH + 3 * WEEK)

    assert charged(books.charges) == truth(lives)


@settings(max_examples=20)
@given(several(), st.lists(st.integers(0, 2 * WEEK), max_size=8))
def test_settling_more_often_changes_no_hour(lives: list[PodLife], moments: list[int]) -> None:
    often, once = Books(), Books()
    for books, stops in ((often, sorted(moments)), (once, [])):
        ledger = books.ledger()
        history = sorted((one for life in lives for one in life.history), key=lambda one: one[0])
        for one in (namespace("acme-web", "acme"), node("node-a")):
            ledger.hear("ADDED", one, EPOCH)
        waiting = list(stops)
        for second, event, told in history:
            while waiting and EPOCH + waiting[0] < second:
                books.settled(ledger, EPOCH + waiting.pop(0))
            ledger.hear(event, told, second)
        books.settled(ledger, EPOCH + 3 * WEEK)

    assert often.nonzero() == once.nonzero()
    assert all(units >= 0 for units in once.charges.values())
