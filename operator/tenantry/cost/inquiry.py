"""What somebody asks of costs, in the words of a command line or of a URL, and what is answered.

``tenantry cost`` and the meter's HTTP API both come this way, with the same words, so that they
take and refuse the same and give the same amounts.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Protocol

from tenantry.api.rate_card import Sharing
from tenantry.cost.billing import Bill, SeveralCurrenciesError, Terms, bill
from tenantry.cost.buckets import Store
from tenantry.cost.consumption import PARTS, Basis
from tenantry.cost.focus import Issuer
from tenantry.cost.formats import to_focus
from tenantry.cost.outlook import reservations
from tenantry.cost.report import DIMENSIONS, Report, report
from tenantry.cost.sources import Source
from tenantry.cost.windows import BadWindowError, Window, window

if TYPE_CHECKING:
    from tenantry.cost.store.reading import Extent

BASES: Final[Mapping[str, Basis]] = {"request": "Request", "usage": "Usage", "max": "Max"}
SHARINGS: Final[Mapping[str, Sharing]] = {
    "separate": "Separate",
    "even": "Even",
    "weighted": "Weighted",
    "fixed": "Fixed",
}
DEFAULTS: Final[Mapping[str, str]] = MappingProxyType(
    {"tenant": "", "application": "", "window": "month", "by": "", "basis": "max", "share-idle": ""}
)
"""The words that an inquiry has, and what they are where nobody says anything."""
_HOUR: Final = timedelta(hours=1)


class BadInquiryError(ValueError):
    """What is asked makes no sense; the message says what to write.

    Attributes:
        word: of ``DEFAULTS``, the one that is wrong.
    """

    def __init__(self, word: str, message: str) -> None:
        super().__init__(message)
        self.word = word


class Records(Store, Protocol):
    """A Store that knows from when until when it has anything."""

    def extent(self) -> "Extent | None":
        """From when until when; None before a meter has run."""


@dataclass(frozen=True, slots=True)
class Inquiry:
    """What is asked for, once it is known to make sense.

    Attributes:
        tenant: whom it is about; all, and what is nobody's, if empty.
        application: of the tenant, the one that it is about; all if empty.
        window: which time.
        by: of ``DIMENSIONS``, the outermost first.
        basis: what is charged.
        idle: how idle cost is shared; None as the RateCard says.
    """

    tenant: str
    application: str
    window: Window
    by: tuple[str, ...]
    basis: Basis
    idle: Sharing | None

    @classmethod
    def of(cls, words: Mapping[str, str | None], now: datetime) -> "Inquiry":
        """Read an inquiry.

        Args:
            words: by the names in ``DEFAULTS``; what is missing, None or empty is as there.
            now: in UTC.

        Raises:
            BadInquiryError: one of them says nothing that can be asked for.
        """
        said = {word: words.get(word) or usual for word, usual in DEFAULTS.items()}
        try:
            when = window(said["window"], now)
        except BadWindowError as problem:
            raise BadInquiryError("window", str(problem)) from problem
        idle = said["share-idle"]
        return cls(
            said["tenant"],
            said["application"],
            when,
            _dimensions(said),
            BASES[_one_of("basis", said["basis"], BASES)],
            SHARINGS[_one_of("share-idle", idle, SHARINGS)] if idle else None,
        )

    def terms(self, source: Source, parts: tuple[str, ...]) -> Terms:
        """How it is charged; ``parts`` of an owner are told apart."""
        told = tuple(one for one in parts if one in PARTS)
        return Terms(self.basis, told, self.idle, reservations(source.tenants))


def _dimensions(said: Mapping[str, str]) -> tuple[str, ...]:
    is_narrow = bool(said["application"])
    usual = "component" if is_narrow else "application" if said["tenant"] else "tenant"
    by = tuple(one.strip() for one in (said["by"] or usual).split(","))
    for one in by:
        _one_of("by", one, DIMENSIONS)
    if len(set(by)) < len(by):
        raise BadInquiryError("by", f"{said['by']!r} names something twice: name each once")
    if is_narrow and not said["tenant"]:
        raise BadInquiryError("application", "an application is a tenant's: name the tenant, too")
    return by


def _one_of(word: str, said: str, known: Mapping[str, object] | tuple[str, ...]) -> str:
    if said not in known:
        raise BadInquiryError(word, f"{said!r} is none of {', '.join(known)}")
    return said


def bill_of(
    inquiry: Inquiry, store: Records, source: Source, parts: tuple[str, ...] = PARTS
) -> Bill:
    """What the window has cost, everybody.

    Args:
        inquiry: what is asked.
        store: what was metered.
        source: RateCards, and Tenants that reserve.
        parts: parts of an owner to tell apart.

    Raises:
        SeveralCurrenciesError: RateCards of different currencies hold in the window.
    """
    start, end = inquiry.window.start, inquiry.window.end
    made = bill(store, source.book, start, end, inquiry.terms(source, parts))
    return replace(made, notes=[*_of_extent(store.extent(), inquiry.window), *made.notes])


def answer(inquiry: Inquiry, store: Records, source: Source) -> Report:
    """What the window has cost whom it is about, compared with the period before; as ``bill_of``.

    Of one Application, what is told of it is what it has caused itself: shares of what nobody
    caused alone are its tenant's.
    """
    is_narrow = bool(inquiry.application)
    by = ("application", *inquiry.by) if is_narrow else inquiry.by
    now = bill_of(inquiry, store, source, by)
    before = _before(store, source, inquiry, by, now.currency)
    made = report(now, before, by, inquiry.tenant)
    return _narrowed(made, inquiry) if is_narrow else made


def data_set(inquiry: Inquiry, store: Records, source: Source, issuer: Issuer) -> str:
    """The same window as a FOCUS 1.2 data set in CSV; raises as ``bill_of``.

    Raises:
        BadInquiryError: it is asked for one Application: the data set is of a whole tenant.
    """
    if inquiry.application:
        message = "a FOCUS data set is of a whole tenant: leave the application out, and filter"
        raise BadInquiryError("application", message)
    return to_focus(bill_of(inquiry, store, source), issuer, inquiry.tenant)


def _before(
    store: Records, source: Source, inquiry: Inquiry, by: tuple[str, ...], currency: str
) -> Bill | None:
    """The period before; None where it had another currency, so that there is no comparison."""
    before = inquiry.window.previous()
    try:
        found = bill(store, source.book, before.start, before.end, inquiry.terms(source, by))
    except SeveralCurrenciesError:
        return None
    return found if found.currency == currency and found.charges else None


def _narrowed(made: Report, inquiry: Inquiry) -> Report:
    """The rows of one Application, without its name before each of them."""
    name = inquiry.application
    rows = [replace(one, keys=one.keys[1:]) for one in made.rows if one.keys[0] == name]
    was = None
    if made.before is not None:
        was = sum((one.before for one in rows if one.before is not None), Decimal(0))
    notes = list(made.notes)
    if made.rows and not rows:
        notes.append(f"Nothing is charged for {name} in this window: is that its name?")
    total = sum((one.cost for one in rows), Decimal(0))
    return replace(made, by=inquiry.by, rows=rows, total=total, before=was, notes=notes)


def _of_extent(extent: "Extent | None", asked: Window) -> Iterator[str]:
    """What of a window the meter has nothing about."""
    if extent is None:
        yield "No meter has written to this database yet."
    elif extent.since > asked.start:
        yield f"Nothing was metered before {extent.since:%Y-%m-%d %H:%M}."
    if extent is not None and extent.until + _HOUR < asked.end:
        yield f"What was metered ends at {extent.until:%Y-%m-%d %H:%M}."
