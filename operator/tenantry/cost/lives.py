"""The integrator: what an object takes over its life, and what of it each hour is charged with.

A life is a row of spans: from one second to another so much of each resource, at one account. The
meter learns of a life bit by bit, late, twice, or not at all for a while; so nothing is ever added
up as it is heard. What is known now is compared with what was charged before, and the difference
is written (``difference``): hearing the same again differs by nothing, and what turns out to have
been otherwise is taken back. Times are whole seconds since 1970 in UTC, as the API has them, so
neither a time zone nor the end of daylight saving time is in the way. Amounts are decimals, and
seconds are whole: nothing is rounded.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from tenantry.cost.buckets import SupplyKind

HOUR: Final = 3600
"""Seconds."""

Amounts = tuple[tuple[str, Decimal], ...]
"""How much of each resource is taken at an instant, by name, in order: cores, bytes, devices."""


@dataclass(frozen=True, slots=True)
class Account:
    """Whom a span is charged to: a Bucket without its hour and resource."""

    tenant: str
    namespace: str
    application: str = ""
    component: str = ""
    workload: str = ""
    node_class: str = ""


@dataclass(frozen=True, slots=True)
class Offer:
    """What a span is a supply of: a Supply without its hour and resource."""

    kind: SupplyKind
    node_class: str = ""


Payer = Account | Offer


@dataclass(frozen=True, slots=True)
class Span:
    """So much, at one account, for a while.

    Attributes:
        start: the first second.
        end: the second after the last one; None while it goes on.
        payer: who is charged, or what it is a supply of.
        amounts: units of each resource at any instant of it.
    """

    start: int
    end: int | None
    payer: Payer
    amounts: Amounts


Life = tuple[Span, ...]
"""Spans in order, none within another; all but the last one have an end."""

Charge = tuple[int, Payer, str]
"""An hour (its first second), who is charged, and the resource."""
Charges = dict[Charge, Decimal]
"""Unit-seconds."""


def amounts_of(units: Mapping[str, Decimal]) -> Amounts:
    """Amounts in order, without what is nothing."""
    return tuple(sorted((name, unit) for name, unit in units.items() if unit))


def advance(life: Life, seen: Span, at: int) -> Life:
    """A life, when it is seen how it goes on.

    Args:
        life: what is known so far.
        seen: since when, until when (if that is known) and how it now is.
        at: when it became so, if it was otherwise before.

    Returns:
        The same life if this is no news. What has ended stays as it was; it may begin anew.
    """
    if not life:
        return (seen,)
    last = life[-1]
    if last.end is not None and (seen.end is not None or seen.start <= last.end):
        return life
    if last.end is not None:
        return (*life, seen)
    if (last.payer, last.amounts) == (seen.payer, seen.amounts):
        end = None if seen.end is None else max(seen.end, last.start)
        return life if end is None else (*life[:-1], replace(last, end=end))
    turn = max(at, last.start)
    if seen.end is not None:
        turn = min(turn, max(seen.end, last.start))
    before = () if turn == last.start else (replace(last, end=turn),)
    end = None if seen.end is None else max(seen.end, turn)
    return (*life[:-1], *before, replace(seen, start=turn, end=end))


def finish(life: Life, end: int) -> Life:
    """A life that is over at a second, unless it was over before."""
    if not life or life[-1].end is not None:
        return life
    last = life[-1]
    return (*life[:-1], replace(last, end=max(end, last.start)))


def charge(into: Charges, life: Iterable[Span], since: int, until: int, *, sign: int = 1) -> None:
    """Add what a life takes between two seconds, hour by hour.

    Unit-seconds are units times seconds: a pod that requests 2 cores for half an hour takes
    2 * 1800 = 3600 core-seconds.

    Args:
        into: where it is added.
        life: spans.
        since: nothing before it counts.
        until: nothing from it on counts.
        sign: -1 takes it away.
    """
    for span in life:
        start = max(span.start, since)
        end = until if span.end is None else min(span.end, until)
        while start < end:
            hour = start - start % HOUR
            stop = min(end, hour + HOUR)
            for resource, units in span.amounts:
                key = hour, span.payer, resource
                into[key] = into.get(key, Decimal()) + units * (sign * (stop - start))
            start = stop


def difference(into: Charges, old: tuple[Life, int], new: tuple[Life, int], since: int) -> None:
    """Add what makes the charges for one life into those for another.

    Args:
        into: where it is added; afterwards the sum of all differences so far is what ``charge``
            gives for the new life.
        old: the life that was charged, and until when.
        new: the life that is to be charged, and until when.
        since: the first second that anything is charged for.
    """
    (was, charged), (now, until) = old, new
    same = 0
    for left, right in zip(was, now, strict=False):
        if (left.start, left.payer, left.amounts) != (right.start, right.payer, right.amounts):
            break
        same += 1
        _difference_in_length(into, (left, charged), (right, until), since)
    charge(into, was[same:], since, charged, sign=-1)
    charge(into, now[same:], since, until)


def _difference_in_length(
    into: Charges, old: tuple[Span, int], new: tuple[Span, int], since: int
) -> None:
    """The same for two spans that differ by nothing but their ends."""
    (was, charged), (now, until) = old, new
    before = charged if was.end is None else min(was.end, charged)
    after = until if now.end is None else min(now.end, until)
    if before < after:
        charge(into, (now,), max(since, before), after)
    else:
        charge(into, (was,), max(since, after), before, sign=-1)
