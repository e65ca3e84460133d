"""Names of what an Application is made into.

A component's Service is called like the component, for that is how others reach it. So two
Applications of one namespace cannot both have a component of one name; whatever else is made is
named such that it meets something of another Application only where a Service would, too.

A ServiceAccount's name has the Application's in it. ``c`` of the Application ``a-b`` has ``a-b-c``,
so ``b-c`` of ``a`` has ``a.b-c``: no component's name has a dot, and none that follows a hyphen has
a hyphen. Only a name that was chosen can be one that another Application has.
"""

from hashlib import sha256
from typing import Final

LABEL_LENGTH: Final = 63
"""The most characters of a label's value, a Service's name and a Job's name (RFC 1123)."""
_DIGEST_LENGTH: Final = 8


def digest(text: str) -> str:
    """Eight hexadecimal digits that tell texts apart, for names."""
    return sha256(text.encode()).hexdigest()[:_DIGEST_LENGTH]


def shortened(text: str, length: int = LABEL_LENGTH) -> str:
    """The text if it fits; else its beginning and a digest of the whole."""
    if len(text) <= length:
        return text
    kept = text[: length - _DIGEST_LENGTH - 1].rstrip("-.")
    return f"{kept}-{digest(text)}"


def workload_name(component: str, version: str) -> str:
    """The name of a version's workload, and of its Service, autoscalers and disruption budget."""
    return shortened(f"{component}-{version}")


def service_account_name(application: str, component: str, given: str | None) -> str:
    """The ServiceAccount of a component: the one that it names, or one of its own."""
    separator = "." if "-" in component else "-"
    return given or shortened(f"{application}{separator}{component}")


def files_name(component: str) -> str:
    """The ConfigMap with a component's files."""
    return f"{component}-files"


def job_name(component: str, version: str, identity: str) -> str:
    """The Job of a version; another one when what it runs is another.

    Args:
        component: name of the component.
        version: name of the version.
        identity: what the Job runs, as text.
    """
    base = shortened(f"{component}-{version}", LABEL_LENGTH - _DIGEST_LENGTH - 1)
    return f"{base}-{digest(identity)}"
