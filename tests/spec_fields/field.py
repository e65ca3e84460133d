"""A field of the spec, a value for it, and where that shows."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tenantry.api.base import Manifest

Where = Callable[[Manifest], Any]


@dataclass(frozen=True)
class Field:
    """One line of a table.

    Args:
        where: picks out of an object of ``kind`` what the field is about.
        shows: what is there then.
        before: what else the spec says all the time.
    """

    given: Manifest
    kind: str
    where: Callable[[Manifest], Any]
    shows: Any
    name: str = "tenantry"
    before: Manifest = field(default_factory=dict)


def label(key: str) -> Where:
    """The label of this key."""
    return lambda seen: seen["metadata"]["labels"].get(key)


def annotation(key: str) -> Where:
    """The annotation of this key."""
    return lambda seen: seen["metadata"].get("annotations", {}).get(key)


def hard(key: str) -> Where:
    """What a ResourceQuota has for this key."""
    return lambda seen: seen["spec"]["hard"].get(key)


def rules(direction: str) -> Where:
    """The rules of a NetworkPolicy, ``ingress`` or ``egress``."""
    return lambda seen: seen["spec"].get(direction, [])


def subjects(seen: Manifest) -> Any:
    """Whom a RoleBinding is for."""
    return [(one["kind"], one.get("namespace"), one["name"]) for one in seen["subjects"]]


def item(type_: str, *path: str) -> Where:
    """What a LimitRange says of one type, or a part of it."""

    def where(seen: Manifest) -> Any:
        found: Any = next((one for one in seen["spec"]["limits"] if one["type"] == type_), {})
        for key in path:
            found = found.get(key, {})
        return found

    return where


def web(**given: Any) -> Manifest:
    """A spec whose one namespace has these fields."""
    return {"namespaces": [{"name": "web", **given}]}
