"""What the meter knows: each metered thing, what it was charged, and what it now has to be.

News come in from watches and lists, in any order, late or twice (``hear``, ``vanish``). From time
to time the ledger is settled: what is known now is compared with what has been charged, and the
difference is to be written. Only when it has been (``Ledger.committed``) does it count as charged;
until then, settling again gives the same and more. The store has the same lives as the ledger, in
the same transaction as the charges, so that a process that is killed leaves nothing in between.

Whose a thing is depends on its namespace, its node or its volume's claim. As long as those have not
been heard of, a thing that is new is left for later: it loses nothing by that.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from tenantry.api.base import Manifest
from tenantry.api.names import TENANT_LABEL
from tenantry.cost.attribution import is_about, is_same, lasts, payer_of, turn_of
from tenantry.cost.known import Context, Facts, Key, Row, Thing, key_of, version_of
from tenantry.cost.lives import (
    Amounts,
    Charges,
    Life,
    Payer,
    Span,
    advance,
    charge,
    difference,
    finish,
)
from tenantry.cost.moments import changed, created
from tenantry.cost.sightings import (
    NodeClass,
    Sighting,
    claim_facts,
    gone,
    one_class,
    sightings_of,
)

_DELETED: Final = "DELETED"


@dataclass(frozen=True, slots=True)
class Settlement:
    """What is to be written, all of it or nothing.

    Attributes:
        until: from when on nothing has been charged yet.
        charges: unit-seconds to add to what was requested, or was there to be had.
        used: unit-seconds to add to what was used.
        rows: lives that are new or have changed.
    """

    until: int
    charges: Charges
    used: Charges
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Readings:
    """What pods use at present, as something measured it.

    Attributes:
        since: seconds since 1970; nothing before it is told.
        rates: by namespace and name of the pod: cores and bytes.
    """

    since: int
    rates: Mapping[tuple[str, str], Amounts]


@dataclass(slots=True)
class Ledger:
    """All things that are metered.

    Args:
        since: the first second that anything is charged for.
        until: from when on nothing has been charged yet.
        node_class: the class of a node by its labels. This is where rate cards come in: those tell
            classes apart by label selectors.
    """

    since: int
    until: int
    node_class: NodeClass = one_class
    _objects: dict[Key, tuple[str, int]] = field(default_factory=dict)
    _names: dict[Key, tuple[str, ...]] = field(default_factory=dict)
    _things: dict[str, Thing] = field(default_factory=dict)
    _dirty: set[str] = field(default_factory=set)
    _settling: dict[str, int] = field(default_factory=dict)
    _context: Context = field(default_factory=Context)
    _payers: dict[Payer, Payer] = field(default_factory=dict)

    def restore(self, rows: Iterable[Row]) -> None:
        """Go on from what the store has."""
        for row in rows:
            self._things[row.name] = Thing(row.key, row.sighting, row.life)
            self._objects[row.key] = row.name.partition("/")[0], row.version
            self._names[row.key] = (*self._names.get(row.key, ()), row.name)

    def sizes(self) -> dict[str, int]:
        """How many objects of each metered kind are known."""
        counts: dict[str, int] = {}
        for kind, _, _ in self._objects:
            counts[kind] = counts.get(kind, 0) + 1
        return counts

    def keys(self, kind: str) -> list[Key]:
        """All objects of a kind."""
        own = [key for key in self._objects if key[0] == kind]
        return own or self._context.keys(kind)

    def version(self, key: Key) -> int:
        """The resource version that is known of an object, 0 if it is not."""
        return self._objects.get(key, ("", 0))[1]

    def hear(self, event: str, manifest: Manifest, heard: int, alive: int | None = None) -> None:
        """Take in news of an object.

        Args:
            event: ADDED, MODIFIED or DELETED by a watch; empty if it is from a list.
            manifest: as it is, or was last.
            heard: now.
            alive: where the news is old: when the last one came before it.
        """
        self._hear_context(event, manifest, heard)
        key, uid, version = key_of(manifest), manifest["metadata"]["uid"], version_of(manifest)
        known_uid, known_version = self._objects.get(key, ("", 0))
        if known_uid and known_uid != uid:
            if version < known_version:
                return  # old news of its predecessor
            self.vanish(key, min(heard, created(manifest["metadata"])))
        elif known_uid and version <= known_version:
            return
        self._see(key, uid, version, manifest, heard, is_new=event == "ADDED" and not known_uid)
        if event == _DELETED:
            self.vanish(key, gone(manifest, heard, heard if alive is None else alive))

    def vanish(self, key: Key, end: int) -> None:
        """Take an object out that is no more.

        Args:
            key: of the object.
            end: when it ended, unless it had ended before.
        """
        _, version = self._objects.pop(key, ("", 0))
        for name in self._names.pop(key, ()):
            self._end(name, end, version)
        self._context.leave(key, end)

    def fresh(self) -> list[str]:
        """The names of things that the store may know more of than the ledger does."""
        return [name for name in self._dirty if not self._things[name].is_recalled]

    def recall(self, names: Collection[str], lives: Mapping[str, Life]) -> None:
        """Take in what the store knows of things: what they were charged for, if anything."""
        for name in names:
            thing = self._things[name]
            thing.life, thing.is_recalled = lives.get(name, ()), True

    def settle(self, until: int, readings: Readings | None = None) -> Settlement:
        """What is to be written, so that all is charged up to a second.

        Either ``committed`` or ``failed`` is to follow, before it is settled again; news may come
        in between.

        Args:
            until: never before the last one: a clock that was put back charges nothing.
            readings: what pods use, if that is known.
        """
        until = max(until, self.until)
        charges: Charges = {}
        used: Charges = {}
        rows = []
        self._settling = {name: len(self._things[name].pending) for name in self._dirty}
        self._dirty = set()
        for name, thing in self._things.items():
            life = thing.life
            if name in self._settling and self._waits(thing):
                self._dirty.add(name)
                del self._settling[name]
            elif name in self._settling:
                life = self._now(thing)
                difference(charges, (thing.life, self.until), (life, until), self.since)
                is_done = thing.is_over and lasts(life) <= until
                if life != thing.life or is_done:
                    rows.append(self._row(name, thing, life, is_over=is_done))
                if thing.is_over and not is_done:  # its end is told by a clock that is ahead
                    self._dirty.add(name)
            if name not in self._settling and lasts(life) > self.until:
                charge(charges, life, max(self.since, self.until), until)
            if readings and life:
                self._use(used, thing.key, life[-1], readings, until)
        nonzero = {key: units for key, units in charges.items() if units}
        return Settlement(until, nonzero, used, tuple(rows))

    def committed(self, settlement: Settlement) -> None:
        """What was settled has been written."""
        self.until = settlement.until
        for row in settlement.rows:
            thing = self._things[row.name]
            thing.life = row.life
            if row.is_over and thing.is_over:
                del self._things[row.name]
                self._dirty.discard(row.name)
        for name, settled in self._settling.items():
            if name in self._things:
                self._things[name].pending = self._things[name].pending[settled:]
        self._settling = {}
        self._context.forget(settlement.until)
        if len(self._payers) > len(self._things) * 2:
            self._payers.clear()

    def failed(self) -> None:
        """What was settled has not been written: it is to be settled again."""
        self._dirty |= self._settling.keys()
        self._settling = {}

    def _see(
        self, key: Key, uid: str, version: int, manifest: Manifest, heard: int, *, is_new: bool
    ) -> None:
        names = []
        for sighting in sightings_of(manifest, heard, self.node_class, is_new=is_new):
            thing = self._things.get(sighting.name)
            if thing and thing.is_over and version <= thing.version:
                continue  # old news of what is gone
            names.append(sighting.name)
            if thing is None:
                thing = Thing(key, sighting, (), is_recalled=False)
                self._things[sighting.name] = thing
            elif not thing.is_over and is_same(thing.sighting, sighting):
                continue
            thing.sighting, thing.is_over = sighting, False
            thing.pending = (*thing.pending, sighting)
            self._dirty.add(sighting.name)
        for name in self._names.get(key, ()):
            if name not in names:
                self._end(name, changed(manifest["metadata"]) or heard, version)
        if names or key in self._names:
            self._objects[key], self._names[key] = (uid, version), tuple(names)

    def _end(self, name: str, end: int, version: int) -> None:
        thing = self._things[name]
        thing.is_over, thing.ended, thing.version = True, end, version
        self._dirty.add(name)

    def _hear_context(self, event: str, manifest: Manifest, heard: int) -> None:
        metadata, kind = manifest["metadata"], manifest["kind"]
        key = key_of(manifest)
        labels = metadata.get("labels") or {}
        facts: Facts
        if kind == "Namespace":
            facts = (labels.get(TENANT_LABEL, ""),)
        elif kind == "Node":
            facts = (self.node_class(labels),)
        elif kind == "PersistentVolumeClaim":
            facts = claim_facts(manifest)
        else:
            return
        if self._context.put(key, version_of(manifest), facts, changed(metadata) or heard):
            self._dirty.update(name for name, one in self._things.items() if is_about(one, key))
        if event == _DELETED:
            self._context.leave(key, heard)

    def _now(self, thing: Thing) -> Life:
        """A thing's life by all that is known of it and around it."""
        life = thing.life
        for seen in thing.pending or (thing.sighting,):
            if seen.start is not None:
                payer, turned = self._payer(thing, seen) or (life[-1].payer, 0)
                span = Span(seen.start, seen.end, payer, seen.amounts)
                life = advance(life, span, max(turned, turn_of(life, seen)))
        return finish(life, thing.ended) if thing.is_over else life

    def _payer(self, thing: Thing, seen: Sighting) -> tuple[Payer, int] | None:
        found = payer_of(thing, seen, self._context, self.node_class, self.until)
        return found and (self._payers.setdefault(found[0], found[0]), found[1])

    def _waits(self, thing: Thing) -> bool:
        """Whether it cannot be charged yet, and has not been."""
        if not thing.is_recalled:
            return True
        return any(
            seen.start is not None and self._payer(thing, seen) is None
            for seen in thing.pending or (thing.sighting,)
        )

    def _row(self, name: str, thing: Thing, life: Life, *, is_over: bool) -> Row:
        version = self.version(thing.key)
        return Row(name, thing.key, version, thing.sighting, life, is_over)

    def _use(self, into: Charges, key: Key, last: Span, readings: Readings, until: int) -> None:
        rates = readings.rates.get(key[1:]) if key[0] == "Pod" else None
        if rates:
            since = max(self.since, self.until, readings.since)
            charge(into, (replace(last, amounts=rates),), since, until)
