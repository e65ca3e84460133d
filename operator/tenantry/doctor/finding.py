"""What a check has found, in the words that a person reads and the keys that a script reads."""

from dataclasses import dataclass
from enum import StrEnum

from tenantry.doctor.facts import Unseen


class Level(StrEnum):
    """How bad it is."""

    OK = "OK"
    UNKNOWN = "Unknown"
    """It cannot be told from here; no word against the installation."""
    WARNING = "Warning"
    """Something is less than it should be; guards and repairs go on."""
    ERROR = "Error"
    """Tenants are not guarded, or not served, as they should be."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        check: the concern, a word for tables and scripts.
        level: how bad it is.
        what: what is so.
        means: what follows from it; empty when all is well.
        mend: a command that mends it, or that a person starts from; empty when nothing needs it.
    """

    check: str
    level: Level
    what: str
    means: str = ""
    mend: str = ""


def ok(check: str, what: str) -> Finding:
    """All is well."""
    return Finding(check, Level.OK, what)


def unknown(check: str, what: str, why: Unseen) -> Finding:
    """It could not be learned, mostly because one may not read it.

    Args:
        check: the concern.
        what: what was to be learned, as a noun.
        why: the API server's answer.
    """
    return Finding(check, Level.UNKNOWN, f"{what}: cannot be told: {why.why}")


def listed(names: list[str], most: int = 5) -> str:
    """Names with commas, the first few of many."""
    rest = len(names) - most
    return ", ".join(names[:most]) + (f" and {rest} more" if rest > 0 else "")
