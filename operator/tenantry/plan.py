"""Pure: what should be against what is, to the writes that make them equal.

An object that is absent is created; one that differs is applied; one that is equal is left alone;
one of the operator's own that nothing asks for any more is deleted. Equality is the API server's:
quantities are compared as amounts, and ``desired`` writes defaults out. Labels and annotations of
others are theirs; every other field of an owned object is the operator's alone.

Server-side apply cannot take away what another manager put there, nor what the operator's own
POST did. Such remains are named in ``removals``, a merge patch with nulls.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from tenantry.api.base import Manifest
from tenantry.api.names import MANAGED_BY_LABEL
from tenantry.api.quantities import is_same
from tenantry.fence import fenced, is_overtaken
from tenantry.observed import Key, Observed, key_of


class Verb(StrEnum):
    """What is done to an object."""

    CREATE = "create"
    APPLY = "apply"
    REPLACE = "replace"
    """Delete and create, where a field that differs is immutable."""
    DELETE = "delete"


@dataclass(frozen=True, slots=True)
class Change:
    """One object's way from what is to what should be.

    Attributes:
        manifest: what should be; of an object to delete, what names it.
        differs: the paths of the fields that are not as they should be, for the log.
        values: of those, what is and what should be (or ``ABSENT``), where the log may tell.
        applies: whether there is something to set (and not only something to remove).
        removals: a merge patch that takes out what server-side apply cannot.
        uid: of the object that is replaced or deleted.
        fenced: a JSON patch that makes the change only if the object still is what it was seen
            as; empty for the others.
        handover: a JSON patch that lets server-side apply take away what the operator's own POST
            set; empty where there was none, or where ``removals`` do it.
    """

    verb: Verb
    manifest: Manifest
    differs: tuple[str, ...] = ()
    applies: bool = True
    removals: Manifest = field(default_factory=dict)
    uid: str = ""
    fenced: tuple[Manifest, ...] = ()
    handover: tuple[Manifest, ...] = ()
    values: Mapping[str, tuple[Any, Any]] = field(default_factory=dict, compare=False)


ABSENT: Final = object()
"""The value of a field that is not there, or should not be."""
_RELEASED = {"ServiceAccount"}
_QUANTITIES = {
    "ResourceQuota": ("spec.hard.",),
    "LimitRange": ("spec.limits",),
}


def compare(desired: Manifest, observed: Observed | None) -> Change | None:
    """The change that one object needs, or None.

    An object that is being deleted is left alone: it will be made anew once it is gone. So is a
    quota that was written from a later ledger: what should be is out of date.
    """
    if observed is None:
        return Change(Verb.CREATE, desired)
    if observed.is_being_deleted or is_overtaken(desired, observed):
        return None
    difference = _Difference(_QUANTITIES.get(desired["kind"], ()))
    difference.metadata(desired["metadata"], observed)
    for name, value in desired.items():
        if name not in {"apiVersion", "kind", "metadata"}:
            difference.field(name, value, observed.body.get(name), difference.removals, name)
    if not difference.paths:
        return None
    if any(path.startswith("roleRef") for path in difference.paths):
        roles = {"roleRef": (observed.body.get("roleRef"), desired["roleRef"])}
        return Change(Verb.REPLACE, desired, ("roleRef",), uid=observed.uid, values=roles)
    return Change(
        Verb.APPLY,
        desired,
        tuple(difference.paths),
        applies=difference.sets,
        removals=difference.patch(),
        fenced=fenced(desired, observed),
        values=difference.values,
    )


def obsolete(observed: dict[Key, Observed], wanted: list[Manifest]) -> list[Change]:
    """Deletions of what the operator made and nothing asks for any more.

    Only an object whose managed-by label the operator's own field manager wrote counts as made by
    it: a tenant's copy of one of our manifests, labels and all, is the tenant's. A ServiceAccount
    is not deleted but released, field by field: its running pods' tokens hang on it.
    """
    keys = {key_of(manifest) for manifest in wanted}
    return [
        _release(key, seen)
        if key[0] in _RELEASED
        else Change(Verb.DELETE, name_only(key), uid=seen.uid)
        for key, seen in observed.items()
        if key not in keys and not seen.is_being_deleted and MANAGED_BY_LABEL in seen.own_labels
    ]


def name_only(key: Key) -> Manifest:
    """A manifest that does no more than name an object."""
    kind, namespace, name = key
    metadata = {"name": name} | ({"namespace": namespace} if namespace else {})
    return {"apiVersion": "v1", "kind": kind, "metadata": metadata}


def _release(key: Key, seen: Observed) -> Change:
    """Applying no more than a name gives up every field that was applied before."""
    return Change(Verb.APPLY, name_only(key), ("released",), uid=seen.uid)


class _Difference:
    """Collects, while two manifests are walked side by side, what is to set and to remove."""

    def __init__(self, quantities: tuple[str, ...]) -> None:
        self.paths: list[str] = []
        self.values: dict[str, tuple[Any, Any]] = {}
        self.removals: Manifest = {}
        self.sets = False
        self._quantities = quantities

    def patch(self) -> Manifest:
        """The removals as a merge patch, without its empty branches."""
        return _pruned(self.removals)

    def metadata(self, desired: Manifest, observed: Observed) -> None:
        """Labels and annotations: ours must be as they should, others' are not looked at."""
        for name, own in (
            ("labels", observed.own_labels),
            ("annotations", observed.own_annotations),
        ):
            wanted = desired.get(name, {})
            present = observed.body["metadata"].get(name, {})
            for key, value in wanted.items():
                if present.get(key) != value:
                    self._set(f"metadata.{name}.{key}", present.get(key, ABSENT), value)
            for key in sorted(own & present.keys() - wanted.keys()):
                self._tell(f"metadata.{name}.{key}", present[key], ABSENT)
                self.removals.setdefault("metadata", {}).setdefault(name, {})[key] = None

    def field(self, path: str, desired: Any, observed: Any, removals: Manifest, name: str) -> None:
        """One field of an object that is the operator's alone."""
        if isinstance(desired, dict) and isinstance(observed, dict):
            below = removals.setdefault(name, {})
            for key, value in desired.items():
                self.field(f"{path}.{key}", value, observed.get(key), below, key)
            for key in observed.keys() - desired.keys():
                self._tell(f"{path}.{key}", observed[key], ABSENT)
                below[key] = None
        elif not self._is_equal(path, desired, observed):
            self._set(path, ABSENT if observed is None else observed, desired)

    def _set(self, path: str, before: Any, after: Any) -> None:
        self._tell(path, before, after)
        self.sets = True

    def _tell(self, path: str, before: Any, after: Any) -> None:
        self.paths.append(path)
        self.values[path] = before, after

    def _is_equal(self, path: str, desired: Any, observed: Any) -> bool:
        if desired == observed:
            return True
        if isinstance(desired, list) and isinstance(observed, list):
            return len(desired) == len(observed) and all(
                self._is_equal(path, one, other)
                for one, other in zip(desired, observed, strict=True)
            )
        if isinstance(desired, dict) and isinstance(observed, dict):
            return desired.keys() == observed.keys() and all(
                self._is_equal(path, value, observed[key]) for key, value in desired.items()
            )
        return self._is_same_amount(path, desired, observed)

    def _is_same_amount(self, path: str, desired: Any, observed: Any) -> bool:
        if not path.startswith(self._quantities) or observed is None:
            return False
        try:
            return is_same(desired, observed)
        except ValueError:  # not a quantity after all, a LimitRange's type for one
            return False


def _pruned(patch: Manifest) -> Manifest:
    """Without empty branches; a null stays, for it is what removes."""
    made: Manifest = {}
    for key, value in patch.items():
        if isinstance(value, dict):
            below = _pruned(value)
            if below:
                made[key] = below
        else:
            made[key] = value
    return made
