"""What the log says of a write: one line for each that the API server accepted.

Whose object it is, which, why, and what changed of it: each field that differed, with its value
before and after where it is a rule (quota, network, access, labels). Of what Applications are made
into, fields are named and no more: their values are developers' and may be secret. The operator
neither reads nor writes Secrets. Leases and Events are not among the writes: they tell of
themselves.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson

from tenantry.api.base import Manifest
from tenantry.observed import Key, Observed, key_of
from tenantry.plan import ABSENT, Change, Verb

LONGEST: Final = 120
"""Characters of a value; the rest is cut off."""
MOST: Final = 20
"""Fields that are told of one write."""


@dataclass(frozen=True, slots=True)
class Write:
    """A write that the API server accepted.

    Attributes:
        verb: create, apply, replace, delete, or patch.
        owner: whose object it is: a Tenant's name, or an Application's with its namespace.
        cause: why it was written, in a few words.
        changed: each field that did, with what it was and is where that may be told; empty for
            what is made or deleted as a whole.
    """

    verb: str
    key: Key
    owner: str
    cause: str
    changed: tuple[str, ...] = ()


WriteLog = Callable[[Write], None]
"""Told of each write that succeeded."""


def of_change(change: Change, owner: str, cause: str = "") -> Write:
    """What is told of a change that was carried out.

    Args:
        change: what was done.
        owner: whose object it is.
        cause: why; unless given, what of the object was not as it should be.
    """
    is_whole = change.verb in {Verb.CREATE, Verb.DELETE}
    changed = () if is_whole else _fields(change)
    return Write(
        change.verb.value, key_of(change.manifest), owner, cause or _cause(change), changed
    )


def of_patch(key: Key, owner: str, patch: Sequence[Manifest], before: Observed | None) -> Write:
    """What is told of a patch to a Tenant or to an Application.

    Args:
        key: of the object.
        owner: itself.
        patch: JSON patch (RFC 6902); what it only tests is not told.
        before: the object as it was known.
    """
    operations = [one for one in patch if one["op"] != "test"]
    changed: list[str] = []
    for one in operations:
        if one["path"] == "/status" and before is not None:
            changed += _parts("status", before.status, one["value"])
        elif one["path"] == "/metadata/finalizers":
            known = before.body["metadata"].get("finalizers") if before else None
            changed.append(f"metadata.finalizers: {_text(known or [])} -> {_text(one['value'])}")
        else:
            changed.append(one["path"].strip("/").replace("/", "."))
    is_status = any(one["path"].startswith("/status") for one in operations)
    return Write("patch", key, owner, "what is told" if is_status else "finalizer", (*changed,))


def _parts(path: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """The fields just below one that are not the same."""
    names = sorted(before.keys() | after.keys())
    return [f"{path}.{name}" for name in names if before.get(name) != after.get(name)]


def _fields(change: Change) -> tuple[str, ...]:
    told = [_field(path, change.values.get(path)) for path in change.differs]
    rest = len(told) - MOST
    return (*told[:MOST], f"and {rest} more") if rest > 0 else (*told,)


def _field(path: str, values: tuple[Any, Any] | None) -> str:
    return f"{path}: {_text(values[0])} -> {_text(values[1])}" if values else path


def _text(value: Any) -> str:
    if value is ABSENT:
        return "nothing"
    text = value if isinstance(value, str) else orjson.dumps(value, default=str).decode()
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}..."


def _cause(change: Change) -> str:
    match change.verb:
        case Verb.CREATE:
            return "missing"
        case Verb.DELETE:
            return "no longer wanted"
        case _:
            return f"differs in {', '.join(change.differs)}"
