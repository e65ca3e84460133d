"""The API server's audit log: who asked for what, and what came of it."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

OPERATOR: Final = "system:serviceaccount:tenantry-system:tenantry"
WRITES: Final = frozenset({"create", "update", "patch", "delete", "deletecollection"})

Entry = dict[str, Any]


class AuditLog:
    """What is in the log since it was opened."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._from = path.stat().st_size

    def entries(self, user: str = OPERATOR) -> Iterator[Entry]:
        """A user's requests (audit.k8s.io/v1 Events) that have been answered."""
        with self._path.open("rb") as file:
            file.seek(self._from)
            for line in file:
                if not line.endswith(b"\n"):
                    return
                entry = json.loads(line)
                if entry["user"]["username"] == user:
                    yield entry

    def writes(self, user: str = OPERATOR) -> list[str]:
        """A user's writes, leases aside: verb, resource, namespace and name."""
        return [
            told(entry)
            for entry in self.entries(user)
            if entry["verb"] in WRITES and entry["objectRef"]["resource"] != "leases"
        ]

    def count(self, wanted: Callable[[Entry], bool], user: str = OPERATOR) -> int:
        """How many of a user's requests are such."""
        return sum(wanted(entry) for entry in self.entries(user))


def told(entry: Entry) -> str:
    """A request as a person would tell it."""
    target = entry["objectRef"]
    names = (target["resource"], target.get("subresource"), target.get("namespace"))
    path = "/".join(one for one in (*names, target.get("name")) if one)
    return f"{entry['verb']} {path}"


def is_list_of(resource: str) -> Callable[[Entry], bool]:
    """Recognises lists of one resource."""
    return lambda entry: (
        entry["verb"] == "list" and entry.get("objectRef", {}).get("resource") == resource
    )
