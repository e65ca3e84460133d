"""Who wrote what, and when to the microsecond: the API server's audit log.

Times in the demo are the API server's own, so that no poll and no start of a program is in them.
"""

from __future__ import annotations

import datetime as dt
import json
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from demo.failure import DemoFailedError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

CREATED: Final = 201
REFUSED: Final = 400
INTERVAL: Final = 0.01
PATIENCE: Final = 20.0
"""Seconds; what is awaited takes milliseconds."""
_SERVICE_ACCOUNT: Final = "system:serviceaccount:"


@dataclass(frozen=True)
class Write:
    """A write that the API server accepted.

    Args:
        at: When it had been answered.
        user: Who wrote.
        verb: As the API has it: create, patch, delete.
        resource: Plural; with its subresource, if it was to one: `tenants/status`.
        namespace: Empty for cluster-scoped objects.
        name: The object's name.
        is_creation: Whether the object was new.
    """

    at: dt.datetime
    user: str
    verb: str
    resource: str
    namespace: str
    name: str
    is_creation: bool

    @property
    def who(self) -> str:
        """The user, a service account without its long prefix."""
        return self.user.removeprefix(_SERVICE_ACCOUNT)

    def after(self, other: Write) -> float:
        """Milliseconds from the other's answer to this one's."""
        return (self.at - other.at) / dt.timedelta(milliseconds=1)


@dataclass(frozen=True)
class AuditLog:
    """The log; see `DevCluster.audit_log`."""

    path: Path

    def end(self) -> int:
        """A place in the log: what is answered from now on comes after it."""
        return self.path.stat().st_size

    def writes(self, begin: int = 0) -> list[Write]:
        """All writes since a place in the log, in the order of their answers."""
        with self.path.open("rb") as file:
            file.seek(begin)
            lines = file.read().splitlines(keepends=True)
        whole = (line for line in lines if line.endswith(b"\n"))
        found = [write for line in whole if (write := _write(json.loads(line)))]
        return sorted(found, key=lambda write: write.at)

    def await_write(self, begin: int, wanted: Callable[[Write], bool], what: str) -> Write:
        """Wait for a write after a place in the log.

        Raises:
            DemoFailedError: There is none in time.
        """
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            found = [write for write in self.writes(begin) if wanted(write)]
            if found:
                return found[0]
            time.sleep(INTERVAL)
        raise DemoFailedError(what, f"no such write within {PATIENCE:.0f} s")


def _write(event: dict[str, Any]) -> Write | None:
    target, code = event.get("objectRef"), event.get("responseStatus", {}).get("code", 0)
    if target is None or code >= REFUSED or event["verb"] in {"get", "list", "watch"}:
        return None
    return Write(
        at=dt.datetime.fromisoformat(event["stageTimestamp"]),
        user=event["user"]["username"],
        verb=event["verb"],
        resource="/".join(filter(None, (target["resource"], target.get("subresource")))),
        namespace=target.get("namespace", ""),
        name=target.get("name", ""),
        is_creation=code == CREATED,
    )
