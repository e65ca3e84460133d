"""What the operator knows of the cluster: one entry an object, indexed by owner.

Entries are kept as bytes: a parsed manifest takes several times the memory of its JSON, and is
needed only when its owner is reconciled. An owner is a Tenant, by its name, or an Application, by
namespace and name with a slash, which no Tenant's name has. Entries come from three sides: watch
events, the answers to the operator's own writes (so that the next comparison knows of them before
the watch does) and the periodic list that finds what a watch missed. Resource versions decide which
is newer: they are comparable integers (KEP-5504).
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

import orjson

from tenantry.api.base import Manifest
from tenantry.api.names import APPLICATION_LABEL, APPLIED_ANNOTATION, TENANT_LABEL
from tenantry.cluster.resources import APPLICATIONS, PODS, TENANTS_KINDS
from tenantry.observed import Key, Observed, key_of, observe


class News(Enum):
    """What an incoming object told."""

    NOTHING = auto()
    """It was known already, or concerns no one."""
    STATUS = auto()
    """Only its status is new."""
    CONTENT = auto()
    """It is new, gone, or what the operator compares has changed."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An object in the cache."""

    uid: str
    version: int
    owner: str
    content: bytes
    status: bytes


class Cache:
    """Objects by key and by owner."""

    def __init__(self) -> None:
        self._entries: dict[Key, Entry] = {}
        self._by_owner: dict[str, set[Key]] = defaultdict(set)

    def upsert(self, manifest: Manifest) -> News:
        """Take an object in, unless what is known is at least as new."""
        key, version = key_of(manifest), _version(manifest)
        known = self._entries.get(key)
        if known is not None and known.version >= version:
            return News.NOTHING
        entry = _entry(manifest, version)
        self._put(key, entry, known)
        if known is None or known.content != entry.content or known.uid != entry.uid:
            return News.CONTENT
        return News.STATUS if known.status != entry.status else News.NOTHING

    def remove(self, manifest: Manifest) -> News:
        """Take an object out, unless it has been made anew since."""
        key = key_of(manifest)
        known = self._entries.get(key)
        if known is None or known.version > _version(manifest):
            return News.NOTHING
        self.discard(key)
        return News.CONTENT

    def discard(self, key: Key) -> None:
        """Forget an object."""
        entry = self._entries.pop(key, None)
        if entry is not None:
            self._unindex(entry.owner, key)

    def get(self, key: Key) -> Observed | None:
        """The object, or None."""
        entry = self._entries.get(key)
        return _parse(entry) if entry else None

    def version(self, key: Key) -> int:
        """The resource version that is known, 0 if the object is not."""
        entry = self._entries.get(key)
        return entry.version if entry else 0

    def owner_of(self, key: Key) -> str:
        """The Tenant or Application that an object belongs to, empty if none is known."""
        entry = self._entries.get(key)
        return entry.owner if entry else ""

    def of_tenant(self, tenant: str, *kinds: str) -> dict[Key, Observed]:
        """All that carries the tenant's label, or all of some kinds."""
        return self._of(tenant, kinds)

    def of_application(self, namespace: str, name: str, *kinds: str) -> dict[Key, Observed]:
        """An Application, what it was made into and its pods; or all of some kinds."""
        return self._of(application_key(namespace, name), kinds)

    def _of(self, owner: str, kinds: tuple[str, ...]) -> dict[Key, Observed]:
        keys = sorted(self._by_owner.get(owner, ()))
        return {key: _parse(self._entries[key]) for key in keys if not kinds or key[0] in kinds}

    def keys_of(self, owner: str) -> frozenset[Key]:
        """The keys of all that an owner has."""
        return frozenset(self._by_owner.get(owner, ()))

    def owners(self) -> set[str]:
        """The owners that objects are labelled with, existing or not."""
        return set(self._by_owner)

    def fingerprint(self, owner: str, *others: Key) -> int:
        """Of all that an owner has, and of other objects, without statuses and without pods.

        It is the same within one process as long as all of them are.
        """
        keys = {key for key in self._by_owner.get(owner, ()) if key[0] != PODS.kind} | {*others}
        return hash(frozenset((key, self._content(key)) for key in keys))

    def _content(self, key: Key) -> bytes:
        entry = self._entries.get(key)
        return entry.content if entry else b""

    def keys(self, kind: str) -> list[Key]:
        """All keys of a kind."""
        return [key for key in self._entries if key[0] == kind]

    def sizes(self) -> dict[str, int]:
        """How many objects of each kind are known."""
        counts: dict[str, int] = defaultdict(int)
        for kind, _, _ in self._entries:
            counts[kind] += 1
        return dict(counts)

    def statuses(self, kind: str) -> Iterator[tuple[Key, str, Manifest]]:
        """Key, owner and status of every object of a kind."""
        for key, entry in list(self._entries.items()):
            if key[0] == kind:
                yield key, entry.owner, orjson.loads(entry.status)

    def _put(self, key: Key, entry: Entry, known: Entry | None) -> None:
        if known is not None and known.owner != entry.owner:
            self._unindex(known.owner, key)
        self._entries[key] = entry
        self._by_owner[entry.owner].add(key)

    def _unindex(self, owner: str, key: Key) -> None:
        keys = self._by_owner[owner]
        keys.discard(key)
        if not keys:
            del self._by_owner[owner]


def application_key(namespace: str, name: str) -> str:
    """An Application's name among owners, and in the queue."""
    return f"{namespace}/{name}"


class NoCache(Cache):
    """Remembers nothing: for what is only to be heard of."""

    def upsert(self, manifest: Manifest) -> News:
        """All is new."""
        del manifest
        return News.CONTENT


def _version(manifest: Manifest) -> int:
    return int(manifest["metadata"].get("resourceVersion") or 0)


def _entry(manifest: Manifest, version: int) -> Entry:
    seen = observe(manifest)
    own = sorted(seen.own_labels), sorted(seen.own_annotations)
    content = [seen.body, *own, seen.made_at, seen.is_labelled_by_others, seen.posted_as]
    return Entry(
        uid=seen.uid,
        version=version,
        owner=_owner(key_of(manifest), seen),
        content=_packed(content),
        status=_packed(seen.status),
    )


def _owner(key: Key, seen: Observed) -> str:
    """Whose an object is.

    An Application's are those that the operator itself labelled so, for of what others label as its
    own nothing may be changed or pruned; but pods, and Jobs that a CronJob makes, by their label:
    they are only looked at.
    """
    kind, namespace, name = key
    if kind == APPLICATIONS.kind:
        return application_key(namespace, name)
    application = seen.labels.get(APPLICATION_LABEL)
    is_own = kind == PODS.kind or _is_run(kind, seen) or APPLICATION_LABEL in seen.own_labels
    if namespace and application and is_own:
        return application_key(namespace, application)
    # Without its label it is nobody's until its Application has it back: no Tenant may prune it.
    is_tenants = kind in TENANTS_KINDS and APPLIED_ANNOTATION not in seen.own_annotations
    return seen.labels.get(TENANT_LABEL, "") if is_tenants else ""


def _is_run(kind: str, seen: Observed) -> bool:
    owners = seen.body["metadata"].get("ownerReferences", ())
    return kind == "Job" and any(one["kind"] == "CronJob" for one in owners)


def _packed(value: Any) -> bytes:
    """JSON in no more memory than it takes.

    What orjson gives still owns the four kilobytes that it was written into, ten times what an
    object takes on average: hence the copy.
    """
    return bytes(memoryview(orjson.dumps(value, option=orjson.OPT_SORT_KEYS)))


def _parse(entry: Entry) -> Observed:
    body, labels, annotations, made_at, is_labelled, posted_as = orjson.loads(entry.content)
    return Observed(
        uid=entry.uid,
        body=body,
        status=orjson.loads(entry.status),
        own_labels=frozenset(labels),
        own_annotations=frozenset(annotations),
        made_at=made_at,
        is_labelled_by_others=is_labelled,
        posted_as=posted_as,
    )
