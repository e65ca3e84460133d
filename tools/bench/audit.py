"""What the API server says was written, and by whom: the one account that no side can dress up."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from os import SEEK_END
from typing import TYPE_CHECKING, Any, Final

import orjson

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

WRITING: Final = frozenset({"create", "update", "patch", "delete", "deletecollection"})
ACCEPTED: Final = range(200, 300)
LONGEST: Final = 1 << 20
"""Bytes that a line may have, and more."""

Writes = Counter[str]
"""How many by verb and kind, as ``create namespaces`` or ``patch tenants/status``."""


@dataclass(frozen=True)
class AuditLog:
    """The API server's audit log; see `DevCluster.audit_log`."""

    path: Path

    def now(self) -> int:
        """A place in the log: where its last whole line ends.

        A request that has been answered is before it.
        """
        with self.path.open("rb") as file:
            begin = max(0, file.seek(0, SEEK_END) - LONGEST)
            file.seek(begin)
            return begin + file.read(LONGEST).rfind(b"\n") + 1

    def writes(self, users: Iterable[str], begin: int, end: int | None = None) -> Writes:
        """Count what these users wrote and the API server accepted, leases aside."""
        return self._count(users, begin, end, is_accepted=True)

    def refused(self, users: Iterable[str], begin: int, end: int | None = None) -> Writes:
        """Count the writes that the API server did not accept."""
        return self._count(users, begin, end, is_accepted=False)

    def _count(
        self, users: Iterable[str], begin: int, end: int | None, *, is_accepted: bool
    ) -> Writes:
        wanted = frozenset(users)
        return Counter(
            _what(event)
            for event in self._events(begin, end)
            if event["user"]["username"] in wanted
            and event["verb"] in WRITING
            and event["objectRef"]["resource"] != "leases"
            and (event["responseStatus"]["code"] in ACCEPTED) is is_accepted
        )

    def _events(self, begin: int, end: int | None) -> Iterator[dict[str, Any]]:
        with self.path.open("rb") as file:
            file.seek(begin)
            content = file.read() if end is None else file.read(end - begin)
        for line in content.splitlines():
            event = orjson.loads(line)
            if event["stage"] == "ResponseComplete" and "objectRef" in event:
                yield event


def _what(event: dict[str, Any]) -> str:
    subject = event["objectRef"]
    part = f"/{subject['subresource']}" if "subresource" in subject else ""
    return f"{event['verb']} {subject['resource']}{part}"
